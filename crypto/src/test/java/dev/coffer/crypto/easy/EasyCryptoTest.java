package dev.coffer.crypto.easy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.crypto.easy.OpenException.Reason;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.pool.BlocksExhaustedException;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The facade at its three levels: what it signs verifies, hashes, bounds, keys and threads, and what is left behind.
class EasyCryptoTest extends EasyFixture {
    /// Types as wide as `PublicKey<KemSet>`, of sets that were chosen at run time, compile together.
    @Test
    void objectsOfAnotherSetAreRefusedWhereTypesAreTooWideToTell() {
        KemSet large = KemSet.MlKem1024.SET;
        KemSet small = KemSet.MlKem512.SET;
        SignatureSet largest = SignatureSet.MlDsa87.SET;
        SignatureSet smallest = SignatureSet.MlDsa44.SET;
        MemorySegment memory = Memory.zeros(16_384).fill((byte) 9);
        PublicKey<KemSet> to = PublicKey.of(large, filledMemory(1568), 0);
        SecretKey<KemSet> key = SecretKey.of(small, filledMemory(1632), 0);
        SecretKey<SignatureSet> signing = SecretKey.of(largest, filledMemory(4896), 0);
        List<Executable> misuses = List.of(
                () -> crypto.encapsulate(to, Ciphertext.of(small, memory, 0), SharedSecret.of(large, memory, 8192)),
                () -> crypto.encapsulate(to, Ciphertext.of(large, memory, 0), SharedSecret.of(small, memory, 8192)),
                () -> crypto.decapsulate(key, Ciphertext.of(large, memory, 0), SharedSecret.of(small, memory, 8192)),
                () -> crypto.decapsulate(key, Ciphertext.of(small, memory, 0), SharedSecret.of(large, memory, 8192)),
                () -> crypto.sign(signing, memory, 16_000, 1, Signature.of(smallest, memory, 0)));
        for (Executable misuse : misuses) {
            assertThrows(IllegalArgumentException.class, misuse);
            assertEquals("09".repeat(16_384), Memory.hex(memory), "nothing is written");
        }
    }

    @ParameterizedTest
    @MethodSource("levels")
    void whatIsSignedVerifiesAndNothingElse(Level<?, ?> level) {
        signs(level);
    }

    private <S extends SignatureSet> void signs(Level<?, S> level) {
        try (KeyPair<S> keys = crypto.keygenToSign(level); KeyPair<S> others = crypto.keygenToSign(level)) {
            byte[] signature = crypto.sign(keys.secretKey(), "I was here");
            assertEquals(level.signature().signatureBytes(), signature.length);
            assertTrue(crypto.verify(keys.publicKey(), "I was here", signature));
            assertFalse(crypto.verify(keys.publicKey(), "I was there", signature));
            assertFalse(crypto.verify(others.publicKey(), "I was here", signature));
            assertFalse(crypto.verify(keys.publicKey(), "I was here", java.util.Arrays.copyOf(signature, signature.length - 1)));
            signature[signature.length / 2] ^= 1;
            assertFalse(crypto.verify(keys.publicKey(), "I was here", signature));
            MemorySegment memory = Memory.zeros(level.signature().signatureBytes());
            try (Signature<S> typed = Signature.of(level.signature(), memory, 0)) {
                MemorySegment message = filledMemory(300);
                crypto.sign(keys.secretKey(), message, 10, 100, typed);
                assertTrue(crypto.verify(keys.publicKey(), message, 10, 100, typed));
                assertFalse(crypto.verify(keys.publicKey(), message, 10, 101, typed));
                assertTrue(crypto.verify(keys.publicKey(), Memory.bytes(message.asSlice(10, 100)), typed.toBytes()));
            }
            try (PublicKey<S> copy = crypto.publicKey(level.signature(), keys.publicKey().toBytes())) {
                assertTrue(crypto.verify(copy, "x", crypto.sign(keys.secretKey(), "x")));
            }
        }
        assertEquals(0, crypto.objectBytesUsed());
    }

