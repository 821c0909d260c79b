package dev.coffer.crypto.easy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.easy.OpenException.Reason;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the facade seals opens with its key alone, in bytes, files and the caller's memory, and what is left of what does not.
class EasySealingTest extends EasyFixture {
    @ParameterizedTest
    @MethodSource("levels")
    void whatIsSealedOpensWithItsKeyAlone(Level<?, ?> level) {
        try (KeyPair<? extends KemSet> keys = crypto.keygen(level); KeyPair<? extends KemSet> others = crypto.keygen(level)) {
            for (int length : new int[] {0, 1, 100, 65_536}) {
                byte[] sealed = crypto.seal(keys.publicKey(), filled(length));
                assertEquals(EasyCrypto.sealedBytes(level.kem(), length), sealed.length);
                assertArrayEquals(filled(length), crypto.open(keys.secretKey(), sealed));
                assertReason(Reason.WRONG_KEY, () -> crypto.open(others.secretKey(), sealed));
            }
            byte[] sealed = crypto.seal(keys.publicKey(), "größer");
            assertEquals("größer", crypto.openText(keys.secretKey(), sealed));
            assertNotEquals(List.of(sealed), List.of(crypto.seal(keys.publicKey(), "größer")), "sealed anew");
        }
        assertEquals(0, crypto.objectBytesUsed());
    }

    @ParameterizedTest
    @MethodSource("levels")
    void whatWasChangedAnywhereSaysWhere(Level<?, ?> level) {
        try (KeyPair<? extends KemSet> keys = crypto.keygen(level)) {
            byte[] aad = {1, 2};
            byte[] sealed = crypto.seal(keys.publicKey(), filled(40), aad);
            int body = sealed.length - 40 - 16;
            for (int at = 0; at < sealed.length; at += at < 2 ? 1 : 23) {
                byte[] changed = sealed.clone();
                changed[at] ^= 1;
                assertReason(at < 2 ? Reason.UNKNOWN_FORMAT : at < body ? Reason.WRONG_KEY : Reason.CHANGED,
                        () -> crypto.open(keys.secretKey(), changed, aad));
            }
            assertReason(Reason.CHANGED, () -> crypto.open(keys.secretKey(), sealed, new byte[] {1, 3}));
            assertReason(Reason.CHANGED, () -> crypto.open(keys.secretKey(), sealed));
            for (int length : new int[] {0, 1, 2, body + 15}) {
                assertReason(Reason.UNKNOWN_FORMAT, () -> crypto.open(keys.secretKey(), java.util.Arrays.copyOf(sealed, length), aad));
            }
            assertReason(Reason.CHANGED, () -> crypto.open(keys.secretKey(), java.util.Arrays.copyOf(sealed, sealed.length - 1), aad));
            assertArrayEquals(filled(40), crypto.open(keys.secretKey(), sealed, aad));
        }
    }

    /// Interrupted behind the last read, where the source is asked: the new file is there already when its first byte is refused.
    @Test
    void aFileThatCouldNotBeWrittenWholeIsNotThere() throws IOException {
        SeededEntropy random = new SeededEntropy(6);
        boolean[] interrupts = {false};
        Entropy source = (target, at, length) -> {
            random.fill(target, at, length);
            if (interrupts[0]) {
                Thread.currentThread().interrupt();
            }
        };
        Path from = Files.write(folder.resolve("text"), filled(100));
        Path into = folder.resolve("sealed");
        try (EasyCrypto interrupted = EasyCrypto.open(EasyConfig.defaults(), source); var keys = interrupted.keygen(Level.ONE)) {
            interrupts[0] = true;
            assertThrows(ClosedByInterruptException.class, () -> interrupted.seal(keys.publicKey(), from, into));
            assertTrue(Thread.interrupted());
            assertFalse(Files.exists(into));
            interrupted.assertWiped();
        }
    }

