package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.HeaderProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Asks a library, by plain calls, all that it will be asked by critical ones: it must answer as the pure form does, and not call
/// back meanwhile, neither to allocate nor to free, as that ends the VM in a critical call. Wrong tags are asked too: an error that is queued
/// allocates. On public data; one at a time, as one thread is watched.
final class SelfTest {
    private static final int[] LENGTHS = {0, 1, 17, 1025};
    private static final int LONGEST = 1025;        // past a chunk
    private static final int SETTLING_CALLS = 160;  // past the 128th the VM has made its code
    private static final int KEY = 64;              // offsets in what is filled with a pattern
    private static final int NONCE = 96;
    private static final int AAD = 112;
    private static final int AAD_BYTES = 13;
    private static final int TEXT = 128;

    private SelfTest() {}

    /// @param allocator  what it calls back; null where the library has its own: then it cannot
    /// @throws LibcryptoException  it answers wrongly or calls back, or has no memory for this test
    static synchronized void run(@Nullable LibraryAllocator allocator) {
        try (Arena arena = Arena.ofConfined()) {
            for (NativeCipher cipher : NativeCipher.values()) {
                CipherContexts contexts = ContextMaker.make(cipher, 1, arena.allocate(CipherContext.BYTES, 64), 0, false);
                try {
                    LibraryCalls.threadStop();  // what it keeps for a thread is there no more: who needs it asks again, and is seen
                    if (allocator != null) {
                        allocator.watch();
                    }
                    if (!(cipher.isAead() ? aead(cipher, contexts, arena) : mask(cipher, contexts, arena))) {
                        throw new LibcryptoException(cipher.fetchName() + " answered otherwise than the pure form");
                    }
                    if (allocator != null && allocator.callsWatched() != 0) {
                        throw new LibcryptoException(cipher.fetchName() + " calls back where it must not");
                    }
                } finally {
                    contexts.close();
                }
            }
        }
    }

    private static MemorySegment pattern(Arena arena, int salt) {
        MemorySegment memory = arena.allocate(TEXT + LONGEST + Aead.TAG_BYTES, 64);
        for (int i = 0; i < memory.byteSize(); i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) (i * i * 31 + i * 7 + salt * 101 >>> (salt & 3)));
        }
        return memory;
    }

    private static boolean aead(NativeCipher cipher, CipherContexts contexts, Arena arena) {
        Aead tested = Aead.of(new NativeAead(cipher, contexts));
        Aead pure = pure(cipher);
        boolean right = true;
        for (int i = 0; i < LENGTHS.length && right; i++) {
            MemorySegment mine = pattern(arena, i);
            MemorySegment text = pattern(arena, i);
            MemorySegment theirs = pattern(arena, i);
            AeadKey key = AeadKey.in(tested, arena.allocate(AeadKey.plan("tested", tested).totalBytes()));
            AeadKey twin = AeadKey.in(pure, arena.allocate(AeadKey.plan("pure", pure).totalBytes()));
            key.load(mine, KEY);
            twin.load(mine, KEY);
            key.seal(mine, NONCE, mine, AAD, AAD_BYTES, mine, TEXT, LENGTHS[i], mine, TEXT);
            twin.seal(theirs, NONCE, theirs, AAD, AAD_BYTES, theirs, TEXT, LENGTHS[i], theirs, TEXT);
            int whole = LENGTHS[i] + Aead.TAG_BYTES;
            MemorySegment apart = arena.allocate(LONGEST + 1);
            right = mine.mismatch(theirs) == -1;
            flip(mine, TEXT + LENGTHS[i]);
            right &= !key.open(mine, NONCE, mine, AAD, AAD_BYTES, mine, TEXT, whole, mine, TEXT);
            right &= !key.open(mine, NONCE, mine, AAD, AAD_BYTES, mine, TEXT, whole, apart, 0);
            flip(mine, TEXT + LENGTHS[i]);
            right &= mine.mismatch(theirs) == -1 && apart.mismatch(arena.allocate(LONGEST + 1)) == -1;
            right &= key.open(mine, NONCE, mine, AAD, AAD_BYTES, mine, TEXT, whole, apart, 0);
            right &= key.open(mine, NONCE, mine, AAD, AAD_BYTES, mine, TEXT, whole, mine, TEXT);
            right &= MemorySegment.mismatch(mine, TEXT, TEXT + LENGTHS[i], text, TEXT, TEXT + LENGTHS[i]) == -1;
            right &= MemorySegment.mismatch(apart, 0, LENGTHS[i], text, TEXT, TEXT + LENGTHS[i]) == -1;
            key.wipe();
        }
        return right;
    }

    private static void flip(MemorySegment memory, long at) {
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ 1));
    }

    static Aead pure(NativeCipher cipher) {
        return switch (cipher) {
            case AES_128_GCM -> Aead.AES_128_GCM;
            case AES_256_GCM -> Aead.AES_256_GCM;
            default -> Aead.CHACHA20_POLY1305;
        };
    }

    private static boolean mask(NativeCipher cipher, CipherContexts contexts, Arena arena) {
        CipherSuite pure = switch (cipher) {
            case AES_128_MASK -> CipherSuite.AES_128_GCM_SHA256;
            case AES_256_MASK -> CipherSuite.AES_256_GCM_SHA384;
            default -> CipherSuite.CHACHA20_POLY1305_SHA256;
        };
        CipherSuite tested = pure.withAead(pure.aead(), new NativeMask(cipher, contexts));
        boolean right = true;
        for (int i = 0; i < LENGTHS.length && right; i++) {
            MemorySegment mine = pattern(arena, i);
            MemorySegment theirs = pattern(arena, i);
            protect(pure, theirs, arena);
            protect(tested, mine, arena);
            right = mine.mismatch(theirs) == -1;
        }
        return right;
    }

    private static void protect(CipherSuite suite, MemorySegment memory, Arena arena) {
        MemorySegment work = arena.allocate(HeaderProtection.workspaceBytes(suite));
        MemorySegment place = arena.allocate(HeaderProtection.bytes(suite));
        HeaderProtection header = new HeaderProtection(PacketProtocol.QUIC_1, suite, work, 0).at(place, 0);
        header.load(memory, 0);
        header.protect(memory, TEXT, TEXT + 1, TEXT + 64);
        header.wipe();
    }

    /// Seals and opens until the VM has made the code that it makes for itself.
    static void settle(Aead aead) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = pattern(arena, 1);
            AeadKey key = AeadKey.in(aead, arena.allocate(AeadKey.plan("settle", aead).totalBytes()));
            for (int i = 0; i < SETTLING_CALLS; i++) {
                key.load(memory, KEY);
                key.seal(memory, NONCE, memory, AAD, AAD_BYTES, memory, TEXT, 64, memory, TEXT);
                if (!key.open(memory, NONCE, memory, AAD, AAD_BYTES, memory, TEXT, 64 + Aead.TAG_BYTES, memory, TEXT)) {
                    throw new LibcryptoException(aead.name() + " answered otherwise by critical calls");
                }
                key.wipe();
            }
        }
    }
}
