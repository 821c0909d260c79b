package dev.coffer.jca;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Set;
import javax.crypto.DecapsulateException;
import javax.crypto.KEM;
import javax.crypto.KEMSpi;

/// ML-KEM, or DHKEM (RFC 9180, section 4.1) of X25519 and P-256 with HKDF-SHA256. Shared secrets stay off the heap; ciphertexts, which are public, come and go in arrays. Encapsulators and decapsulators may be
/// used by several threads, as the JCA asks.
final class KemEngine implements KEMSpi {
    private final Vault vault;
    private final Set<KeyAlgorithm> allowed;

    KemEngine(Vault vault, Set<KeyAlgorithm> allowed) {
        this.vault = vault;
        this.allowed = allowed;
    }

    private static Kem kem(KeyAlgorithm algorithm) {
        return switch (algorithm) {
            case X25519 -> HpkeKem.DHKEM_X25519.kem();
            case P256 -> HpkeKem.DHKEM_P256.kem();
            default -> algorithm.kem();
        };
    }

    @Override
    public EncapsulatorSpi engineNewEncapsulator(PublicKey key, AlgorithmParameterSpec spec, SecureRandom random)
            throws InvalidAlgorithmParameterException, InvalidKeyException {
        checkNone(spec);
        return new Encapsulator(vault, ForeignKeys.publicKey(vault, allowed, key));
    }

    @Override
    public DecapsulatorSpi engineNewDecapsulator(PrivateKey key, AlgorithmParameterSpec spec) throws InvalidAlgorithmParameterException,
            InvalidKeyException {
        checkNone(spec);
        return new Decapsulator(vault, ForeignKeys.privateKey(vault, allowed, key));
    }

    private static void checkNone(AlgorithmParameterSpec spec) throws InvalidAlgorithmParameterException {
        if (spec != null) {
            throw new InvalidAlgorithmParameterException("parameters for a KEM (expected none)");
        }
    }

    /// The part of a shared secret that is asked for, as a key.
    private static CofferSecretKey part(Vault vault, MemorySegment shared, long at, int from, int to, String algorithm) {
        return CofferSecretKey.copyOf(vault, algorithm, shared, at + from, to - from);
    }

    private static void checkPart(int from, int to, String algorithm, int secretBytes) {
        if (from < 0 || from > to || to > secretBytes) {
            throw new IndexOutOfBoundsException("bytes " + from + " to " + to + " of a secret of " + secretBytes);
        }
        if (from == to) {
            throw new UnsupportedOperationException("a key of no bytes of " + algorithm);
        }
    }

    private record Encapsulator(Vault vault, CofferPublicKey key) implements EncapsulatorSpi {
        private Kem kem() {
            return KemEngine.kem(key.keyAlgorithm());
        }

        @Override
        public KEM.Encapsulated engineEncapsulate(int from, int to, String algorithm) {
            Kem kem = kem();
            checkPart(from, to, algorithm, kem.sharedBytes());
            long ciphertext = key.bytes().length;
            long shared = ciphertext + kem.ciphertextBytes();
            long workspace = shared + kem.sharedBytes();
            try (Piece room = vault.work(workspace + kem.workspaceBytes())) {
                MemorySegment w = room.segment();
                SignatureEngine.copy(key.bytes(), w, 0);
                if (!kem.encapsulate(Entropy.SYSTEM, w, 0, w, ciphertext, w, shared, w, workspace)) {
                    throw new ProviderException(kem.name() + ": a public key that agrees on nothing (its sender's fault)");
                }
                return new KEM.Encapsulated(part(vault, w, shared, from, to, algorithm),
                        SignatureEngine.array(w, ciphertext, kem.ciphertextBytes()), null);
            }
        }

        @Override
        public int engineSecretSize() {
            return kem().sharedBytes();
        }

        @Override
        public int engineEncapsulationSize() {
            return kem().ciphertextBytes();
        }
    }

    private record Decapsulator(Vault vault, HeldPair key) implements DecapsulatorSpi {
        private Kem kem() {
            return KemEngine.kem(key.algorithm());
        }

        @Override
        public CofferSecretKey engineDecapsulate(byte[] encapsulation, int from, int to, String algorithm) throws DecapsulateException {
            Kem kem = kem();
            checkPart(from, to, algorithm, kem.sharedBytes());
            if (encapsulation.length != kem.ciphertextBytes()) {
                throw new DecapsulateException(kem.name() + ": a ciphertext of " + encapsulation.length + " bytes (expected "
                        + kem.ciphertextBytes() + ")");
            }
            long shared = encapsulation.length;
            long workspace = shared + kem.sharedBytes();
            try (Piece room = vault.work(workspace + kem.workspaceBytes())) {
                MemorySegment w = room.segment();
                SignatureEngine.copy(encapsulation, w, 0);
                boolean taken = key.use(pair -> kem.decapsulate(pair.secret().segment(), pair.secret().offset(), w, 0, w, shared, w, workspace));
                if (!taken) {
                    throw new DecapsulateException(kem.name() + ": a ciphertext or a key that is none");
                }
                return part(vault, w, shared, from, to, algorithm);
            } catch (IllegalStateException e) {  // destroyed since
                throw new DecapsulateException(e.getMessage(), e);
            }
        }

        @Override
        public int engineSecretSize() {
            return kem().sharedBytes();
        }

        @Override
        public int engineEncapsulationSize() {
            return kem().ciphertextBytes();
        }
    }
}
