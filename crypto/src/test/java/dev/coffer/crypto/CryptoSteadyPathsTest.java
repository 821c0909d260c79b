package dev.coffer.crypto;

import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.ed25519.Ed25519Stream;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.crypto.mldsa.ExpandedSigningKey;
import dev.coffer.crypto.mldsa.ExpandedVerifyingKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.ExpandedDecapsulationKey;
import dev.coffer.crypto.mlkem.ExpandedEncapsulationKey;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.stream.SealedStream;
import dev.coffer.crypto.stream.SealedSuite;
import dev.coffer.crypto.stream.SealedVerdict;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Buffer;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every operation of the primitives, with answers that are refused: 0 heap bytes, whoever executes it.
///
/// Not here: the fast profile, whose vectors are objects until C2 has them, and the JDK's accelerated AES.
class CryptoSteadyPathsTest {
    static final List<Class<? extends SteadyPath>> PATHS = List.of(Hashes.class, Xofs.class, Macs.class,
            Kdfs.class, Aeads.class, Random.class, Agreement.class, Edwards.class, EdwardsInPieces.class, Weierstrass.class, Stream.class,
            Encapsulation.class, Lattices.class, Hybrids.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noOperationMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    private static void expect(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }

    static final class Hashes implements SteadyPath {
        private final Hash[] hashes = HashCrossTest.hashes().toArray(Hash[]::new);
        private final MemorySegment state = memory(Hash.STATE_BYTES_MAX);
        private final MemorySegment memory = memory(1024);

        @Override
        public void run() {
            for (Hash hash : hashes) {
                hash.init(state, 0);
                hash.update(state, 0, memory, 3, 150);
                hash.update(state, 0, memory, 1, 70);
                hash.digest(state, 0, memory, 200);
                hash.hash(state, 0, memory, 0, 300, memory, 300);
                hash.wipe(state, 0);
            }
        }

        @Override
        public int operations() {
            return 8;
        }
    }

    static final class Xofs implements SteadyPath {
        private final Xof[] xofs = {Xof.SHAKE_128, Xof.SHAKE_256, Xof.cshake(128, new byte[0], new byte[] {1})};
        private final MemorySegment state = memory(Xof.STATE_BYTES);
        private final MemorySegment memory = memory(1024);

        @Override
        public void run() {
            for (Xof xof : xofs) {
                xof.init(state, 0);
                xof.absorb(state, 0, memory, 3, 150);
                xof.absorb(state, 0, memory, 1, 70);
                xof.squeeze(state, 0, memory, 0, 200);
                xof.squeeze(state, 0, memory, 0, 100);
                xof.expand(state, 0, memory, 0, 40, memory, 100, 200);
                xof.wipe(state, 0);
            }
        }

        @Override
        public int operations() {
            return 8;
        }
    }

    static final class Macs implements SteadyPath {
        private final Mac[] macs = MacTest.macs().toArray(Mac[]::new);
        private final MemorySegment state = memory(Mac.STATE_BYTES_MAX);
        private final MemorySegment memory = memory(1024);

        @Override
        public void run() {
            for (Mac mac : macs) {
                mac.init(state, 0, memory, 0, 200);
                mac.update(state, 0, memory, 3, 150);
                mac.update(state, 0, memory, 1, 70);
                mac.tag(state, 0, memory, 500);
                mac.mac(state, 0, memory, 0, 32, memory, 0, 100, memory, 500);
                mac.init(state, 0, memory, 0, 32);
                mac.update(state, 0, memory, 0, 100);
                expect(mac.verify(state, 0, memory, 500, mac.tagBytes()));
                memory.set(ValueLayout.JAVA_BYTE, 500, (byte) ~memory.get(ValueLayout.JAVA_BYTE, 500));
                mac.init(state, 0, memory, 0, 32);
                mac.update(state, 0, memory, 0, 100);
                expect(!mac.verify(state, 0, memory, 500, mac.tagBytes()));
            }
        }

        @Override
        public int operations() {
            return 4;
        }
    }

    static final class Kdfs implements SteadyPath {
        private final Hkdf[] kdfs = {Hkdf.SHA_256, Hkdf.SHA_384, Hkdf.SHA_512};
        private final MemorySegment work = memory(Hkdf.SHA_512.workspaceBytes());
        private final MemorySegment memory = memory(1024);

        @Override
        public void run() {
            for (Hkdf kdf : kdfs) {
                kdf.derive(work, 0, memory, 0, 32, memory, 0, 40, memory, 0, 50, memory, 500, 100);
                kdf.expandLabel(work, 0, memory, 0, memory, 0, 12, memory, 0, 32, memory, 500, 80);
            }
        }

        @Override
        public int operations() {
            return 4;
        }
    }

    static final class Aeads implements SteadyPath {
        private final MemorySegment work = memory(65536);
        private final AeadKey[] keys = AeadTest.aeads().map(aead -> new AeadKey(aead, work, 0)).toArray(AeadKey[]::new);
        private final MemorySegment places = memory(8192);
        private final MemorySegment[] nonces = {memory(12), memory(24)};
        private final MemorySegment text = memory(100);
        private final Buffer data = Buffer.over(memory(64));
        private final Buffer sealed = Buffer.over(memory(128));
        private final MemorySegment memory = memory(2048);

        @Override
        public void run() {
            for (AeadKey key : keys) {
                MemorySegment nonce = nonces[key.aead().nonceBytes() == 12 ? 0 : 1];
                for (int place = 0; place < 2; place++) {
                    key.at(places, place * 4096L).wipe();
                    key.load(memory, 1024);
                }
                for (int length = 0; length < 320; length += 37) {
                    key.at(places, (length & 1) * 4096L);
                    key.seal(memory, 1100, memory, 1200, 10, memory, 0, length, memory, 0);
                    expect(!key.open(memory, 1100, memory, 1200, 9, memory, 0, length + 16, memory, 512));
                    expect(key.open(memory, 1100, memory, 1200, 10, memory, 0, length + 16, memory, 0));
                }
                whole(key, nonce);
                long seals = key.sealsLeft();
                expect(key.handForgeriesOn(2) > 0);
                key.wipe();
                key.load(memory, 1024, seals, 1);
                expect(key.isLoaded() && key.sealsLeft() > 0);
                key.close();
            }
        }

        /// The forms of three arguments make no object either: the segments were made before.
        private void whole(AeadKey key, MemorySegment nonce) {
            long sealedBytes = key.seal(nonce, text, memory);
            expect(!key.open(nonce, memory, memory));
            key.seal(nonce, text, text, memory);
            sealed.reset();
            data.reset();
            data.putI64(sealedBytes);
            key.seal(nonce, text, data, sealed);
            data.reset();
            expect(key.open(nonce, text, sealed, data) && data.takeI64() == sealedBytes);
            data.reset();
            sealed.reset();
            sealed.putZeros(20);
            expect(!key.open(nonce, text, sealed, data));
        }

        @Override
        public int operations() {
            return 2;
        }
    }

    static final class Random implements SteadyPath {
        private final MemorySegment memory = memory(64);

        @Override
        public void run() {
            Entropy.SYSTEM.fill(memory, 3, 48);
        }
    }

    static final class Agreement implements SteadyPath {
        private final MemorySegment work = memory(X25519.WORKSPACE_BYTES);
        private final MemorySegment memory = memory(256).fill((byte) 9);

        @Override
        public void run() {
            X25519.publicKey(memory, 0, memory, 32, work, 0);
            X25519.agree(memory, 0, memory, 32, memory, 64, work, 0);
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    static final class Edwards implements SteadyPath {
        private final MemorySegment work = memory(32 << 10);
        private final MemorySegment memory = memory(512).fill((byte) 9);

        @Override
        public void run() {
            Ed25519.publicKey(memory, 0, memory, 32, work, 0);
            Ed25519.sign(memory, 0, memory, 32, memory, 200, 100, memory, 64, work, 0);
            expect(Ed25519.verify(memory, 32, memory, 200, 100, memory, 64, 64, work, 0));
            expect(!Ed25519.verify(memory, 32, memory, 200, 99, memory, 64, 64, work, 0));
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    /// A message in pieces, read twice to be signed.
    static final class EdwardsInPieces implements SteadyPath {
        private final Ed25519Stream stream = new Ed25519Stream(memory(Ed25519Stream.MEMORY_BYTES), 0);
        private final MemorySegment work = memory(32 << 10);
        private final MemorySegment memory = memory(512).fill((byte) 9);

        EdwardsInPieces() {
            Ed25519.publicKey(memory, 0, memory, 32, work, 0);
        }

        @Override
        public void run() {
            stream.startSigning(memory, 0, memory, 32);
            stream.update(memory, 200, 150);
            stream.update(memory, 200, 3);
            stream.readAgain();
            stream.update(memory, 200, 150);
            stream.update(memory, 200, 3);
            expect(stream.sign(memory, 64));
            stream.startVerifying(memory, 32, memory, 64);
            stream.update(memory, 200, 150);
            stream.update(memory, 200, 3);
            expect(stream.verify());
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    static final class Weierstrass implements SteadyPath {
        private final MemorySegment work = memory(32 << 10);
        private final MemorySegment memory = memory(1024).fill((byte) 9);

        @Override
        public void run() {
            P256.publicKey(memory, 0, memory, 32, work, 0);
            EcdsaP256.sign(memory, 0, memory, 300, 32, memory, 100, work, 0);
            int length = EcdsaSignature.toDer(memory, 100, memory, 400);
            expect(EcdsaSignature.fromDer(memory, 400, length, memory, 600));
            expect(EcdsaP256.verify(memory, 32, 65, memory, 300, 32, memory, 600, 64, work, 0));
            expect(!EcdsaP256.verify(memory, 32, 65, memory, 301, 31, memory, 600, 64, work, 0));
            P256.agree(memory, 0, memory, 32, 65, memory, 700, work, 0);
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    static final class Stream implements SteadyPath {
        private final SealedSuite[] suites = SealedSuite.values();
        private final SealedStream stream = new SealedStream(memory(SealedStream.plan().totalBytes()));
        private final MemorySegment memory = memory(1024);
        private final MemorySegment work = memory(SealedStream.CHUNK_BYTES + 64);

        @Override
        public void run() {
            for (SealedSuite suite : suites) {
                stream.writeHeader(suite, memory, 0, Entropy.SYSTEM, memory, 100);
                int sealed = stream.sealChunk(work, 0, 100, true);
                expect(stream.readHeader(memory, 0, memory, 100, SealedStream.HEADER_BYTES) == SealedVerdict.VALID);
                expect(stream.openChunk(work, 0, sealed, true) == SealedVerdict.VALID);
                expect(stream.readHeader(memory, 0, memory, 100, SealedStream.HEADER_BYTES) == SealedVerdict.VALID);
                expect(stream.openChunk(work, 0, sealed, true) != SealedVerdict.VALID);
            }
        }

        @Override
        public int operations() {
            return 4;
        }
    }

    /// All operations of ML-KEM in its three sizes, with a ciphertext that is rejected and keys that are none.
    static final class Encapsulation implements SteadyPath {
        private final MlKem[] kems = {MlKem.ML_KEM_512, MlKem.ML_KEM_768, MlKem.ML_KEM_1024};
        private final ExpandedEncapsulationKey[] publics = new ExpandedEncapsulationKey[kems.length];
        private final ExpandedDecapsulationKey[] secrets = new ExpandedDecapsulationKey[kems.length];
        private final MemorySegment work = memory(8 << 10);
        private final MemorySegment seed = memory(64).fill((byte) 9);
        private final MemorySegment ek = memory(2048);
        private final MemorySegment dk = memory(4096);
        private final MemorySegment sealed = memory(2048);
        private final MemorySegment shared = memory(64);
        private final MemorySegment none = memory(4096).fill((byte) -1);

        Encapsulation() {
            for (int i = 0; i < kems.length; i++) {
                publics[i] = new ExpandedEncapsulationKey(kems[i], memory(ExpandedEncapsulationKey.bytes(kems[i])), 0);
                secrets[i] = new ExpandedDecapsulationKey(kems[i], memory(ExpandedDecapsulationKey.bytes(kems[i])), 0);
            }
        }

        @Override
        public void run() {
            for (int i = 0; i < kems.length; i++) {
                kems[i].keyPair(seed, 0, ek, 0, dk, 0, work, 0);
                expect(kems[i].encapsulate(Entropy.SYSTEM, ek, 0, sealed, 0, shared, 0, work, 0));
                expect(kems[i].decapsulate(dk, 0, sealed, 0, shared, 32, work, 0));
                expect(shared.get(ValueLayout.JAVA_LONG, 0) == shared.get(ValueLayout.JAVA_LONG, 32));
                expect(publics[i].expand(ek, 0, work, 0) && secrets[i].expand(dk, 0, work, 0));
                publics[i].encapsulate(Entropy.SYSTEM, sealed, 0, shared, 0, work, 0);
                secrets[i].decapsulate(sealed, 0, shared, 32, work, 0);
                expect(shared.get(ValueLayout.JAVA_LONG, 0) == shared.get(ValueLayout.JAVA_LONG, 32));
                expect(kems[i].decapsulate(dk, 0, none, 0, shared, 0, work, 0));
                expect(!kems[i].decapsulate(none, 0, sealed, 0, shared, 0, work, 0));
                expect(!kems[i].encapsulate(Entropy.SYSTEM, none, 0, sealed, 0, shared, 0, work, 0));
                expect(!publics[i].expand(none, 0, work, 0));
            }
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    /// All operations of ML-DSA; the three sets are one code, so the smallest stands for them. Deterministic, as each pass must do the same, and of lengths
    /// that take one attempt, or two where `mu` is signed: attempts are what the interpreter is slow at, and by chance there are four of them.
    static final class Lattices implements SteadyPath {
        private static final Entropy CONSTANT = (segment, at, length) -> {
            for (long i = 0; i < length; i++) {
                segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) 34);
            }
        };

        private final MlDsa dsa = MlDsa.ML_DSA_44;
        private final ExpandedSigningKey signer = new ExpandedSigningKey(dsa, memory(ExpandedSigningKey.bytes(dsa)), 0);
        private final ExpandedVerifyingKey verifier = new ExpandedVerifyingKey(dsa, memory(ExpandedVerifyingKey.bytes(dsa)), 0);
        private final int bytes = dsa.signatureBytes();
        private final MemorySegment work = memory(32 << 10);
        private final MemorySegment seed = memory(32).fill((byte) 9);
        private final MemorySegment pk = memory(2048);
        private final MemorySegment sk = memory(4096);
        private final MemorySegment none = memory(4096).fill((byte) -1);
        private final MemorySegment text = memory(256);
        private final MemorySegment signature = memory(4096);
        private final MemorySegment mu = memory(64);
        private final MemorySegment state = memory(MlDsa.STATE_BYTES);

        @Override
        public void run() {
            dsa.keyPair(seed, 0, pk, 0, sk, 0, work, 0);
            expect(signer.expand(sk, 0, work, 0) && !dsa.sign(MlDsa.DETERMINISTIC, none, 0, text, 0, 9, text, 0, 9, signature, 0, work, 0));
            verifier.expand(pk, 0, work, 0);
            expect(dsa.sign(MlDsa.DETERMINISTIC, sk, 0, text, 0, 106, text, 100, 50, signature, 0, work, 0));
            expect(dsa.verify(pk, 0, text, 0, 106, text, 100, 50, signature, 0, bytes, work, 0));
            expect(!verifier.verify(text, 0, 99, text, 100, 50, signature, 0, bytes, work, 0));
            expect(!dsa.verify(pk, 0, text, 0, 100, text, 100, 50, none, 0, bytes, work, 0));
            signer.sign(CONSTANT, text, 0, 100, text, 100, 50, signature, 0, work, 0);
            expect(verifier.verify(text, 0, 100, text, 100, 50, signature, 0, bytes, work, 0));
            dsa.hashPublicKey(pk, 0, mu, 0, work, 0);
            MlDsa.beginMu(mu, 0, text, 0, 9, state, 0);
            MlDsa.updateMu(text, 0, 100, state, 0);
            MlDsa.updateMu(text, 0, 179, state, 0);
            MlDsa.endMu(mu, 0, state, 0);
            signer.signMu(MlDsa.DETERMINISTIC, mu, 0, signature, 0, work, 0);
            expect(dsa.verifyMu(pk, 0, mu, 0, signature, 0, bytes, work, 0) && verifier.verifyMu(mu, 0, signature, 0, bytes, work, 0));
            expect(dsa.signMu(MlDsa.DETERMINISTIC, sk, 0, mu, 0, signature, 0, work, 0));
            expect(dsa.signPrehashed(MlDsa.DETERMINISTIC, sk, 0, Prehash.SHA_256, text, 0, text, 0, 21, signature, 0, work, 0));
            expect(dsa.verifyPrehashed(pk, 0, Prehash.SHA_256, text, 0, text, 0, 21, signature, 0, bytes, work, 0));
        }

        @Override
        public int operations() {
            return 1;
        }
    }

    /// Both sides of both groups.
    static final class Hybrids implements SteadyPath {
        private final HybridGroup[] groups = HybridGroup.values();
        private final MemorySegment work = memory(HybridGroup.WORKSPACE_BYTES);
        private final MemorySegment secret = memory(HybridGroup.CLIENT_SECRET_BYTES);
        private final MemorySegment client = memory(2048);
        private final MemorySegment server = memory(2048);
        private final MemorySegment shared = memory(128);

        @Override
        public void run() {
            for (HybridGroup group : groups) {
                group.share(Entropy.SYSTEM, secret, 0, client, 0, work, 0);
                group.answer(Entropy.SYSTEM, client, 0, group.clientShareBytes(), server, 0, shared, 0, work, 0);
                group.finish(secret, 0, server, 0, group.serverShareBytes(), shared, 64, work, 0);
                expect(shared.get(ValueLayout.JAVA_LONG, 0) == shared.get(ValueLayout.JAVA_LONG, 64));
                group.answer(Entropy.SYSTEM, client, 0, 9, server, 0, shared, 0, work, 0);
            }
        }

        @Override
        public int operations() {
            return 1;
        }
    }
}
