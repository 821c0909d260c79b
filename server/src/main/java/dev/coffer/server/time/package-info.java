/// A loop's time: its two clocks ([dev.coffer.server.time.Time]), their reading for one turn ([dev.coffer.server.time.Now]),
/// and timers ([dev.coffer.server.time.Timer]). Protocols read no clock: they are handed this one. Holds nothing.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.time;
