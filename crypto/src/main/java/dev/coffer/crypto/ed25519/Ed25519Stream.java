package dev.coffer.crypto.ed25519;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.ConstantTime;
import java.lang.foreign.MemorySegment;

/// Ed25519 (RFC 8032 section 5.1) of a message that comes in pieces, over the caller's memory.
///
/// ```
///   startVerifying -> update* -> verify                              one reading
///   startSigning   -> update* -> readAgain -> update* -> sign        two readings of one message
/// ```
///
/// Signing takes the message twice, as R is a hash of it and S of both. Were the second reading another message, the two
/// answers to one R would give the private key away: so the second reading is also hashed as the first was, and
/// [#sign] releases a signature only where both agree. The signatures are those of [Ed25519].
///
/// For one thread at a time; 0 heap bytes a call. Everything lies in the memory given, is secret while signing, and is
/// wiped by [#sign], [#verify] and [#close].
public final class Ed25519Stream implements AutoCloseable {
    private static final Hash SHA = Ed25519.SHA;
    private static final long AGAIN = Math.max(Ed25519.SIGN_WORKSPACE_BYTES, Ed25519.VERIFY_WORKSPACE_BYTES);
    private static final long FIRST_DIGEST = AGAIN + Hash.STATE_BYTES_MAX;
    private static final int DIGEST_BYTES = 64;
    /// Bytes of memory: a workspace of [Ed25519], the hash of the second reading, the digest of the first.
    public static final long MEMORY_BYTES = FIRST_DIGEST + DIGEST_BYTES;

    private enum Phase { IDLE, FIRST_READING, SECOND_READING, VERIFYING }

    private final MemorySegment memory;
    private final long at;
    private Phase phase = Phase.IDLE;
    private boolean possible;  // the key is a point and the signature's number below L

    /// @param memory  [#MEMORY_BYTES] from `at`, writable, this object's until it is closed
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    public Ed25519Stream(MemorySegment memory, long at) {
        Ranges.checkWorkspace(Ed25519.NAME, memory, at, MEMORY_BYTES);
        this.memory = memory;
        this.at = at;
    }

    /// Begins to sign; what was begun before is forgotten.
    ///
    /// @param publicKey  the private key's own, as of [Ed25519#sign]
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void startSigning(MemorySegment privateKey, long privateKeyAt, MemorySegment publicKey, long publicKeyAt) {
        Ranges.checkSecret(Ed25519.NAME, privateKey, privateKeyAt, Ed25519.PRIVATE_KEY_BYTES);
        Ranges.check(Ed25519.NAME, publicKey, publicKeyAt, Ed25519.PUBLIC_KEY_BYTES);
        checkApart(privateKey, privateKeyAt, Ed25519.PRIVATE_KEY_BYTES);
        checkApart(publicKey, publicKeyAt, Ed25519.PUBLIC_KEY_BYTES);
        boolean begun = false;
        try {
            Ed25519.expand(privateKey, privateKeyAt, memory, at);
            MemorySegment.copy(publicKey, publicKeyAt, memory, at + Ed25519.PUBLIC, Ed25519.PUBLIC_KEY_BYTES);
            SHA.init(memory, at + Ed25519.STATE);
            SHA.update(memory, at + Ed25519.STATE, memory, at + Ed25519.PREFIX, 32);
            phase = Phase.FIRST_READING;
            begun = true;
        } finally {
            if (!begun) {  // a key whose memory is gone leaves no half of itself behind
                close();
            }
        }
    }

    /// Begins to verify; what was begun before is forgotten.
    ///
    /// @param signature  [Ed25519#SIGNATURE_BYTES] bytes
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    public void startVerifying(MemorySegment publicKey, long publicKeyAt, MemorySegment signature, long signatureAt) {
        Ranges.check(Ed25519.NAME, publicKey, publicKeyAt, Ed25519.PUBLIC_KEY_BYTES);
        Ranges.check(Ed25519.NAME, signature, signatureAt, Ed25519.SIGNATURE_BYTES);
        checkApart(publicKey, publicKeyAt, Ed25519.PUBLIC_KEY_BYTES);
        checkApart(signature, signatureAt, Ed25519.SIGNATURE_BYTES);
        close();
        possible = Ed25519.beginVerifying(publicKey, publicKeyAt, signature, signatureAt, memory, at);
        phase = Phase.VERIFYING;
    }

