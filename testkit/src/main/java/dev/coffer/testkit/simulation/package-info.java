/// A world for protocol engines and server loops in which one seed decides everything: [VirtualClock], [Network] with stream and
/// datagram links under [Conditions] that change at any time, a hostile driver for any pair of engines
/// ([StreamDriver], [DatagramDriver]), and [Simulation], which runs them in bounded steps. One thread, no I/O, no time of day:
/// what failed once fails again by its seed.
package dev.coffer.testkit.simulation;
