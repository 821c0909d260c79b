package dev.coffer.crypto.easy;

import dev.coffer.memory.pool.BlockAllocator;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The objects of an [EasyCrypto] in pieces of its memory. One thread at a time.
final class EasyPieces {
    private final EasyCrypto owner;
    private final BlockAllocator objects;

    EasyPieces(EasyCrypto owner, BlockAllocator objects) {
        this.owner = owner;
        this.objects = objects;
    }

    <P extends ParameterSet> PublicKey<P> newPublicKey(P set) {
        long piece = objects.allocate(set.publicKeyBytes());
        return new PublicKey<>(set, objects.segment(), objects.at(piece), owner, piece);
    }

    private <P extends ParameterSet> SecretKey<P> newSecretKey(P set) {
        long piece = objects.allocate(set.secretKeyBytes());
        return new SecretKey<>(set, objects.segment(), objects.at(piece), owner, piece);
    }

    private <K extends KemSet> SharedSecret<K> newSharedSecret(K set) {
        long piece = objects.allocate(set.sharedSecretBytes());
        return new SharedSecret<>(set, objects.segment(), objects.at(piece), owner, piece);
    }

    private <K extends KemSet> Ciphertext<K> newCiphertext(K set) {
        long piece = objects.allocate(set.ciphertextBytes());
        return new Ciphertext<>(set, objects.segment(), objects.at(piece), owner, piece);
    }

    // Whoever gets less than all gives back what it got: the piece of an object is released here, as its owner is inside already.

    <P extends ParameterSet> KeyPair<P> pair(P set, BiConsumer<PublicKey<P>, SecretKey<P>> making) {
        SecretKey<P> secretKey = null;
        PublicKey<P> publicKey = null;
        boolean whole = false;
        try {
            secretKey = newSecretKey(set);
            publicKey = newPublicKey(set);
            making.accept(publicKey, secretKey);
            whole = true;
            return new KeyPair<>(publicKey, secretKey);
        } finally {
            if (!whole) {
                giveBack(secretKey, publicKey);
            }
        }
    }

    <K extends KemSet> Encapsulated<K> encapsulated(K set, BiConsumer<Ciphertext<K>, SharedSecret<K>> making) {
        SharedSecret<K> shared = null;
        Ciphertext<K> ciphertext = null;
        boolean whole = false;
        try {
            shared = newSharedSecret(set);
            ciphertext = newCiphertext(set);
            making.accept(ciphertext, shared);
            whole = true;
            return new Encapsulated<>(ciphertext, shared);
        } finally {
            if (!whole) {
                giveBack(shared, ciphertext);
            }
        }
    }

    <K extends KemSet> SharedSecret<K> sharedSecret(K set, Consumer<SharedSecret<K>> making) {
        SharedSecret<K> shared = newSharedSecret(set);
        boolean whole = false;
        try {
            making.accept(shared);
            whole = true;
            return shared;
        } finally {
            if (!whole) {
                giveBack(shared);
            }
        }
    }

    private void giveBack(@Nullable FixedBytes<?> secret, @Nullable FixedBytes<?> open) {
        try {
            giveBack(secret);
        } finally {
            giveBack(open);
        }
    }

    private void giveBack(@Nullable FixedBytes<?> made) {
        if (made != null) {
            objects.release(made.piece());
        }
    }
}
