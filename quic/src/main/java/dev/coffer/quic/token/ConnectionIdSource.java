package dev.coffer.quic.token;

import dev.coffer.crypto.aead.AesBlock;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.packet.ConnectionId;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where our connection IDs come from (RFC 9000, section 5.1): random bytes, or such that a load balancer without state finds the server by them
/// (QUIC-LB, draft-ietf-quic-load-balancers-21).
///
/// ```
///   routable:  rotation 3 bits, length less one 5 bits | server ID 1..15 | nonce 4..18     both encrypted where there is a key
/// ```
///
/// **No two are equal.** With a key the nonce counts from a random start and is never used twice: after as many IDs as it has values there are no more
/// ([#next]), and a configuration of another rotation is due. Two sources of one server ID and key would give the same IDs, so each loop has a server ID
/// of its own. Without a key, and of random IDs, the nonce is random: whoever keeps the table of IDs draws again where one is there already.
///
/// One thread at a time; 0 heap bytes.
@SuppressWarnings("exports")  // annotations that users need not have
public final class ConnectionIdSource {
    /// Bytes of the shortest random ID that is given: an Initial packet's destination has as many (section 7.2).
    public static final int RANDOM_BYTES_MIN = 8;
    /// Bytes of server ID and nonce together at most.
    public static final int ROUTABLE_BYTES_MAX = 19;
    /// Highest rotation; 7 says that an ID is not routable.
    public static final int ROTATION_MAX = 6;
    /// Bytes of a key, of AES-128.
    public static final int KEY_BYTES = 16;

