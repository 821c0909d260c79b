package dev.coffer.server.time;

/// One timer of a loop: armed, fired once, armed again. On the loop's thread; 0 heap bytes.
public interface Timer {
    /// Fires at that time, or in the first turn after it; whatever was armed before is forgotten.
    ///
    /// @param nanos  on the clock of [Now#nanos]
    void arm(long nanos);

    /// Does not fire.
    void cancel();
}
