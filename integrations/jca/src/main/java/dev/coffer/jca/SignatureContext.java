package dev.coffer.jca;

import java.security.spec.AlgorithmParameterSpec;

/// What a signature of ML-DSA or SLH-DSA is for (FIPS 204, section 5.2; FIPS 205, section 10.2): handed to `Signature.setParameter` before the
/// message. Both sides must name the same. Immutable.
public final class SignatureContext implements AlgorithmParameterSpec {
    /// Bytes of the longest context.
    public static final int BYTES_MAX = 255;

    private final byte[] context;

    /// @param context  0 to [#BYTES_MAX] bytes, of which a copy is kept
    /// @throws IllegalArgumentException  more bytes (caller's fault)
    public SignatureContext(byte[] context) {
        if (context.length > BYTES_MAX) {
            throw new IllegalArgumentException("context of " + context.length + " bytes (expected at most " + BYTES_MAX + ")");
        }
        this.context = context.clone();
    }

    /// {@return a copy of the bytes}
    public byte[] context() {
        return context.clone();
    }
}
