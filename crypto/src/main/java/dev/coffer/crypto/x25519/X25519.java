package dev.coffer.crypto.x25519;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.internal.curve25519.Edwards25519;
import dev.coffer.crypto.internal.curve25519.Field25519;
import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The function X25519 of RFC 7748 section 5 and the agreement of section 6.1. Stateless, thread-safe; 0 heap bytes.
///
/// The private key is any 32 bytes of entropy; they are clamped where they are used, never where they lie. Time and
/// addresses depend on no secret byte. The workspace is any memory of [#WORKSPACE_BYTES] that nobody else uses during
/// the call, off the heap where the key is; it is zero afterwards. Outputs may overlap inputs.
public final class X25519 {
    /// Bytes of a private key (section 6.1).
    public static final int PRIVATE_KEY_BYTES = 32;
    /// Bytes of a public key (section 6.1).
    public static final int PUBLIC_KEY_BYTES = 32;
    /// Bytes of the shared secret (section 6.1).
    public static final int SHARED_BYTES = 32;

    private static final long SCALAR = 0;
    private static final long U = SCALAR + 32;  // u-coordinate in and out, encoded
    private static final long X1 = U + 32;
    private static final long X2 = X1 + Field25519.BYTES;
    private static final long Z2 = X2 + Field25519.BYTES;
    private static final long X3 = Z2 + Field25519.BYTES;
    private static final long Z3 = X3 + Field25519.BYTES;
    private static final long A = Z3 + Field25519.BYTES;
    private static final long B = A + Field25519.BYTES;
    private static final long C = B + Field25519.BYTES;
    private static final long D = C + Field25519.BYTES;
    // The public key comes from the Edwards form, in the same place.
    private static final long POINT = X1;
    private static final long SCRATCH = POINT + Edwards25519.POINT_BYTES;
    /// Bytes of the workspace: scalar and u-coordinate of 32, and the larger of nine elements of the field, for the
    /// ladder, and a point and its scratch, for the public key.
    public static final long WORKSPACE_BYTES =
            Math.max(D + Field25519.BYTES, SCRATCH + Edwards25519.SCRATCH_BYTES);

    /// This code as a [Curve], which another module's may take the place of.
    public static final Curve CURVE = new X25519Curve();

    /// X25519 as a [Kem]: the secret is that of RFC 7748, section 6.1, as in TLS 1.3.
    public static final Kem KEM = CURVE.kem();

    private static final String NAME = "X25519";
    private static final long A24 = 121665;  // (486662 - 2) / 4, section 5
    private static final int BITS = 255;

    private X25519() {}

    /// Computes the public key of a private one: X25519(k, 9), by way of edwards25519, whose base point is that of u =
    /// 9
    /// (section 4.1), for its table.
    ///
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static void publicKey(MemorySegment privateKey, long privateKeyAt, MemorySegment publicKey,
            long publicKeyAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.checkWritable(NAME, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        try {
            clamp(privateKey, privateKeyAt, workspace, at + SCALAR);
            Edwards25519.multiplyBase(workspace, at + POINT, at + SCALAR, at + SCRATCH);
            Edwards25519.encodeMontgomeryU(workspace, at + POINT, workspace, at + U, at + SCRATCH);
            MemorySegment.copy(workspace, at + U, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// Computes the secret that both sides share.
    ///
    /// @return [Agreement#AGREED]; or [Agreement#LOW_ORDER] where the peer's point has small order (the peer's fault),
    ///         and then `shared` is unchanged
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static Agreement agree(MemorySegment privateKey, long privateKeyAt, MemorySegment peer, long peerAt,
            MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.check(NAME, peer, peerAt, PUBLIC_KEY_BYTES);
        Ranges.checkWorkspace(NAME, shared, sharedAt, SHARED_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, peer, peerAt, PUBLIC_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, shared, sharedAt, SHARED_BYTES);
        try {
            clamp(privateKey, privateKeyAt, workspace, at + SCALAR);
            MemorySegment.copy(peer, peerAt, workspace, at + U, PUBLIC_KEY_BYTES);
            ladder(workspace, at);
            if (ConstantTime.isZero(workspace, at + U, SHARED_BYTES)) {  // says only that the peer's point was bad
                return Agreement.LOW_ORDER;
            }
            MemorySegment.copy(workspace, at + U, shared, sharedAt, SHARED_BYTES);
            return Agreement.AGREED;
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// decodeScalar25519 of section 5.
    private static void clamp(MemorySegment privateKey, long privateKeyAt, MemorySegment w, long out) {
        MemorySegment.copy(privateKey, privateKeyAt, w, out, PRIVATE_KEY_BYTES);
        LittleEndian.i64(w, out, LittleEndian.i64(w, out) & ~7L);
        LittleEndian.i64(w, out + 24, LittleEndian.i64(w, out + 24) & ~(1L << 63) | 1L << 62);
    }

    /// The Montgomery ladder of section 5, from the encoded u and the scalar to the encoded result in place of u.
    private static void ladder(MemorySegment w, long at) {
        Field25519.decode(w, at + X1, w, at + U);
        Field25519.set(w, at + X2, 1);
        Field25519.set(w, at + Z2, 0);
        Limbs.copy(w, at + X3, at + X1);
        Field25519.set(w, at + Z3, 1);
        long swap = 0;
        for (int t = BITS - 1; t >= 0; t--) {
            long bit = w.get(ValueLayout.JAVA_BYTE, at + SCALAR + (t >> 3)) >> (t & 7) & 1;
            long mask = -(swap ^ bit);
            Limbs.swapIf(w, mask, at + X2, at + X3);
            Limbs.swapIf(w, mask, at + Z2, at + Z3);
            swap = bit;
            step(w, at);
        }
        Limbs.swapIf(w, -swap, at + X2, at + X3);
        Limbs.swapIf(w, -swap, at + Z2, at + Z3);
        Field25519.invert(w, at + Z2, at + Z2, at + A);  // A, B, C and D are the scratch
        Field25519.multiply(w, at + X2, at + X2, at + Z2);
        Field25519.encode(w, at + X2, w, at + U);
    }

    /// One step: (X2 : Z2) doubled, (X3 : Z3) their sum. Letters of section 5; B holds B, then BB, then E.
    private static void step(MemorySegment w, long at) {
        Limbs.add(w, at + A, at + X2, at + Z2);
        Limbs.subtract(w, at + B, at + X2, at + Z2);
        Limbs.add(w, at + C, at + X3, at + Z3);
        Limbs.subtract(w, at + D, at + X3, at + Z3);
        Field25519.multiply(w, at + D, at + D, at + A);         // DA
        Field25519.multiply(w, at + C, at + C, at + B);         // CB
        Limbs.add(w, at + X3, at + D, at + C);
        Field25519.square(w, at + X3, at + X3);                 // (DA + CB)^2
        Limbs.subtract(w, at + Z3, at + D, at + C);
        Field25519.square(w, at + Z3, at + Z3);
        Field25519.multiply(w, at + Z3, at + Z3, at + X1);      // x1 (DA - CB)^2
        Field25519.square(w, at + A, at + A);                   // AA
        Field25519.square(w, at + B, at + B);                   // BB
        Field25519.multiply(w, at + X2, at + A, at + B);        // AA BB
        Limbs.subtract(w, at + B, at + A, at + B);         // E
        Field25519.multiplySmall(w, at + Z2, at + B, A24);
        Limbs.add(w, at + Z2, at + Z2, at + A);
        Field25519.multiply(w, at + Z2, at + Z2, at + B);       // E (AA + a24 E)
    }
}
