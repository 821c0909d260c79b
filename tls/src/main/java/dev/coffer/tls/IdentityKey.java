package dev.coffer.tls;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.UnaryOperator;

/// The private key of a [ServerIdentity], whatever it is of.
sealed interface IdentityKey {
    /// {@return the public key, a SubjectPublicKeyInfo}
    byte[] publicKey();

    /// {@return this, or the same key that signs by another form of its scheme}
    IdentityKey withSignatures(UnaryOperator<Signature> forms);

    /// Signs, as of [SignatureScheme#sign].
    int sign(SignatureScheme scheme, Entropy entropy, MemorySegment message, long messageAt, long length, MemorySegment signature, long signatureAt,
            MemorySegment work, long workAt);

    void destroy();

    boolean isDestroyed();

    /// Of an algorithm of ours.
    record Pair(KeyPair pair) implements IdentityKey {
        @Override
        public byte[] publicKey() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment key = arena.allocate(pair.algorithm().publicKeyBytes());
                MemorySegment encoded = arena.allocate(pair.algorithm().spkiBytes());
                PublicKey publicKey = pair.publicKey(key, 0);
                return encoded.asSlice(0, publicKey.encode(encoded, 0)).toArray(ValueLayout.JAVA_BYTE);
            }
        }

        @Override
        public IdentityKey withSignatures(UnaryOperator<Signature> forms) {
            Signature own = pair.algorithm().signature();
            Signature form = forms.apply(own);
            return form == own ? this : new Pair(pair.withSignature(form));
        }

        @Override
        public int sign(SignatureScheme scheme, Entropy entropy, MemorySegment message, long messageAt, long length, MemorySegment signature,
                long signatureAt, MemorySegment work, long workAt) {
            return scheme.sign(entropy, pair, message, messageAt, length, signature, signatureAt, work, workAt);
        }

        @Override
        public void destroy() {
            pair.destroy();
        }

        @Override
        public boolean isDestroyed() {
            return pair.isDestroyed();
        }
    }

    /// Of RSA.
    record Rsa(RsaKey key) implements IdentityKey {
        @Override
        public byte[] publicKey() {
            return key.publicKey();
        }

        @Override
        public IdentityKey withSignatures(UnaryOperator<Signature> forms) {
            return this;
        }

        @Override
        public int sign(SignatureScheme scheme, Entropy entropy, MemorySegment message, long messageAt, long length, MemorySegment signature,
                long signatureAt, MemorySegment work, long workAt) {
            return scheme.sign(entropy, key, message, messageAt, length, signature, signatureAt, work, workAt);
        }

        @Override
        public void destroy() {
            key.close();
        }

        @Override
        public boolean isDestroyed() {
            return key.isClosed();
        }
    }
}
