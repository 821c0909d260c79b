package dev.coffer.crypto.p256;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.crypto.internal.limbs.Radix52;
import dev.coffer.crypto.internal.order.OrderField;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// ECDSA on P-256 with SHA-256 (FIPS 186-5 section 6), deterministic (section 6.3, RFC 6979). Stateless, thread-safe; 0
/// heap bytes.
///
/// Signatures here are raw, r and s of 32 bytes each (IEEE P1363); [EcdsaSignature] turns them into DER and back. Time
/// and
/// addresses of signing depend on no bit of the private key or the nonce, save in a case of chance 2^-32, where a nonce
/// is drawn
/// again; verification is for public data. Either s of a pair s, n - s verifies. A workspace is memory that nobody else
/// uses
/// during the call, apart from inputs and outputs, off the heap where the key is; it is zero afterwards.
public final class EcdsaP256 {
    /// Bytes of a raw signature: r, then s.
    public static final int SIGNATURE_BYTES = 64;
    /// Bytes of a digest: SHA-256's.
    public static final int DIGEST_BYTES = 32;
    /// Most bytes of extra entropy (RFC 6979 section 3.6): more than any need for it.
    public static final int EXTRA_BYTES_MAX = 64;

    /// ECDSA on P-256 with SHA-256 as a [Signature]: no context, signatures raw; hedged with fresh entropy, or deterministic.
    public static final Signature SCHEME = new EcdsaP256Scheme(P256.CURVE);

    private static final String NAME = "ECDSA P-256";
    private static final OrderField N = OrderField.P256;

    private static final long SCALAR = 0;                   // the nonce; in verification u1, then r + n
    private static final long ENCODED = SCALAR + 32;        // x, y of a point; in verification u2 and r
    private static final long DIGEST = ENCODED + 64;
    private static final long NUMBER = DIGEST + 32;         // five numbers modulo n
    private static final long POINT = NUMBER + 5 * OrderField.BYTES;
    private static final long NONCE = POINT + P256Point.POINT_BYTES;
    private static final long SCRATCH = NONCE + Rfc6979.STATE_BYTES;
    /// Bytes of the workspace of [#sign] and [#signDigest]: four strings, five numbers, a point, the nonce's state, and
    /// the
    /// larger of the scratches of a point multiplication and an inversion; a hash state fits in.
    public static final long SIGN_WORKSPACE_BYTES =
            SCRATCH + Math.max(P256Point.SCRATCH_BYTES, OrderField.INVERT_BYTES);
    /// Bytes of the workspace of [#verify] and [#verifyDigest]: the same, with the scratch of two point
    /// multiplications.
    public static final long VERIFY_WORKSPACE_BYTES = SCRATCH
            + Math.max(Math.max(P256Public.SCRATCH_BYTES, P256Point.SCRATCH_BYTES), OrderField.INVERT_BYTES);

    private EcdsaP256() {}

    /// {@return [#SCHEME] over another form of the curve, which computes the nonce's point: of the same key, message and entropy the same
    /// signature}
    ///
    /// @throws IllegalArgumentException  another curve, or a form that needs more room than there is (caller's fault)
    public static Signature scheme(Curve curve) {
        if (!curve.name().equals(P256.CURVE.name()) || curve != P256.CURVE && curve.workspaceBytes() > P256Point.SCRATCH_BYTES) {
            throw new IllegalArgumentException(NAME + ": " + curve + " that works in " + curve.workspaceBytes() + " bytes (expected a form of "
                    + P256.CURVE + " that works in " + P256Point.SCRATCH_BYTES + " at most)");
        }
        return new EcdsaP256Scheme(curve);
    }