    @Test
    void aKeyThatIsNoneIsRefused() {
        for (Level<?, ?> level : levels()) {
            KemSet set = level.kem();
            byte[] none = new byte[set.publicKeyBytes()];
            java.util.Arrays.fill(none, (byte) -1);
            try (PublicKey<? extends KemSet> key = crypto.publicKey(set, none)) {
                assertThrows(IllegalArgumentException.class, () -> crypto.seal(key, "x"));
                assertThrows(IllegalArgumentException.class, () -> crypto.encapsulate(key));
            }
            assertThrows(IllegalArgumentException.class, () -> crypto.publicKey(set, new byte[set.publicKeyBytes() + 1]));
        }
        assertEquals(0, crypto.objectBytesUsed());
    }

    @Test
    void theBoundsAreKeptAndMayBeMoved() {
        EasyConfig config = EasyConfig.defaults().withMessageBytesMax(2000).withAssociatedBytesMax(10).withObjectBytes(8192)
                .withScratchBytes(24 << 10).withTemporaryBytes(8192);
        try (EasyCrypto small = EasyCrypto.open(config, Entropy.SYSTEM); KeyPair<KemSet.MlKem512> keys = small.keygen(Level.ONE)) {
            assertArrayEquals(filled(2000), small.open(keys.secretKey(), small.seal(keys.publicKey(), filled(2000), new byte[10]), new byte[10]));
            assertThrows(IllegalArgumentException.class, () -> small.seal(keys.publicKey(), filled(2001)));
            assertThrows(IllegalArgumentException.class, () -> small.seal(keys.publicKey(), filled(20), new byte[11]));
            try (PublicKey<KemSet.MlKem512> same = crypto.publicKey(Level.ONE.kem(), keys.publicKey().toBytes())) {
                byte[] longer = crypto.seal(same, filled(2001));
                assertReason(Reason.UNKNOWN_FORMAT, () -> small.open(keys.secretKey(), longer));
            }
            List<KeyPair<?>> all = new ArrayList<>();
            assertThrows(BlocksExhaustedException.class, () -> {
                while (true) {
                    all.add(small.keygenToSign(Level.ONE));
                }
            });
            long used = small.objectBytesUsed();
            assertThrows(BlocksExhaustedException.class, () -> small.keygenToSign(Level.FIVE));
            assertEquals(used, small.objectBytesUsed(), "what was refused holds nothing");
            all.forEach(KeyPair::close);
        }
        EasyConfig d = EasyConfig.defaults();
        assertEquals(List.of(65_536, 65_536, 32_768, 4_096), List.of(d.messageBytesMax(), d.associatedBytesMax(), d.scratchBytes(), d.temporaryBytes()));
        for (Executable wrong : List.<Executable>of(() -> d.withMessageBytesMax(1023), () -> d.withAssociatedBytesMax(-1),
                () -> d.withScratchBytes((24 << 10) - 64), () -> d.withTemporaryBytes(4095), () -> d.withObjectBytes((8 << 10) + 1),
                () -> d.withMessageBytesMax((1 << 26) + 1))) {
            assertThrows(IllegalArgumentException.class, wrong);
        }
    }

