package dev.coffer.crypto.ed25519;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.internal.curve25519.Edwards25519;
import dev.coffer.crypto.internal.limbs.Limbs;
import dev.coffer.crypto.internal.limbs.Radix52;
import dev.coffer.crypto.internal.order.OrderField;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Ed25519 (RFC 8032 section 5.1). Stateless, thread-safe; 0 heap bytes.
///
/// A private key is any 32 bytes of entropy. Time and addresses depend on no bit of it, nor of what is made of it;
/// verification is for public data and takes a time that depends on it. A workspace is memory that nobody else uses
/// during
/// the call, apart from inputs and outputs, off the heap where the key is; it is zero afterwards.
public final class Ed25519 {
    /// Bytes of a private key (section 5.1.5): b = 256 bits.
    public static final int PRIVATE_KEY_BYTES = 32;
    /// Bytes of a public key (section 5.1.5).
    public static final int PUBLIC_KEY_BYTES = 32;
    /// Bytes of a signature (section 5.1.6): R, then S.
    public static final int SIGNATURE_BYTES = 64;

    /// Ed25519 as a [Signature]: no context; a private key of 64 bytes, seed and public key.
    public static final Signature SCHEME = new Ed25519Scheme();

    static final String NAME = "Ed25519";
    private static final OrderField L = OrderField.EDWARDS25519;
    static final Hash SHA = Hash.SHA_512;
    private static final int R = 0;
    private static final int S = 32;

    private static final long SCALAR = 0;                  // s of section 5.1.5, clamped, little-endian
    static final long PREFIX = SCALAR + 32;        // the other half of the hash
    static final long DIGEST = PREFIX + 32;        // of 64 bytes; r and k come from it
    private static final long NONCE = DIGEST + 64;         // r, reduced, little-endian
    static final long PUBLIC = NONCE + 32;         // A, encoded
    private static final long ENCODED_R = PUBLIC + 32;
    private static final long NUMBER = ENCODED_R + 32;     // three elements modulo L
    private static final long POINT = NUMBER + 3 * OrderField.BYTES;
    static final long STATE = POINT + Edwards25519.POINT_BYTES;
    private static final long SCRATCH = STATE + Hash.STATE_BYTES_MAX;
    /// Bytes of the workspace of [#publicKey] and [#sign]: seven strings, three numbers modulo L, a point, a hash
    /// state, and
    /// the scratch of a point multiplication.
    public static final long SIGN_WORKSPACE_BYTES = SCRATCH + Edwards25519.SCRATCH_BYTES;
    /// Bytes of the workspace of [#verify]: the same, with eight multiples of A and two lists of digits.
    public static final long VERIFY_WORKSPACE_BYTES = SCRATCH + Edwards25519.TWO_BYTES;

    private Ed25519() {}

