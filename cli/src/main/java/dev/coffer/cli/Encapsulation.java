package dev.coffer.cli;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.ToLongFunction;

/// What `encapsulate` and `decapsulate` do, in one locked region.
final class Encapsulation implements AutoCloseable {
    private static final long CIPHERTEXT_BYTES = most(Kem::ciphertextBytes);
    private static final MemoryPlan PLAN = MemoryPlan.group("encapsulation",
            row("ciphertext", CIPHERTEXT_BYTES + 1),  // so that a longer one shows
            row("shared", KeyFile.KEY_BYTES), row("digits", KeyFile.WORK_BYTES), row("work", most(Kem::workspaceBytes)));

    private final Region region = Region.open(RegionConfig.defaults("encapsulation"), PLAN);
    private final MemorySegment ciphertext = region.carve("ciphertext");
    private final MemorySegment shared = region.carve("shared");
    private final MemorySegment digits = region.carve("digits");
    private final MemorySegment work = region.carve("work");

    private static long most(ToLongFunction<Kem> bytes) {
        return SigningKeys.most(algorithm -> algorithm.kem() == null ? 0 : bytes.applyAsLong(algorithm.kem()));
    }

    private static MemoryPlan row(String name, long bytes) {
        return MemoryPlan.block(name, Align.up(bytes, Align.CACHE_LINE_BYTES));
    }

    private static Kem kem(KeyAlgorithm is) {
        assert is.kem().sharedBytes() == KeyFile.KEY_BYTES : is;
        return is.kem();
    }

    /// Writes the secret.
    ///
    /// @return the ciphertext that brings it, until the next call
    ByteBuffer encapsulate(Input keyFile, PublicKey key, Output secretFile) {
        Kem kem = kem(key.algorithm());
        if (!kem.encapsulate(Entropy.SYSTEM, key.segment(), key.offset(), ciphertext, 0, shared, 0, work, 0)) {
            throw new Failure(ExitCode.WRONG_FORMAT, keyFile.name() + ": no public key: not one that anything can be sent to");
        }
        secretFile.write(KeyFile.digits(digits, shared));
        return ciphertext.asSlice(0, kem.ciphertextBytes()).asByteBuffer();
    }

    void decapsulate(KeyPair pair, Input in, Output secretFile) {
        Kem kem = kem(pair.algorithm());
        int length = in.fill(ciphertext.asSlice(0, CIPHERTEXT_BYTES + 1).asByteBuffer());
        if (length != kem.ciphertextBytes()
                || !kem.decapsulate(pair.secret().segment(), pair.secret().offset(), ciphertext, 0, shared, 0, work, 0)) {
            throw new Failure(ExitCode.CHANGED, in.name() + ": no ciphertext of " + kem.name() + " (" + length
                    + (length > CIPHERTEXT_BYTES ? " bytes or more" : " bytes") + ", expected " + kem.ciphertextBytes()
                    + "), or one that was changed");
        }
        secretFile.write(KeyFile.digits(digits, shared));
    }

    @Override
    public void close() {
        region.close();
    }
}