    /// 64 KiB of text and of associated data: as many bytes pass, one more is refused, in arrays and in the caller's memory, to a key and under a secret.
    @Test
    void theDefaultBoundsTakeAsManyBytesAndNotOneMore() {
        int most = crypto.config().messageBytesMax();
        assertEquals(65_536, most);
        try (KeyPair<KemSet.MlKem512> keys = crypto.keygen(Level.ONE); Encapsulated<KemSet.MlKem512> shared = crypto.encapsulate(keys.publicKey())) {
            byte[] sealed = crypto.seal(keys.publicKey(), filled(most), filled(most));
            assertArrayEquals(filled(most), crypto.open(keys.secretKey(), sealed, filled(most)));
            assertArrayEquals(filled(most), crypto.open(shared.sharedSecret(), crypto.seal(shared.sharedSecret(), filled(most))));
            MemorySegment memory = filledMemory(most + 1);
            MemorySegment output = Memory.zeros(EasyCrypto.sealedBytes(Level.ONE.kem(), most + 1L));
            crypto.seal(keys.publicKey(), memory, 0, most, memory, 0, most, output, 0);
            for (Executable above : List.<Executable>of(() -> crypto.seal(keys.publicKey(), filled(most + 1), new byte[0]),
                    () -> crypto.seal(keys.publicKey(), new byte[0], filled(most + 1)),
                    () -> crypto.seal(keys.publicKey(), memory, 0, 0, memory, 0, most + 1L, output, 0),
                    () -> crypto.seal(keys.publicKey(), memory, 0, most + 1L, memory, 0, 0, output, 0),
                    () -> crypto.open(keys.secretKey(), sealed, filled(most + 1)),
                    () -> crypto.open(keys.secretKey(), memory, 0, most + 1L, output, 0, output.byteSize() - 1, memory, 0),
                    () -> crypto.seal(shared.sharedSecret(), filled(most + 1)))) {
                assertThrows(IllegalArgumentException.class, above);
                crypto.assertWiped();
            }
            assertReason(Reason.UNKNOWN_FORMAT, () -> crypto.open(keys.secretKey(), java.util.Arrays.copyOf(sealed, sealed.length + 1), filled(most)));
            assertReason(Reason.UNKNOWN_FORMAT,
                    () -> crypto.open(shared.sharedSecret(), new byte[most + 1 + EasySealing.SHARED_OVERHEAD_BYTES]));
            assertArrayEquals(filled(most), crypto.open(keys.secretKey(), sealed, filled(most)), "refusals changed nothing");
        }
    }

    @Test
    void everyAlgorithmKeepsWithinTheSmallestScratchAndTemporaries() {
        for (Level<?, ?> level : levels()) {
            assertTrue(level.kem().suite.workspaceBytes() <= 24 << 10);
            assertTrue(level.kem().suite.contextBytes() <= EasySealing.SHARED, "the context: " + level.kem().suite.contextBytes());
            assertTrue(level.signature().scheme().signWorkspaceBytes() <= 24 << 10);
            assertTrue(level.signature().scheme().workspaceBytes() <= 24 << 10);
        }
        assertEquals(EasyConfig.defaults().plan().totalBytes(), 32_768 + 4_096 + (65_536 + 1_618 + 64) + 131_072);
    }

