/// What everyone imports: a [dev.coffer.memory.MemoryPlan] says what will be held, a [dev.coffer.memory.Region]
/// reserves exactly that, a [dev.coffer.memory.Budget] bounds what is taken from it, [dev.coffer.memory.Wipe] and
/// [dev.coffer.memory.ConstantTime] treat the bytes.
///
/// No standard is implemented here; the system calls are those of Linux (`mmap(2)`, `mlock(2)`, `mlock2(2)`, `mincore(2)`, `madvise(2)`,
/// `mprotect(2)`, `memfd_secret(2)`), with a portable fallback that says what it lacks.
///
/// Largest thing held: one region, at most 2^46 bytes (half of the 47-bit user address space).
@org.jspecify.annotations.NullMarked
package dev.coffer.memory;
