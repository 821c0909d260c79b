package dev.coffer.cli;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyFormatException;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.internal.os.MemoryCalls;
import dev.coffer.memory.layout.Align;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// The keys and scratch of `keygen`, `sign` and `verify` in one locked region. Messages are mapped, not read, so a file of any
/// size is signed in constant memory; ECDSA takes a stream too.
final class SigningKeys implements AutoCloseable {
    private static final long SECRET_BYTES_MAX = KeyAlgorithm.PRIVATE_KEY_BYTES + KeyAlgorithm.PUBLIC_KEY_BYTES_MAX;
    private static final long CHUNK_BYTES = 1 << 16;
    private static final int SIGNATURE_FILE_BYTES_MAX = 128;  // more than DER_BYTES_MAX, so that a longer file shows
    private static final MemoryPlan PLAN = MemoryPlan.group("signing keys",
            MemoryPlan.block("secret", Align.up(SECRET_BYTES_MAX, Align.CACHE_LINE_BYTES)),
            MemoryPlan.block("public", Align.up(KeyAlgorithm.PUBLIC_KEY_BYTES_MAX, Align.CACHE_LINE_BYTES)),
            MemoryPlan.block("entropy", Align.CACHE_LINE_BYTES),
            MemoryPlan.block("work", Align.up(Math.max(KeyPair.WORKSPACE_BYTES, PublicKey.WORKSPACE_BYTES),
                    Align.CACHE_LINE_BYTES)),
            MemoryPlan.block("hash", Align.up(Hash.STATE_BYTES_MAX, Align.CACHE_LINE_BYTES)),
            MemoryPlan.block("signature", 64), MemoryPlan.block("der", SIGNATURE_FILE_BYTES_MAX),
            MemoryPlan.block("chunk", CHUNK_BYTES));

    private final Region region = Region.open(RegionConfig.defaults("signing-keys"), PLAN);
    private final MemorySegment secret = region.carve("secret");
    private final MemorySegment publicKey = region.carve("public");
    private final MemorySegment entropy = region.carve("entropy");
    private final MemorySegment work = region.carve("work");
    private final MemorySegment hashState = region.carve("hash");
    private final MemorySegment signature = region.carve("signature");
    private final MemorySegment der = region.carve("der");
    private final MemorySegment chunk = region.carve("chunk");

    /// Makes a key pair and writes both files; where either exists, none.
    void generate(KeyAlgorithm algorithm, Path privateFile, Path publicFile) {
        if (Files.exists(publicFile, LinkOption.NOFOLLOW_LINKS)) {  // the private one is written first, and never replaced
            throw new Failure(publicFile + ": exists already");
        }
        KeyPair pair = null;
        while (pair == null) {  // P-256 refuses one draw in 2^32
            if (MemoryCalls.SYSTEM.random(entropy, 0, KeyAlgorithm.PRIVATE_KEY_BYTES) < 0) {
                throw new Failure("getrandom refused");
            }
            pair = KeyPair.generate(algorithm, Secret.of(secret, 0, algorithm.keyPairBytes()), entropy, 0, work, 0);
        }
        try (KeyPair made = pair) {
            write(privateFile, () -> made.write(privateFile, work, 0));
            write(publicFile, () -> made.publicKey(publicKey, 0).write(publicFile, work, 0));
        }
    }

    private interface Writing {
        void run() throws IOException;
    }

    private static void write(Path file, Writing writing) {
        try {
            writing.run();
        } catch (IOException e) {
            throw Streams.failure(file.toString(), e);
        }
    }

    /// {@return the private key of a file, of whichever algorithm signs}
    KeyPair privateKey(Path file) {
        for (KeyAlgorithm algorithm : new KeyAlgorithm[] {KeyAlgorithm.ED25519, KeyAlgorithm.P256}) {
            try {
                return KeyPair.read(file, Secret.of(secret, 0, algorithm.keyPairBytes()), work, 0);
            } catch (IllegalArgumentException otherLength) {
                continue;  // the file's key needs a secret of another length: the other algorithm's
            } catch (KeyFormatException e) {
                throw new Failure(file + ": no private key: " + e.getMessage());
            } catch (IOException e) {
                throw Streams.failure(file.toString(), e);
            }
        }
        throw new Failure(file + ": no private key of Ed25519 or P-256");
    }

