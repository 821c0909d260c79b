package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The library is given addresses, and another thread may give the memory back meanwhile: then no call is made, critical or plain.
class HeldTextTest {
    private static final int BYTES = 64;

    /// The memory is there, and its life over: what the library would write to it shows.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noCallComesByAnAddressWhoseLifeIsOver(boolean critical) {
        try (Libcrypto _ = Presence.open(LibcryptoConfig.defaults().withContexts(1)); Arena arena = Arena.ofConfined()) {
            CipherContexts contexts = ContextMaker.make(NativeCipher.AES_128_GCM, 1, arena.allocate(CipherContext.BYTES, 64), 0, critical);
            MemorySegment key = arena.allocate(32).fill((byte) 7);
            MemorySegment open = arena.allocate(BYTES);
            MemorySegment there = arena.allocate(BYTES);
            MemorySegment ended;
            try (Arena life = Arena.ofShared()) {
                ended = there.reinterpret(life, null);
            }
            CipherContext context = contexts.claim(key, 0);
            try {
                context.begin(key, 0, key, 16, 12, CipherContext.SEAL);
                assertThrows(IllegalStateException.class, () -> context.authenticate(ended, 0, BYTES));
                assertThrows(IllegalStateException.class, () -> context.transform(open, 0, BYTES, ended, 0));
                assertThrows(IllegalStateException.class, () -> context.transform(ended, 0, BYTES, open, 0));
                assertThrows(IllegalStateException.class, () -> context.transform(ended, 0, BYTES, ended, 0));
            } finally {
                context.yieldClaim();
                contexts.close();
            }
            for (int i = 0; i < BYTES; i++) {
                assertEquals(0, there.get(ValueLayout.JAVA_BYTE, i) | open.get(ValueLayout.JAVA_BYTE, i));
            }
        }
    }
}