    @Test
    void filesAreSealedOpenedSignedAndHashed() throws IOException {
        Path text = folder.resolve("text");
        Path sealed = folder.resolve("sealed");
        Path opened = folder.resolve("opened");
        try (KeyPair<KemSet.XWing768> keys = crypto.keygen(Level.THREE)) {
            for (int length : new int[] {0, 1, 65_536}) {
                Files.write(text, filled(length));
                crypto.seal(keys.publicKey(), text, sealed);
                crypto.open(keys.secretKey(), sealed, opened);
                assertArrayEquals(filled(length), Files.readAllBytes(opened));
                assertArrayEquals(filled(length), crypto.open(keys.secretKey(), Files.readAllBytes(sealed)));
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(opened)));
                assertThrows(FileAlreadyExistsException.class, () -> crypto.open(keys.secretKey(), sealed, opened));
                assertThrows(FileAlreadyExistsException.class, () -> crypto.seal(keys.publicKey(), text, text));
                assertArrayEquals(filled(length), Files.readAllBytes(text), "where it reads, it never writes");
                Files.delete(sealed);
                Files.delete(opened);
            }
            Files.write(text, filled(65_537));
            assertThrows(IllegalArgumentException.class, () -> crypto.seal(keys.publicKey(), text, sealed));
            Files.write(sealed, filled(2000));
            assertReason(Reason.UNKNOWN_FORMAT, () -> crypto.open(keys.secretKey(), sealed, opened));
            assertFalse(Files.exists(opened));
        }
        Files.write(text, filled(200_000));
        try (KeyPair<SignatureSet.MlDsa65> keys = crypto.keygenToSign(Level.THREE)) {
            byte[] signature = crypto.sign(keys.secretKey(), text);
            assertTrue(crypto.verify(keys.publicKey(), text, signature));
            assertTrue(crypto.verify(keys.publicKey(), filled(200_000), signature), "as in one piece");
            assertTrue(crypto.verify(keys.publicKey(), text, crypto.sign(keys.secretKey(), filled(200_000))));
            Files.write(text, filled(199_999));
            assertFalse(crypto.verify(keys.publicKey(), text, signature));
        }
        assertArrayEquals(crypto.hash(Level.FIVE, filled(199_999)), crypto.hash(Level.FIVE, text));
    }

    /// Sets that no level has serve too: SLH-DSA as it is, Falcon with more scratch.
    @Test
    void setsBesideTheLevelsServeWhereTheScratchIsEnough() {
        SignatureSet.SlhDsaShake128f slh = SignatureSet.SlhDsaShake128f.SET;
        MemorySegment memory = Memory.zeros(200);
        slh.scheme().keyPair(filledMemory(48), 0, memory, 0, memory, 100, Memory.zeros(slh.scheme().workspaceBytes()), 0);
        byte[] signature = crypto.sign(SecretKey.of(slh, memory, 100), "x");
        assertTrue(crypto.verify(PublicKey.of(slh, memory, 0), "x", signature));
        SignatureSet.Falcon512 falcon = SignatureSet.Falcon512.SET;
        assertThrows(IllegalArgumentException.class, () -> crypto.sign(SecretKey.of(falcon, Memory.zeros(1281), 0), "x"));
        assertFalse(crypto.verify(PublicKey.of(falcon, Memory.zeros(897), 0), "x", new byte[666]), "verifying takes less");
        crypto.assertWiped();
    }

    /// A file is its bytes in one piece: each verifies as the other, a piece less does not, and the default scratch says what is missing.
    @Test
    void falconSignsFilesOfAnyLengthWhereTheScratchIsEnough() throws IOException {
        SignatureSet.Falcon512 falcon = SignatureSet.Falcon512.SET;
        MemorySegment pk = Memory.zeros(897);
        MemorySegment sk = Memory.zeros(1281);
        falcon.scheme().keyPair(filledMemory(48), 0, pk, 0, sk, 0, Memory.zeros(falcon.scheme().workspaceBytes()), 0);
        SecretKey<SignatureSet.Falcon512> key = SecretKey.of(falcon, sk, 0);
        PublicKey<SignatureSet.Falcon512> half = PublicKey.of(falcon, pk, 0);
        Path file = Files.write(folder.resolve("long"), filled(3000));
        assertThrows(IllegalArgumentException.class, () -> crypto.sign(key, file), "scratch");
        EasyConfig config = EasyConfig.defaults().withScratchBytes(42_112).withMessageBytesMax(1024);
        try (EasyCrypto more = EasyCrypto.open(config, new SeededEntropy(6))) {
            byte[] signature = more.sign(key, file);
            assertTrue(more.verify(half, file, signature));
            assertTrue(more.verify(half, filled(3000), signature));
            assertTrue(more.verify(half, file, more.sign(key, filled(3000))));
            Files.write(file, filled(2999));
            assertFalse(more.verify(half, file, signature));
            assertFalse(more.verify(half, file, new byte[3]));
            more.assertWiped();
            sk.fill((byte) -1);
            assertThrows(IllegalStateException.class, () -> more.sign(key, file), "no key any more");
            more.assertWiped();
        }
    }

    @Test
    void hashesAreThoseOfTheStandard() throws Exception {
        for (Level<?, ?> level : levels()) {
            assertArrayEquals(java.security.MessageDigest.getInstance(level.hash().name()).digest(filled(300)), crypto.hash(level, filled(300)));
            assertArrayEquals(crypto.hash(level, new byte[] {0x61}), crypto.hash(level, "a"));
        }
        assertEquals(List.of("SHA3-256", "SHA3-384", "SHA3-512"), levels().stream().map(l -> l.hash().name()).toList());
    }

    @Test
    void closingAKeyWipesItAndEndsIt() {
        KeyPair<SignatureSet.MlDsa44> keys = crypto.keygenToSign(Level.ONE);
        MemorySegment memory = keys.secretKey().segment();
        long address = memory.address() + keys.secretKey().offset();
        assertTrue(RawMemory.nonZero(address, 2560) > 2000);
        assertEquals("key pair[ML-DSA-44]", keys.toString());
        assertEquals("secret key[ML-DSA-44]", keys.secretKey().toString());
        keys.close();
        keys.close();
        assertEquals(0, RawMemory.nonZero(address, 2560));
        assertTrue(keys.secretKey().isDestroyed());
        assertEquals("secret key[ML-DSA-44, closed]", keys.secretKey().toString());
        assertThrows(IllegalStateException.class, () -> crypto.sign(keys.secretKey(), "x"));
        assertThrows(IllegalStateException.class, () -> keys.publicKey().toBytes());
        KeyPair<KemSet.XWing768> late = crypto.keygen(Level.THREE);
        crypto.close();
        late.close();
        crypto.close();
        assertThrows(IllegalStateException.class, () -> crypto.hash(Level.ONE, "x"));
        assertEquals("easy crypto[closed]", crypto.toString());
    }

    /// By the names that the JDK has for it, over the caller's memory, which is there to be read.
    @Test
    void destroyingASecretWipesIt() {
        MemorySegment memory = filledMemory(2560 + 32);
        SecretKey<SignatureSet.MlDsa44> key = SecretKey.of(SignatureSet.MlDsa44.SET, memory, 0);
        SharedSecret<KemSet.MlKem512> secret = SharedSecret.of(KemSet.MlKem512.SET, memory, 2560);
        assertFalse(key.isDestroyed() || secret.isDestroyed());
        key.destroy();
        assertEquals(0, RawMemory.nonZero(memory, 0, 2560));
        assertTrue(key.isDestroyed());
        assertTrue(RawMemory.nonZero(memory, 2560, 32) > 0, "the secret is another object's");
        secret.destroy();
        assertEquals(0, RawMemory.nonZero(memory));
        assertTrue(secret.isDestroyed());
    }

    /// A folder opens as a file does on Linux, and its first read fails.
    @Test
    void noFileStaysOpenBehindACall() throws IOException {
        Path text = Files.write(folder.resolve("text"), filled(100));
        try (KeyPair<KemSet.MlKem512> keys = crypto.keygen(Level.ONE)) {
            crypto.hash(Level.ONE, text);
            crypto.seal(keys.publicKey(), text, folder.resolve("sealed"));
            assertThrows(IOException.class, () -> crypto.hash(Level.ONE, folder));
            assertThrows(IOException.class, () -> crypto.seal(keys.publicKey(), folder, folder.resolve("another")));
        }
        Path open = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(open), "open files can be listed on Linux only");
        try (Stream<Path> files = Files.list(open)) {
            assertEquals(List.of(), files.map(EasyCryptoTest::target).filter(name -> name.startsWith(folder.toString())).toList());
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {  // closed meanwhile
            return "";
        }
    }

    /// Nothing secret stays in scratch, temporaries and file room, whatever came of a call.
    @Test
    void nothingStaysBetweenCalls() throws Throwable {
        try (KeyPair<KemSet.MlKem1024> keys = crypto.keygen(Level.FIVE); KeyPair<SignatureSet.MlDsa87> signing = crypto.keygenToSign(Level.FIVE);
                Encapsulated<KemSet.MlKem1024> shared = crypto.encapsulate(keys.publicKey())) {
            Path text = folder.resolve("text");
            Files.write(text, filled(100));
            byte[] sealed = crypto.seal(keys.publicKey(), filled(100));
            byte[] changed = sealed.clone();
            changed[changed.length - 1] ^= 1;
            byte[] signature = crypto.sign(signing.secretKey(), filled(100));
            for (Executable call : List.<Executable>of(() -> crypto.seal(keys.publicKey(), filled(100)),
                    () -> crypto.open(keys.secretKey(), sealed), () -> crypto.encapsulate(keys.publicKey()).close(),
                    () -> assertThrows(OpenException.class, () -> crypto.open(keys.secretKey(), changed)),
                    () -> crypto.seal(keys.publicKey(), text, folder.resolve("sealed")),
                    () -> crypto.open(keys.secretKey(), folder.resolve("sealed"), folder.resolve("opened")),
                    () -> crypto.sign(signing.secretKey(), text), () -> crypto.verify(signing.publicKey(), text, signature),
                    () -> crypto.sign(signing.secretKey(), "x"), () -> crypto.verify(signing.publicKey(), "x", signature),
                    () -> crypto.hash(Level.ONE, text), () -> crypto.hash(Level.FIVE, "x"),
                    () -> crypto.open(shared.sharedSecret(), crypto.seal(shared.sharedSecret(), filled(10))),
                    () -> assertThrows(OpenException.class, () -> crypto.open(shared.sharedSecret(), changed)),
                    () -> crypto.keygen(Level.ONE).close(), () -> crypto.keygenToSign(Level.ONE).close(),
                    () -> assertThrows(IOException.class, () -> crypto.hash(Level.ONE, folder)),
                    () -> assertThrows(IOException.class, () -> crypto.sign(signing.secretKey(), folder)),
                    () -> assertThrows(IOException.class, () -> crypto.seal(keys.publicKey(), text, folder.resolve("sealed"))))) {
                call.execute();
                crypto.assertWiped();
            }
        }
    }

    @Test
    void aSourceThatFailsLeavesNothing() {
        boolean[] failing = {false};
        Entropy source = (memory, at, length) -> {
            if (failing[0]) {
                throw new OutOfMemoryError("planted");
            }
            Entropy.SYSTEM.fill(memory, at, length);
        };
        try (EasyCrypto own = EasyCrypto.open(EasyConfig.defaults(), source); KeyPair<KemSet.XWing768> keys = own.keygen(Level.THREE);
                Encapsulated<KemSet.XWing768> shared = own.encapsulate(keys.publicKey())) {
            long used = own.objectBytesUsed();
            failing[0] = true;
            assertThrows(OutOfMemoryError.class, () -> own.keygen(Level.ONE));
            assertThrows(OutOfMemoryError.class, () -> own.keygenToSign(Level.ONE));
            assertThrows(OutOfMemoryError.class, () -> own.encapsulate(keys.publicKey()));
            assertThrows(OutOfMemoryError.class, () -> own.seal(keys.publicKey(), "x"));
            assertThrows(OutOfMemoryError.class, () -> own.seal(shared.sharedSecret(), new byte[1]));
            own.assertWiped();
            assertEquals(used, own.objectBytesUsed());
        }
    }

    @Test
    void aSecondThreadIsRefusedWhileOneIsInside() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        Entropy waits = (memory, at, length) -> {
            inside.countDown();
            try {
                asked.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            Entropy.SYSTEM.fill(memory, at, length);
        };
        AtomicReference<Throwable> failed = new AtomicReference<>();
        try (EasyCrypto one = EasyCrypto.open(EasyConfig.defaults(), waits)) {
            Thread thread = new Thread(() -> one.keygen(Level.ONE));
            thread.setUncaughtExceptionHandler((t, e) -> failed.set(e));
            thread.start();
            inside.await();
            assertThrows(IllegalStateException.class, () -> one.hash(Level.ONE, "x"));
            assertThrows(IllegalStateException.class, one::close);
            asked.countDown();
            thread.join();
            assertEquals(null, failed.get());
            assertEquals(32, one.hash(Level.ONE, "x").length);
        }
    }
}
