package dev.coffer.quic.packet;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.HeaderProtection;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The keys that one level of a connection's packets are protected with (RFC 9001, section 5), and when they may be updated (section 6).
///
/// ```
///   state, 160    0 PacketProtection 120 | 120 header key 32 | 152 first number of this phase, or what became of it 8
///   key           AeadKey's place | HeaderProtection's place: keyBytes, expanded while packets are sent
/// ```
///
/// The state is all that lasts; [#rest] wipes the expanded keys, whose place may be lent to another connection, and the next packet expands
/// them again. Whoever lends the place calls [#rest] before.
///
/// **Key update**: only of 1-RTT packets. [#mayUpdate] is true once a packet of this phase was acknowledged, and not because one of the
/// peer's came (section 6.2); it is due when [#sealsLeft] nears 0 (section 6.6), and when the peer has updated ([OpeningKeys#generation]
/// is higher).
///
/// The object is a finger on places in the caller's memory: one of each suite and version serves a loop. One thread at a time; 0 heap
/// bytes. A state of zeros holds no keys.
public final class SealingKeys implements AutoCloseable {
    // The state.
    private static final long HEADER_KEY = PacketProtection.STATE_BYTES;
    private static final long PHASE = HEADER_KEY + HeaderProtection.KEY_BYTES_MAX;  // i64
    /// Bytes of the state.
    public static final long STATE_BYTES = PHASE + Long.BYTES;

    private static final long UNUSED = -1;       // no packet of this phase was sealed
    private static final long CONFIRMED = -2;    // one was acknowledged
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final PacketProtection protection;
    private final HeaderProtection header;
    private MemorySegment state = MemorySegment.NULL;
    private long stateAt;

    /// Makes a finger that points nowhere yet.
    ///
    /// @param workspace  off the heap, [#workspaceBytes]; may be that of others of the loop
    /// @throws IndexOutOfBoundsException  less of it (caller's fault)
    /// @throws IllegalArgumentException   on the heap or read-only (caller's fault)
    public SealingKeys(Version version, CipherSuite suite, MemorySegment workspace, long workspaceAt) {
        this.protection = new PacketProtection(version.protocol(), suite, workspace, workspaceAt);
        this.header = new HeaderProtection(version.protocol(), suite, workspace, workspaceAt);
    }

    /// {@return bytes of a workspace}
    public static long workspaceBytes(CipherSuite suite) {
        return Math.max(PacketProtection.workspaceBytes(suite), HeaderProtection.workspaceBytes(suite));
    }

    /// {@return bytes of the place of expanded keys}
    public static long keyBytes(CipherSuite suite) {
        return suite.aead().scheduleBytes() + HeaderProtection.bytes(suite);
    }

