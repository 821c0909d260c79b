/// Instruments that look at a process through the kernel's doors, not through the code under test:
/// [dev.coffer.instruments.ChildJvm] starts one and keeps it in step, [dev.coffer.instruments.Mapping] reads
/// `/proc/PID/smaps`, [dev.coffer.instruments.ProcessMemory] reads `/proc/PID/mem`, [dev.coffer.instruments.Dumps] takes
/// heap dumps (`jcmd GC.heap_dump -all`) and cores (`gcore`), [dev.coffer.instruments.ResidueScan] searches all of them
/// for [dev.coffer.instruments.PlantedSecrets].
///
/// Linux (proc(5)); elsewhere each says that it cannot. Used by the audit of the command line and by tests, never by
/// library code: it allocates freely.
///
/// Largest thing held: 1 MiB, the window that slides over a process's memory.
package dev.coffer.instruments;
