package dev.coffer.crypto.easy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.easy.OpenException.Reason;
import dev.coffer.testkit.SeededEntropy;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// What tests of the facade stand on: one that is open, a folder, and bytes to seal and sign.
abstract class EasyFixture {
    @TempDir
    Path folder;
    final EasyCrypto crypto = EasyCrypto.open(EasyConfig.defaults(), new SeededEntropy(5));

    @AfterEach
    void close() {
        crypto.close();
    }

    static List<Level<?, ?>> levels() {
        return List.of(Level.ONE, Level.THREE, Level.FIVE);
    }

    static byte[] filled(int length) {
        return Memory.bytes(filledMemory(length));
    }

    static MemorySegment filledMemory(int length) {
        MemorySegment memory = Memory.zeros(length);
        new SeededEntropy(length).fill(memory, 0, length);
        return memory;
    }

    static void assertReason(Reason reason, Executable opening) {
        assertEquals(reason, assertThrows(OpenException.class, opening).reason());
    }
}
