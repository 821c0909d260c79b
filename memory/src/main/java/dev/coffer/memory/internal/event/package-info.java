/// The six events that this module tells the JDK's Flight Recorder (JEP 328), in the category "Coffer":
/// `dev.coffer.RegionOpened`, `RegionClosed`, `ReserveRefused`, `PoolExhausted`, `Leak`, `Pressure`. All are enabled by
/// default in any recording; a settings file switches each.
///
/// While no recording has ever run in the process, telling costs one volatile read and no class of the recorder is
/// initialised (that alone would cost tens of milliseconds of start-up time). Not for users: whoever wants the events
/// reads the recording.
///
/// Largest thing held: one event object a kind, made when the first recording runs.
package dev.coffer.memory.internal.event;
