package dev.coffer.server.drive;

/// What a protocol leaves with its connection while none is lent to it, see [Transport#keep].
public interface Kept {
    /// {@return whether something has begun that an end of the connection would cut short; where nothing has, an end that is ours is said first, if
    /// there is a protocol to say it}
    boolean isBusy();
}
