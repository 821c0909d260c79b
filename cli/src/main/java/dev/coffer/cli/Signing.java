package dev.coffer.cli;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.ed25519.Ed25519Stream;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Signatures of messages that are read piece by piece to their end, whatever size they say they have.
///
/// Verifying, and ECDSA, read a message once. Ed25519 signs in two readings: a message of one piece stays in memory, a
/// longer regular file is read again, and a signature given out only where both readings agree; a longer stream is
/// gathered in planned memory, up to a limit.
final class Signing implements AutoCloseable {
    /// Bytes of a piece, and of the longest stream that Ed25519 signs without more memory.
    static final int PIECE_BYTES = 1 << 16;
    private static final int SIGNATURE_FILE_BYTES = 128;  // more than DER_BYTES_MAX, so that a longer file shows
    private static final MemoryPlan PLAN = MemoryPlan.group("signing",
            row("piece", PIECE_BYTES), row("stream", Ed25519Stream.MEMORY_BYTES), row("hash", Hash.SHA_256.stateBytes()),
            row("digest", EcdsaP256.DIGEST_BYTES), row("signature", EcdsaP256.SIGNATURE_BYTES),
            row("file", SIGNATURE_FILE_BYTES), row("work", SigningKeys.most(KeyAlgorithm::workspaceBytes)));

    private final Region region = Region.open(RegionConfig.defaults("signing"), PLAN);
    private final MemorySegment piece = region.carve("piece");
    private final Ed25519Stream stream = new Ed25519Stream(region.carve("stream"), 0);
    private final MemorySegment hash = region.carve("hash");
    private final MemorySegment digest = region.carve("digest");
    private final MemorySegment signature = region.carve("signature");
    private final MemorySegment file = region.carve("file");
    private final MemorySegment work = region.carve("work");
    private final ByteBuffer buffer = piece.asByteBuffer().limit(PIECE_BYTES);

    private static MemoryPlan row(String name, long bytes) {
        return MemoryPlan.block(name, Align.up(bytes, Align.CACHE_LINE_BYTES));
    }

    private interface Pieces {
        void take(MemorySegment piece, int length);
    }

    /// Signs a message.
    ///
    /// @param raw    an ECDSA signature as r and s instead of DER
    /// @param limit  bytes of the longest stream that Ed25519 gathers
    /// @return the signature, until the next call
    ByteBuffer sign(KeyPair pair, Input message, boolean raw, long limit) {
        if (pair.algorithm() == KeyAlgorithm.ED25519) {
            signEdwards(pair, message, limit);
            return signature.asSlice(0, Ed25519.SIGNATURE_BYTES).asByteBuffer();
        }
        assert pair.algorithm() == KeyAlgorithm.P256 : pair;
        digest(message);
        refuseReplaced(message);
        Secret key = pair.secret();
        if (!EcdsaP256.signDigest(key.segment(), key.offset(), digest, 0, digest, 0, 0, signature, 0, work, 0)) {
            throw new Failure(ExitCode.WRONG_FORMAT, "the key is out of its range");
        }
        return raw ? signature.asSlice(0, EcdsaP256.SIGNATURE_BYTES).asByteBuffer()
                : file.asSlice(0, EcdsaSignature.toDer(signature, 0, file, 0)).asByteBuffer();
    }

    private void signEdwards(KeyPair pair, Input message, long limit) {
        int length = message.fill(buffer.clear());
        if (!message.isRewindable() && length > limit) {
            throw tooLong(message, limit);
        }
        if (length < PIECE_BYTES) {
            pair.sign(piece, 0, length, signature, 0, work, 0);
            refuseReplaced(message);
        } else if (message.isRewindable()) {
            signTwice(pair, message);
        } else {
            gatherAndSign(pair, message, limit);
        }
    }

