package dev.coffer.quic.packet;

import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// The secrets of Initial packets (RFC 9001, section 5.2; RFC 9369, section 3.3.1): of a salt that the version has and the destination ID of
/// the client's first packet, so that everybody who sees that can make them. They can be made again whenever the ID is known; of a
/// connection after a Retry they are of the ID that the server chose there. Stateless, thread-safe, 0 heap bytes.
public final class InitialSecrets {
    /// Bytes of a secret, of SHA-256.
    public static final int BYTES = 32;
    /// Bytes of a workspace.
    public static final long WORKSPACE_BYTES = BYTES + Hkdf.SHA_256.workspaceBytes();

    private static final MemorySegment SALT_1 = hex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
    private static final MemorySegment SALT_2 = hex("0dede3def700a6db819381be6e269dcbf9bd2ed9");
    private static final MemorySegment CLIENT = MemorySegment.ofArray("client in".getBytes(StandardCharsets.US_ASCII)).asReadOnly();
    private static final MemorySegment SERVER = MemorySegment.ofArray("server in".getBytes(StandardCharsets.US_ASCII)).asReadOnly();

    private InitialSecrets() {}

    static MemorySegment hex(String digits) {
        return MemorySegment.ofArray(HexFormat.of().parseHex(digits)).asReadOnly();
    }

    /// Writes the secret of a side's Initial packets, of [dev.coffer.crypto.packet.CipherSuite#AES_128_GCM_SHA256].
    ///
    /// @param client     whether of the client's packets, else of the server's
    /// @param id         destination ID of the client's first Initial packet, off the heap
    /// @param workspace  off the heap, [#WORKSPACE_BYTES]; wiped when this returns
    /// @param secret     off the heap, [#BYTES]
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or ranges that overlap the workspace (caller's fault)
    public static void write(Version version, boolean client, MemorySegment id, long idAt, int idLength, MemorySegment workspace, long workspaceAt,
            MemorySegment secret, long secretAt) {
        MemorySegment salt = version == Version.V1 ? SALT_1 : SALT_2;
        MemorySegment label = client ? CLIENT : SERVER;
        Hkdf hkdf = Hkdf.SHA_256;
        long work = workspaceAt + BYTES;
        MemorySegment.copy(salt, 0, workspace, workspaceAt, salt.byteSize());  // a key is taken off the heap alone
        try {
            hkdf.extract(workspace, work, workspace, workspaceAt, salt.byteSize(), id, idAt, idLength, workspace, workspaceAt);
            hkdf.expandLabel(workspace, work, workspace, workspaceAt, label, 0, (int) label.byteSize(), label, 0, 0, secret, secretAt, BYTES);
        } finally {
            Wipe.bytes(workspace, workspaceAt, BYTES);
        }
    }
}
