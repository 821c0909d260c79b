package dev.coffer.cli;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.ed25519.Ed25519Stream;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.falcon.FalconForm;
import dev.coffer.crypto.falcon.FalconMessage;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Signatures of messages that are read piece by piece to their end, whatever size they say they have.
///
/// ECDSA, ML-DSA and Falcon read a message once, and Ed25519 does so to verify. Ed25519 signs in two readings: a message of one piece stays in
/// memory, a longer regular file is read again, and a signature given out only where both readings agree; a longer stream is
/// gathered in planned memory, up to a limit. SLH-DSA, whose pure form is not made for pieces, has every longer message gathered.
final class Signing implements AutoCloseable {
    /// Bytes of a piece, and of the longest stream that Ed25519 and SLH-DSA sign without more memory.
    static final int PIECE_BYTES = 1 << 16;
    private static final int SIGNATURE_BYTES = (int) SigningKeys.most(KeyAlgorithm::signatureBytes);
    private static final int SIGNATURE_FILE_BYTES = SIGNATURE_BYTES + 1;  // so that a longer file shows
    private static final MemoryPlan PLAN = MemoryPlan.group("signing",
            row("piece", PIECE_BYTES), row("stream", Ed25519Stream.MEMORY_BYTES), row("hash", Hash.SHA_256.stateBytes()),
            row("digest", EcdsaP256.DIGEST_BYTES), row("mu", MlDsa.MU_BYTES), row("mu state", MlDsa.STATE_BYTES),
            row("falcon state", FalconMessage.STATE_BYTES), row("signature", SIGNATURE_BYTES),
            row("file", SIGNATURE_FILE_BYTES), row("work", SigningKeys.most(KeyAlgorithm::workspaceBytes)));

    private final Region region = Region.open(RegionConfig.defaults("signing"), PLAN);
    private final MemorySegment piece = region.carve("piece");
    private final Ed25519Stream stream = new Ed25519Stream(region.carve("stream"), 0);
    private final MemorySegment hash = region.carve("hash");
    private final MemorySegment digest = region.carve("digest");
    private final MemorySegment mu = region.carve("mu");
    private final MemorySegment muState = region.carve("mu state");
    private final MemorySegment falconState = region.carve("falcon state");
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

    /// Signs a message; hedged where the algorithm can be.
    ///
    /// @param raw    an ECDSA signature as r and s instead of DER
    /// @param limit  bytes of the longest stream that Ed25519 gathers, and of the longest message that SLH-DSA does
    /// @return the signature, until the next call
    ByteBuffer sign(KeyPair pair, Input message, boolean raw, long limit) {
        KeyAlgorithm algorithm = pair.algorithm();
        switch (algorithm.signature()) {
            case MlDsa dsa -> signLattice(dsa, pair, message);
            case SlhDsa _ -> signWhole(pair, message, limit);
            case Falcon falcon -> {
                return signInDoubles(falcon, pair, message);
            }
            default -> {
                if (algorithm == KeyAlgorithm.P256) {
                    return signEcdsa(pair, message, raw);
                }
                assert algorithm == KeyAlgorithm.ED25519 : pair;
                signEdwards(pair, message, limit);
            }
        }
        return signature.asSlice(0, algorithm.signatureBytes()).asByteBuffer();
    }

    private ByteBuffer signEcdsa(KeyPair pair, Input message, boolean raw) {
        digest(message);
        refuseReplaced(message);
        Secret key = pair.secret();
        if (!EcdsaP256.signDigest(key.segment(), key.offset(), digest, 0, digest, 0, 0, signature, 0, work, 0)) {
            throw new Failure(ExitCode.WRONG_FORMAT, "the key is out of its range");
        }
        return raw ? signature.asSlice(0, EcdsaP256.SIGNATURE_BYTES).asByteBuffer()
                : file.asSlice(0, EcdsaSignature.toDer(signature, 0, file, 0)).asByteBuffer();
    }

    private void signLattice(MlDsa dsa, KeyPair pair, Input message) {
        Secret key = pair.secret();
        mu(dsa, key.segment(), key.offset() + pair.algorithm().privateKeyBytes(), message);
        refuseReplaced(message);
        if (!dsa.signMu(Entropy.SYSTEM, key.segment(), key.offset(), mu, 0, signature, 0, work, 0)) {
            throw new Failure(ExitCode.WRONG_FORMAT, "the key is out of its range");
        }
    }

    /// mu of a message that is read once, with no context.
    private void mu(MlDsa dsa, MemorySegment publicKey, long publicKeyAt, Input message) {
        dsa.hashPublicKey(publicKey, publicKeyAt, mu, 0, work, 0);
        MlDsa.beginMu(mu, 0, mu, 0, 0, muState, 0);
        read(message, Long.MAX_VALUE, (part, length) -> MlDsa.updateMu(part, 0, length, muState, 0));
        MlDsa.endMu(mu, 0, muState, 0);
    }

