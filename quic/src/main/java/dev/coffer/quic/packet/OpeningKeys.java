package dev.coffer.quic.packet;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.HeaderProtection;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The keys that one level of a connection's packets are opened with (RFC 9001, section 5), and what a key phase means (section 6).
///
/// ```
///   state, 160    0 PacketProtection 120 | 120 header key 32 | 152 lowest number of this phase 8
///   key           AeadKey's place | HeaderProtection's place: keyBytes
///   late keys     PacketProtection 120 | AeadKey's place: only where packets of the phase before are still opened
///   workspace     of the loop, with room for the keys of the phase to come
/// ```
///
/// The state is all that lasts; [#rest] wipes the rest, and the next packet expands it again. Whoever lends the place calls [#rest] before.
///
/// **Key phase** (section 6.3), of a short header whose phase is another than this one's: a number below all of this phase is of the phase before,
/// and opened while there are late keys; any other may be of the phase to come, whose keys are made for this one packet. If it is authentic the
/// peer has updated: [#generation] is one higher, and the connection updates what it seals with before it sends more. They are made when they are
/// needed and not before, so a packet whose phase is turned takes longer; what that tells is the phase of a packet that somebody changed.
///
/// **Forgeries** are counted over all generations (section 6.6), trials too; at the limit every answer is [#SPENT].
///
/// The object is a finger on places in the caller's memory: one of each suite and version serves a loop. One thread at a time; 0 heap bytes.
/// A state of zeros holds no keys.
public final class OpeningKeys implements AutoCloseable {
    /// Answer: not authentic, too short, or of a phase whose keys are gone: dropped, and counted.
    public static final long DROPPED = -1;
    /// Answer: authentic, with reserved bits that are not 0: PROTOCOL_VIOLATION (RFC 9000, sections 17.2 and 17.3.1).
    public static final long RESERVED_BITS = -2;
    /// Answer: authentic under the keys of the phase before, with a number above one of this phase: KEY_UPDATE_ERROR (section 6.4).
    public static final long OLD_KEYS = -3;
    /// Answer: too many packets were not authentic: AEAD_LIMIT_REACHED (section 6.6). Nothing is opened any more.
    public static final long SPENT = -4;

    // The state.
    private static final long HEADER_KEY = PacketProtection.STATE_BYTES;
    private static final long PHASE = HEADER_KEY + HeaderProtection.KEY_BYTES_MAX;  // i64
    /// Bytes of the state.
    public static final long STATE_BYTES = PHASE + Long.BYTES;

    private static final long UNUSED = Long.MAX_VALUE;  // no packet of this phase was opened
    private static final int LONG_RESERVED = 0x0c;
    private static final int SHORT_RESERVED = 0x18;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final PacketProtection current;
    private final PacketProtection other;    // the phase before, or the one to come
    private final HeaderProtection header;
    private final long scheduleBytes;
    private final MemorySegment workspace;
    private final long trialAt;              // in the workspace: a state, an expanded key
    private MemorySegment state = MemorySegment.NULL;
    private long stateAt;
    private MemorySegment key = MemorySegment.NULL;
    private long keyAt;
    private MemorySegment late = MemorySegment.NULL;  // `NULL` where none are kept
    private long lateAt;
    private long textAt;
    private long textEnd;

    /// Makes a finger that points nowhere yet.
    ///
    /// @param workspace  off the heap, [#workspaceBytes]; may be that of others of the loop
    /// @throws IndexOutOfBoundsException  less of it (caller's fault)
    /// @throws IllegalArgumentException   on the heap or read-only (caller's fault)
    public OpeningKeys(Version version, CipherSuite suite, MemorySegment workspace, long workspaceAt) {
        this.current = new PacketProtection(version.protocol(), suite, workspace, workspaceAt);
        this.other = new PacketProtection(version.protocol(), suite, workspace, workspaceAt);
        this.header = new HeaderProtection(version.protocol(), suite, workspace, workspaceAt);
        this.scheduleBytes = suite.aead().scheduleBytes();
        this.workspace = workspace;
        this.trialAt = workspaceAt + SealingKeys.workspaceBytes(suite);
        Wipe.bytes(workspace, trialAt, PacketProtection.bytes(suite));
    }

    /// {@return bytes of a workspace; it serves [SealingKeys] as well}
    public static long workspaceBytes(CipherSuite suite) {
        return SealingKeys.workspaceBytes(suite) + PacketProtection.bytes(suite);
    }

    /// {@return bytes of the place of expanded keys, without late ones}
    public static long keyBytes(CipherSuite suite) {
        return SealingKeys.keyBytes(suite);
    }

