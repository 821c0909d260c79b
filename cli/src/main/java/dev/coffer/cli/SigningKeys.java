package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyFormatException;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;

/// The keys of `keygen`, `sign` and `verify`, and what reading and writing them takes, in one locked region. A key file is
/// read once, so that it may be a pipe.
final class SigningKeys implements AutoCloseable {
    private static final long SECRET_BYTES_MAX = KeyAlgorithm.PRIVATE_KEY_BYTES + KeyAlgorithm.PUBLIC_KEY_BYTES_MAX;
    private static final long FILE_BYTES = KeyPair.FILE_BYTES_MAX + 1;  // one more, so that a longer file is seen to be one
    private static final KeyAlgorithm[] SIGNING = {KeyAlgorithm.ED25519, KeyAlgorithm.P256};
    private static final MemoryPlan PLAN = MemoryPlan.group("signing keys",
            row("secret", SECRET_BYTES_MAX), row("public", KeyAlgorithm.PUBLIC_KEY_BYTES_MAX),
            row("file", FILE_BYTES),
            row("attempt", FILE_BYTES),  // decoding consumes its source
            row("work", Math.max(KeyPair.OPERATION_BYTES, KeyPair.DER_BYTES_MAX)));

    private final Region region = Region.open(RegionConfig.defaults("signing-keys"), PLAN);
    private final MemorySegment secret = region.carve("secret");
    private final MemorySegment publicKey = region.carve("public");
    private final MemorySegment file = region.carve("file");
    private final MemorySegment attempt = region.carve("attempt");
    private final MemorySegment work = region.carve("work");

    private static MemoryPlan row(String name, long bytes) {
        return MemoryPlan.block(name, Align.up(bytes, Align.CACHE_LINE_BYTES));
    }

    /// Makes a key pair and writes both halves, not yet under their names.
    void generate(KeyAlgorithm algorithm, Output privateFile, Output publicFile) {
        try (KeyPair made = KeyPair.generate(algorithm, Secret.of(secret, 0, algorithm.keyPairBytes()), Entropy.SYSTEM, work, 0)) {
            privateFile.write(file.asSlice(0, made.encodePem(file, 0, work, 0)).asByteBuffer());
            PublicKey half = made.publicKey(publicKey, 0);
            publicFile.write(file.asSlice(0, half.encodePem(file, 0, work, 0)).asByteBuffer());
        }
    }

    /// {@return the private key of a file, of whichever algorithm signs}
    KeyPair privateKey(Input in) {
        long length = read(in);
        for (KeyAlgorithm algorithm : SIGNING) {
            try {
                MemorySegment.copy(file, 0, attempt, 0, length);
                KeyPair pair = KeyPair.decode(attempt, 0, length, Secret.of(secret, 0, algorithm.keyPairBytes()), work, 0);
                if (pair.algorithm() == KeyAlgorithm.X25519) {  // as long as one of Ed25519
                    pair.close();
                    throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": a key of X25519 does not sign");
                }
                return pair;
            } catch (KeyFormatException e) {
                throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": no private key: " + e.getMessage(), e);
            } catch (IllegalArgumentException otherLength) {
                continue;  // the file's key needs a secret of another length: the other algorithm's
            }
        }
        throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": no private key of Ed25519 or P-256");
    }

    /// {@return the public key of a file, of an algorithm that signs}
    PublicKey publicKey(Input in) {
        long length = read(in);
        try {
            PublicKey key = PublicKey.decode(file, 0, length, publicKey, 0, work, 0);
            if (key.algorithm() == KeyAlgorithm.X25519) {
                throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": a key of X25519 does not verify");
            }
            return key;
        } catch (KeyFormatException e) {
            throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": no public key: " + e.getMessage(), e);
        }
    }

    private long read(Input in) {
        return in.fill(file.asSlice(0, FILE_BYTES).asByteBuffer());
    }

    @Override
    public void close() {
        region.close();
    }
}
