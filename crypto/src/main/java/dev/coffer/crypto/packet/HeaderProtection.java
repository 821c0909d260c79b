package dev.coffer.crypto.packet;

import dev.coffer.crypto.internal.MaskFunction;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The key that hides the first byte and the number of QUIC's packets (RFC 9001, section 5.4): one a direction and level, kept
/// over all key updates (section 6.1).
///
/// ```
///   1 byte, 4 or 5 bits of it hidden | ... | number of 1..4 bytes, hidden | ciphertext
///                                            number + 4: sample of 16 bytes (section 5.4.2)
/// ```
///
/// Protect after sealing, unprotect before opening. Nothing that is hidden decides a branch or an address (section 9.5): the mask is
/// laid over four bytes, cut to the number's length by arithmetic.
///
/// The object is a finger on a place in the caller's memory, of [#bytes], as a [PacketProtection] is; the workspace is shared. One
/// thread at a time; 0 heap bytes. A place of zeros holds no key and is refused.
///
/// Where memory is dear, an idle connection keeps the key alone, not expanded: [#derive] writes it, [#expand] takes it. The traffic secret
/// that it is of is gone with the first key update.
public final class HeaderProtection implements AutoCloseable {
    /// Bytes of a sample.
    public static final int SAMPLE_BYTES = MaskFunction.SAMPLE_BYTES;
    /// Bytes of the longest key that is not expanded: 16 of AES-128, 32 of the others.
    public static final int KEY_BYTES_MAX = 32;
    /// Bytes that a packet needs from its number on, for the sample: shorter ones are padded before they are sealed (section 5.4.2).
    public static final int BYTES_FROM_NUMBER_MIN = 4 + SAMPLE_BYTES;

    private static final long LOADED = 0;                       // u64: 1 where there is a key
    private static final long SCHEDULE = LOADED + Long.BYTES;

    // The workspace: a mask, a derived key, room for HKDF and the cipher.
    private static final long MASK = 0;
    private static final long KEY = MASK + MaskFunction.MASK_BYTES;
    private static final long WORK = KEY + 32;

    private static final String NAME = "header protection";
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int LONG_HEADER = 0x80;
    private static final int LONG_HEADER_BITS = 0x0f;           // of the first byte that are hidden (section 5.4.1)
    private static final int SHORT_HEADER_BITS = 0x1f;

    private final PacketProtocol protocol;
    private final CipherSuite suite;
    private final MaskFunction function;
    private final MemorySegment workspace;
    private final long workspaceAt;
    private MemorySegment place = MemorySegment.NULL;  // `NULL` until [#at]
    private long placeAt;

    /// Makes a finger that points nowhere yet.
    ///
    /// @param protocol   a version of QUIC
    /// @param workspace  writable memory off the heap for [#workspaceBytes] bytes
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap, or the protocol hides no headers (caller's fault)
    public HeaderProtection(PacketProtocol protocol, CipherSuite suite, MemorySegment workspace, long workspaceAt) {
        if (!protocol.isQuic()) {
            throw new IllegalArgumentException(NAME + ": " + protocol + " (expected a version of QUIC)");
        }
        Ranges.checkWorkspace(NAME, workspace, workspaceAt, workspaceBytes(suite));
        this.protocol = protocol;
        this.suite = suite;
        this.function = suite.mask();
        this.workspace = workspace;
        this.workspaceAt = workspaceAt;
    }

    /// {@return bytes of a workspace; may be a [PacketProtection]'s of the same suite, which is longer}
    public static long workspaceBytes(CipherSuite suite) {
        return WORK + Math.max(suite.hkdf().workspaceBytes(), suite.mask().workspaceBytes());
    }

    /// {@return bytes of a key}
    public static long bytes(CipherSuite suite) {
        return SCHEDULE + suite.mask().scheduleBytes();
    }

    /// Points to another place.
    ///
    /// @param memory  writable memory off the heap for [#bytes] from `at`, apart from the workspace
    /// @return this
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault); nothing changes
    /// @throws IllegalArgumentException   it is read-only, on the heap or in the workspace (caller's fault); nothing changes
    public HeaderProtection at(MemorySegment memory, long at) {
        Ranges.checkWorkspace(NAME, memory, at, bytes(suite));
        Ranges.apart(NAME, memory, at, bytes(suite), workspace, workspaceAt, workspaceBytes(suite));
        place = memory;
        placeAt = at;
        return this;
    }