    /// Reads a file of any size twice. The second reading ends where the first did: a file that grows faster than it is
    /// read must end too.
    private void signTwice(KeyPair pair, Input message) {
        Secret key = pair.secret();
        stream.startSigning(key.segment(), key.offset(), key.segment(), key.offset() + pair.algorithm().privateKeyBytes());
        stream.update(piece, 0, PIECE_BYTES);  // the first is at hand
        long first = PIECE_BYTES + read(message, Long.MAX_VALUE, (part, length) -> stream.update(part, 0, length));
        stream.readAgain();
        message.rewind();
        long second = read(message, first, (part, length) -> stream.update(part, 0, length));
        if (!stream.sign(signature, 0) || first != second) {
            signature.fill((byte) 0);
            throw new Failure(ExitCode.CHANGED, message.name() + ": changed while it was being signed; no signature was made");
        }
        refuseReplaced(message);
    }

    private void gatherAndSign(KeyPair pair, Input message, long limit) {
        MemoryPlan plan = MemoryPlan.group("message", row("message", limit));
        try (Region memory = Region.open(RegionConfig.defaults("message"), plan)) {
            MemorySegment all = memory.carve("message");
            MemorySegment.copy(piece, 0, all, 0, PIECE_BYTES);
            long length = PIECE_BYTES
                    + message.fill(all.asSlice(PIECE_BYTES, limit - PIECE_BYTES).asByteBuffer());
            if (length == limit && message.fill(buffer.clear().limit(1)) > 0) {
                throw tooLong(message, limit);
            }
            pair.sign(all, 0, length, signature, 0, work, 0);
        }
    }

    private static Failure tooLong(Input message, long limit) {
        return new Failure(message.name() + ": more than " + limit + " bytes, and Ed25519 reads a message twice: raise "
                + "--limit, or name a file, which may have any size");
    }

    private static void refuseReplaced(Input message) {
        if (!message.isStillNamed()) {
            throw new Failure(ExitCode.CHANGED, message.name() + ": was replaced while it was being signed; no signature was made");
        }
    }

    /// {@return whether the signature in a file, raw or DER, is valid for the message}
    boolean verify(PublicKey key, Input signatureFile, Input message) {
        int length = signatureFile.fill(file.asSlice(0, SIGNATURE_FILE_BYTES).asByteBuffer());
        if (key.algorithm() == KeyAlgorithm.ED25519) {
            if (length != Ed25519.SIGNATURE_BYTES) {
                return false;
            }
            stream.startVerifying(key.segment(), key.offset(), file, 0);
            read(message, Long.MAX_VALUE, (part, bytes) -> stream.update(part, 0, bytes));
            return stream.verify();
        }
        if (length == EcdsaP256.SIGNATURE_BYTES) {
            MemorySegment.copy(file, 0, signature, 0, length);
        } else if (length > EcdsaSignature.DER_BYTES_MAX || !EcdsaSignature.fromDer(file, 0, length, signature, 0)) {
            return false;
        }
        digest(message);
        return EcdsaP256.verifyDigest(key.segment(), key.offset(), key.algorithm().publicKeyBytes(), digest, 0, signature, 0,
                EcdsaP256.SIGNATURE_BYTES, work, 0);
    }

    private void digest(Input message) {
        Hash.SHA_256.init(hash, 0);
        read(message, Long.MAX_VALUE, (part, length) -> Hash.SHA_256.update(hash, 0, part, 0, length));
        Hash.SHA_256.digest(hash, 0, digest, 0);
    }

    /// Reads to the end, or until more than `most` bytes were read.
    ///
    /// @return bytes read
    private long read(Input message, long most, Pieces to) {
        try (Progress progress = Progress.of("read", message.bytesGuessed())) {
            long all = 0;
            int length;
            do {
                length = message.fill(buffer.clear());
                to.take(piece, length);
                progress.done(length);
                all += length;
            } while (length == PIECE_BYTES && all <= most);
            return all;
        }
    }

    @Override
    public void close() {
        stream.close();
        region.close();
    }
}