    /// {@return bytes of the place of late keys}
    public static long lateBytes(CipherSuite suite) {
        return PacketProtection.bytes(suite);
    }

    /// Points to a state and to a place of expanded keys; packets of a phase that is over are dropped.
    ///
    /// @param home     [#STATE_BYTES], off the heap
    /// @param keyHome  [#keyBytes], off the heap, apart from it; zero, or with these keys expanded
    /// @return this
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   one is read-only, on the heap or in the workspace, or both overlap (caller's fault)
    public OpeningKeys at(MemorySegment home, long homeAt, MemorySegment keyHome, long keyAt) {
        return at(home, homeAt, keyHome, keyAt, MemorySegment.NULL, 0);
    }

    /// As above, with a place for late keys, so that packets which were overtaken by a key update are opened: until [#forgetLate] or [#rest].
    ///
    /// @param lateHome  [#lateBytes], off the heap; zero, or with keys of this state. The same each time, until the keys rest: both places take turns
    public OpeningKeys at(MemorySegment home, long homeAt, MemorySegment keyHome, long keyAt, MemorySegment lateHome, long lateAt) {
        current.at(home, homeAt, keyHome, keyAt);
        header.at(keyHome, keyAt + scheduleBytes);
        this.state = home;
        this.stateAt = homeAt;
        this.key = keyHome;
        this.keyAt = keyAt;
        this.late = lateHome;
        this.lateAt = lateAt;
        point();
        return this;
    }

    /// Takes a traffic secret: keys of generation 0.
    ///
    /// @param secret  off the heap, [CipherSuite#secretBytes]; not kept but in the state
    /// @throws IllegalArgumentException   it is on the heap or lies where keys are made (caller's fault)
    /// @throws IllegalStateException      no place, or one that holds another's keys (caller's fault)
    public void load(MemorySegment secret, long secretAt) {
        wipe();
        boolean whole = false;
        try {
            current.load(secret, secretAt);
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
        current.resume();
        if (!header.isLoaded()) {
            header.expand(state, stateAt + HEADER_KEY);
        }
    }

    /// Opens a packet in place: its frames lie from [#textAt] to [#textEnd] then. One that is dropped may have its header shown, and is the same
    /// else; its last 16 bytes are, in any case.
    ///
    /// @param packet    writable memory
    /// @param at        offset of its first byte
    /// @param numberAt  offset of its number, as of [PacketReader#numberAt]
    /// @param end       offset behind it
    /// @param largest   number in its space that was opened before, the highest; [PacketNumber#NONE] for none
    /// @return the number, 0 or more; or one of the answers above
    /// @throws IndexOutOfBoundsException  the packet does not lie in the segment (caller's fault)
    /// @throws IllegalStateException      no keys (caller's fault)
    public long open(MemorySegment packet, long at, long numberAt, long end, long largest) {
        use();
        if (current.forgeriesLeft() == 0) {
            return SPENT;
        }
        int numberBytes = header.unprotect(packet, at, numberAt, end);
        if (numberBytes == 0) {
            return DROPPED;
        }
        long number = PacketNumber.read(packet, numberAt, numberBytes, largest);
        int first = packet.get(BYTE, at);
        boolean isLong = (first & PacketReader.LONG_HEADER) != 0;
        textAt = numberAt + numberBytes;
        textEnd = end - Aead.TAG_BYTES;
        long answer = isLong || isOfThisPhase(first) ? openNow(number, packet, at, end) : openTurned(number, packet, at, end);
        if (answer >= 0 && (first & (isLong ? LONG_RESERVED : SHORT_RESERVED)) != 0) {
            return RESERVED_BITS;
        }
        return answer == DROPPED && current.forgeriesLeft() == 0 ? SPENT : answer;
    }

    private boolean isOfThisPhase(int first) {
        return (first & PacketWriter.KEY_PHASE_BIT) != 0 == ((current.generation() & 1) != 0);
    }

    private boolean opens(PacketProtection with, long number, MemorySegment packet, long at, long end) {
        return with.open(number, packet, at, (int) (textAt - at), (int) (end - textAt));
    }

    private long openNow(long number, MemorySegment packet, long at, long end) {
        if (!opens(current, number, packet, at, end)) {
            return DROPPED;
        }
        state.set(LONG, stateAt + PHASE, Math.min(number, state.get(LONG, stateAt + PHASE)));
        return number;
    }

    /// Opens a packet of the other phase: the one before, or the one to come.
    private long openTurned(long number, MemorySegment packet, long at, long end) {
        if (number < state.get(LONG, stateAt + PHASE) && state.get(LONG, stateAt + PHASE) != UNUSED) {
            return hasLate() && opens(other, number, packet, at, end) ? number : DROPPED;
        }
        if (opensAhead(number, packet, at, end)) {
            update();
            state.set(LONG, stateAt + PHASE, number);
            return number;
        }
        return hasLate() && opens(other, number, packet, at, end) && state.get(LONG, stateAt + PHASE) != UNUSED ? OLD_KEYS : DROPPED;
    }

    private boolean opensAhead(long number, MemorySegment packet, long at, long end) {
        try {
            other.at(workspace, trialAt);
            other.anticipate(state, stateAt);
            if (opens(other, number, packet, at, end)) {
                return true;
            }
        } finally {
            try {
                other.wipe();
            } finally {
                point();
            }
        }
        current.forged();
        return false;
    }

    /// Steps to the next generation. With a place for late keys, those before are they from now on.
    private void update() {
        boolean whole = false;
        try {
            if (late.byteSize() == 0) {
                current.update();
            } else {
                follow();
            }
            whole = true;
        } finally {
            if (!whole) {
                wipe();
            }
        }
    }

    /// An expanded key may be more than its bytes, so it stays where it is: the two places take turns, and the states are exchanged.
    private void follow() {
        int generation = current.generation();
        other.wipe();
        try {
            other.at(workspace, trialAt, place(generation + 1), placeAt(generation + 1));
            other.follow(state, stateAt, place(generation), placeAt(generation));
            MemorySegment.copy(state, stateAt, late, lateAt, PacketProtection.STATE_BYTES);
            MemorySegment.copy(workspace, trialAt, state, stateAt, PacketProtection.STATE_BYTES);
        } finally {
            Wipe.bytes(workspace, trialAt, PacketProtection.STATE_BYTES);
        }
        point();
    }

    /// {@return where the expanded key of a generation lies}
    private MemorySegment place(int generation) {
        return isInTurn(generation) ? late : key;
    }

    private long placeAt(int generation) {
        return isInTurn(generation) ? lateAt + PacketProtection.STATE_BYTES : keyAt;
    }

    private boolean isInTurn(int generation) {
        return late.byteSize() != 0 && (generation & 1) != 0;
    }

    /// Points the fingers to where the keys of this generation lie, and of the one before.
    private void point() {
        current.at(state, stateAt, key, keyAt);
        int generation = current.generation();
        if (isInTurn(generation)) {
            current.at(state, stateAt, late, lateAt + PacketProtection.STATE_BYTES);
        }
        if (late.byteSize() != 0) {
            other.at(late, lateAt, place(generation + 1), placeAt(generation + 1));
        }
    }

    private boolean hasLate() {
        return late.byteSize() != 0 && other.isActive();
    }

    /// {@return offset of the first frame of the packet that was opened last}
    public long textAt() {
        return textAt;
    }

    /// {@return offset behind its last frame}
    public long textEnd() {
        return textEnd;
    }

    /// {@return key updates that the peer made}
    public int generation() {
        return current.generation();
    }

    /// {@return packets that may still fail to verify (section 6.6)}
    public long forgeriesLeft() {
        return current.forgeriesLeft();
    }

    /// {@return whether there are keys, expanded or at rest}
    public boolean isLoaded() {
        return current.isLoaded();
    }

    /// {@return whether packets of the phase before are still opened}
    public boolean isLate() {
        return hasLate();
    }

    /// Wipes the keys of the phase before: three PTOs after the peer's update (section 6.5). Without them nothing happens.
    public void forgetLate() {
        if (late.byteSize() != 0) {
            other.wipe();
        }
    }

    /// Wipes the expanded keys, late ones among them for good; the next packet expands the others again, wherever [#at] points then. Without keys
    /// nothing happens.
    public void rest() {
        if (!current.isActive()) {
            return;  // the place may be another's
        }
        try {
            forgetLate();
            current.rest();
        } finally {
            header.wipe();
        }
    }

    /// Wipes everything. Twice is harmless.
    ///
    /// @throws IllegalStateException  no place, or memory that is closed (caller's fault)
    public void wipe() {
        boolean expanded = current.isActive();
        try {
            try {
                if (expanded) {
                    forgetLate();
                }
            } finally {
                current.wipe();
            }
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
        current.close();
        other.close();
        header.close();
        state = MemorySegment.NULL;
        late = MemorySegment.NULL;
    }

    @Override
    public String toString() {
        return "OpeningKeys[" + current + "]";
    }
}