    private static final int SERVER_BYTES_MAX = 15;
    private static final int NONCE_BYTES_MIN = 4;
    private static final int NONCE_BYTES_MAX = 18;
    private static final int PASSES = 4;
    private static final AesBlock AES = AesBlock.AES_128;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    // The memory.
    private static final long PLAIN = 0;                         // server ID and nonce
    private static final long LEFT = PLAIN + 24;                 // halves: 10 bytes at most
    private static final long RIGHT = LEFT + AesBlock.BYTES;
    private static final long BLOCK = RIGHT + AesBlock.BYTES;
    private static final long SCHEDULE = BLOCK + AesBlock.BYTES;
    private static final long WORK = SCHEDULE + Align.up(AES.scheduleBytes(), Long.BYTES);
    /// Bytes of the memory of a source.
    public static final long MEMORY_BYTES = Align.up(WORK + AesBlock.WORKSPACE_BYTES, Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final long at;
    private final Entropy entropy;
    private final int length;       // of an ID
    private final int first;        // octet of a routable one; below 0 for random ones
    private final int serverBytes;
    private final int nonceBytes;
    private final boolean keyed;
    private final long mask;        // of the nonce's bits that count
    private long given;             // IDs so far, where the nonce counts

    private ConnectionIdSource(MemorySegment memory, long at, Entropy entropy, int length, int first, int serverBytes, int nonceBytes, boolean keyed) {
        this.memory = memory;
        this.at = at;
        this.entropy = entropy;
        this.length = length;
        this.first = first;
        this.serverBytes = serverBytes;
        this.nonceBytes = nonceBytes;
        this.keyed = keyed;
        this.mask = nonceBytes >= Long.BYTES ? -1 : (1L << Byte.SIZE * nonceBytes) - 1;
    }

    /// {@return a source of random IDs}
    ///
    /// @param memory  [#MEMORY_BYTES] from `at`, off the heap
    /// @param length  of an ID, [#RANDOM_BYTES_MIN]..20
    /// @throws IllegalArgumentException   another length (caller's fault)
    public static ConnectionIdSource random(MemorySegment memory, long at, Entropy entropy, int length) {
        checkRandom(length);
        Objects.checkFromIndexSize(at, MEMORY_BYTES, memory.byteSize());
        return new ConnectionIdSource(memory, at, entropy, length, -1, 0, 0, false);
    }

    /// {@return a source of random IDs, which needs no memory}
    ///
    /// @param length  as above
    /// @throws IllegalArgumentException  as above
    public static ConnectionIdSource random(Entropy entropy, int length) {
        checkRandom(length);
        return new ConnectionIdSource(MemorySegment.NULL, 0, entropy, length, -1, 0, 0, false);
    }

    private static void checkRandom(int length) {
        if (length < RANDOM_BYTES_MIN || length > ConnectionId.LENGTH_MAX) {
            throw new IllegalArgumentException("connection IDs: " + length + " bytes (expected " + RANDOM_BYTES_MIN + ".." + ConnectionId.LENGTH_MAX + ")");
        }
    }

    /// {@return a source of IDs that a load balancer reads}
    ///
    /// @param memory       [#MEMORY_BYTES] from `at`, off the heap, locked where there is a key
    /// @param rotation     which configuration of the balancer's, 0..[#ROTATION_MAX]
    /// @param serverBytes  of the server's ID, 1..15
    /// @param nonceBytes   4..18; with the server's ID at most [#ROUTABLE_BYTES_MAX]
    /// @param key          [#KEY_BYTES] from `keyAt`, off the heap, not kept but in the memory; null: server ID and nonce lie open
    /// @throws IllegalArgumentException   a number out of its range (caller's fault)
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    public static ConnectionIdSource routable(MemorySegment memory, long at, Entropy entropy, int rotation, MemorySegment server, long serverAt,
            int serverBytes, int nonceBytes, @Nullable MemorySegment key, long keyAt) {
        if (rotation < 0 || rotation > ROTATION_MAX || serverBytes < 1 || serverBytes > SERVER_BYTES_MAX || nonceBytes < NONCE_BYTES_MIN
                || nonceBytes > NONCE_BYTES_MAX || serverBytes + nonceBytes > ROUTABLE_BYTES_MAX) {
            throw new IllegalArgumentException("routable connection IDs: rotation " + rotation + ", server ID of " + serverBytes + " bytes, nonce of "
                    + nonceBytes + " (expected 0..6, 1..15, 4..18, together at most " + ROUTABLE_BYTES_MAX + ")");
        }
        Objects.checkFromIndexSize(at, MEMORY_BYTES, memory.byteSize());
        if (!memory.isNative() || key != null && !key.isNative()) {
            throw new IllegalArgumentException("routable connection IDs: a key on the heap (expected native memory)");
        }
        int length = 1 + serverBytes + nonceBytes;
        ConnectionIdSource source = new ConnectionIdSource(memory, at, entropy, length, rotation << 5 | length - 1, serverBytes, nonceBytes, key != null);
        MemorySegment.copy(server, serverAt, memory, at + PLAIN, serverBytes);
        entropy.fill(memory, at + PLAIN + serverBytes, nonceBytes);
        if (key != null) {
            AES.expand(key, keyAt, memory, at + SCHEDULE, memory, at + WORK);
        }
        return source;
    }

    /// {@return bytes of each ID: what [dev.coffer.quic.packet.PacketReader#begin] wants to know}
    public int length() {
        return length;
    }

    /// Writes a new ID.
    ///
    /// @param place  for a [ConnectionId]
    /// @return whether there is one; where not, the nonce has had every value, and the place is empty
    public boolean next(MemorySegment place, long placeAt) {
        Wipe.bytes(place, placeAt, ConnectionId.BYTES);
        if (first < 0) {
            entropy.fill(place, placeAt + ConnectionId.VALUE, length);
        } else if (keyed && !count()) {
            return false;
        } else {
            routable(place, placeAt + ConnectionId.VALUE);
        }
        place.set(BYTE, placeAt, (byte) length);
        return true;
    }

    /// Writes an ID for who is asked to come again (a Retry), which may never happen: a load balancer finds the server by it as by any other, and it counts as none, as its nonce is
    /// random. Where it is one that was given all the same (1 in 2^32 for each that is there), who comes with it is passed over as that one's, and asks again.
    ///
    /// @param place  for a [ConnectionId]
    public void passing(MemorySegment place, long placeAt) {
        if (first < 0 || !keyed) {
            next(place, placeAt);
            return;
        }
        int counted = Math.min(nonceBytes, Long.BYTES);
        long end = at + PLAIN + serverBytes + nonceBytes;
        long kept = 0;
        for (int i = counted; i > 0; i--) {
            kept = kept << Byte.SIZE | memory.get(BYTE, end - i) & 0xff;
        }
        Wipe.bytes(place, placeAt, ConnectionId.BYTES);
        try {
            entropy.fill(memory, end - counted, counted);
            routable(place, placeAt + ConnectionId.VALUE);
        } finally {
            for (int i = 1; i <= counted; i++) {
                memory.set(BYTE, end - i, (byte) (kept >>> (i - 1) * Byte.SIZE));
            }
        }
        place.set(BYTE, placeAt, (byte) length);
    }

    /// As if so many had been given: for a test, as nobody waits for 2^32.
    void given(long ids) {
        given = ids;
    }

    /// Steps the nonce: its last 8 bytes, or all of them where it has fewer.
    private boolean count() {
        if (given != 0 && (given & mask) == 0) {
            return false;
        }
        given++;
        long end = at + PLAIN + serverBytes + nonceBytes;
        for (int i = 1; i <= Math.min(nonceBytes, Long.BYTES); i++) {
            int value = memory.get(BYTE, end - i) + 1;
            memory.set(BYTE, end - i, (byte) value);
            if ((value & 0xff) != 0) {
                break;
            }
        }
        return true;
    }

    private void routable(MemorySegment out, long outAt) {
        int bytes = serverBytes + nonceBytes;
        out.set(BYTE, outAt, (byte) first);
        if (!keyed) {
            entropy.fill(memory, at + PLAIN + serverBytes, nonceBytes);
            MemorySegment.copy(memory, at + PLAIN, out, outAt + 1, bytes);
        } else if (bytes == AesBlock.BYTES) {
            AES.encrypt(memory, at + SCHEDULE, memory, at + WORK, memory, at + PLAIN, out, outAt + 1, 1);
        } else {
            fourPasses(bytes, out, outAt + 1);
        }
    }

    /// A Feistel network of four rounds over two halves; of an odd number of bytes the middle one is shared, four bits each.
    private void fourPasses(int bytes, MemorySegment out, long outAt) {
        int half = (bytes + 1) / 2;
        boolean odd = bytes % 2 != 0;
        MemorySegment.copy(memory, at + PLAIN, memory, at + LEFT, half);
        MemorySegment.copy(memory, at + PLAIN + bytes - half, memory, at + RIGHT, half);
        clear(half, odd);
        for (int pass = 1; pass <= PASSES; pass++) {
            boolean toRight = pass % 2 != 0;
            round(toRight ? LEFT : RIGHT, toRight ? RIGHT : LEFT, half, bytes, pass);
            clear(half, odd);
        }
        MemorySegment.copy(memory, at + LEFT, out, outAt, half);
        int shared = odd ? memory.get(BYTE, at + LEFT + half - 1) : 0;
        MemorySegment.copy(memory, at + RIGHT, out, outAt + bytes - half, half);
        if (odd) {
            out.set(BYTE, outAt + half - 1, (byte) (shared | out.get(BYTE, outAt + half - 1)));
        }
        Wipe.bytes(memory, at + LEFT, SCHEDULE - LEFT);
    }

    private void clear(int half, boolean odd) {
        if (odd) {
            memory.set(BYTE, at + LEFT + half - 1, (byte) (memory.get(BYTE, at + LEFT + half - 1) & 0xf0));
            memory.set(BYTE, at + RIGHT, (byte) (memory.get(BYTE, at + RIGHT) & 0x0f));
        }
    }

    private void round(long from, long to, int half, int bytes, int pass) {
        Wipe.bytes(memory, at + BLOCK, AesBlock.BYTES);
        MemorySegment.copy(memory, at + from, memory, at + BLOCK, half);
        BigEndian.u16(memory, at + BLOCK + AesBlock.BYTES - Short.BYTES, bytes << Byte.SIZE | pass);
        AES.encrypt(memory, at + SCHEDULE, memory, at + WORK, memory, at + BLOCK, memory, at + BLOCK, 1);
        for (int i = 0; i < half; i++) {
            memory.set(BYTE, at + to + i, (byte) (memory.get(BYTE, at + to + i) ^ memory.get(BYTE, at + BLOCK + i)));
        }
    }

    /// Wipes key, nonce and all: the source is not to be used again.
    public void wipe() {
        if (first >= 0) {
            Wipe.bytes(memory, at, MEMORY_BYTES);
        }
    }

    @Override
    public String toString() {
        return "ConnectionIdSource[" + length + " bytes, " + (first < 0 ? "random" : keyed ? "routable, encrypted" : "routable") + "]";
    }
}