    /// A text that is gone when it is read, behind the encapsulation.
    @Test
    void aMessageThatBreaksOffLeavesNothingOfItsHead() {
        MemorySegment closed;
        try (Arena arena = Arena.ofConfined()) {
            closed = arena.allocate(40);
        }
        MemorySegment gone = closed;
        MemorySegment output = Memory.zeros(EasyCrypto.sealedBytes(Level.ONE.kem(), 40)).fill((byte) 9);
        try (KeyPair<KemSet.MlKem512> keys = crypto.keygen(Level.ONE)) {
            assertThrows(IllegalStateException.class,
                    () -> crypto.seal(keys.publicKey(), output, 0, 0, gone, 0, 40, output, 0));
            assertEquals("00".repeat((int) output.byteSize()), Memory.hex(output));
            crypto.assertWiped();
        }
    }

    @ParameterizedTest
    @MethodSource("levels")
    void bothSidesHaveASecretAndSealWithIt(Level<?, ?> level) {
        agrees(level);
    }

    private <K extends KemSet> void agrees(Level<K, ?> level) {
        K set = level.kem();
        try (KeyPair<K> keys = crypto.keygen(level); Encapsulated<K> sent = crypto.encapsulate(keys.publicKey());
                SharedSecret<K> got = crypto.decapsulate(keys.secretKey(), sent.ciphertext().toBytes())) {
            assertEquals(-1, MemorySegment.mismatch(sent.sharedSecret().segment(), sent.sharedSecret().offset(),
                    sent.sharedSecret().offset() + 32, got.segment(), got.offset(), got.offset() + 32));
            byte[] sealed = crypto.seal(sent.sharedSecret(), filled(100));
            assertArrayEquals(filled(100), crypto.open(got, sealed));
            for (int at = 0; at < sealed.length; at++) {
                byte[] changed = sealed.clone();
                changed[at] ^= 4;
                assertReason(at < 2 ? Reason.UNKNOWN_FORMAT : at < 66 ? Reason.WRONG_KEY : Reason.CHANGED, () -> crypto.open(got, changed));
            }
            assertReason(Reason.UNKNOWN_FORMAT, () -> crypto.open(got, new byte[81]));
            byte[] foreign = sent.ciphertext().toBytes();
            foreign[5] ^= 1;
            try (SharedSecret<K> other = crypto.decapsulate(keys.secretKey(), foreign)) {
                assertReason(Reason.WRONG_KEY, () -> crypto.open(other, sealed));
            }
            assertReason(Reason.UNKNOWN_FORMAT, () -> crypto.decapsulate(keys.secretKey(), new byte[set.ciphertextBytes() - 1]));
            MemorySegment memory = Memory.zeros(set.ciphertextBytes() + 64L);
            SharedSecret<K> left = SharedSecret.of(set, memory, 0);
            SharedSecret<K> right = SharedSecret.of(set, memory, 32);
            Ciphertext<K> ciphertext = Ciphertext.of(set, memory, 64);
            crypto.encapsulate(keys.publicKey(), ciphertext, left);
            crypto.decapsulate(keys.secretKey(), ciphertext, right);
            assertEquals(-1, memory.asSlice(0, 32).mismatch(memory.asSlice(32, 32)));
            left.close();
            right.close();
            assertEquals(0, RawMemory.nonZero(memory, 0, 64), "wiped when closed");
        }
        assertEquals(0, crypto.objectBytesUsed());
    }

    /// A text that is to be sealed where it lies is the caller's until it is sealed.
    @Test
    void aSourceThatFailsLeavesTheTextThatLiesInPlace() {
        boolean[] failing = {false};
        Entropy source = (memory, at, length) -> {
            if (failing[0]) {
                throw new IllegalStateException("planted");
            }
            Entropy.SYSTEM.fill(memory, at, length);
        };
        try (EasyCrypto own = EasyCrypto.open(EasyConfig.defaults(), source); KeyPair<KemSet.XWing768> keys = own.keygen(Level.THREE);
                SharedSecret<KemSet.XWing768> shared = own.encapsulate(keys.publicKey()).sharedSecret()) {
            MemorySegment memory = filledMemory((int) EasyCrypto.sealedBytes(Level.THREE.kem(), 50));
            String before = Memory.hex(memory);
            int head = (int) memory.byteSize() - 50 - 16;
            failing[0] = true;
            assertThrows(IllegalStateException.class, () -> own.seal(keys.publicKey(), memory, 0, 0, memory, head, 50, memory, 0));
            assertEquals(before.substring(2 * head), Memory.hex(memory).substring(2 * head));
            EasySealing sealing = new EasySealing(Memory.zeros(32 << 10), Memory.zeros(4 << 10), source);
            int at = head - EasySealing.SHARED_OVERHEAD_BYTES + 16;
            assertThrows(IllegalStateException.class,
                    () -> sealing.sealShared(shared.segment(), shared.offset(), memory, 0, 0, memory, head, 50, memory, at));
            assertEquals(before.substring(2 * head), Memory.hex(memory).substring(2 * head));
        }
    }