    /// Makes the key of a traffic secret, that of generation 0 (section 5.1), in a free place.
    ///
    /// @param secret  off the heap, [CipherSuite#secretBytes]; read, not kept
    /// @throws IndexOutOfBoundsException  the secret does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is on the heap or in place or workspace (caller's fault); nothing is written
    /// @throws IllegalStateException      no place, or one that holds a key, which is to be wiped first (caller's fault); nothing
    ///                                    changes; or memory that is closed: then there is no key
    public void load(MemorySegment secret, long secretAt) {
        checkFree();
        checkSecret(secret, secretAt, suite.secretBytes());
        boolean whole = false;
        try {
            key(secret, secretAt, workspace, workspaceAt + KEY);
            take(workspace, workspaceAt + KEY);
            whole = true;
        } finally {
            endLoad(whole);
        }
    }

    /// Writes the key of a traffic secret, not expanded: what is kept of it while it rests. Needs no place.
    ///
    /// @param secret  off the heap, [CipherSuite#secretBytes]
    /// @param key     writable memory off the heap for [#keyBytes]; may overlap the secret
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   it is on the heap, read-only or in the workspace (caller's fault); nothing is written
    public void derive(MemorySegment secret, long secretAt, MemorySegment key, long keyAt) {
        Ranges.checkSecret(NAME, secret, secretAt, suite.secretBytes());
        Ranges.checkWorkspace(NAME, key, keyAt, function.keyBytes());
        Ranges.apart(NAME, secret, secretAt, suite.secretBytes(), workspace, workspaceAt, workspaceBytes(suite));
        Ranges.apart(NAME, key, keyAt, function.keyBytes(), workspace, workspaceAt, workspaceBytes(suite));
        try {
            key(secret, secretAt, key, keyAt);
        } finally {
            Wipe.bytes(workspace, workspaceAt, workspaceBytes(suite));
        }
    }

    /// Takes a key that [#derive] wrote, into a free place.
    ///
    /// @param key  off the heap, [#keyBytes]; read, not kept
    /// @throws RuntimeException  as of [#load]
    public void expand(MemorySegment key, long keyAt) {
        checkFree();
        checkSecret(key, keyAt, function.keyBytes());
        boolean whole = false;
        try {
            take(key, keyAt);
            whole = true;
        } finally {
            endLoad(whole);
        }
    }

    /// {@return bytes of a key that is not expanded}
    public int keyBytes() {
        return function.keyBytes();
    }

    private void checkFree() {
        checkPlaced();
        if (isLoaded()) {
            throw new IllegalStateException(NAME + ": the place holds a key (expected one that is wiped first)");
        }
    }

    private void checkSecret(MemorySegment secret, long at, int bytes) {
        Ranges.checkSecret(NAME, secret, at, bytes);
        apart(secret, at, bytes);
    }

    private void key(MemorySegment secret, long secretAt, MemorySegment key, long keyAt) {
        suite.hkdf().expandLabel(workspace, workspaceAt + WORK, secret, secretAt, protocol.header, 0, (int) protocol.header.byteSize(),
                protocol.header, 0, 0, key, keyAt, function.keyBytes());
    }

    private void take(MemorySegment key, long keyAt) {
        function.expand(key, keyAt, place, placeAt + SCHEDULE, workspace, workspaceAt + WORK);
        place.set(LONG, placeAt + LOADED, 1);
    }

    private void endLoad(boolean whole) {
        try {
            Wipe.bytes(workspace, workspaceAt, workspaceBytes(suite));
        } finally {
            if (!whole) {
                wipe();
            }
        }
    }

    /// Hides first byte and number of a packet that is sealed.
    ///
    /// @param packet      writable memory
    /// @param at          offset of the first byte; its form is read from it
    /// @param numberAt    offset of the number, which has as many bytes as the first byte says
    /// @param end         offset behind the packet's tag
    /// @throws IndexOutOfBoundsException  the packet does not lie in the segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   read-only memory, one of the key's own places, a number before the packet, or fewer than
    ///                                    [#BYTES_FROM_NUMBER_MIN] bytes from the number on (caller's fault); nothing is written
    /// @throws IllegalStateException      no key (caller's fault); nothing is written
    public void protect(MemorySegment packet, long at, long numberAt, long end) {
        check(packet, at, numberAt, end);
        if (end - numberAt < BYTES_FROM_NUMBER_MIN) {
            throw new IllegalArgumentException(NAME + ": " + (end - numberAt) + " bytes from the number on (expected "
                    + BYTES_FROM_NUMBER_MIN + " or more, RFC 9001 section 5.4.2)");
        }
        lay(packet, at, numberAt, true);
    }

    /// Shows first byte and number of a packet that arrived.
    ///
    /// @param packet    writable memory
    /// @param at        offset of the first byte
    /// @param numberAt  offset of the number
    /// @param end       offset behind the packet
    /// @return bytes of the number, 1..4; or 0 where the packet is too short for a sample, which the peer is to be ignored for
    ///         (section 5.4.2): nothing is written
    /// @throws IndexOutOfBoundsException  the packet does not lie in the segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   read-only memory, one of the key's own places, or a number before the packet (caller's
    ///                                    fault); nothing is written
    /// @throws IllegalStateException      no key (caller's fault); nothing is written
    public int unprotect(MemorySegment packet, long at, long numberAt, long end) {
        check(packet, at, numberAt, end);
        if (end - numberAt < BYTES_FROM_NUMBER_MIN) {
            return 0;
        }
        return lay(packet, at, numberAt, false);
    }

    /// Lays the mask over a header.
    ///
    /// @param clear  whether the first byte stands unprotected now; else it comes out so
    /// @return bytes of the number
    private int lay(MemorySegment packet, long at, long numberAt, boolean clear) {
        try {
            int first = packet.get(BYTE, at);
            function.mask(place, placeAt + SCHEDULE, packet, numberAt + 4, workspace, workspaceAt + MASK, workspace,
                    workspaceAt + WORK);
            int hidden = (first & LONG_HEADER) != 0 ? LONG_HEADER_BITS : SHORT_HEADER_BITS;  // the form is not hidden
            int masked = first ^ workspace.get(BYTE, workspaceAt + MASK) & hidden;
            int bytes = ((clear ? first : masked) & 3) + 1;  // section 17.2 of RFC 9000: length less one
            int mask = BigEndian.i32(workspace, workspaceAt + MASK + 1) & -1 << Byte.SIZE * (4 - bytes);
            packet.set(BYTE, at, (byte) masked);
            BigEndian.i32(packet, numberAt, BigEndian.i32(packet, numberAt) ^ mask);
            return bytes;
        } finally {
            Wipe.both(workspace, workspaceAt + MASK, MaskFunction.MASK_BYTES, workspace, workspaceAt + WORK, function.workspaceBytes());
        }
    }

    private void check(MemorySegment packet, long at, long numberAt, long end) {
        if (!isLoaded()) {
            throw new IllegalStateException(NAME + ": no key, never loaded or wiped (expected load() first)");
        }
        Ranges.checkWritable(NAME, packet, at, end - at);
        if (numberAt <= at || numberAt > end) {
            throw new IllegalArgumentException(NAME + ": number at " + numberAt + " (expected behind " + at + ", up to " + end + ")");
        }
        apart(packet, at, end - at);
    }

    private void apart(MemorySegment segment, long at, long length) {
        Ranges.apart(NAME, segment, at, length, place, placeAt, bytes(suite));
        Ranges.apart(NAME, segment, at, length, workspace, workspaceAt, workspaceBytes(suite));
    }

    private void checkPlaced() {
        if (place.byteSize() == 0) {
            throw new IllegalStateException(NAME + ": no place (expected at() first)");
        }
    }

    /// {@return whether there is a key}
    public boolean isLoaded() {
        return place.byteSize() != 0 && place.get(LONG, placeAt + LOADED) != 0;
    }

    /// Wipes the key. Twice is harmless.
    ///
    /// @throws IllegalStateException  no place, or memory that is closed (caller's fault)
    public void wipe() {
        checkPlaced();
        try {
            function.release(place, placeAt + SCHEDULE);
        } finally {
            Wipe.bytes(place, placeAt, bytes(suite));
        }
    }

    /// Wipes the key that it points to, and points nowhere from here on. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        if (place.byteSize() != 0 && place.scope().isAlive()) {
            wipe();
        }
        place = MemorySegment.NULL;
    }

    @Override
    public String toString() {
        return "HeaderProtection[" + protocol + ", " + function.name() + (place.byteSize() == 0 ? ", no place"
                : !place.scope().isAlive() ? ", closed memory" : isLoaded() ? "" : ", no key") + "]";
    }
}
