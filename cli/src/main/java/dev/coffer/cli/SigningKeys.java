package dev.coffer.cli;

import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyFormatException;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.crypto.stream.SealedStream;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/// The keys of `keygen`, `sign`, `verify`, `encapsulate`, `decapsulate`, and those that files are sealed to, and what reading and writing
/// them takes, in one locked region. A key file is read once, so that it may be a pipe.
final class SigningKeys implements AutoCloseable {
    private static final long FILE_BYTES = EncodedKey.FILE_BYTES_MAX + 1;  // one more, so that a longer file is seen to be one
    private static final MemoryPlan PLAN = MemoryPlan.group("signing keys",
            row("secret", most(KeyAlgorithm::keyPairBytes)), row("public", most(KeyAlgorithm::publicKeyBytes)),
            row("file", FILE_BYTES),
            row("work", Math.max(most(KeyAlgorithm::workspaceBytes), most(KeyAlgorithm::derBytesMax))));

    private final Region region = Region.open(RegionConfig.defaults("signing-keys"), PLAN);
    private final MemorySegment secret = region.carve("secret");
    private final MemorySegment publicKey = region.carve("public");
    private final MemorySegment file = region.carve("file");
    private final MemorySegment work = region.carve("work");

    private final KeyAlgorithm asked;  // null for whichever a file has

    SigningKeys() {
        this(null);
    }

    /// @param asked  keys of another algorithm are refused; null takes every one
    SigningKeys(KeyAlgorithm asked) {
        this.asked = asked;
    }

    /// {@return what the hungriest algorithm takes: a file may hold a key of any}
    static long most(ToLongFunction<KeyAlgorithm> bytes) {
        return Arrays.stream(KeyAlgorithm.values()).mapToLong(bytes).max().orElseThrow();
    }

    private static MemoryPlan row(String name, long bytes) {
        return MemoryPlan.block(name, Align.up(bytes, Align.CACHE_LINE_BYTES));
    }

    /// Makes a key pair and writes both halves, not yet under their names.
    ///
    /// @param form  of the private one, where the algorithm has several
    void generate(KeyAlgorithm algorithm, PrivateKeyForm form, Output privateFile, Output publicFile) {
        try (KeyPair made = KeyPair.generate(algorithm, Secret.of(secret, 0, algorithm.keyPairBytes()), Entropy.SYSTEM, work, 0)) {
            privateFile.write(file.asSlice(0, made.encodePem(form, file, 0, work, 0)).asByteBuffer());
            PublicKey half = made.publicKey(publicKey, 0);
            publicFile.write(file.asSlice(0, half.encodePem(file, 0, work, 0)).asByteBuffer());
        }
    }

    /// {@return the private key of a file, of whichever algorithm signs}
    KeyPair privateKey(Input in) {
        return privateKey(in, KeyAlgorithm::signs, "does not sign");
    }

    /// {@return the public key of a file, of an algorithm that signs}
    PublicKey publicKey(Input in) {
        return publicKey(in, KeyAlgorithm::signs, "does not verify");
    }

    /// {@return the private key of a file, of an algorithm that files are sealed to}
    KeyPair identity(Input in) {
        KeyPair pair = privateKey(in, SealedStream::takes, "opens nothing");
        if (pair.algorithm().hasSeeds() && !pair.hasSeed()) {
            pair.close();
            throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": an expanded key alone, and sealed files take the seed");
        }
        return pair;
    }

    /// {@return the public key of a file, of an algorithm that files are sealed to}
    PublicKey recipient(Input in) {
        return publicKey(in, SealedStream::takes, "receives nothing");
    }

    /// {@return the private key of a file, of an algorithm that encapsulates}
    KeyPair decapsulationKey(Input in) {
        return privateKey(in, algorithm -> algorithm.kem() != null, "does not decapsulate");
    }

    /// {@return the public key of a file, of an algorithm that encapsulates}
    PublicKey encapsulationKey(Input in) {
        return publicKey(in, algorithm -> algorithm.kem() != null, "does not encapsulate");
    }

    private KeyPair privateKey(Input in, Predicate<KeyAlgorithm> serves, String ifNot) {
        try (EncodedKey key = EncodedKey.in(file, 0, read(in))) {
            if (key.isPrivate()) {
                check(in, key.algorithm(), serves, ifNot);
            }
            return key.keyPair(Secret.of(secret, 0, key.algorithm().keyPairBytes()), work, 0);
        } catch (KeyFormatException e) {
            throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": no private key: " + e.getMessage(), e);
        }
    }

    private PublicKey publicKey(Input in, Predicate<KeyAlgorithm> serves, String ifNot) {
        try (EncodedKey key = EncodedKey.in(file, 0, read(in))) {
            if (!key.isPrivate()) {
                check(in, key.algorithm(), serves, ifNot);
            }
            return key.publicKey(publicKey, 0, work, 0);
        } catch (KeyFormatException e) {
            throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": no public key: " + e.getMessage(), e);
        }
    }

    private void check(Input in, KeyAlgorithm is, Predicate<KeyAlgorithm> serves, String ifNot) {
        if (!serves.test(is)) {
            throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": a key of " + is + " " + ifNot);
        }
        if (asked != null && is != asked) {
            throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": a key of " + is + " (expected " + asked + ")");
        }
    }

    MemorySegment work() {
        return work;
    }

    private long read(Input in) {
        return in.fill(file.asSlice(0, FILE_BYTES).asByteBuffer());
    }

    @Override
    public void close() {
        region.close();
    }
}
