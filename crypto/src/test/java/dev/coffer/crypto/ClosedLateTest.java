package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.ed25519.Ed25519Stream;
import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.mldsa.ExpandedSigningKey;
import dev.coffer.crypto.mldsa.ExpandedVerifyingKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.ExpandedDecapsulationKey;
import dev.coffer.crypto.mlkem.ExpandedEncapsulationKey;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.HeaderProtection;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.crypto.stream.SealedStream;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Objects over the caller's memory, closed in their turn: wiped, twice without harm, and after the memory without harm as well.
class ClosedLateTest {
    private static final byte[] KEY = HexFormat.of().parseHex("302e020100300506032b657004220420"
            + "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842");
    private static final long BYTES = 1 << 18;

    static List<Function<MemorySegment, AutoCloseable>> objects() {
        return List.of(
                memory -> {
                    MemorySegment.copy(KEY, 0, memory, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, KEY.length);
                    return EncodedKey.in(memory, 0, KEY.length);
                },
                memory -> new ExpandedSigningKey(MlDsa.ML_DSA_65, dirty(memory, ExpandedSigningKey.bytes(MlDsa.ML_DSA_65)), 0),
                memory -> new ExpandedVerifyingKey(MlDsa.ML_DSA_44, dirty(memory, ExpandedVerifyingKey.bytes(MlDsa.ML_DSA_44)), 0),
                memory -> new ExpandedDecapsulationKey(MlKem.ML_KEM_768,
                        dirty(memory, ExpandedDecapsulationKey.bytes(MlKem.ML_KEM_768)), 0),
                memory -> new ExpandedEncapsulationKey(MlKem.ML_KEM_768,
                        dirty(memory, ExpandedEncapsulationKey.bytes(MlKem.ML_KEM_768)), 0),
                memory -> new Ed25519Stream(dirty(memory, Ed25519Stream.MEMORY_BYTES), 0),
                memory -> new SealedStream(memory.asSlice(0, SealedStream.plan().totalBytes())),
                memory -> {
                    AeadKey key = AeadKey.in(Aead.AES_256_GCM, memory);
                    key.load(Memory.of(KEY), 0);
                    return key;
                },
                memory -> {
                    PacketProtection keys = new PacketProtection(PacketProtocol.QUIC_1, CipherSuite.AES_128_GCM_SHA256, memory, 8192);
                    keys.at(memory, 0).load(Memory.of(KEY), 0);
                    return keys;
                },
                memory -> {
                    HeaderProtection keys = new HeaderProtection(PacketProtocol.QUIC_1, CipherSuite.AES_128_GCM_SHA256, memory, 8192);
                    keys.at(memory, 0).load(Memory.of(KEY), 0);
                    return keys;
                });
    }

    private static MemorySegment dirty(MemorySegment memory, long bytes) {
        memory.asSlice(0, bytes).fill((byte) 0x5a);
        return memory;
    }

    @ParameterizedTest
    @MethodSource("objects")
    void closingAfterTheMemoryIsHarmless(Function<MemorySegment, AutoCloseable> maker) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(BYTES);
            AutoCloseable object = maker.apply(memory);
            object.close();
            object.close();
            assertEquals(0, RawMemory.nonZero(memory, 0, (int) BYTES), object.toString());
        }
        Arena arena = Arena.ofConfined();
        AutoCloseable late = maker.apply(arena.allocate(BYTES));
        arena.close();
        assertDoesNotThrow(late::close, late.toString());
        assertDoesNotThrow(late::close, "twice");
    }
}
