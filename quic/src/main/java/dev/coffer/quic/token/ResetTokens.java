package dev.coffer.quic.token;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Mac;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.quic.packet.ConnectionId;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Stateless reset (RFC 9000, section 10.3): a token for each connection ID, the first 16 bytes of HMAC-SHA-256 over the ID, its length and the *place* where it was given out, under a key
/// that never turns, so that a server which knows nothing of a connection any more, after a crash, can tell its peer so. Who has the key can end every connection.
///
/// **A place** is 16 bits of what the server is called, of its address and of its port ([#place]): the same after a restart, another one for other servers that have the key. Without it
/// anybody who has seen an ID could ask one of them for the token that ends a connection of another (section 21.11).
///
/// One object serves a loop. One thread at a time; 0 heap bytes.
public final class ResetTokens {
    /// Bytes of a token.
    public static final int BYTES = 16;
    /// Bytes of the key.
    public static final int KEY_BYTES = 32;
    /// Bytes of the shortest datagram that may be a reset (section 10.3): five that look like a packet, and the token.
    public static final int DATAGRAM_BYTES_MIN = 5 + BYTES;
    /// Bytes of the longest that is sent: as long as a packet may be that says little.
    public static final int DATAGRAM_BYTES_MAX = 43;

    private static final Mac MAC = Mac.hmac(Hash.SHA_256, BYTES);
    private static final long PLACE = Align.up(MAC.stateBytes(), Long.BYTES);
    /// Bytes of the memory: the key, as HMAC has it, and a place.
    public static final long MEMORY_BYTES = PLACE + Long.BYTES;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;  // odd, bits in no order

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final MemorySegment memory;
    private final long at;
    private final long server;

    /// @param memory  [#MEMORY_BYTES] from `at`, off the heap, locked
    /// @param key     [#KEY_BYTES], off the heap; not kept but in the memory
    /// @param server  what the server is called beside its address: containers on two machines may have the same one. "" for nothing
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   one is on the heap, or they overlap (caller's fault)
    public ResetTokens(MemorySegment memory, long at, MemorySegment key, long keyAt, String server) {
        this.memory = memory;
        this.at = at;
        this.server = mixed(server);
        MAC.init(memory, at, key, keyAt, KEY_BYTES);
    }

    private static long mixed(String server) {
        long mixed = server.length();
        for (int i = 0; i < server.length(); i++) {
            mixed = mixed(mixed ^ server.charAt(i));
        }
        return mixed;
    }

    private static long mixed(long value) {
        long product = value * MULTIPLIER;
        return product ^ product >>> Integer.SIZE;
    }

    /// {@return where the server is, 0..65535: of its name and our end of a path. Two places are told apart, but for one pair in 65,536}
    ///
    /// @param path  memory with a [NetworkPath] at `pathAt`
    public int place(MemorySegment path, long pathAt) {
        long local = pathAt + NetworkPath.LOCAL;
        long mixed = mixed(mixed(server ^ BigEndian.i64(path, local)) ^ BigEndian.i64(path, local + Long.BYTES));
        return (int) (mixed(mixed ^ NetworkPath.localPort(path, pathAt)) >>> Long.SIZE - Short.SIZE);
    }

    /// Writes the token of an ID.
    ///
    /// @param ids    memory with the place of a [ConnectionId] at `id`
    /// @param place  where it was given out, 0..65535
    /// @param out    room for [#BYTES]
    /// @throws IllegalStateException  wiped (caller's fault)
    public void write(MemorySegment ids, long id, int place, MemorySegment out, long outAt) {
        BigEndian.u16(memory, at + PLACE, place);
        MAC.update(memory, at, ids, id, ConnectionId.VALUE + ConnectionId.length(ids, id));
        MAC.update(memory, at, memory, at + PLACE, Short.BYTES);
        MAC.tag(memory, at, out, outAt);
    }

    /// Writes a whole datagram for whoever sent a packet that belongs to no connection: shorter than that, so that two which know nothing of each other
    /// fall silent (section 10.3.3), and never more than [#DATAGRAM_BYTES_MAX].
    ///
    /// @param received  bytes of the datagram that it answers
    /// @param ids       memory with the place of the packet's destination ID, a [ConnectionId]
    /// @param place     where it came to, 0..65535
    /// @param out       room for [#DATAGRAM_BYTES_MAX]
    /// @return bytes written; 0 where the datagram was too short to be answered
    public int reset(long received, MemorySegment ids, long id, int place, Entropy entropy, MemorySegment out, long outAt) {
        int bytes = (int) Math.min(received - 1, DATAGRAM_BYTES_MAX);
        if (bytes < DATAGRAM_BYTES_MIN) {
            return 0;
        }
        entropy.fill(out, outAt, bytes - BYTES);
        out.set(BYTE, outAt, (byte) (out.get(BYTE, outAt) & 0x3f | 0x40));  // as a short header, everything else at random
        write(ids, id, place, out, outAt + bytes - BYTES);
        return bytes;
    }

    /// {@return whether a datagram that could not be opened is a reset: it ends with that token. Compared in constant time (section 10.3.1), so
    /// whoever has several tokens asks for each}
    ///
    /// @param token  [#BYTES] that the peer gave for an ID which is in use
    public static boolean isReset(MemorySegment datagram, long datagramAt, long length, MemorySegment token, long tokenAt) {
        return length >= DATAGRAM_BYTES_MIN && ConstantTime.equal(datagram, datagramAt + length - BYTES, token, tokenAt, BYTES);
    }

    /// Wipes the key. Twice is harmless.
    public void wipe() {
        MAC.wipe(memory, at);
        BigEndian.u16(memory, at + PLACE, 0);
    }

    @Override
    public String toString() {
        return "ResetTokens[" + MAC + "]";
    }
}
