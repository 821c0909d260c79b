package dev.coffer.jca;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.EnumSet;
import java.util.Locale;
import javax.crypto.KeyAgreementSpi;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;

/// X25519, or ECDH on P-256. The shared secret lies off the heap from `doPhase` until it is generated, and stays there where a `SecretKey` is
/// asked for.
final class AgreementEngine extends KeyAgreementSpi {
    private static final int SHARED_BYTES = 32;

    private final Vault vault;
    private final KeyAlgorithm algorithm;
    private HeldPair own;        // null before init
    private Piece shared;  // null but between doPhase and generateSecret

    AgreementEngine(Vault vault, KeyAlgorithm algorithm) {
        this.vault = vault;
        this.algorithm = algorithm;
    }

    @Override
    protected void engineInit(Key key, SecureRandom random) throws InvalidKeyException {
        HeldPair held = ForeignKeys.privateKey(vault, EnumSet.of(algorithm), key);
        SignatureEngine.close(shared);
        shared = null;
        own = held;
    }

    @Override
    protected void engineInit(Key key, AlgorithmParameterSpec parameters, SecureRandom random) throws InvalidKeyException,
            InvalidAlgorithmParameterException {
        if (parameters != null) {
            throw new InvalidAlgorithmParameterException("parameters for an agreement (expected none)");
        }
        engineInit(key, random);
    }

    @Override
    protected Key engineDoPhase(Key key, boolean last) throws InvalidKeyException {
        if (own == null) {
            throw new IllegalStateException("agreement: not initialised");
        }
        if (shared != null) {
            throw new IllegalStateException("agreement: the other side's key was given before");
        }
        if (!last) {
            throw new IllegalStateException("agreement: more than two sides (expected lastPhase)");
        }
        byte[] peer = ForeignKeys.publicKey(vault, EnumSet.of(algorithm), key).bytes();
        Piece result = vault.work(SHARED_BYTES).watch(this);
        boolean agreed = false;
        try (Piece room = vault.work(peer.length + algorithm.workspaceBytes())) {
            MemorySegment w = room.segment();
            SignatureEngine.copy(peer, w, 0);
            Agreement answer = own.use(pair -> pair.agree(w, 0, peer.length, result.segment(), 0, w, peer.length));
            if (answer != Agreement.AGREED) {
                throw new InvalidKeyException("agreement: " + answer);
            }
            agreed = true;
        } finally {
            if (!agreed) {
                result.close();
            }
        }
        shared = result;
        return null;
    }

    private void checkShared() {
        if (shared == null) {
            throw new IllegalStateException("agreement: no shared secret (expected init and doPhase first)");
        }
    }

    @Override
    protected byte[] engineGenerateSecret() {
        checkShared();
        byte[] secret = new byte[SHARED_BYTES];
        give(secret, 0);
        return secret;
    }

    @Override
    protected int engineGenerateSecret(byte[] target, int at) throws ShortBufferException {
        checkShared();
        if (target.length - at < SHARED_BYTES) {
            throw new ShortBufferException("room for " + (target.length - at) + " bytes (expected " + SHARED_BYTES + ")");
        }
        give(target, at);
        return SHARED_BYTES;
    }

    private void give(byte[] target, int at) {
        try {
            MemorySegment.copy(shared.segment(), ValueLayout.JAVA_BYTE, 0, target, at, SHARED_BYTES);
            end();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    protected SecretKey engineGenerateSecret(String name) throws NoSuchAlgorithmException {
        checkShared();
        if (name.isBlank()) {
            throw new NoSuchAlgorithmException("a secret key without a name");
        }
        if (name.toUpperCase(Locale.ROOT).startsWith("DES")) {
            throw new NoSuchAlgorithmException("a key of " + name + " (expected one that has 32 bytes)");
        }
        try {
            SecretKey key = CofferSecretKey.copyOf(vault, name, shared.segment(), 0, SHARED_BYTES);
            end();
            return key;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void end() {
        shared.close();
        shared = null;
    }
}