    /// Computes the public key of a private one (section 5.1.5).
    ///
    /// @param workspace  [#SIGN_WORKSPACE_BYTES] from `at`
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static void publicKey(MemorySegment privateKey, long privateKeyAt, MemorySegment publicKey,
            long publicKeyAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.checkWritable(NAME, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, SIGN_WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        try {
            expand(privateKey, privateKeyAt, workspace, at);
            derive(workspace, at);
            MemorySegment.copy(workspace, at + PUBLIC, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        } finally {
            Wipe.bytes(workspace, at, SIGN_WORKSPACE_BYTES);
        }
    }

    /// Signs with a private key alone: derives the public key first, at the price of one more point multiplication.
    ///
    /// @param message    public or not; read twice, so it must not change during the call
    /// @param length     bytes of the message, 0 or more
    /// @param signature  room for [#SIGNATURE_BYTES]; apart from the message
    /// @param workspace  [#SIGN_WORKSPACE_BYTES] from `at`
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static void sign(MemorySegment privateKey, long privateKeyAt, MemorySegment message, long messageAt,
            long length, MemorySegment signature, long signatureAt, MemorySegment workspace, long at) {
        check(privateKey, privateKeyAt, message, messageAt, length, signature, signatureAt, workspace, at);
        try {
            expand(privateKey, privateKeyAt, workspace, at);
            derive(workspace, at);
            sign(message, messageAt, length, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, SIGN_WORKSPACE_BYTES);
        }
    }

    /// Signs with a private key and the public key that was made of it.
    ///
    /// **The public key must be the private key's own.** Two signatures of one message under two public keys give the
    /// private key away; never take the public key from where an attacker may write.
    ///
    /// @param message    as above
    /// @param signature  as above
    /// @param workspace  [#SIGN_WORKSPACE_BYTES] from `at`
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static void sign(MemorySegment privateKey, long privateKeyAt, MemorySegment publicKey, long publicKeyAt,
            MemorySegment message, long messageAt, long length, MemorySegment signature, long signatureAt,
            MemorySegment workspace, long at) {
        Ranges.check(NAME, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        check(privateKey, privateKeyAt, message, messageAt, length, signature, signatureAt, workspace, at);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        try {
            expand(privateKey, privateKeyAt, workspace, at);
            MemorySegment.copy(publicKey, publicKeyAt, workspace, at + PUBLIC, PUBLIC_KEY_BYTES);
            sign(message, messageAt, length, signature, signatureAt, workspace, at);
        } finally {
            Wipe.bytes(workspace, at, SIGN_WORKSPACE_BYTES);
        }
    }

    private static void check(MemorySegment privateKey, long privateKeyAt, MemorySegment message, long messageAt,
            long length, MemorySegment signature, long signatureAt, MemorySegment workspace, long at) {
        Ranges.checkSecret(NAME, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.check(NAME, message, messageAt, length);
        Ranges.checkWritable(NAME, signature, signatureAt, SIGNATURE_BYTES);
        Ranges.checkWorkspace(NAME, workspace, at, SIGN_WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, privateKey, privateKeyAt, PRIVATE_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, message, messageAt, length);
        Ranges.apart(NAME, workspace, at, SIGN_WORKSPACE_BYTES, signature, signatureAt, SIGNATURE_BYTES);
        Ranges.apart(NAME, privateKey, privateKeyAt, PRIVATE_KEY_BYTES, signature, signatureAt, SIGNATURE_BYTES);
        Ranges.apart(NAME, message, messageAt, length, signature, signatureAt, SIGNATURE_BYTES);
    }

    /// Section 5.1.5, steps 1 and 2: SCALAR and PREFIX.
    static void expand(MemorySegment privateKey, long privateKeyAt, MemorySegment w, long at) {
        SHA.hash(w, at + STATE, privateKey, privateKeyAt, PRIVATE_KEY_BYTES, w, at + SCALAR);
        LittleEndian.i64(w, at + SCALAR, LittleEndian.i64(w, at + SCALAR) & ~7L);
        LittleEndian.i64(w, at + SCALAR + 24, LittleEndian.i64(w, at + SCALAR + 24) & ~(1L << 63) | 1L << 62);
    }

    /// Section 5.1.5, steps 3 and 4: PUBLIC from SCALAR.
    private static void derive(MemorySegment w, long at) {
        Edwards25519.multiplyBase(w, at + POINT, at + SCALAR, at + SCRATCH);
        Edwards25519.encode(w, at + POINT, w, at + PUBLIC, at + SCRATCH);
    }

    /// Section 5.1.6, steps 2 to 6, from SCALAR, PREFIX and PUBLIC.
    private static void sign(MemorySegment message, long messageAt, long length, MemorySegment signature,
            long signatureAt, MemorySegment w, long at) {
        SHA.init(w, at + STATE);
        SHA.update(w, at + STATE, w, at + PREFIX, 32);
        digest(message, messageAt, length, w, at);
        commit(w, at);
        challenge(w, at);
        digest(message, messageAt, length, w, at);
        answer(signature, signatureAt, w, at);
    }

    /// Steps 2 and 3, from DIGEST of prefix and message: r, and ENCODED_R.
    static void commit(MemorySegment w, long at) {
        long r = at + NUMBER;
        wide(w, r, at, r + 2 * OrderField.BYTES);
        L.leave(w, r + OrderField.BYTES, r);
        Radix52.encodeLittleEndian(w, r + OrderField.BYTES, w, at + NONCE);
        Edwards25519.multiplyBase(w, at + POINT, at + NONCE, at + SCRATCH);
        Edwards25519.encode(w, at + POINT, w, at + ENCODED_R, at + SCRATCH);
    }

    /// Begins the hash of step 4: R and A; the message follows.
    static void challenge(MemorySegment w, long at) {
        SHA.init(w, at + STATE);
        SHA.update(w, at + STATE, w, at + ENCODED_R, 32);
        SHA.update(w, at + STATE, w, at + PUBLIC, 32);
    }

    /// Steps 4 to 6, from DIGEST of R, A and message: the signature.
    static void answer(MemorySegment signature, long signatureAt, MemorySegment w, long at) {
        long r = at + NUMBER;
        long k = r + OrderField.BYTES;
        long s = k + OrderField.BYTES;
        wide(w, k, at, s);
        Radix52.decodeLittleEndian(w, s, w, at + SCALAR);
        L.enter(w, s, s);
        L.multiply(w, s, s, k);
        Limbs.add(w, s, s, r);
        L.leave(w, s, s);
        Radix52.encodeLittleEndian(w, s, w, at + NONCE);
        MemorySegment.copy(w, at + ENCODED_R, signature, signatureAt + R, 32);
        MemorySegment.copy(w, at + NONCE, signature, signatureAt + S, 32);
    }

    private static void digest(MemorySegment message, long messageAt, long length, MemorySegment w, long at) {
        SHA.update(w, at + STATE, message, messageAt, length);
        SHA.digest(w, at + STATE, w, at + DIGEST);
    }

    /// Takes DIGEST, a number of 512 bits, modulo L.
    private static void wide(MemorySegment w, long out, long at, long high) {
        Radix52.decodeLittleEndian(w, out, w, at + DIGEST);
        Radix52.decodeLittleEndian(w, high, w, at + DIGEST + 32);
        L.enterWide(w, out, out, high);
    }

    /// Verifies a signature (section 5.1.7; see the package for the equation). All of it is public.
    ///
    /// @param signatureLength  bytes of the signature; another number than [#SIGNATURE_BYTES] verifies as false
    /// @param workspace        [#VERIFY_WORKSPACE_BYTES] from `at`
    /// @return whether the signature is valid; false is the signer's fault, or that of who changed something on the way
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public static boolean verify(MemorySegment publicKey, long publicKeyAt, MemorySegment message, long messageAt,
            long length, MemorySegment signature, long signatureAt, long signatureLength, MemorySegment workspace,
            long at) {
        Ranges.check(NAME, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        Ranges.check(NAME, message, messageAt, length);
        Ranges.check(NAME, signature, signatureAt, signatureLength);
        Ranges.checkWorkspace(NAME, workspace, at, VERIFY_WORKSPACE_BYTES);
        Ranges.apart(NAME, workspace, at, VERIFY_WORKSPACE_BYTES, publicKey, publicKeyAt, PUBLIC_KEY_BYTES);
        Ranges.apart(NAME, workspace, at, VERIFY_WORKSPACE_BYTES, message, messageAt, length);
        Ranges.apart(NAME, workspace, at, VERIFY_WORKSPACE_BYTES, signature, signatureAt, signatureLength);
        try {
            if (signatureLength != SIGNATURE_BYTES || !beginVerifying(publicKey, publicKeyAt, signature, signatureAt, workspace, at)) {
                return false;
            }
            digest(message, messageAt, length, workspace, at);
            return verified(workspace, at);
        } finally {
            Wipe.bytes(workspace, at, VERIFY_WORKSPACE_BYTES);
        }
    }

    /// Section 5.1.7, step 1, and the beginning of step 2's hash; the message follows.
    ///
    /// @return false where the signature's number or the key is none
    static boolean beginVerifying(MemorySegment publicKey, long publicKeyAt, MemorySegment signature, long signatureAt,
            MemorySegment w, long at) {
        MemorySegment.copy(signature, signatureAt + R, w, at + ENCODED_R, 32);
        MemorySegment.copy(signature, signatureAt + S, w, at + SCALAR, 32);
        MemorySegment.copy(publicKey, publicKeyAt, w, at + PUBLIC, 32);
        long s = at + NUMBER + OrderField.BYTES;
        Radix52.decodeLittleEndian(w, s, w, at + SCALAR);
        challenge(w, at);
        return L.maskBelow(w, s) != 0 && Edwards25519.decode(w, at + POINT, w, at + PUBLIC, at + SCRATCH);
    }

    /// Section 5.1.7, step 3, from DIGEST of R, A and message.
    static boolean verified(MemorySegment w, long at) {
        long k = at + NUMBER;
        wide(w, k, at, k + OrderField.BYTES);
        L.leave(w, k, k);
        Radix52.encodeLittleEndian(w, k, w, at + NONCE);
        Edwards25519.negate(w, at + POINT);
        Edwards25519.multiplyTwo(w, at + POINT, at + NONCE, at + SCALAR, at + SCRATCH);
        Edwards25519.encode(w, at + POINT, w, at + DIGEST, at + SCRATCH);
        return ConstantTime.equal(w, at + DIGEST, w, at + ENCODED_R, 32);
    }
}
