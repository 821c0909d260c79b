package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.testkit.RawMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Memory that throws: closed, another thread's, read-only, on the heap, too short; and mapped files that are truncated
/// while they are mapped, so that a read or a write fails at any byte.
class SessionFaultTest {
    private static final int PAGE = 4096;

    @TempDir
    Path folder;

    /// {@return a mapping of two pages of which the second is gone: every access to it is an InternalError}
    private MemorySegment halfGone(Arena arena) {
        Path file = folder.resolve("mapped" + System.nanoTime());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            channel.truncate(0);
            channel.position(2 * PAGE - 1).write(java.nio.ByteBuffer.allocate(1));
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 2 * PAGE, arena);
            channel.truncate(PAGE);
            return mapped;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static MemorySegment closed() {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocate(256, 64);
        }
    }

    private static MemorySegment ofAnotherThread() {
        MemorySegment[] made = new MemorySegment[1];
        Thread other = Thread.ofPlatform().start(() -> made[0] = Arena.ofConfined().allocate(256, 64));
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return made[0];
    }

    private static byte[] all(SessionWorkspace workspace) {
        return workspace.keys().toArray(ValueLayout.JAVA_BYTE);
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void memoryThatCannotBeUsedIsRefusedBeforeAnythingChanges(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withSuite(suite).withRotation(2, Long.MAX_VALUE))) {
            List<MemorySegment> bad = List.of(closed(), ofAnotherThread());
            List<MemorySegment> badTexts = new ArrayList<>(bad);
            badTexts.add(MemorySegment.ofArray(new byte[256]));
            badTexts.add(pair.arena.allocate(39));
            List<MemorySegment> badOutputs = new ArrayList<>(bad);
            badOutputs.add(pair.arena.allocate(256).asReadOnly());
            badOutputs.add(pair.arena.allocate(40 + 31));
            List<MemorySegment> badTextOutputs = new ArrayList<>(bad);
            badTextOutputs.add(pair.arena.allocate(256).asReadOnly());
            badTextOutputs.add(pair.arena.allocate(39));
            badTextOutputs.add(MemorySegment.ofArray(new byte[256]));
            long number = 0;
            for (int round = 0; round < 6; round++) {  // at numbers 0 and 1 of three epochs
                byte[] keys = all(pair.left);
                for (MemorySegment text : badTexts) {
                    assertThrows(RuntimeException.class, () -> pair.alice.seal(text, 0, 40, pair.wire, 0, 128, 0));
                }
                for (MemorySegment output : badOutputs) {
                    assertThrows(RuntimeException.class, () -> pair.alice.seal(pair.text, 0, 40, output, 0, 128, 0));
                }
                assertArrayEquals(keys, all(pair.left));
                assertEquals(number, pair.alice.sealed());
                pair.check();
                int length = pair.seal(7, 40, 0);
                number++;
                assertEquals(round % 2, Long.reverseBytes(pair.wire.get(ValueLayout.JAVA_LONG_UNALIGNED, 8)));
                keys = all(pair.right);
                for (MemorySegment message : List.of(bad.get(0), bad.get(1), pair.arena.allocate(71))) {
                    assertThrows(RuntimeException.class, () -> pair.bob.open(message, 0, 72, pair.out, 0, 128, 0));
                }
                for (MemorySegment output : badTextOutputs) {
                    assertThrows(RuntimeException.class, () -> pair.bob.open(pair.wire, 0, length, output, 0, 128, 0));
                }
                assertArrayEquals(keys, all(pair.right));
                pair.check();
                assertEquals(40, pair.open(length, 0));
            }
        }
    }

    @Test
    void aSecretThatCannotBeReadTakesNoKeySlot() {
        try (SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.micro()); Arena arena = Arena.ofShared()) {
            Session session = workspace.acquire(new Session(), 0);
            for (MemorySegment bad : List.of(closed(), ofAnotherThread(), MemorySegment.ofArray(new byte[64]),
                    arena.allocate(31))) {
                assertThrows(RuntimeException.class, () -> session.loadKey(bad, 0, Session.Role.INITIATOR));
                assertEquals(0, workspace.keysInUse());
                workspace.checkInvariants();
            }
            MemorySegment mapped = halfGone(arena);
            for (int before = 0; before < 32; before++) {
                int at = PAGE - before;
                assertThrows(InternalError.class, () -> session.loadKey(mapped, at, Session.Role.INITIATOR));
                assertEquals(0, workspace.keysInUse());
                assertEquals(SessionState.ALLOCATED, session.state());
                workspace.checkInvariants();
            }
            session.loadKey(mapped, PAGE - 32, Session.Role.INITIATOR);
            workspace.checkInvariants();
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void aTextThatVanishesAtAnyByteLeavesNoSecretAndNoHeader(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.small().withSuite(suite)); Arena arena = Arena.ofShared()) {
            MemorySegment mapped = halfGone(arena);
            long last = -1;
            for (int before = 0; before < 200; before++) {
                int at = PAGE - before;
                pair.wire.fill((byte) 0x55);
                assertThrows(InternalError.class, () -> pair.alice.seal(mapped, at, 200, pair.wire, 0, 512, 0));
                assertEquals(0, RawMemory.nonZero(pair.wire, 0, 200 + Session.OVERHEAD_BYTES), "half a message");
                assertEquals(0x55, pair.wire.get(ValueLayout.JAVA_BYTE, 200 + Session.OVERHEAD_BYTES));
                pair.check();
                assertEquals(40, pair.open(pair.seal(3, 40, 0), 0));
                long sequence = Long.reverseBytes(pair.wire.get(ValueLayout.JAVA_LONG_UNALIGNED, 8));
                assertTrue(sequence > last + 1, "the number that was in use is used up");
                last = sequence;
            }
            assertEquals(SessionState.ACTIVE, pair.alice.state());
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void anOutputThatVanishesAtAnyByteLeavesNoSecretAndNoText(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.small().withSuite(suite).withRotation(3, Long.MAX_VALUE));
                Arena arena = Arena.ofShared()) {
            MemorySegment mapped = halfGone(arena);
            for (int before = 0; before < 100 + Session.OVERHEAD_BYTES; before++) {
                int at = PAGE - before;
                assertThrows(InternalError.class, () -> pair.alice.seal(pair.text, 0, 100, mapped, at, 512, 0));
                assertEquals(0, nonZero(mapped), "half a message");
                pair.check();
            }
            int opened = 0;
            for (int before = 0; before < 100; before++) {
                int at = PAGE - before;
                int length = pair.seal(9, 100, 0);
                byte[] keys = all(pair.right);
                assertThrows(InternalError.class,
                        () -> pair.bob.resynchronise(pair.wire, 0, length, mapped, at, 512, 100, 0));
                assertEquals(0, nonZero(mapped), "half a text");
                assertArrayEquals(keys, all(pair.right), "not seen, and no step on");
                pair.check();
                if (before % 2 == 0) {  // else the next one is of this epoch or of one further on
                    assertEquals(100, pair.bob.resynchronise(pair.wire, 0, length, pair.out, 0, 512, 100, 0));
                    opened++;
                }
            }
            assertEquals(opened, pair.bob.opened());
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void aMessageThatVanishesAtAnyByteLeavesNoSecret(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.small().withSuite(suite)); Arena arena = Arena.ofShared()) {
            MemorySegment mapped = halfGone(arena);
            for (int epoch = 0; epoch < 2; epoch++) {
                int length = pair.seal(9, 100, 0);
                for (int before = 0; before < length; before++) {
                    int at = PAGE - before;
                    MemorySegment.copy(pair.wire, 0, mapped, at, before);
                    assertThrows(InternalError.class, () -> pair.bob.open(mapped, at, length, pair.out, 0, 512, 0));
                    pair.check();
                }
                assertEquals(100, pair.open(length, 0));
                pair.alice.rotate(0);
            }
        }
    }

    @Test
    void blocksAndKeysThatVanishAtAnyByteLeaveNothing() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment mapped = halfGone(arena);
            MemorySegment memory = arena.allocate(CryptoContexts.plan("c", 1).totalBytes(), 64);
            CryptoContexts table = new CryptoContexts("c", 1, memory, Entropy.SYSTEM);
            CryptoContext context = table.acquire(new CryptoContext());
            MemorySegment out = arena.allocate(128);
            for (int before = 0; before < 32; before++) {
                int at = PAGE - before;
                assertThrows(InternalError.class, () -> context.loadKey(mapped, at));
                assertThrows(InternalError.class, () -> context.loadBackup(0, mapped, at));
                assertEquals(0, RawMemory.nonZero(memory, CryptoContexts.SCHEDULE, (int) (memory.byteSize() - CryptoContexts.SCHEDULE)));
                assertEquals(false, context.hasKey() || context.hasBackup(0));
            }
            context.loadKey(out, 0);
            for (int before = 0; before < 96; before++) {
                int at = PAGE - before;
                out.fill((byte) 0x55);
                assertThrows(InternalError.class, () -> context.encryptBlocks(mapped, at, out, 0, 6));
                assertEquals(0, RawMemory.nonZero(out, 0, 96), "half an output");
                assertThrows(InternalError.class, () -> context.encryptBlocks(out, 0, mapped, at, 6));
                assertEquals(0, nonZero(mapped), "half an output");
                assertEquals(12 * (before + 1), context.blocks());
                assertEquals(0, RawMemory.nonZero(memory, table.workspaceAt(), 64));
            }
        }
    }

    /// The end of the workspace itself vanishes while the session is active: replacing a key fails half-way, with the old
    /// schedule still there. The session must end, and that key seal nothing more.
    @Test
    void anErrorWhileAKeyIsReplacedEndsTheSession() {
        SessionConfig config = SessionConfig.micro().withSuite(Suite.AES_256_GCM);
        try (Arena arena = Arena.ofShared()) {
            long bytes = SessionWorkspace.plan(config).totalBytes();
            Path file = folder.resolve("workspace");
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, PAGE + bytes, arena);
            SessionWorkspace workspace = new SessionWorkspace(config, mapped.asSlice(PAGE - 192, bytes));
            Session session = workspace.acquire(new Session(), 0);
            MemorySegment text = arena.allocate(128);
            session.loadKey(text, 0, Session.Role.INITIATOR);
            session.activate(0);
            session.seal(text, 0, 10, text, 64, 64, 0);
            channel.truncate(PAGE);
            channel.close();
            assertThrows(InternalError.class, () -> session.rotate(0));
            assertEquals(SessionState.EXPIRED, session.state());
            assertEquals(SessionExpiry.FAULT, session.expiry());
            assertEquals(1, workspace.expired(SessionExpiry.FAULT));
            assertEquals(SessionRefusal.EXPIRED.code(), session.seal(text, 0, 10, text, 64, 64, 0));
            assertEquals(0, mapped.get(ValueLayout.JAVA_INT, PAGE - 192 + SessionKey.STATE), "not to be used");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTextThatVanishesUnderAOneShotSealerLeavesNoSecretAndNoBlock() {
        SizeClassPools.Config classes = SizeClassPools.Config.defaults("classes");
        MemoryPlan plan = MemoryPlan.group("data", OneShotSealer.plan(Suite.AES_256_GCM), SizeClassPools.plan(classes));
        try (Arena arena = Arena.ofShared(); Region region = Region.open(RegionConfig.defaults("t"), plan);
                SizeClassPools pools = SizeClassPools.open(classes, region);
                OneShotSealer sealer = new OneShotSealer(Suite.AES_256_GCM, region.carve("one shot"), pools, Entropy.SYSTEM)) {
            MemorySegment mapped = halfGone(arena);
            for (int before = 0; before < 32; before++) {
                int at = PAGE - before;
                assertThrows(InternalError.class, () -> sealer.loadKey(mapped, at));
                assertThrows(InternalError.class, () -> sealer.loadToOpen(arena.allocate(32), 0, mapped, at));
                sealer.checkInvariants();
            }
            sealer.loadKey(mapped, PAGE - 32);
            for (int before = 0; before < 100; before++) {
                int at = PAGE - before;
                assertThrows(InternalError.class, () -> sealer.seal(mapped, at, 100));
                sealer.checkInvariants();
                assertEquals(0, pools.usedBytes());
            }
            sealer.seal(mapped, 0, 100).close();
            assertEquals(100, sealer.sequence(), "numbers that were in use are used up");
        }
    }

    private static int nonZero(MemorySegment mapped) {
        int count = 0;
        for (int i = 0; i < PAGE; i++) {
            count += mapped.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
        }
        return count;
    }
}