    /// Points to a state and to a place of expanded keys.
    ///
    /// @param home     [#STATE_BYTES], off the heap
    /// @param keyHome  [#keyBytes], off the heap, apart from it; zero, or with these keys expanded
    /// @return this
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   one is read-only, on the heap or in the workspace, or both overlap (caller's fault)
    public SealingKeys at(MemorySegment home, long homeAt, MemorySegment keyHome, long keyAt) {
        protection.at(home, homeAt, keyHome, keyAt);
        header.at(keyHome, keyAt + protection.suite().aead().scheduleBytes());
        state = home;
        stateAt = homeAt;
        return this;
    }

    /// Takes a traffic secret: keys of generation 0, numbers from 0.
    ///
    /// @param secret  off the heap, [CipherSuite#secretBytes]; not kept but in the state
    /// @throws IllegalArgumentException   it is on the heap or lies where keys are made (caller's fault)
    /// @throws IllegalStateException      no place, or one that holds another's keys (caller's fault)
    public void load(MemorySegment secret, long secretAt) {
        wipe();
        boolean whole = false;
        try {
            protection.load(secret, secretAt);
            header.derive(secret, secretAt, state, stateAt + HEADER_KEY);
            header.expand(state, stateAt + HEADER_KEY);
            state.set(LONG, stateAt + PHASE, UNUSED);
            whole = true;
        } finally {
            if (!whole) {
                wipe();
            }
        }
    }

    private void use() {
        protection.resume();
        if (!header.isLoaded()) {
            header.expand(state, stateAt + HEADER_KEY);
        }
    }

    /// Protects a packet in place; the key phase of a short header is set here.
    ///
    /// @param packet    writable memory
    /// @param at        offset of its first byte
    /// @param numberAt  offset of its number, which has as many bytes as the first byte says
    /// @param number    the whole number: higher than every one before it under these keys
    /// @param end       offset behind the frames, at least 4 bytes behind `numberAt` (section 5.4.2: else pad); room for a tag is there
    /// @return offset behind the packet
    /// @throws dev.coffer.crypto.KeySpentException  [#sealsLeft] is 0: nothing more is sent but after an update; nothing is sealed
    /// @throws IllegalArgumentException   too few bytes, or a number that was passed or is too high (caller's fault); nothing is sealed
    /// @throws IndexOutOfBoundsException  the packet and its tag do not lie in the segment (caller's fault); nothing is sealed
    /// @throws IllegalStateException      no keys (caller's fault)
    public long seal(MemorySegment packet, long at, long numberAt, long number, long end) {
        use();
        if (end - numberAt + Aead.TAG_BYTES < HeaderProtection.BYTES_FROM_NUMBER_MIN) {
            throw new IllegalArgumentException("packet: " + (end - numberAt) + " bytes of number and frames (expected "
                    + (HeaderProtection.BYTES_FROM_NUMBER_MIN - Aead.TAG_BYTES) + " or more, RFC 9001 section 5.4.2)");
        }
        int first = packet.get(BYTE, at);
        if ((first & PacketReader.LONG_HEADER) == 0) {
            int phase = (protection.generation() & 1) * PacketWriter.KEY_PHASE_BIT;
            first = first & ~PacketWriter.KEY_PHASE_BIT | phase;
            packet.set(BYTE, at, (byte) first);
        }
        long textAt = numberAt + (first & 3) + 1;
        protection.seal(number, packet, at, (int) (textAt - at), (int) (end - textAt));
        if (state.get(LONG, stateAt + PHASE) == UNUSED) {
            state.set(LONG, stateAt + PHASE, number);
        }
        header.protect(packet, at, numberAt, end + Aead.TAG_BYTES);
        return end + Aead.TAG_BYTES;
    }

    /// Says that the peer acknowledged a packet of this level.
    ///
    /// @param number  which, of all the largest
    public void acknowledged(long number) {
        long from = state.get(LONG, stateAt + PHASE);
        if (from >= 0 && number >= from) {
            state.set(LONG, stateAt + PHASE, CONFIRMED);
        }
    }

    /// {@return whether a packet of this phase was sent}
    public boolean isUsed() {
        return isLoaded() && state.get(LONG, stateAt + PHASE) != UNUSED;
    }

    /// {@return whether we may begin a key update: a packet of this phase was acknowledged (section 6.1); that the handshake is confirmed, and
    /// that three PTOs went by since (section 6.5), the connection knows}
    public boolean mayUpdate() {
        return isLoaded() && state.get(LONG, stateAt + PHASE) == CONFIRMED;
    }

    /// Steps to the next generation: the keys before are gone. For both reasons: ours ([#mayUpdate]) and the peer's update, which is followed
    /// before anything more is sent.
    ///
    /// @throws IllegalStateException  no keys (caller's fault)
    public void update() {
        use();
        boolean whole = false;
        try {
            protection.update();
            whole = true;
        } finally {
            if (!whole) {
                wipe();
            }
        }
        state.set(LONG, stateAt + PHASE, UNUSED);
    }

    /// {@return key updates so far}
    public int generation() {
        return protection.generation();
    }

    /// {@return packets that may still be sealed before an update (section 6.6)}
    public long sealsLeft() {
        return protection.sealsLeft();
    }

    /// {@return the lowest number that may be sealed next}
    public long nextNumber() {
        return protection.nextNumber();
    }

    /// {@return whether there are keys, expanded or at rest}
    public boolean isLoaded() {
        return protection.isLoaded();
    }

    /// Wipes the expanded keys; the next packet expands them again, wherever [#at] points then. Without keys nothing happens.
    public void rest() {
        if (protection.isActive()) {  // else the place may be another's
            try {
                protection.rest();
            } finally {
                header.wipe();
            }
        }
    }

    /// Wipes everything. Twice is harmless.
    ///
    /// @throws IllegalStateException  no place, or memory that is closed (caller's fault)
    public void wipe() {
        boolean expanded = protection.isActive();
        try {
            protection.wipe();
        } finally {
            try {
                if (expanded) {
                    header.wipe();
                }
            } finally {
                Wipe.bytes(state, stateAt, STATE_BYTES);
            }
        }
    }

    /// Wipes what it points to, and points nowhere. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        if (state.byteSize() != 0 && state.scope().isAlive()) {
            wipe();
        }
        protection.close();
        header.close();
        state = MemorySegment.NULL;
    }

    @Override
    public String toString() {
        return "SealingKeys[" + protection + "]";
    }
}
