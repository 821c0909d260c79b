package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// Trusts clients whose chain ends at a certificate of a file, by the JDK's path validation (RFC 5280): the extended key usage, where there is
/// one, must name clientAuth. Revocation is not looked up. On public data and the heap alone: some tens of KiB a handshake.
@SuppressWarnings("exports")  // annotations that users need not have
public final class JdkClientVerifier implements ClientVerifier {
    private final JdkVerifier by;
    private final long policy;
    private byte[] key = new byte[KEY_BYTES];
    private long untilSeconds;

    private JdkClientVerifier(JdkVerifier by, long policy) {
        this.by = by;
        this.policy = policy;
    }

    /// {@return who trusts clients of the certificate authorities of a file, PEM, one or more}
    ///
    /// @throws IOException               it cannot be read
    /// @throws GeneralSecurityException  it holds no certificate
    public static JdkClientVerifier of(Path authorities) throws IOException, GeneralSecurityException {
        JdkVerifier by = JdkVerifier.of(authorities);
        MessageDigest all = MessageDigest.getInstance("SHA-256");
        for (X509Certificate authority : by.authorities()) {
            all.update(authority.getEncoded());
        }
        return new JdkClientVerifier(by, BigEndian.i64(MemorySegment.ofArray(all.digest()), 0));
    }

    @Override
    public ClientVerifier another() {
        return new JdkClientVerifier(by.another(), policy);
    }

    @Override
    public int[] schemes() {
        return by.schemes();
    }

    @Override
    public @Nullable Alert trust(MemorySegment chain, long at, int length, String host) {
        Alert refused = by.trustClient(chain, at, length);
        if (refused == null) {
            try {
                key = MessageDigest.getInstance("SHA-256").digest(by.trusted()[0].getPublicKey().getEncoded());
            } catch (NoSuchAlgorithmException e) {
                return Alert.INTERNAL_ERROR;
            }
            untilSeconds = Long.MAX_VALUE / 1000;
            for (X509Certificate each : by.trusted()) {
                untilSeconds = Math.min(untilSeconds, each.getNotAfter().toInstant().getEpochSecond());
            }
        }
        return refused;
    }

    @Override
    public boolean fits(int scheme) {
        return by.fits(scheme);
    }

    @Override
    public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
            int signatureLength) {
        return by.verifies(scheme, covered, coveredAt, coveredLength, signature, signatureAt, signatureLength);
    }

    @Override
    public void key(MemorySegment target, long at) {
        MemorySegment.copy(key, 0, target, ValueLayout.JAVA_BYTE, at, KEY_BYTES);
    }

    @Override
    public long untilSeconds() {
        return untilSeconds;
    }

    @Override
    public long policy() {
        return policy;
    }
}
