package dev.coffer.crypto.packet;

import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.internal.Ranges;
import java.lang.foreign.MemorySegment;

/// The expanded key in its place, and whose it is: a state knows its own by a mark ([PacketState]). The place may be lent from elsewhere
/// and hold anybody's key; it is never overwritten here while it holds one. One thread at a time; 0 heap bytes.
final class PacketKey {
    private static final String NAME = "packet protection";
    final AeadKey aead;  // points to the place
    private final long scheduleBytes;
    private final long markBytes;
    private MemorySegment place = MemorySegment.NULL;  // `NULL` until [#at]
    private long placeAt;

    PacketKey(AeadKey aead) {
        this.aead = aead;
        this.scheduleBytes = aead.aead().scheduleBytes();
        this.markBytes = PacketState.markBytes(aead.aead());
    }

    void at(MemorySegment memory, long at) {
        aead.at(memory, at);
        place = memory;
        placeAt = at;
    }

    /// Expands the key in a state. The place is free.
    void load(MemorySegment state, long stateAt, long seals, long forgeries) {
        aead.load(state, stateAt + PacketState.KEY, seals, forgeries);
    }

    /// {@return what a state is to know this key by}
    long mark() {
        return PacketState.markOf(place, placeAt, markBytes);
    }

    /// {@return whether a state's own key lies here}
    boolean isOf(MemorySegment state, long stateAt) {
        return !PacketState.isResting(state, stateAt) && aead.isLoaded() && PacketState.isMarked(state, stateAt, mark());
    }

    /// @throws IllegalStateException  another's key lies here (caller's fault)
    void checkFree(MemorySegment state, long stateAt) {
        if (aead.isLoaded() && !isOf(state, stateAt)) {
            throw new IllegalStateException(NAME + ": the place holds another's key (expected one that was put to rest or wiped)");
        }
    }

    boolean isAlive() {
        return place.scope().isAlive();
    }

    /// What is made here of something does not overlap it.
    void apart(MemorySegment source, long at, long length) {
        Ranges.apart(NAME, source, at, length, place, placeAt, scheduleBytes);
    }

    /// {@return forgeries that a state's key has left in another place}
    ///
    /// @throws IllegalStateException  it is not there (caller's fault)
    long forgeriesIn(MemorySegment other, long otherAt, MemorySegment state, long stateAt) {
        Ranges.checkWorkspace(NAME, other, otherAt, scheduleBytes);
        apart(other, otherAt, scheduleBytes);
        try {
            aead.at(other, otherAt);
            if (!aead.isLoaded() || !PacketState.isMarked(state, stateAt, PacketState.markOf(other, otherAt, markBytes))) {
                throw new IllegalStateException(NAME + ": the keys before are not in that place (expected where they are used)");
            }
            return aead.forgeriesLeft();
        } finally {
            aead.at(place, placeAt);
        }
    }

    /// Leaves so many forgeries to the key in another place.
    void keepForgeries(MemorySegment other, long otherAt, long kept) {
        try {
            aead.at(other, otherAt).handForgeriesOn(kept);
        } finally {
            aead.at(place, placeAt);
        }
    }
}
