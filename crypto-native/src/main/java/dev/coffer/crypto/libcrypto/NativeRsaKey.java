package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.key.EncodedRsaKey;
import dev.coffer.crypto.key.EncodedRsaKey.Component;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.memory.Wipe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// An RSA key of libcrypto: its numbers, what is computed of them once, and its blinding lie in the library's memory of keys, from [#make] to the close.
///
/// Any thread; 0 heap bytes.
final class NativeRsaKey implements RsaKey {
    /// Bytes of a key of 4,096 bits at most, which holds 9,200 in version 3.0: eight numbers, three Montgomery forms, two blindings. The heap does not join
    /// blocks, so keys of several lengths after each other need some room.
    static final long KEY_BYTES = 16 << 10;
    /// Bytes of one signature at most, which takes some 23,000 in version 3.0: tables of powers of a prime, a generator for a blinding; more where the library
    /// finds that the machine has computed wrongly, and goes another way.
    static final long CALL_BYTES = 48 << 10;

    private static final String NAME = "RSA key";

    private final Closing closing = new Closing();
    private final RsaTurns turns;
    private final long key;
    private final int bits;
    private final byte[] publicKey;
    private volatile boolean closed;

    private NativeRsaKey(long key, int bits, byte[] publicKey, RsaTurns turns) {
        this.key = key;
        this.bits = bits;
        this.publicKey = publicKey;
        this.turns = turns;
    }

    /// {@return bytes that keys and signatures take of the library's memory}
    static long bytes(LibcryptoConfig config) {
        return config.rsaKeys() == 0 ? 0 : config.rsaKeys() * KEY_BYTES + config.rsaCalls() * CALL_BYTES;
    }

    /// {@return a key that has signed once, so that it has all that it keeps}
    ///
    /// @throws LibcryptoException  its memory is spent, or it signs otherwise than its numbers say; nothing is held
    static NativeRsaKey make(EncodedRsaKey numbers, RsaTurns turns) {
        long made = RsaCalls.key(numbers.memory(), numbers::offset, Component::bytes);
        if (made == 0) {
            throw refused();
        }
        boolean whole = false;
        try {
            NativeRsaKey key = new NativeRsaKey(made, numbers.modulusBits(), numbers.publicKey(), turns);
            key.trySigning();
            whole = true;
            return key;
        } finally {
            if (!whole) {
                RsaCalls.free(made);
            }
        }
    }

    private static LibcryptoException refused() {
        return new LibcryptoException("an RSA key was refused: its memory is spent (LibcryptoConfig.withRsa)");
    }

    /// A signature of 2, which nobody gets, and back.
    private void trySigning() {
        int bytes = modulusBytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(3L * bytes);
            memory.set(ValueLayout.JAVA_BYTE, bytes - 1L, (byte) 2);
            if (!signaturePrimitive(memory, 0, memory, bytes)) {
                throw refused();
            }
            boolean verified = verificationPrimitive(memory, bytes, memory, 2L * bytes);
            Wipe.bytes(memory, bytes, bytes);
            if (!verified || MemorySegment.mismatch(memory, 0, bytes, memory, 2L * bytes, 3L * bytes) >= 0) {
                throw new LibcryptoException("an RSA key signs otherwise than its numbers say");
            }
        }
    }

    @Override
    public int modulusBits() {
        return bits;
    }

    @Override
    public byte[] publicKey() {
        return publicKey.clone();
    }

    @Override
    public boolean signaturePrimitive(MemorySegment representative, long representativeAt, MemorySegment signature, long signatureAt) {
        check(representative, representativeAt, signature, signatureAt);
        if (!closing.enter()) {
            return false;
        }
        turns.take();
        try {
            return RsaCalls.privately(key, modulusBytes(), representative, representativeAt, signature, signatureAt);
        } finally {
            leave();
        }
    }

    @Override
    public boolean verificationPrimitive(MemorySegment signature, long signatureAt, MemorySegment representative, long representativeAt) {
        check(signature, signatureAt, representative, representativeAt);
        if (!closing.enter()) {
            return false;
        }
        turns.take();
        try {
            return RsaCalls.publicly(key, modulusBytes(), signature, signatureAt, representative, representativeAt);
        } finally {
            leave();
        }
    }

    /// What the library keeps for the thread is given back before the next one has the turn.
    private void leave() {
        try {
            closing.leave();
        } finally {
            turns.leave();
        }
    }

    private void check(MemorySegment input, long inputAt, MemorySegment output, long outputAt) {
        Ranges.checkSecret(NAME, input, inputAt, modulusBytes());
        Ranges.checkWorkspace(NAME, output, outputAt, modulusBytes());
        Ranges.apart(NAME, input, inputAt, modulusBytes(), output, outputAt, modulusBytes());
    }

    @Override
    public synchronized void close() {
        if (closing.close()) {
            RsaCalls.free(key);
            LibraryCalls.threadStop();
            closed = true;
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public String toString() {
        return "RSA key of " + bits + " bits" + (closed ? ", closed" : "");
    }
}