    /// Compressed: what Bouncy Castle and liboqs call a signature of Falcon.
    private ByteBuffer signInDoubles(Falcon falcon, KeyPair pair, Input message) {
        FalconMessage.beginSigning(Entropy.SYSTEM, falconState, 0);
        read(message, Long.MAX_VALUE, (part, length) -> FalconMessage.update(part, 0, length, falconState, 0));
        refuseReplaced(message);
        Secret key = pair.secret();
        int length = falcon.signMessage(FalconForm.COMPRESSED, Entropy.SYSTEM, key.segment(), key.offset(), falconState, 0, signature, 0, work, 0);
        if (length == 0) {
            throw new Failure(ExitCode.WRONG_FORMAT, "the key is none");
        }
        return signature.asSlice(0, length).asByteBuffer();
    }

    private void signWhole(KeyPair pair, Input message, long limit) {
        whole(pair.algorithm(), message, limit, (all, length) -> pair.sign(Entropy.SYSTEM, all, 0, length, signature, 0, work, 0));
        refuseReplaced(message);
    }

    private interface Whole {
        void take(MemorySegment message, long length);
    }

    /// Reads a message into one piece of memory: the piece, or planned memory of `limit` bytes.
    private void whole(KeyAlgorithm algorithm, Input message, long limit, Whole to) {
        int length = message.fill(buffer.clear());
        if (length > limit) {
            throw tooLong(algorithm, message, limit);
        }
        if (length < PIECE_BYTES) {
            to.take(piece, length);
        } else {
            gather(algorithm, message, limit, to);
        }
    }

    private void signEdwards(KeyPair pair, Input message, long limit) {
        int length = message.fill(buffer.clear());
        if (!message.isRewindable() && length > limit) {
            throw tooLong(pair.algorithm(), message, limit);
        }
        if (length < PIECE_BYTES) {
            pair.sign(piece, 0, length, signature, 0, work, 0);
            refuseReplaced(message);
        } else if (message.isRewindable()) {
            signTwice(pair, message);
        } else {
            gather(pair.algorithm(), message, limit, (all, bytes) -> pair.sign(all, 0, bytes, signature, 0, work, 0));
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

    /// Behind the first piece.
    private void gather(KeyAlgorithm algorithm, Input message, long limit, Whole to) {
        MemoryPlan plan = MemoryPlan.group("message", row("message", limit));
        try (Region memory = Region.open(RegionConfig.defaults("message"), plan)) {
            MemorySegment all = memory.carve("message");
            MemorySegment.copy(piece, 0, all, 0, PIECE_BYTES);
            long length = PIECE_BYTES
                    + message.fill(all.asSlice(PIECE_BYTES, limit - PIECE_BYTES).asByteBuffer());
            if (length == limit && message.fill(buffer.clear().limit(1)) > 0) {
                throw tooLong(algorithm, message, limit);
            }
            to.take(all, length);
        }
    }

    private static Failure tooLong(KeyAlgorithm algorithm, Input message, long limit) {
        return new Failure(message.name() + ": more than " + limit + " bytes, and "
                + (algorithm == KeyAlgorithm.ED25519
                        ? "Ed25519 reads a message twice: raise --limit, or name a file, which may have any size"
                        : "SLH-DSA takes a message whole: raise --limit"));
    }

    private static void refuseReplaced(Input message) {
        if (!message.isStillNamed()) {
            throw new Failure(ExitCode.CHANGED, message.name() + ": was replaced while it was being signed; no signature was made");
        }
    }

    /// {@return whether the signature in a file, raw or DER, is valid for the message}
    ///
    /// @param limit  bytes of the longest message that SLH-DSA verifies
    boolean verify(PublicKey key, Input signatureFile, Input message, long limit) {
        int length = signatureFile.fill(file.asSlice(0, SIGNATURE_FILE_BYTES).asByteBuffer());
        if (key.algorithm().signature() instanceof MlDsa dsa) {
            mu(dsa, key.segment(), key.offset(), message);
            return dsa.verifyMu(key.segment(), key.offset(), mu, 0, file, 0, length, work, 0);
        }
        if (key.algorithm().signature() instanceof SlhDsa) {
            boolean[] valid = {false};
            whole(key.algorithm(), message, limit, (all, bytes) -> valid[0] = key.verify(all, 0, bytes, file, 0, length, work, 0));
            return valid[0];
        }
        if (key.algorithm().signature() instanceof Falcon falcon) {
            FalconMessage.beginVerifying(file, 0, length, falconState, 0);
            read(message, Long.MAX_VALUE, (part, bytes) -> FalconMessage.update(part, 0, bytes, falconState, 0));
            return falcon.verifyMessage(falcon.form(file, 0, length), key.segment(), key.offset(), falconState, 0, file, 0, length, work, 0);
        }
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
