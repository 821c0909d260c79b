package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// How a client proves who it is in one handshake, where the server asks (RFC 8446, sections 4.3.2 and 4.4.2): whom the context has say so, held until it has signed. One a
/// slot; the connection's thread alone; 0 heap bytes but for the chooser's.
final class OwnProof {
    private boolean asked;
    private @Nullable ServerIdentity shown;

    void begin() {
        asked = false;
        letGo();
    }

    /// Whose certificate was chosen has signed, or need not.
    void letGo() {
        ServerIdentity held = shown;
        shown = null;
        if (held != null) {
            held.letGo();
        }
    }

    boolean isAsked() {
        return asked;
    }

    /// {@return who signs; null where we have nobody}
    @Nullable
    ServerIdentity shown() {
        return shown;
    }

    /// The server asks: whom the context has say so, if what it signs with is verified, or we have nobody, and say so when it is our turn.
    ///
    /// @return null, or why the handshake fails
    @Nullable
    Alert ask(ClientContext context, MemorySegment memory, long at, int bytes) {
        CertificateRequest request = context.request();
        Alert refused = request.read(memory, at, bytes);
        if (refused != null) {
            return refused;
        }
        asked = true;
        try {
            ServerIdentity identity = context.shown(request);
            ServerIdentity form = identity == null ? null : identity.form(request, SignatureScheme.ofClients());
            shown = form != null && form.hold() ? form : null;
        } catch (RuntimeException | Error thrown) {  // who chooses may throw, and ends this handshake and nothing else
            return Alert.INTERNAL_ERROR;
        }
        return null;
    }

    /// Writes a Certificate without a chain, but for its length.
    ///
    /// @return behind its last byte
    static long nobody(MemorySegment memory, long target) {
        Wire.u8(memory, target, Wire.CERTIFICATE);
        BigEndian.i32(memory, target + Wire.MESSAGE_HEADER_BYTES, 0);  // no context, no entry
        return target + Wire.MESSAGE_HEADER_BYTES + 4;
    }
}