    /// Takes the next piece of the message, of any length.
    ///
    /// @throws IllegalStateException      nothing was begun (caller's fault)
    /// @throws IndexOutOfBoundsException  the range does not lie in its segment (caller's fault); nothing is taken
    /// @throws IllegalArgumentException   it lies in the stream's own memory (caller's fault); nothing is taken
    public void update(MemorySegment message, long messageAt, long length) {
        if (phase == Phase.IDLE) {
            throw new IllegalStateException("Ed25519: a piece of a message before signing or verifying was begun");
        }
        Ranges.check(Ed25519.NAME, message, messageAt, length);
        checkApart(message, messageAt, length);
        SHA.update(memory, at + Ed25519.STATE, message, messageAt, length);
        if (phase == Phase.SECOND_READING) {
            SHA.update(memory, at + AGAIN, message, messageAt, length);
        }
    }

    /// Ends the first reading of a message to sign; the same pieces, or others of the same bytes, follow once more.
    ///
    /// @throws IllegalStateException  not in the first reading (caller's fault)
    public void readAgain() {
        expect(Phase.FIRST_READING);
        SHA.digest(memory, at + Ed25519.STATE, memory, at + Ed25519.DIGEST);
        MemorySegment.copy(memory, at + Ed25519.DIGEST, memory, at + FIRST_DIGEST, DIGEST_BYTES);
        Ed25519.commit(memory, at);
        Ed25519.challenge(memory, at);
        SHA.init(memory, at + AGAIN);
        SHA.update(memory, at + AGAIN, memory, at + Ed25519.PREFIX, 32);
        phase = Phase.SECOND_READING;
    }

    /// Ends the second reading and wipes the memory.
    ///
    /// @param signature  room for [Ed25519#SIGNATURE_BYTES]
    /// @return false where the two readings were not of one message (the fault of who changed it); nothing is written
    /// @throws IllegalStateException      not in the second reading (caller's fault)
    /// @throws IndexOutOfBoundsException  no room (caller's fault); nothing is written
    public boolean sign(MemorySegment signature, long signatureAt) {
        expect(Phase.SECOND_READING);
        Ranges.checkWritable(Ed25519.NAME, signature, signatureAt, Ed25519.SIGNATURE_BYTES);
        checkApart(signature, signatureAt, Ed25519.SIGNATURE_BYTES);
        try {
            SHA.digest(memory, at + AGAIN, memory, at + Ed25519.DIGEST);
            if (!ConstantTime.equal(memory, at + Ed25519.DIGEST, memory, at + FIRST_DIGEST, DIGEST_BYTES)) {
                return false;
            }
            SHA.digest(memory, at + Ed25519.STATE, memory, at + Ed25519.DIGEST);
            Ed25519.answer(signature, signatureAt, memory, at);
            return true;
        } finally {
            close();
        }
    }

    /// Ends the reading of a message and wipes the memory.
    ///
    /// @return whether the signature is valid
    /// @throws IllegalStateException  nothing is being verified (caller's fault)
    public boolean verify() {
        expect(Phase.VERIFYING);
        try {
            SHA.digest(memory, at + Ed25519.STATE, memory, at + Ed25519.DIGEST);
            return possible && Ed25519.verified(memory, at);
        } finally {
            close();
        }
    }

    /// Refuses a range of the caller's in the stream's own memory.
    private void checkApart(MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(Ed25519.NAME, memory, at, MEMORY_BYTES, segment, segmentAt, length);
    }

    private void expect(Phase expected) {
        if (phase != expected) {
            throw new IllegalStateException("Ed25519: " + phase + " (expected " + expected + ")");
        }
    }

    /// Wipes everything; another message may be begun. Twice is harmless; so is closing after the memory.
    @Override
    public void close() {
        phase = Phase.IDLE;
        Ending.wipe(memory, at, MEMORY_BYTES);
    }

    @Override
    public String toString() {
        return "Ed25519Stream[" + phase + "]";
    }
}