    PublicKey publicKey(Path file) {
        try {
            return PublicKey.read(file, publicKey, 0, work, 0);
        } catch (KeyFormatException e) {
            throw new Failure(file + ": no public key: " + e.getMessage());
        } catch (IOException e) {
            throw Streams.failure(file.toString(), e);
        }
    }

    /// Signs a file, or for ECDSA a stream.
    ///
    /// @return the signature: raw for Ed25519, DER for ECDSA unless `raw`
    MemorySegment sign(KeyPair pair, String message, boolean raw) {
        if (pair.algorithm() == KeyAlgorithm.X25519) {
            throw new Failure("a key of X25519 does not sign");
        }
        if (pair.algorithm() == KeyAlgorithm.ED25519) {
            mapped(message, (segment, length) -> {
                pair.sign(segment, 0, length, signature, 0, work, 0);
                return true;
            });
            return signature;
        }
        digest(message);
        if (!EcdsaP256.signDigest(pair.secret().segment(), pair.secret().offset(), entropy, 0, entropy, 0, 0, signature, 0,
                work, 0)) {
            throw new Failure("the key is out of its range");
        }
        return raw ? signature : der.asSlice(0, EcdsaSignature.toDer(signature, 0, der, 0));
    }

    /// {@return whether the signature of a file, raw or DER, is valid for the message}
    boolean verify(PublicKey key, String message, Path signatureFile) {
        int length;
        try (FileChannel in = FileChannel.open(signatureFile)) {
            length = Streams.fill(signatureFile.toString(), in, der.asByteBuffer());
        } catch (IOException e) {
            throw Streams.failure(signatureFile.toString(), e);
        }
        if (key.algorithm() == KeyAlgorithm.ED25519) {
            return length == KeyAlgorithm.ED25519.signatureBytes()
                    && mapped(message, (segment, bytes) -> key.verify(segment, 0, bytes, der, 0, length, work, 0));
        }
        if (key.algorithm() == KeyAlgorithm.X25519) {
            throw new Failure("a key of X25519 does not verify");
        }
        digest(message);
        if (length == EcdsaP256.SIGNATURE_BYTES) {
            MemorySegment.copy(der, 0, signature, 0, length);
        } else if (length > EcdsaSignature.DER_BYTES_MAX || !EcdsaSignature.fromDer(der, 0, length, signature, 0)) {
            return false;
        }
        return EcdsaP256.verifyDigest(key.segment(), key.offset(), key.algorithm().publicKeyBytes(), entropy, 0, signature, 0,
                EcdsaP256.SIGNATURE_BYTES, work, 0);
    }

    private interface Reading {
        boolean read(MemorySegment message, long length);
    }

    private static boolean mapped(String message, Reading reading) {
        if (message.equals(Streams.STANDARD)) {
            throw new Failure("Ed25519 reads its message twice: name a file instead of a stream");
        }
        try (FileChannel in = Streams.input(message); Arena arena = Arena.ofConfined()) {
            MemorySegment all = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size(), arena);
            return reading.read(all, all.byteSize());
        } catch (IOException e) {
            throw Streams.failure(message, e);
        }
    }

    /// SHA-256 of a file or stream, into `entropy`.
    private void digest(String message) {
        try (FileChannel in = Streams.input(message); Progress progress = Progress.of("hash", Streams.length(message))) {
            Hash.SHA_256.init(hashState, 0);
            int read;
            while ((read = Streams.fill(message, in, chunk.asByteBuffer())) > 0) {
                Hash.SHA_256.update(hashState, 0, chunk, 0, read);
                progress.done(read);
            }
            Hash.SHA_256.digest(hashState, 0, entropy, 0);
        } catch (IOException e) {
            throw Streams.failure(message, e);
        }
    }

    @Override
    public void close() {
        region.close();
    }
}
