package dev.coffer.crypto.p256;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.crypto.internal.limbs.Radix52;
import dev.coffer.crypto.internal.order.OrderField;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Key pairs of P-256 and ECDH on them. Stateless, thread-safe; 0 heap bytes.
///
/// A private key is 32 bytes big-endian, 1 to n - 1; time and addresses depend on no bit of it. A public key is 65
/// bytes,
/// 4, x, y, or 33 bytes, 2 or 3, x (SEC 1 section 2.3.3). A workspace is memory that nobody else uses during the call,
/// apart from inputs and outputs, off the heap where the key is; it is zero afterwards.
public final class P256 {
    /// Bytes of a private key: ceil(log2(n) / 8).
    public static final int PRIVATE_KEY_BYTES = 32;
    /// Bytes of an uncompressed public key.
    public static final int PUBLIC_KEY_BYTES = 1 + 2 * 32;
    /// Bytes of a compressed public key.
    public static final int COMPRESSED_BYTES = 1 + 32;
    /// Bytes of the shared secret: x of the shared point.
    public static final int SHARED_BYTES = 32;

    /// This code as a [Curve], which another module's may take the place of.
    public static final Curve CURVE = new P256Curve();

    /// ECDH as a [Kem]: uncompressed public keys, the secret is x of the shared point, as in TLS 1.3.
    public static final Kem KEM = CURVE.kem();

    private static final String NAME = "P-256";
    private static final OrderField N = OrderField.P256;

    private static final long SCALAR = 0;
    private static final long ENCODED = SCALAR + 32;  // a point, x and y
    private static final long NUMBER = ENCODED + 64;
    private static final long POINT = NUMBER + OrderField.BYTES;
    private static final long SCRATCH = POINT + P256Point.POINT_BYTES;
    /// Bytes of the workspace: two strings, a number, a point, and the scratch of a point multiplication, which holds
    /// sixteen
    /// multiples of the peer's point.
    public static final long WORKSPACE_BYTES = SCRATCH + P256Point.MULTIPLY_BYTES;

    private P256() {}

    /// Makes a private key of random bytes by testing candidates (FIPS 186-5 section A.2.2): c + 1 for c up to n - 2.
    ///
    /// @param entropy  32 bytes, used for nothing else
    /// @return false where the bytes are above n - 2 (one in 2^32): take others; `privateKey` is unchanged then
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static boolean privateKey(MemorySegment entropy, long entropyAt, MemorySegment privateKey,
            long privateKeyAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, entropy, entropyAt, PRIVATE_KEY_BYTES);
        Ranges.checkWorkspace(NAME, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, entropy, entropyAt, PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        long number = at + NUMBER;
        try {
            Radix52.decodeBigEndian(workspace, number, entropy, entropyAt);
            OrderField.increment(workspace, number);
            if (N.maskBelow(workspace, number) == 0) {  // tells nothing of a key that is used
                return false;
            }
            Radix52.encodeBigEndian(workspace, number, privateKey, privateKeyAt);
            return true;
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// Computes the public key of a private one, uncompressed.
    ///
    /// @return false where the private key is 0 or not below n (the fault of who made it); nothing is written then
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static boolean publicKey(MemorySegment privateKey, long privateKeyAt, MemorySegment publicKey,
            long publicKeyAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.checkWritable(NAME, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        try {
            if (!scalar(privateKey, privateKeyAt, workspace, at)) {
                return false;
            }
            P256Point.multiplyBase(workspace, at + POINT, at + SCALAR, at + SCRATCH);
            P256Point.encode(workspace, at + POINT, workspace, at + ENCODED, at + SCRATCH);
            publicKey.set(ValueLayout.JAVA_BYTE, publicKeyAt, (byte) 4);
            MemorySegment.copy(workspace, at + ENCODED, publicKey, publicKeyAt + 1, 64);
            return true;
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// Computes the secret that both sides share: x of the product.
    ///
    /// @param peerLength  bytes of the peer's public key, in any form
    /// @return [Agreement#AGREED]; or [Agreement#NO_POINT] (the peer's fault) or [Agreement#BAD_PRIVATE_KEY], and then
    ///         `shared` is unchanged
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static Agreement agree(MemorySegment privateKey, long privateKeyAt, MemorySegment peer, long peerAt,
            long peerLength, MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.check(NAME, peer, peerAt, peerLength);
        Ranges.checkWorkspace(NAME, shared, sharedAt, SHARED_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, peer, peerAt, peerLength);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, shared, sharedAt, SHARED_BYTES);
        try {
            if (!P256Point.decode(workspace, at + POINT, peer, peerAt, peerLength, at + SCRATCH)) {
                return Agreement.NO_POINT;
            }
            if (!scalar(privateKey, privateKeyAt, workspace, at)) {
                return Agreement.BAD_PRIVATE_KEY;
            }
            P256Point.multiply(workspace, at + POINT, at + SCALAR, at + SCRATCH);
            P256Point.encodeX(workspace, at + POINT, workspace, at + ENCODED, at + SCRATCH);
            MemorySegment.copy(workspace, at + ENCODED, shared, sharedAt, SHARED_BYTES);
            return Agreement.AGREED;
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// Reads a public key in any form, checks that it is a point of the curve, and writes it uncompressed.
    ///
    /// @param length  bytes of the encoding
    /// @return false where it is none (the fault of who made it); nothing is written then
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static boolean decompress(MemorySegment encoded, long encodedAt, long length, MemorySegment publicKey,
            long publicKeyAt, MemorySegment workspace, long at) {
        Ranges.check(NAME, encoded, encodedAt, length);
        Ranges.checkWritable(NAME, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, encoded, encodedAt, length);
        Ranges.apart(NAME, workspace, at, WORKSPACE_BYTES, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        try {
            if (!P256Point.decode(workspace, at + POINT, encoded, encodedAt, length, at + SCRATCH)) {
                return false;
            }
            P256Point.encode(workspace, at + POINT, workspace, at + ENCODED, at + SCRATCH);
            publicKey.set(ValueLayout.JAVA_BYTE, publicKeyAt, (byte) 4);
            MemorySegment.copy(workspace, at + ENCODED, publicKey, publicKeyAt + 1, 64);
            return true;
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    /// Copies the private key to SCALAR. The answer is one bit: is it 1 to n - 1.
    private static boolean scalar(MemorySegment privateKey, long privateKeyAt, MemorySegment w, long at) {
        MemorySegment.copy(privateKey, privateKeyAt, w, at + SCALAR, PRIVATE_KEY_BYTES);
        Radix52.decodeBigEndian(w, at + NUMBER, w, at + SCALAR);
        return (N.maskBelow(w, at + NUMBER) & ~Limbs.maskZero(w, at + NUMBER)) != 0;
    }
}