    /// Signs the SHA-256 digest of a message.
    ///
    /// @param length     bytes of the message, 0 or more
    /// @param signature  room for [#SIGNATURE_BYTES]
    /// @param workspace  [#SIGN_WORKSPACE_BYTES] from `at`
    /// @return false where the private key is 0 or not below n (the fault of who made it); nothing is written then
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static boolean sign(MemorySegment privateKey, long privateKeyAt, MemorySegment message, long messageAt,
            long length, MemorySegment signature, long signatureAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, P256.PRIVATE_KEY_BYTES);
        Ranges.check(NAME, message, messageAt, length);
        Ranges.checkWritable(NAME, signature, signatureAt, SIGNATURE_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, SIGN_WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, privateKey, privateKeyAt, P256.PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, message, messageAt, length);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, signature, signatureAt, SIGNATURE_BYTES);
        Ranges.apart(NAME, privateKey, privateKeyAt, P256.PRIVATE_KEY_BYTES, signature, signatureAt, SIGNATURE_BYTES);
        try {
            Hash.SHA_256.hash(workspace, at + SCRATCH, message, messageAt, length, workspace, at + DIGEST);
            return signed(P256.CURVE, privateKey, privateKeyAt, workspace, 0, 0, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, SIGN_WORKSPACE_BYTES);
        }
    }

    /// Signs a digest of 32 bytes.
    ///
    /// @param extra        bytes that the nonce depends on too (RFC 6979 section 3.6): fresh entropy makes signing
    ///                     hedged
    ///                     against faults
    /// @param extraLength  0 to [#EXTRA_BYTES_MAX]; 0 for the deterministic signature
    /// @param workspace    [#SIGN_WORKSPACE_BYTES] from `at`
    /// @return as of [#sign]
    /// @throws IllegalArgumentException   more extra bytes (caller's fault); nothing is written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static boolean signDigest(MemorySegment privateKey, long privateKeyAt, MemorySegment digest, long digestAt,
            MemorySegment extra, long extraAt, long extraLength, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        return signDigest(P256.CURVE, privateKey, privateKeyAt, digest, digestAt, extra, extraAt, extraLength, signature, signatureAt,
                workspace, at);
    }

    static boolean signDigest(Curve curve, MemorySegment privateKey, long privateKeyAt, MemorySegment digest, long digestAt,
            MemorySegment extra, long extraAt, long extraLength, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, P256.PRIVATE_KEY_BYTES);
        Ranges.check(NAME, digest, digestAt, DIGEST_BYTES);
        Ranges.check(NAME, extra, extraAt, extraLength);
        Ranges.checkWritable(NAME, signature, signatureAt, SIGNATURE_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, SIGN_WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, privateKey, privateKeyAt, P256.PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, digest, digestAt, DIGEST_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, extra, extraAt, extraLength);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, signature, signatureAt, SIGNATURE_BYTES);
        Ranges.apart(NAME, privateKey, privateKeyAt, P256.PRIVATE_KEY_BYTES, signature, signatureAt, SIGNATURE_BYTES);
        if (extraLength > EXTRA_BYTES_MAX) {
            throw new IllegalArgumentException(
                    NAME + ": " + extraLength + " extra bytes (expected at most " + EXTRA_BYTES_MAX + ")");
        }
        try {
            MemorySegment.copy(digest, digestAt, workspace, at + DIGEST, DIGEST_BYTES);
            return signed(curve, privateKey, privateKeyAt, extra, extraAt, extraLength, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, SIGN_WORKSPACE_BYTES);
        }
    }

    /// FIPS 186-5 section 6.4.1, from DIGEST: s = (e + r d) / k.
    private static boolean signed(Curve curve, MemorySegment privateKey, long privateKeyAt, MemorySegment extra, long extraAt,
            long extraLength, MemorySegment signature, long signatureAt, MemorySegment w, long at) {
        long d = at + NUMBER;
        long e = d + OrderField.BYTES;
        long k = e + OrderField.BYTES;
        long r = k + OrderField.BYTES;
        long s = r + OrderField.BYTES;
        Radix52.decodeBigEndian(w, d, privateKey, privateKeyAt);
        if ((N.maskBelow(w, d) & ~Limbs.maskZero(w, d)) == 0) {
            return false;
        }
        Radix52.decodeBigEndian(w, e, w, at + DIGEST);
        N.reduce(w, e, e);
        Radix52.encodeBigEndian(w, e, w, at + DIGEST);  // bits2octets of RFC 6979 section 2.3.4
        Rfc6979.begin(w, at + NONCE, privateKey, privateKeyAt, at + DIGEST, extra, extraAt, extraLength);
        N.enter(w, d, d);
        N.enter(w, e, e);
        for (;; Rfc6979.again(w, at + NONCE)) {
            Rfc6979.draw(w, at + NONCE, at + SCALAR, k);
            pointOfNonce(curve, w, at);
            Radix52.decodeBigEndian(w, r, w, at + ENCODED);
            N.reduce(w, r, r);
            Radix52.encodeBigEndian(w, r, w, at + ENCODED);
            N.enter(w, k, k);
            N.invert(w, s, k, at + SCRATCH);
            N.enter(w, k, r);
            N.multiply(w, k, k, d);
            Limbs.add(w, k, k, e);
            N.multiply(w, s, s, k);
            N.leave(w, s, s);
            if ((Limbs.maskZero(w, r) | Limbs.maskZero(w, s)) == 0) {  // of no use, and of no known example
                break;
            }
        }
        Radix52.encodeBigEndian(w, s, w, at + ENCODED + 32);
        MemorySegment.copy(w, at + ENCODED, signature, signatureAt, SIGNATURE_BYTES);
        return true;
    }

    /// From SCALAR to x in ENCODED: the nonce is a private key for this once. Where another form fails, ours does it, without the checks and
    /// the wipe in between.
    private static void pointOfNonce(Curve curve, MemorySegment w, long at) {
        if (curve != P256.CURVE && curve.publicKey(w, at + SCALAR, w, at + POINT, w, at + SCRATCH)) {
            MemorySegment.copy(w, at + POINT + 1, w, at + ENCODED, P256.SHARED_BYTES);
        } else {
            P256Point.multiplyBase(w, at + POINT, at + SCALAR, at + SCRATCH);
            P256Point.encodeX(w, at + POINT, w, at + ENCODED, at + SCRATCH);
        }
    }

    /// Verifies a signature of the SHA-256 digest of a message. All of it is public.
    ///
    /// @param publicKeyLength  bytes of the public key, in any form
    /// @param signatureLength  bytes of the raw signature; another number than [#SIGNATURE_BYTES] verifies as false
    /// @param workspace        [#VERIFY_WORKSPACE_BYTES] from `at`
    /// @return whether the key is a point and the signature valid; false is the fault of who sent them, or of who
    /// changed
    ///         something on the way
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static boolean verify(MemorySegment publicKey, long publicKeyAt, long publicKeyLength,
            MemorySegment message, long messageAt, long length, MemorySegment signature, long signatureAt,
            long signatureLength, MemorySegment workspace, long at) {
        Ranges.check(NAME, message, messageAt, length);
        check(publicKey, publicKeyAt, publicKeyLength, signature, signatureAt, signatureLength, workspace, at);
        Ranges.apart(NAME, workspace, at, VERIFY_WORKSPACE_BYTES, message, messageAt, length);
        try {
            Hash.SHA_256.hash(workspace, at + SCRATCH, message, messageAt, length, workspace, at + DIGEST);
            return verified(publicKey, publicKeyAt, publicKeyLength, signature, signatureAt, signatureLength,
                    workspace, at);
        } finally {
            Wipe.bytes(workspace, at, VERIFY_WORKSPACE_BYTES);
        }
    }

    /// Verifies a signature of a digest of 32 bytes. All of it is public; otherwise as [#verify].
    public static boolean verifyDigest(MemorySegment publicKey, long publicKeyAt, long publicKeyLength,
            MemorySegment digest, long digestAt, MemorySegment signature, long signatureAt, long signatureLength,
            MemorySegment workspace, long at) {
        Ranges.check(NAME, digest, digestAt, DIGEST_BYTES);
        check(publicKey, publicKeyAt, publicKeyLength, signature, signatureAt, signatureLength, workspace, at);
        Ranges.apart(NAME, workspace, at, VERIFY_WORKSPACE_BYTES, digest, digestAt, DIGEST_BYTES);
        try {
            MemorySegment.copy(digest, digestAt, workspace, at + DIGEST, DIGEST_BYTES);
            return verified(publicKey, publicKeyAt, publicKeyLength, signature, signatureAt, signatureLength,
                    workspace, at);
        } finally {
            Wipe.bytes(workspace, at, VERIFY_WORKSPACE_BYTES);
        }
    }

    private static void check(MemorySegment publicKey, long publicKeyAt, long publicKeyLength,
            MemorySegment signature, long signatureAt, long signatureLength, MemorySegment workspace, long at) {
        Ranges.check(NAME, publicKey, publicKeyAt, publicKeyLength);
        Ranges.check(NAME, signature, signatureAt, signatureLength);
        Ranges.checkWorkspace(NAME, workspace, at, VERIFY_WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, VERIFY_WORKSPACE_BYTES, publicKey, publicKeyAt, publicKeyLength);
        Ranges.apart(NAME, workspace, at, VERIFY_WORKSPACE_BYTES, signature, signatureAt, signatureLength);
    }

    /// FIPS 186-5 section 6.4.2, from DIGEST: x of (e / s) G + (r / s) Q is r.
    private static boolean verified(MemorySegment publicKey, long publicKeyAt, long publicKeyLength,
            MemorySegment signature, long signatureAt, long signatureLength, MemorySegment w, long at) {
        if (signatureLength != SIGNATURE_BYTES
                || !P256Point.decode(w, at + POINT, publicKey, publicKeyAt, publicKeyLength, at + SCRATCH)) {
            return false;
        }
        long r = at + NUMBER;
        long s = r + OrderField.BYTES;
        long u = s + OrderField.BYTES;
        Radix52.decodeBigEndian(w, r, signature, signatureAt);
        Radix52.decodeBigEndian(w, s, signature, signatureAt + 32);
        if ((N.maskBelow(w, r) & N.maskBelow(w, s)) == 0
                || (Limbs.maskZero(w, r) | Limbs.maskZero(w, s)) != 0) {
            return false;
        }
        Radix52.encodeBigEndian(w, r, w, at + ENCODED + 32);
        N.enter(w, s, s);
        N.invert(w, s, s, at + SCRATCH);
        Radix52.decodeBigEndian(w, u, w, at + DIGEST);
        N.enter(w, u, u);
        N.multiply(w, u, u, s);
        N.leave(w, u, u);
        Radix52.encodeBigEndian(w, u, w, at + SCALAR);
        N.enter(w, u, r);
        N.multiply(w, u, u, s);
        N.leave(w, u, u);
        Radix52.encodeBigEndian(w, u, w, at + ENCODED);
        P256Public.multiplyTwo(w, at + POINT, at + SCALAR, at + ENCODED, at + SCRATCH);
        boolean wraps = N.addOrder(w, r);
        Radix52.encodeBigEndian(w, r, w, at + SCALAR);
        return P256Public.hasX(w, at + POINT, at + ENCODED + 32, wraps ? -1 : at + SCALAR, at + SCRATCH);
    }
}