    /// A file system that has no permissions, no folders to flush, and channels that are no kernel's.
    @Test
    void filesOfAnotherFileSystemServe() throws IOException {
        Path archive = folder.resolve("archive.zip");
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"));
                KeyPair<KemSet.XWing768> keys = crypto.keygen(Level.THREE)) {
            Path text = Files.write(zip.getPath("text"), filled(300));
            crypto.seal(keys.publicKey(), text, zip.getPath("sealed"));
            crypto.open(keys.secretKey(), zip.getPath("sealed"), zip.getPath("opened"));
            assertArrayEquals(filled(300), Files.readAllBytes(zip.getPath("opened")));
            assertArrayEquals(crypto.hash(Level.ONE, filled(300)), crypto.hash(Level.ONE, text));
            assertThrows(FileAlreadyExistsException.class, () -> crypto.open(keys.secretKey(), zip.getPath("sealed"), text));
            crypto.assertWiped();
        }
    }

    /// The caller's memory: in place, and refused where ranges overlap, before anything is written.
    @Test
    void sealsAndOpensInTheCallersMemory() {
        try (KeyPair<KemSet.XWing768> keys = crypto.keygen(Level.THREE)) {
            int head = 2 + 1120 + 32;
            MemorySegment memory = Memory.zeros(2000);
            MemorySegment text = filledMemory(50);
            MemorySegment.copy(text, 0, memory, head, 50);
            crypto.seal(keys.publicKey(), text, 0, 5, memory, head, 50, memory, 0);
            MemorySegment kept = Memory.of(Memory.bytes(memory));
            assertEquals(50, crypto.open(keys.secretKey(), text, 0, 5, memory, 0, head + 66, memory, head));
            assertEquals(-1, text.mismatch(memory.asSlice(head, 50)));
            MemorySegment before = Memory.of(Memory.bytes(memory));
            for (Executable misuse : List.<Executable>of(
                    () -> crypto.seal(keys.publicKey(), text, 0, 0, memory, head - 1, 50, memory, 0),
                    () -> crypto.seal(keys.publicKey(), text, 0, 0, memory, 0, 50, memory, 10),
                    () -> crypto.seal(keys.publicKey(), memory, 100, 5, text, 0, 50, memory, 0),
                    () -> crypto.seal(keys.publicKey(), text, 0, 0, text, 0, 50, memory.asReadOnly(), 0),
                    () -> crypto.seal(keys.publicKey(), text, 0, 0, text, 0, 50, keys.publicKey().segment(), keys.publicKey().offset()),
                    () -> crypto.open(keys.secretKey(), text, 0, 5, kept, 0, head + 66, kept, head + 1),
                    () -> crypto.open(keys.secretKey(), text, 0, 5, kept, 0, head + 66, keys.secretKey().segment(), keys.secretKey().offset()))) {
                assertThrows(IllegalArgumentException.class, misuse);
            }
            assertThrows(IndexOutOfBoundsException.class, () -> crypto.seal(keys.publicKey(), text, 0, 0, text, 0, 50, memory, 2000 - head - 65));
            assertThrows(IndexOutOfBoundsException.class, () -> crypto.seal(keys.publicKey(), text, 0, 0, text, 1, 50, memory, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> crypto.open(keys.secretKey(), text, 0, 0, memory, 0, 2001, memory, 0));
            assertEquals(-1, before.mismatch(memory));
            crypto.assertWiped();
        }
    }
}
