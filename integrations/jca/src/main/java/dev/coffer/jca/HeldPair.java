package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Secret;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/// A private key with its public one in the provider's memory, and behind them the encoding that it was read from, so that it is given back
/// byte for byte. Any number of threads use it at a time; destroying waits for those inside and refuses all that come later.
final class HeldPair {
    /// What is done with the pair; it is whole until this returns.
    @FunctionalInterface
    interface Use<T, E extends Exception> {
        T with(KeyPair pair) throws E;
    }

    private final Vault vault;
    private final KeyPair pair;
    private final Piece piece;
    private final int encodedBytes;  // of the encoding it was read from; 0 where it was generated
    private final Gate gate = new Gate();

    private HeldPair(Vault vault, KeyPair pair, Piece piece, int encodedBytes) {
        this.vault = vault;
        this.pair = pair;
        this.piece = piece;
        this.encodedBytes = encodedBytes;
    }

    /// Makes the pair in the secret that it shall own.
    @FunctionalInterface
    interface Maker<E extends Exception> {
        KeyPair make(Secret secret) throws E;
    }

    /// {@return a pair in a piece of its own, with a copy of its encoding behind it}
    ///
    /// @param encoded  from 0; of no bytes where there is none
    static <E extends Exception> HeldPair make(Vault vault, KeyAlgorithm algorithm, MemorySegment encoded, int encodedBytes, Maker<E> maker)
            throws E {
        int pairBytes = algorithm.keyPairBytes();
        Piece piece = vault.key((long) pairBytes + encodedBytes);
        boolean made = false;
        try {
            KeyPair pair = maker.make(Secret.of(piece.segment(), 0, pairBytes));
            MemorySegment.copy(encoded, 0, piece.segment(), pairBytes, encodedBytes);
            HeldPair held = new HeldPair(vault, pair, piece, encodedBytes);
            piece.watch(held);
            made = true;
            return held;
        } finally {
            if (!made) {
                piece.close();
            }
        }
    }

    KeyAlgorithm algorithm() {
        return pair.algorithm();
    }

    Vault vault() {
        return vault;
    }

    /// {@return what came of it}
    ///
    /// @throws IllegalStateException  destroyed (caller's fault)
    <T, E extends Exception> T use(Use<T, E> use) throws E {
        gate.enter("key of " + KeyNames.set(pair.algorithm()));
        try {
            return use.with(pair);
        } finally {
            gate.leave();
            Reference.reachabilityFence(this);
        }
    }

    /// {@return the encoding, in an array of the caller's}
    byte[] encoded() {
        return use(key -> {
            if (encodedBytes > 0) {
                return piece.segment().asSlice(key.algorithm().keyPairBytes(), encodedBytes).toArray(ValueLayout.JAVA_BYTE);
            }
            PrivateKeyForm form = vault.config().form();
            int bytes = key.algorithm().pkcs8Bytes(form);
            try (Piece target = vault.work(bytes)) {
                int written = key.encode(form, target.segment(), 0);
                return target.segment().asSlice(0, written).toArray(ValueLayout.JAVA_BYTE);
            }
        });
    }

    /// {@return the private key alone, in an array of the caller's: for the interfaces that ask for a number}
    byte[] privateBytes() {
        return use(key -> key.secret().segment().asSlice(key.secret().offset(), key.algorithm().privateKeyBytes())
                .toArray(ValueLayout.JAVA_BYTE));
    }

    /// {@return the public key as it is held}
    byte[] publicBytes() {
        return use(key -> {
            byte[] bytes = new byte[key.algorithm().publicKeyBytes()];
            key.publicKey(MemorySegment.ofArray(bytes), 0);
            return bytes;
        });
    }

    /// Waits for those who use it, then wipes it and gives its memory back. Twice is harmless.
    void destroy() {
        gate.shut(() -> {
            try {
                pair.destroy();
            } finally {
                piece.close();
            }
        });
    }

    boolean isDestroyed() {
        return gate.isShut();
    }

    /// {@return whether both are one private key, whether its seed is known or not, compared in constant time; a destroyed one equals
    /// itself only}
    boolean isSame(HeldPair other) {
        if (this == other) {
            return true;
        }
        try {
            return algorithm() == other.algorithm() && use(mine -> other.use(theirs -> ConstantTime.equal(mine.secret().segment(),
                    mine.secret().offset(), theirs.secret().segment(), theirs.secret().offset(), algorithm().privateKeyBytes())));
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
