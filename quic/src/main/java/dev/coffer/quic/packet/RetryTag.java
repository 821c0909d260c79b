package dev.coffer.quic.packet;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// The tag of a Retry packet (RFC 9001, section 5.8; RFC 9369, section 3.3.3), under a key that everybody knows: it shows that whoever sent
/// the packet saw the client's first one, and that no bit has changed since.
///
/// One object serves a loop, over a workspace of its own. One thread at a time; 0 heap bytes.
public final class RetryTag {
    /// Bytes of a tag.
    public static final int BYTES = Aead.TAG_BYTES;
    /// Bytes of the longest packet that is given or believed, its tag included; more than a datagram has on any path that we know.
    public static final int PACKET_BYTES_MAX = 2048;

    private static final Aead AEAD = Aead.AES_128_GCM;
    private static final MemorySegment KEY_1 = InitialSecrets.hex("be0c690b9f66575a1d766b54e368c84e");
    private static final MemorySegment NONCE_1 = InitialSecrets.hex("461599d35d632bf2239825bb");
    private static final MemorySegment KEY_2 = InitialSecrets.hex("8fb4b01b56ac48e260fbcbcead7ccc92");
    private static final MemorySegment NONCE_2 = InitialSecrets.hex("d86969bc2d7c6d9990efb04a");

    // The workspace.
    private static final long KEY = 0;
    private static final long SCHEDULE = KEY + 16;
    private static final long WORK = SCHEDULE + AEAD.scheduleBytes();
    private static final long PSEUDO = WORK + AEAD.workspaceBytes();  // the first packet's destination ID, then the packet
    /// Bytes of a workspace.
    public static final long WORKSPACE_BYTES = PSEUDO + ConnectionId.BYTES + PACKET_BYTES_MAX;

    private final MemorySegment workspace;
    private final long workspaceAt;
    private final AeadKey key;

    /// @param workspace  off the heap, [#WORKSPACE_BYTES]
    /// @throws IndexOutOfBoundsException  less of it (caller's fault)
    /// @throws IllegalArgumentException   on the heap or read-only (caller's fault)
    public RetryTag(MemorySegment workspace, long workspaceAt) {
        this.workspace = workspace;
        this.workspaceAt = workspaceAt;
        this.key = new AeadKey(AEAD, workspace, workspaceAt + WORK).at(workspace, workspaceAt + SCHEDULE);
    }

    /// Writes the tag of a packet behind it.
    ///
    /// @param ids       memory with the place of an ID
    /// @param original  the [ConnectionId] that was the destination of the client's first packet
    /// @param end       offset behind the token, with room for [#BYTES]
    /// @return offset behind the tag
    /// @throws IllegalArgumentException  a packet of more than [#PACKET_BYTES_MAX] (caller's fault); nothing is written
    public long write(Version version, MemorySegment ids, long original, MemorySegment packet, long at, long end) {
        if (end - at + BYTES > PACKET_BYTES_MAX) {
            throw new IllegalArgumentException("Retry: " + (end - at + BYTES) + " bytes (expected at most " + PACKET_BYTES_MAX + ")");
        }
        try {
            long bytes = prepare(version, ids, original, packet, at, end);
            key.seal(nonce(version), 0, workspace, workspaceAt + PSEUDO, bytes, packet, end, 0, packet, end);
        } finally {
            key.wipe();
        }
        return end + BYTES;
    }

    /// {@return whether a packet's tag is right: where it is not, the packet is dropped}
    ///
    /// @param original  the [ConnectionId] that our first packet was sent to
    /// @param received  at a [PacketReader.Found#RETRY]
    public boolean verify(MemorySegment ids, long original, PacketReader received) {
        Version version = received.version();
        long end = received.end() - BYTES;
        if (version == null || received.type() != PacketType.RETRY || received.end() - received.at() > PACKET_BYTES_MAX) {
            return false;
        }
        try {
            long bytes = prepare(version, ids, original, received.segment(), received.at(), end);
            return key.open(nonce(version), 0, workspace, workspaceAt + PSEUDO, bytes, received.segment(), end, BYTES, workspace, workspaceAt);
        } finally {
            key.wipe();
        }
    }

    private static MemorySegment nonce(Version version) {
        return version == Version.V1 ? NONCE_1 : NONCE_2;
    }

    /// Loads the key and writes the pseudo-packet.
    ///
    /// @return its bytes
    private long prepare(Version version, MemorySegment ids, long original, MemorySegment packet, long at, long end) {
        int idBytes = 1 + ConnectionId.length(ids, original);
        MemorySegment.copy(ids, original, workspace, workspaceAt + PSEUDO, idBytes);
        MemorySegment.copy(packet, at, workspace, workspaceAt + PSEUDO + idBytes, end - at);
        MemorySegment.copy(version == Version.V1 ? KEY_1 : KEY_2, 0, workspace, workspaceAt + KEY, AEAD.keyBytes());
        try {
            key.load(workspace, workspaceAt + KEY);
        } finally {
            Wipe.bytes(workspace, workspaceAt + KEY, AEAD.keyBytes());
        }
        return idBytes + end - at;
    }
}
