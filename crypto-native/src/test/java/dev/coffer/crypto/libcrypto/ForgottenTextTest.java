package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.memory.Region;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Beside its key a context of libcrypto keeps what the last message was made of: the rest of a block of key stream, the mask of its tag. Of a
/// key that is wiped these are gone too, from all memory of the library, and from ours that its calls go through.
class ForgottenTextTest {
    private static final int KEY_TRACE = 0;
    private static final int TEXT_BYTES = 13;  // less than a block, so that the rest of its key stream is kept
    private static final int STREAM_BYTES = 64;

    @ParameterizedTest
    @ValueSource(strings = {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"})
    void ofAWipedKeyNeitherItNorKeyStreamNorMaskIsLeftInTheLibrary(String name) {
        Aead pure = List.of(Aead.AES_128_GCM, Aead.AES_256_GCM, Aead.CHACHA20_POLY1305).stream().filter(aead -> aead.name().equals(name)).findFirst()
                .orElseThrow();
        try (Libcrypto libcrypto = Presence.open(LibcryptoConfig.defaults().withContexts(2)); Arena arena = Arena.ofConfined()) {
            Assumptions.assumeFalse(LibraryMemory.regions().isEmpty(), "the library has a heap of its own");
            MemorySegment secret = arena.allocate(pure.keyBytes());
            MemorySegment nonce = arena.allocate(pure.nonceBytes());
            SeededEntropy entropy = new SeededEntropy(name.hashCode());
            entropy.fill(secret, 0, secret.byteSize());
            entropy.fill(nonce, 0, nonce.byteSize());
            List<byte[]> traces = traces(pure, secret, nonce, arena);
            AeadKey key = AeadKey.in(libcrypto.aead(pure), arena.allocate(400));
            for (MemorySegment text : List.of(arena.allocate(TEXT_BYTES), MemorySegment.ofArray(new byte[TEXT_BYTES]))) {
                key.load(secret, 0);
                MemorySegment sealed = arena.allocate(TEXT_BYTES + Aead.TAG_BYTES);
                key.seal(nonce, text, sealed);
                Set<Integer> inUse = found(traces);
                assertTrue(inUse.contains(KEY_TRACE) && inUse.size() > 1, "found while the key is in use: " + inUse);
                key.wipe();
                assertEquals(Set.of(), found(traces), "left of a message that was sealed, " + (text.isNative() ? "off" : "on") + " the heap");
                key.load(secret, 0);
                assertTrue(key.open(nonce, sealed, text));
                assertTrue(!found(traces).isEmpty());
                key.wipe();
                assertEquals(Set.of(), found(traces), "left of a message that was opened");
            }
        }
    }

    /// Text on the heap goes through a chunk of ours, which is zero after each call: sealed, opened, and where it is not authentic.
    @ParameterizedTest
    @ValueSource(ints = {1, 40, 1024, 1025, 3000})
    void textOnTheHeapLeavesNothingInTheChunkThatItWentThrough(int length) {
        try (Libcrypto libcrypto = Presence.open(LibcryptoConfig.defaults().withContexts(1)); Arena arena = Arena.ofConfined()) {
            MemorySegment text = MemorySegment.ofArray(new byte[length]).fill((byte) 0x6b);
            MemorySegment sealed = MemorySegment.ofArray(new byte[length + Aead.TAG_BYTES]);
            MemorySegment opened = MemorySegment.ofArray(new byte[length]);
            MemorySegment nonce = arena.allocate(12);
            for (Aead pure : List.of(Aead.AES_128_GCM, Aead.AES_256_GCM, Aead.CHACHA20_POLY1305)) {
                AeadKey key = AeadKey.in(libcrypto.aead(pure), arena.allocate(400));
                key.load(arena.allocate(pure.keyBytes()).fill((byte) 0x42), 0);
                key.seal(nonce, text, sealed);
                assertEquals(0, filledChunks(libcrypto), pure + ": sealed text");
                assertTrue(key.open(nonce, sealed, opened));
                assertEquals(0, filledChunks(libcrypto), pure + ": opened text");
                sealed.set(ValueLayout.JAVA_BYTE, length, (byte) (sealed.get(ValueLayout.JAVA_BYTE, length) ^ 1));
                assertFalse(key.open(nonce, sealed, opened));
                assertEquals(0, filledChunks(libcrypto), pure + ": text that is not authentic");
                key.close();
                assertEquals(0, filledChunks(libcrypto), pure + ": what a wiped key is overwritten with");
            }
        }
    }

    /// The same of keys for header protection; and a mask's place may hold anything before.
    @ParameterizedTest
    @EnumSource(value = NativeCipher.class, names = ".*_MASK", mode = EnumSource.Mode.MATCH_ALL)
    void ofAReleasedKeyForMasksNothingIsLeftInTheLibrary(NativeCipher cipher) {
        try (Libcrypto libcrypto = Presence.open(LibcryptoConfig.defaults().withContexts(1)); Arena arena = Arena.ofConfined()) {
            Assumptions.assumeFalse(LibraryMemory.regions().isEmpty(), libcrypto + " has a heap of its own");
            CipherContexts contexts = ContextMaker.make(cipher, 1, arena.allocate(CipherContext.BYTES, 64), 0, false);
            NativeMask function = new NativeMask(cipher, contexts);
            MemorySegment key = arena.allocate(cipher.keyBytes());
            MemorySegment schedule = arena.allocate(function.scheduleBytes());
            MemorySegment sample = arena.allocate(16).fill((byte) 3);
            MemorySegment masks = arena.allocate(32);
            masks.asSlice(16).fill((byte) 0x5a);
            new SeededEntropy(cipher.ordinal()).fill(key, 0, key.byteSize());
            function.expand(key, 0, schedule, 0, masks, 0);
            function.mask(schedule, 0, sample, 0, masks, 0, masks, 0);
            function.mask(schedule, 0, sample, 0, masks, 16, masks, 0);
            assertEquals(-1, MemorySegment.mismatch(masks, 0, 5, masks, 16, 21), "a mask where something was");
            List<byte[]> traces = List.of(key.toArray(ValueLayout.JAVA_BYTE));
            assertEquals(Set.of(KEY_TRACE), found(traces), "found while the key is in use");
            function.release(schedule, 0);
            assertEquals(Set.of(), found(traces), "left of a key that was released");
            contexts.close();
        }
    }

    /// {@return contexts with a byte in their chunk that is not zero}
    private static int filledChunks(Libcrypto libcrypto) {
        byte[] all = RawMemory.read(libcrypto.region.data());
        int filled = 0;
        for (long context = 0; context < all.length; context += CipherContext.BYTES) {
            int chunk = (int) (context + CipherContext.CHUNK);
            byte[] zeros = new byte[(int) CipherContext.CHUNK_BYTES];
            filled += Arrays.equals(all, chunk, chunk + zeros.length, zeros, 0, zeros.length) ? 0 : 1;
        }
        return filled;
    }

    /// The key, and by our own form the key stream of the first block of text, in pieces of 16 bytes, and what a tag of nothing is, which is its mask in GCM.
    private static List<byte[]> traces(Aead pure, MemorySegment secret, MemorySegment nonce, Arena arena) {
        List<byte[]> traces = new ArrayList<>(List.of(secret.toArray(ValueLayout.JAVA_BYTE)));
        try (AeadKey key = AeadKey.in(pure, arena.allocate(AeadKey.plan("key", pure).totalBytes()))) {
            key.load(secret, 0);
            MemorySegment sealed = arena.allocate(STREAM_BYTES + Aead.TAG_BYTES);
            key.seal(nonce, arena.allocate(STREAM_BYTES), sealed);
            byte[] stream = sealed.toArray(ValueLayout.JAVA_BYTE);
            for (int at = 0; at < STREAM_BYTES; at += 16) {
                traces.add(Arrays.copyOfRange(stream, at, at + 16));
            }
            MemorySegment tag = arena.allocate(Aead.TAG_BYTES);
            key.seal(nonce, arena.allocate(0), tag);
            traces.add(tag.toArray(ValueLayout.JAVA_BYTE));
        }
        return traces;
    }

    /// {@return which of them lie in the library's memory}
    private static Set<Integer> found(List<byte[]> traces) {
        Set<Integer> found = new TreeSet<>();
        for (Region region : LibraryMemory.regions()) {
            byte[] all = RawMemory.read(region.data());
            for (int trace = 0; trace < traces.size(); trace++) {
                byte[] wanted = traces.get(trace);
                for (int at = 0; at + wanted.length <= all.length; at++) {
                    if (all[at] == wanted[0] && Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
                        found.add(trace);
                    }
                }
            }
        }
        return found;
    }
}
