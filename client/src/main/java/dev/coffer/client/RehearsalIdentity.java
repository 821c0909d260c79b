package dev.coffer.client;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import dev.coffer.tls.ServerIdentity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;

/// An authority and a server called `localhost` that it vouches for, made for one rehearsal and known to nobody else: certificates of RFC 5280 in DER, signed with Ed25519
/// (RFC 8410). Their keys are worth nothing, and gone with the memory that they lie in.
///
/// @param authority  that has to be trusted
/// @param server     who shows a chain of two
record RehearsalIdentity(X509Certificate authority, ServerIdentity server) implements AutoCloseable {
    private static final KeyAlgorithm ED25519 = KeyAlgorithm.ED25519;
    private static final byte[] ALGORITHM = {0x30, 5, 6, 3, 0x2b, 0x65, 0x70};                        // id-Ed25519
    private static final byte[] COMMON_NAME = {6, 3, 0x55, 4, 3};
    private static final byte[] VERSION_3 = {(byte) 0xa0, 3, 2, 1, 2};
    private static final byte[] CONSTRAINTS = {6, 3, 0x55, 0x1d, 0x13, 1, 1, -1, 4, 5, 0x30, 3, 1, 1, -1};  // critical, of an authority
    private static final byte[] ALTERNATIVE_NAME = {6, 3, 0x55, 0x1d, 0x11};

    /// Bytes of memory that [#in] needs.
    static long bytes() {
        return 2L * ED25519.keyPairBytes() + ED25519.workspaceBytes() + 2048;
    }

    /// {@return one}
    ///
    /// @param memory  zero, aligned to 64 bytes, wiped by the caller
    static RehearsalIdentity in(MemorySegment memory) throws CertificateException {
        long secrets = ED25519.keyPairBytes();
        long work = 2 * secrets;
        try (KeyPair ca = KeyPair.generate(ED25519, Secret.of(memory, 0, secrets), Entropy.SYSTEM, memory, work)) {
            KeyPair own = KeyPair.generate(ED25519, Secret.of(memory, secrets, secrets), Entropy.SYSTEM, memory, work);
            X509Certificate authority = certificate(1, "rehearsal", ca, CONSTRAINTS, ca, memory, work);
            byte[] named = concat(ALTERNATIVE_NAME, der(4, der(0x30, der(0x82, "localhost".getBytes(StandardCharsets.US_ASCII)))));
            X509Certificate leaf = certificate(2, "localhost", own, named, ca, memory, work);
            return new RehearsalIdentity(authority, ServerIdentity.of(List.of(leaf, authority), own));
        }
    }

    private static X509Certificate certificate(int serial, String subject, KeyPair key, byte[] extension, KeyPair issuer, MemorySegment memory, long work)
            throws CertificateException {
        long at = work + ED25519.workspaceBytes();
        int bytes = key.publicKey(memory, at).encode(memory, at + 128);
        byte[] spki = memory.asSlice(at + 128, bytes).toArray(ValueLayout.JAVA_BYTE);
        byte[] times = der(0x30, der(0x17, ascii("000101000000Z")), der(0x17, ascii("491231235959Z")));
        byte[] covered = der(0x30, VERSION_3, der(2, new byte[] {(byte) serial}), ALGORITHM, name("rehearsal"), times, name(subject), spki,
                der(0xa3, der(0x30, der(0x30, extension))));
        MemorySegment.copy(covered, 0, memory, ValueLayout.JAVA_BYTE, at, covered.length);
        long signature = at + covered.length;
        issuer.sign(memory, at, covered.length, memory, signature, memory, work);
        byte[] signed = memory.asSlice(signature, Objects.requireNonNull(ED25519.signature()).signatureBytes()).toArray(ValueLayout.JAVA_BYTE);
        byte[] whole = der(0x30, covered, ALGORITHM, der(3, new byte[1], signed));
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
    }

    private static byte[] name(String text) {
        return der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, ascii(text)))));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// {@return tag, length and value (X.690, section 8.1)}
    private static byte[] der(int tag, byte[]... parts) {
        byte[] value = concat(parts);
        byte[] head = value.length < 0x80 ? new byte[] {(byte) tag, (byte) value.length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (value.length >> 8), (byte) value.length};
        return concat(value.length < 0x80 || value.length > 0xff ? head : new byte[] {(byte) tag, (byte) 0x81, (byte) value.length}, value);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Override
    public void close() {
        server.close();
    }
}
