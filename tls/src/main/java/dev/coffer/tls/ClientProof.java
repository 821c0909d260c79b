package dev.coffer.tls;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How the client of one handshake proves who it is, where it is asked (RFC 8446, sections 4.3.2 and 4.4). One a slot; the connection's thread alone; 0 heap bytes but for the
/// verifier's.
final class ClientProof {
    private final int slot;
    private @Nullable ClientVerifier verifier;  // the slot's own, as it was when the handshake began; null where clients are not asked who they are
    private int[] schemes = {};                 // that it verifies

    /// @param slot  its index
    ClientProof(int slot) {
        this.slot = slot;
    }

    void begin(ServerContext context) {
        verifier = context.verifier(slot);
        schemes = context.schemes();
    }

    /// {@return whether clients are asked}
    boolean isAsked() {
        return verifier != null;
    }

    private ClientVerifier verifier() {
        return Objects.requireNonNull(verifier, "asked");
    }

    /// Writes the question.
    ///
    /// @return behind its last byte
    long request(MemorySegment memory, long target) {
        return CertificateRequest.write(memory, target, schemes);
    }

    /// A Certificate came.
    ///
    /// @return null where its chain is trusted, or is none and need not be there
    @Nullable
    Alert certificate(MemorySegment memory, long at, int bytes, ClientAuthentication wanted) {
        int chain = PeerProof.chainBytes(memory, at, bytes);
        if (chain < 0) {
            return Alert.DECODE_ERROR;
        }
        if (PeerProof.hasExtensions(memory, PeerProof.chainAt(at), chain)) {
            return Alert.UNSUPPORTED_EXTENSION;
        }
        if (chain == 0) {
            return wanted == ClientAuthentication.REQUIRED ? Alert.CERTIFICATE_REQUIRED : null;
        }
        return PeerProof.trust(verifier(), memory, PeerProof.chainAt(at), chain, "");
    }

    /// {@return whether a Certificate that has its form has no chain in it}
    static boolean isEmpty(MemorySegment memory, long at, int bytes) {
        return PeerProof.chainBytes(memory, at, bytes) == 0;
    }

    /// A CertificateVerify came.
    ///
    /// @param work  room for what it covers
    /// @return null where the signature is valid
    @Nullable
    Alert verify(MemorySegment memory, long at, int bytes, Transcript transcript, int hashBytes, long work) {
        return PeerProof.verify(verifier(), schemes, memory, at, bytes, PeerProof.CLIENT, transcript, hashBytes, work);
    }

    /// Remembers who it is, for its tickets.
    ///
    /// @return null, or why the handshake fails
    @Nullable
    Alert remember(MemorySegment memory, long resumptionAt) {
        return ServerResumption.verified(verifier(), memory, resumptionAt);
    }
}
