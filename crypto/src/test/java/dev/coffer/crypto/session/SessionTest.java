package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SessionTest {
    private static final long HOUR = 3_600_000_000_000L;

    /// Two workspaces with one session each, on one secret.
    private static final class Pair implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final SessionWorkspace left;
        final SessionWorkspace right;
        final Session alice;
        final Session bob;
        final MemorySegment text;
        final MemorySegment wire;
        final MemorySegment out;

        Pair(SessionConfig config) {
            left = SessionWorkspace.open(config);
            right = SessionWorkspace.open(config);
            MemorySegment secret = arena.allocate(32).fill((byte) 0x42);
            alice = left.acquire();
            alice.loadKey(secret, 0, Session.Role.INITIATOR);
            alice.activate(0);
            bob = right.acquire();
            bob.loadKey(secret, 0, Session.Role.RESPONDER);
            bob.activate(0);
            text = arena.allocate(config.bufferBytes());
            wire = arena.allocate(config.bufferBytes());
            out = arena.allocate(config.bufferBytes());
        }

        /// {@return bytes of a message with `length` bytes of `value`, in `wire`}
        int seal(int value, int length, long now) {
            text.fill((byte) value);
            return alice.seal(text, 0, length, wire, 0, (int) wire.byteSize(), now);
        }

        int open(int length, long now) {
            out.fill((byte) 0x77);
            return bob.open(wire, 0, length, out, 0, (int) out.byteSize(), now);
        }

        @Override
        public void close() {
            left.close();
            right.close();
            arena.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void textsOfEveryLengthCrossBothWays(Suite suite) {
        try (Pair pair = new Pair(SessionConfig.micro().with(suite))) {
            for (int length = 0; length <= pair.alice.textBytesMax(); length++) {
                int message = pair.seal(length, length, 0);
                assertEquals(length + Session.OVERHEAD_BYTES, message);
                assertEquals(length, pair.open(message, 0));
                assertEquals(-1, pair.out.asSlice(0, length).mismatch(pair.text.asSlice(0, length)));
                int back = pair.bob.seal(pair.text, 0, length, pair.wire, 0, 128, 0);
                assertEquals(length, pair.alice.open(pair.wire, 0, back, pair.out, 0, 128, 0));
                assertEquals(SessionRefusal.FORGED,  // one's own message comes back: another direction, another key
                        length % 20 == 0 ? SessionRefusal.of(reflected(pair, length)) : SessionRefusal.FORGED);
            }
            assertThrows(IllegalArgumentException.class, () -> pair.seal(1, pair.alice.textBytesMax() + 1, 0));
        }
    }

    private static int reflected(Pair pair, int length) {
        Session other = pair.left.acquire();
        try {
            other.loadKey(pair.arena.allocate(32).fill((byte) 0x42), 0, Session.Role.INITIATOR);
            other.activate(0);
            int message = other.seal(pair.text, 0, length, pair.wire, 0, 128, 0);
            return other.open(pair.wire, 0, message, pair.out, 0, 128, 0);
        } finally {
            other.release();
        }
    }

    @Test
    void sealsAndOpensInPlaceAndThroughTheDoubleBuffers() {
        try (Pair pair = new Pair(SessionConfig.small())) {
            pair.wire.fill((byte) 9);
            int message = pair.alice.seal(pair.wire, Session.HEADER_BYTES, 100, pair.wire, 0, 512, 0);
            assertEquals(100, pair.bob.open(pair.wire, 0, message, pair.wire, Session.HEADER_BYTES, 500, 0));
            assertEquals(9, pair.wire.get(ValueLayout.JAVA_BYTE, Session.HEADER_BYTES + 99));

            assertTrue(pair.alice.lock(0));
            assertTrue(pair.alice.lock(2));
            assertFalse(pair.alice.lock(0));
            pair.alice.buffers().asSlice(pair.alice.bufferAt(0), 50).fill((byte) 8);
            int buffered = pair.alice.seal(0, 50, 2, 0);
            MemorySegment.copy(pair.alice.buffers(), pair.alice.bufferAt(2), pair.wire, 0, buffered);
            assertEquals(50, pair.open(buffered, 0));
            assertEquals(8, pair.out.get(ValueLayout.JAVA_BYTE, 49));
            long address = pair.alice.buffers().address() + pair.alice.bufferAt(0);
            pair.alice.unlock(0);
            assertEquals(0, RawMemory.nonZero(address, 512));
            assertThrows(IllegalStateException.class, () -> pair.alice.unlock(0));
            assertThrows(IllegalStateException.class, () -> pair.alice.seal(0, 1, 2, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> pair.alice.lock(4));
        }
    }

    @Test
    void repeatedMessagesAreRefusedAndCountedApart() {
        try (Pair pair = new Pair(SessionConfig.micro())) {
            int message = pair.seal(1, 10, 0);
            assertEquals(10, pair.open(message, 0));
            for (int i = 0; i < 20; i++) {
                assertEquals(SessionRefusal.REPLAYED, SessionRefusal.of(pair.open(message, 0)));
            }
            assertEquals(20, pair.bob.repeated());
            assertEquals(0, pair.bob.violations());
            assertEquals(0x77, pair.out.get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void everyFlippedBitIsRefusedAndTheSixthViolationEndsTheSession() {
        try (Pair pair = new Pair(SessionConfig.micro().tolerating(1 << 20))) {
            int message = pair.seal(1, 10, 0);
            for (int bit = 0; bit < 8 * message; bit++) {
                flip(pair.wire, bit);
                assertTrue(pair.open(message, 0) < 0, "bit " + bit);
                assertEquals(0x77, pair.out.get(ValueLayout.JAVA_BYTE, 0), "output untouched");
                flip(pair.wire, bit);
            }
            assertEquals(10, pair.open(message, 0));
        }
        try (Pair pair = new Pair(SessionConfig.micro())) {
            int message = pair.seal(1, 10, 0);
            flip(pair.wire, 8 * message - 1);
            for (int i = 1; i <= 6; i++) {
                assertEquals(SessionState.ACTIVE, pair.bob.state());
                assertEquals(SessionRefusal.FORGED, SessionRefusal.of(pair.open(message, 0)));
                assertEquals(i, pair.bob.violations());
            }
            assertEquals(SessionState.EXPIRED, pair.bob.state());
            assertEquals(0, pair.right.keysInUse());
            flip(pair.wire, 8 * message - 1);
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(pair.open(message, 0)));
        }
    }

    private static void flip(MemorySegment segment, int bit) {
        byte now = segment.get(ValueLayout.JAVA_BYTE, bit / 8);
        segment.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (now ^ 1 << bit % 8));
    }

    @Test
    void lengthsOutsideTheWorkspaceAreViolations() {
        try (Pair pair = new Pair(SessionConfig.micro())) {
            assertEquals(SessionRefusal.MALFORMED, SessionRefusal.of(pair.open(Session.OVERHEAD_BYTES - 1, 0)));
            assertEquals(SessionRefusal.FORGED, SessionRefusal.of(pair.open(Session.OVERHEAD_BYTES, 0)));
            assertEquals(SessionRefusal.FORGED, SessionRefusal.of(pair.open(128, 0)));
            MemorySegment longer = pair.arena.allocate(129);
            assertEquals(SessionRefusal.MALFORMED,
                    SessionRefusal.of(pair.bob.open(longer, 0, 129, pair.out, 0, 128, 0)));
            assertEquals(4, pair.bob.violations());
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void keysRotateByCountAndByAgeAndTheReceiverFollows(Suite suite) {
        try (Pair pair = new Pair(SessionConfig.micro().with(suite).rotatingAfter(3, HOUR))) {
            for (int i = 0; i < 10; i++) {
                assertEquals(5, pair.open(pair.seal(i, 5, 0), 0));
                assertEquals(i / 3, pair.alice.sendEpoch());
            }
            assertEquals(5, pair.open(pair.seal(1, 5, HOUR - 1), 0));
            assertEquals(3, pair.alice.sendEpoch());
            assertEquals(5, pair.open(pair.seal(1, 5, HOUR), 0));
            assertEquals(4, pair.alice.sendEpoch());
            pair.alice.rotate(HOUR);
            assertEquals(5, pair.open(pair.seal(1, 5, HOUR), 0));
            assertEquals(5, pair.alice.sendEpoch());
        }
    }

    @Test
    void lateMessagesOfTheKeyBeforeAreOpenedAndOlderOnesAreStale() {
        try (Pair pair = new Pair(SessionConfig.micro().rotatingAfter(1, Long.MAX_VALUE))) {
            List<byte[]> messages = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int length = pair.seal(i, 4, 0);
                messages.add(pair.wire.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
            }
            assertEquals(4, openBytes(pair, messages.get(1)));
            assertEquals(4, openBytes(pair, messages.get(2)));
            assertEquals(SessionRefusal.REPLAYED, SessionRefusal.of(openBytes(pair, messages.get(1))));
            assertEquals(SessionRefusal.STALE, SessionRefusal.of(openBytes(pair, messages.get(0))));
            assertEquals(SessionRefusal.STALE, SessionRefusal.of(openBytes(pair, messages.get(19))));  // 17 ahead
            assertEquals(4, openBytes(pair, messages.get(18)));                                        // 16 ahead
            assertEquals(SessionRefusal.STALE, SessionRefusal.of(openBytes(pair, messages.get(17))));
            assertEquals(0, pair.bob.violations());
        }
    }

    private static int openBytes(Pair pair, byte[] message) {
        MemorySegment.copy(message, 0, pair.wire, ValueLayout.JAVA_BYTE, 0, message.length);
        return pair.open(message.length, 0);
    }

    @Test
    void aKeyStopsAtTheLimitOfItsSuite() {
        SessionConfig config = SessionConfig.micro().with(Suite.AES_256_GCM)
                .rotatingAfter(Suite.AES_256_GCM.messagesMax(), Long.MAX_VALUE);
        try (Pair pair = new Pair(config)) {
            long at = pair.left.keySlotAt(0);
            SessionKey.sent(pair.left.keys(), at, Suite.AES_256_GCM.messagesMax() - 1);
            assertTrue(pair.seal(1, 4, 0) > 0);
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(pair.seal(1, 4, 0)));
            assertEquals(SessionState.EXPIRED, pair.alice.state());
        }
    }

    @Test
    void everyIllegalStepIsRefusedInEveryState() {
        try (Arena arena = Arena.ofConfined(); SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.micro())) {
            MemorySegment secret = arena.allocate(32);
            MemorySegment wire = arena.allocate(128);
            Session session = workspace.acquire();
            List<Runnable> activeOnly = List.of(() -> session.seal(wire, 0, 1, wire, 64, 64, 0),
                    () -> session.open(wire, 0, 40, wire, 64, 64, 0), () -> session.rotate(0), session::sendEpoch);
            activeOnly.forEach(step -> assertThrows(IllegalStateException.class, step::run));
            assertThrows(IllegalStateException.class, () -> session.activate(0));
            session.loadKey(secret, 0, Session.Role.INITIATOR);
            activeOnly.forEach(step -> assertThrows(IllegalStateException.class, step::run));
            assertThrows(IllegalStateException.class, () -> session.loadKey(secret, 0, Session.Role.INITIATOR));
            session.activate(0);
            assertThrows(IllegalStateException.class, () -> session.activate(0));
            assertThrows(IllegalStateException.class, () -> session.loadKey(secret, 0, Session.Role.INITIATOR));
            session.expire();
            assertThrows(IllegalStateException.class, () -> session.lock(0));
            assertThrows(IllegalStateException.class, () -> session.activate(0));
            assertThrows(IllegalStateException.class, () -> session.rotate(0));
            session.release();
            activeOnly.forEach(step -> assertThrows(IllegalStateException.class, step::run));
            assertThrows(IllegalStateException.class, session::release);
            assertThrows(IllegalStateException.class, session::expire);
            assertThrows(IllegalStateException.class, () -> session.lock(0));
        }
    }

    @Test
    void sessionsExpireAtTheirAgeAndAreWiped() {
        try (Pair pair = new Pair(SessionConfig.micro().livingFor(HOUR))) {
            long keys = pair.left.keys().address();
            int slot = (int) SessionKey.slotBytes(Suite.CHACHA20_POLY1305);
            pair.alice.lock(0);
            pair.alice.buffers().asSlice(pair.alice.bufferAt(0), 128).fill((byte) 1);
            assertTrue(RawMemory.nonZero(keys, slot) > 100);
            assertEquals(HOUR, pair.alice.deadlineNanos());
            assertEquals(0, pair.left.expireDue(HOUR - 1));
            assertEquals(1, pair.left.expireDue(HOUR));
            assertEquals(0, RawMemory.nonZero(keys, slot));
            assertEquals(0, RawMemory.nonZero(pair.alice.buffers().address() + pair.alice.bufferAt(0), 128));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(pair.seal(1, 1, HOUR)));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(pair.open(60, HOUR)));  // found at the call itself
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void misplacedTextsAreRefusedBeforeANumberIsTakenOrAByteWritten(Suite suite) {
        try (Pair pair = new Pair(SessionConfig.small().with(suite))) {
            MemorySegment both = pair.wire;
            int room = (int) both.byteSize();
            both.fill((byte) 0x51);
            for (int textAt : new int[] {0, 1, 11, 13, 59}) {  // 12 is in place
                assertThrows(IllegalArgumentException.class, () -> pair.alice.seal(both, textAt, 48, both, 0, room, 0),
                        "text at " + textAt);
            }
            assertThrows(IllegalArgumentException.class,
                    () -> pair.alice.seal(pair.text, 0, 48, both.asReadOnly(), 0, room, 0));
            assertEquals(-1, both.mismatch(pair.out.fill((byte) 0x51)), "written before it was refused");
            int length = pair.seal(7, 48, 0);
            assertEquals(0, both.get(ValueLayout.JAVA_LONG_UNALIGNED, 4), "a number was taken by what was refused");

            pair.alice.rotate(0);
            length = pair.seal(8, 48, 0);  // of the next epoch: trying it derives keys
            int bytes = length;
            MemorySegment before = pair.right.keys().asSlice(0, pair.right.keys().byteSize());
            byte[] keys = before.toArray(ValueLayout.JAVA_BYTE);
            assertThrows(IllegalArgumentException.class, () -> pair.bob.open(both, 0, bytes, both, 13, room, 0));
            assertThrows(IllegalArgumentException.class,
                    () -> pair.bob.open(both, 0, bytes, pair.out.asReadOnly(), 0, room, 0));
            assertEquals(-1, before.mismatch(MemorySegment.ofArray(keys)), "keys changed by what was refused");
            assertEquals(48, pair.bob.open(both, 0, bytes, both, 12, room, 0));
        }
    }

    @Test
    void aSecretThatCannotBeReadTakesNoKeySlot() {
        try (SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.micro()); Arena arena = Arena.ofConfined()) {
            Arena closed = Arena.ofConfined();
            MemorySegment gone = closed.allocate(32);
            closed.close();
            Session session = workspace.acquire();
            for (int i = 0; i < 3; i++) {
                assertThrows(IllegalStateException.class, () -> session.loadKey(gone, 0, Session.Role.INITIATOR));
                assertEquals(0, workspace.keysInUse());
            }
            session.loadKey(arena.allocate(32).fill((byte) 1), 0, Session.Role.INITIATOR);
            assertEquals(1, workspace.keysInUse());
        }
    }

    @Test
    void slotsRunOutWithARefusalAndComeBack() {
        SessionConfig config = new SessionConfig(128, 1, 2, Suite.CHACHA20_POLY1305, 1, 1, 1, 0);
        try (Arena arena = Arena.ofConfined(); SessionWorkspace workspace = SessionWorkspace.open(config)) {
            MemorySegment secret = arena.allocate(32);
            Session first = workspace.acquire();
            Session second = workspace.acquire();
            assertNull(workspace.tryAcquire());
            assertEquals("session workspace: 2 of 2 sessions in use",
                    assertThrows(SessionExhaustedException.class, workspace::acquire).getMessage());
            first.loadKey(secret, 0, Session.Role.INITIATOR);
            assertEquals("session workspace: 1 of 1 keys in use", assertThrows(SessionExhaustedException.class,
                    () -> second.loadKey(secret, 0, Session.Role.INITIATOR)).getMessage());
            assertEquals(SessionState.ALLOCATED, second.state());
            long peak = workspace.peakBytes();
            assertEquals(workspace.capacityBytes(), peak);
            first.release();
            assertEquals(peak, workspace.peakBytes());
            second.loadKey(secret, 0, Session.Role.INITIATOR);
            assertNotNull(workspace.tryAcquire());
        }
    }

    @Test
    void planIsWhatIsMapped() {
        for (SessionConfig config : List.of(SessionConfig.micro(), SessionConfig.small(), SessionConfig.medium(),
                SessionConfig.large(), SessionConfig.large().with(Suite.AES_256_GCM))) {
            MemoryPlan plan = SessionWorkspace.plan(config);
            try (Region region = Region.open(RegionConfig.defaults("s"), MemoryPlan.group("all", plan));
                    SessionWorkspace workspace = new SessionWorkspace(config, region.carve("sessions"))) {
                assertEquals(plan.totalBytes(), workspace.capacityBytes());
                assertThrows(IllegalArgumentException.class,
                        () -> new SessionWorkspace(config, region.data().asSlice(0, plan.totalBytes() - 64)));
            }
        }
    }

    @Test
    void theProcessWideWorkspaceIsOpenedOnce() {
        assertThrows(IllegalStateException.class, SessionWorkspace::instance);
        try (SessionWorkspace workspace = SessionWorkspace.initialize(SessionConfig.micro())) {
            assertEquals(workspace, SessionWorkspace.instance());
            assertThrows(IllegalStateException.class, () -> SessionWorkspace.initialize(SessionConfig.micro()));
        }
        assertThrows(IllegalStateException.class, SessionWorkspace::instance);
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void sealingOpeningRotatingAndRefusingAllocateNothing(Suite suite) {
        try (Pair pair = new Pair(SessionConfig.micro().with(suite).rotatingAfter(50, Long.MAX_VALUE)
                .tolerating(1 << 30))) {
            long allocated = HeapBytes.least(4, 5, () -> {
                for (int i = 0; i < 2000; i++) {
                    int message = pair.alice.seal(pair.text, 0, 60, pair.wire, 0, 128, 0);
                    if (pair.bob.open(pair.wire, 0, message, pair.out, 0, 128, 0) != 60
                            || pair.bob.open(pair.wire, 0, message, pair.out, 0, 128, 0) != SessionRefusal.REPLAYED.code()
                            || pair.bob.open(pair.wire, 0, 20, pair.out, 0, 128, 0) != SessionRefusal.MALFORMED.code()) {
                        throw new AssertionError("message " + i);
                    }
                }
            });
            assertEquals(0, allocated);
        }
    }

    @Test
    void refusesNumbersOutsideTheirRange() {
        SessionConfig micro = SessionConfig.micro();
        assertThrows(IllegalArgumentException.class, () -> new SessionConfig(100, 1, 1, micro.suite(), 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new SessionConfig(64, 0, 1, micro.suite(), 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new SessionConfig(64, 1, 1025, micro.suite(), 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> micro.rotatingAfter(0, 1));
        assertThrows(IllegalArgumentException.class, () -> micro.rotatingAfter(1, 0));
        assertThrows(IllegalArgumentException.class, () -> micro.tolerating(-1));
        assertThrows(IllegalArgumentException.class,
                () -> micro.with(Suite.AES_256_GCM).rotatingAfter((1 << 23) + 1, 1));
        assertThrows(IllegalArgumentException.class, () -> SessionRefusal.of(-99));
        assertNull(SessionRefusal.of(0));
    }
}
