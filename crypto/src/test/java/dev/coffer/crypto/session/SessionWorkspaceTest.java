package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.testkit.ObjectBytes;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Slots, handles, the plan, the process-wide workspace.
class SessionWorkspaceTest {
    /// Every public method of a handle that needs a session, by its name and parameters.
    private static Map<String, Runnable> methods(Session session, MemorySegment memory) {
        Map<String, Runnable> all = new LinkedHashMap<>();
        all.put("loadKey", () -> session.loadKey(memory, 0, Session.Role.INITIATOR));
        all.put("tryLoadKey", () -> session.tryLoadKey(memory, 0, Session.Role.INITIATOR));
        all.put("activate", () -> session.activate(0));
        all.put("seal7", () -> session.seal(memory, 0, 1, memory, 128, 64, 0));
        all.put("seal4", () -> session.seal(0, 1, 2, 0));
        all.put("open7", () -> session.open(memory, 0, 40, memory, 128, 64, 0));
        all.put("open4", () -> session.open(0, 40, 2, 0));
        all.put("resynchronise", () -> session.resynchronise(memory, 0, 40, memory, 128, 64, 20, 0));
        all.put("rotate", () -> session.rotate(0));
        all.put("expire", session::expire);
        all.put("expireWhenDue", () -> session.expireWhenDue(Long.MAX_VALUE));
        all.put("deadlineNanos", session::deadlineNanos);
        all.put("release", session::release);
        all.put("lockInput", session::lockInput);
        all.put("lockOutput", session::lockOutput);
        all.put("lock", () -> session.lock(1));
        all.put("unlock", () -> session.unlock(0));
        all.put("buffer", () -> session.buffer(0));
        all.put("bufferBytes", session::bufferBytes);
        all.put("textBytesMax", session::textBytesMax);
        all.put("expiry", session::expiry);
        all.put("security", () -> session.security(Long.MAX_VALUE));
        all.put("refused", () -> session.refused(SessionRefusal.FORGED));
        all.put("sealed", session::sealed);
        all.put("opened", session::opened);
        all.put("lastUseNanos", session::lastUseNanos);
        all.put("ageNanos", () -> session.ageNanos(0));
        all.put("sendEpoch", session::sendEpoch);
        all.put("receiveEpoch", session::receiveEpoch);
        all.put("sendKeyAgeNanos", () -> session.sendKeyAgeNanos(0));
        all.put("receiveKeyAgeNanos", () -> session.receiveKeyAgeNanos(0));
        return all;
    }

    @Test
    void whatLiesInKeysOrScratchIsRefusedAndBuffersAreFree() {
        SessionConfig config = SessionConfig.of(128, 1, 1);
        MemoryPlan plan = SessionWorkspace.plan(config);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment own = arena.allocate(plan.totalBytes(), 64);
            MemorySegment other = arena.allocate(256);
            try (SessionWorkspace workspace = new SessionWorkspace(config, own)) {
                Session session = workspace.acquire(new Session(), 0);
                long[] places = {0, plan.offsetOf("buffers") - 64, plan.offsetOf("scratch"), plan.totalBytes() - 64};
                for (long at : places) {
                    assertThrows(IllegalArgumentException.class, () -> session.loadKey(own, at, Session.Role.INITIATOR));
                }
                session.loadKey(other, 0, Session.Role.INITIATOR);
                session.activate(0);
                byte[] before = own.toArray(ValueLayout.JAVA_BYTE);
                for (long at : places) {
                    assertThrows(IllegalArgumentException.class, () -> session.seal(own, at, 8, other, 0, 64, 0));
                    assertThrows(IllegalArgumentException.class, () -> session.seal(other, 0, 8, own, at, 64, 0));
                    assertThrows(IllegalArgumentException.class, () -> session.open(own, at, 64, other, 0, 64, 0));
                    assertThrows(IllegalArgumentException.class, () -> session.open(other, 0, 64, own, at, 64, 0));
                    assertThrows(IllegalArgumentException.class,
                            () -> session.resynchronise(other, 0, 64, own, at, 64, 20, 0));
                }
                assertArrayEquals(before, own.toArray(ValueLayout.JAVA_BYTE));
                assertEquals(0, session.sealed());
                session.lock(0);
                session.lock(2);
                assertEquals(8 + Session.OVERHEAD_BYTES, session.seal(session.buffer(0), 0, 8, session.buffer(2), 0, 128, 0));
            }
        }
    }

    @Test
    void aStaleHandleReachesNobody() {
        long declared = java.util.Arrays.stream(Session.class.getDeclaredMethods())
                .filter(m -> java.lang.reflect.Modifier.isPublic(m.getModifiers()) && !m.isSynthetic()).count();
        try (SessionPair pair = new SessionPair(SessionConfig.of(128, 1, 1))) {
            Session old = pair.alice;
            MemorySegment memory = pair.arena.allocate(256);
            assertEquals(declared - 3, methods(old, memory).size(), "all but state, isLive and toString");
            old.release();
            for (int i = 0; i < 5; i++) {
                Session between = pair.left.acquire(new Session(), 0);
                assertFalse(old.isLive());
                between.release();
                assertFalse(old.isLive() || between.isLive());
            }
            Session next = pair.left.acquire(new Session(), 0);
            next.loadKey(memory, 0, Session.Role.INITIATOR);
            next.activate(0);
            assertEquals(0, next.lock(0));
            next.buffer(0).fill((byte) 7);
            byte[] keys = pair.left.keys().toArray(ValueLayout.JAVA_BYTE);
            List<Session> stale = List.of(old, new Session());
            for (Session handle : stale) {
                methods(handle, memory).forEach((name, method) -> {
                    assertThrows(IllegalStateException.class, method::run, name);
                    assertEquals(-1, MemorySegment.ofArray(keys).mismatch(pair.left.keys()), name);
                    assertEquals(7, next.buffer(0).get(ValueLayout.JAVA_BYTE, 127), name);
                    assertEquals(SessionState.ACTIVE, next.state(), name);
                    assertEquals(0, next.sealed() + next.opened() + next.refused(SessionRefusal.FOREIGN), name);
                });
                assertEquals(SessionState.IDLE, handle.state());
                assertFalse(handle.isLive());
                assertEquals("Session[stale]", handle.toString());
            }
            assertThrows(IllegalStateException.class, () -> pair.left.tryAcquire(next, 0), "it would be lost");
            assertThrows(IllegalStateException.class, () -> pair.right.acquire(next, 0));
            pair.left.close();
            methods(next, memory).forEach((name, method) -> assertThrows(IllegalStateException.class, method::run, name));
        }
    }

    @Test
    void aHandleIsStaleAlsoWhereTheWorkspaceEndedTheSession() {
        try (Arena arena = Arena.ofConfined(); SessionWorkspace other = SessionWorkspace.open(SessionConfig.micro())) {
            Session handle = new Session();
            SessionWorkspace first = SessionWorkspace.open(SessionConfig.micro());
            first.acquire(handle, 0);
            first.close();
            assertFalse(handle.isLive());
            assertSame(handle, other.acquire(handle, 0), "used again");
            handle.loadKey(arena.allocate(32), 0, Session.Role.RESPONDER);
            assertEquals(SessionState.KEY_LOADED, handle.state());
        }
    }

    @Test
    void everyIllegalStepIsRefusedInEveryState() {
        try (Arena arena = Arena.ofConfined(); SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.micro())) {
            MemorySegment secret = arena.allocate(32);
            MemorySegment wire = arena.allocate(128);
            Session session = workspace.acquire(new Session(), 0);
            List<Runnable> activeOnly = List.of(() -> session.seal(wire, 0, 1, wire, 64, 64, 0),
                    () -> session.open(wire, 0, 40, wire, 64, 64, 0), () -> session.rotate(0));
            activeOnly.forEach(step -> assertThrows(IllegalStateException.class, step::run));
            assertThrows(IllegalStateException.class, () -> session.activate(0));
            assertEquals(-1, session.sendEpoch());
            assertEquals(SessionSecurity.SECURE, session.security(0));
            session.loadKey(secret, 0, Session.Role.INITIATOR);
            activeOnly.forEach(step -> assertThrows(IllegalStateException.class, step::run));
            assertThrows(IllegalStateException.class, () -> session.loadKey(secret, 0, Session.Role.INITIATOR));
            assertTrue(session.activate(0));
            assertThrows(IllegalStateException.class, () -> session.activate(0));
            assertThrows(IllegalStateException.class, () -> session.loadKey(secret, 0, Session.Role.INITIATOR));
            session.expire();
            assertFalse(session.activate(0));
            assertEquals(SessionRefusal.EXPIRED, session.rotate(0));
            assertEquals(SessionRefusal.EXPIRED, session.tryLoadKey(secret, 0, Session.Role.INITIATOR));
            assertEquals(3, session.refused(SessionRefusal.EXPIRED));
            session.release();
            assertThrows(IllegalStateException.class, session::release);
            workspace.checkInvariants();
        }
    }

    @Test
    void slotsRunOutWithARefusalAndComeBack() {
        SessionConfig config = SessionConfig.of(128, 1, 2);
        try (Arena arena = Arena.ofConfined(); SessionWorkspace workspace = SessionWorkspace.open(config)) {
            MemorySegment secret = arena.allocate(32);
            assertEquals(workspace.usedBytes(), workspace.peakBytes());
            Session first = workspace.acquire(new Session(), 0);
            Session second = workspace.acquire(new Session(), 0);
            Session third = new Session();
            assertFalse(workspace.tryAcquire(third, 0));
            assertFalse(third.isLive());
            SessionExhaustedException full = assertThrows(SessionExhaustedException.class, () -> workspace.acquire(third, 0));
            assertEquals("session workspace: 2 of 2 sessions in use", full.getMessage());
            assertEquals(2, full.limit());
            first.loadKey(secret, 0, Session.Role.INITIATOR);
            assertEquals("session workspace: 1 of 1 keys in use", assertThrows(SessionExhaustedException.class,
                    () -> second.loadKey(secret, 0, Session.Role.INITIATOR)).getMessage());
            assertEquals(SessionRefusal.EXHAUSTED, second.tryLoadKey(secret, 0, Session.Role.INITIATOR));
            assertEquals(2, second.refused(SessionRefusal.EXHAUSTED));
            assertEquals(SessionState.ALLOCATED, second.state());
            assertEquals(workspace.capacityBytes(), workspace.usedBytes());
            first.release();
            assertEquals(workspace.capacityBytes(), workspace.peakBytes());
            assertEquals(workspace.capacityBytes() - SessionKey.slotBytes(config.suite()) - 4 * 128, workspace.usedBytes());
            second.loadKey(secret, 0, Session.Role.INITIATOR);
            assertTrue(workspace.tryAcquire(third, 0));
            assertEquals("SessionWorkspace[sessions, 2 of 2 sessions, 1 of 1 keys]", workspace.toString());
            workspace.checkInvariants();
        }
    }

    @Test
    void whatTheLastOwnerSawIsForgotten() {
        try (SessionPair pair = new SessionPair(SessionConfig.of(128, 1, 1).withForged(3, 1L << 40))) {
            for (int round = 0; round < 3; round++) {
                byte[] forged = pair.sealed(1, 4, round);
                forged[20] ^= 1;
                for (int i = 0; i < 3; i++) {
                    assertEquals(SessionRefusal.FORGED, pair.refusal(forged, round));
                }
                assertEquals(SessionState.ACTIVE, pair.bob.state(), "forged messages of the owner before count");
                assertEquals(3, pair.bob.refused(SessionRefusal.FORGED));
                assertEquals(1, pair.alice.sealed());
                assertEquals(round, pair.bob.lastUseNanos());
                pair.alice.lock(3);
                pair.alice.release();
                pair.bob.release();
                pair.begin(round + 1);
                assertEquals(0, pair.bob.refused(SessionRefusal.FORGED));
                assertEquals(0, pair.alice.sealed());
                assertEquals(3, pair.alice.lock(3));
                assertEquals(0, pair.alice.lockInput());
            }
            assertEquals(9, pair.right.refused(SessionRefusal.FORGED));
            assertEquals(3, pair.left.sealed());
        }
    }

    @Test
    void planIsWhatIsMappedAndItsHeapColumnWhatJolCounts() {
        for (SessionConfig config : List.of(SessionConfig.micro(), SessionConfig.small(), SessionConfig.medium(),
                SessionConfig.large(), SessionConfig.large().withSuite(Suite.AES_256_GCM))) {
            MemoryPlan plan = SessionWorkspace.plan(config);
            try (Region region = Region.open(RegionConfig.defaults("s"), MemoryPlan.group("all", plan))) {
                MemorySegment memory = region.carve("sessions");
                SessionWorkspace workspace = new SessionWorkspace(config, memory);
                assertEquals(plan.totalBytes(), workspace.capacityBytes());
                assertTrue(workspace.protections().isEmpty());
                assertEquals(plan.heapBytes(), ObjectBytes.beside(workspace, config, memory, SessionState.IDLE, SessionExpiry.NONE, MemorySegment.NULL),
                        config.name());
            }
        }
    }

    @Test
    void aWorkspaceLiesOffTheHeapAlignedAndOfItsSize() {
        for (Suite suite : Suite.values()) {
            SessionConfig config = SessionConfig.micro().withSuite(suite);
            long bytes = SessionWorkspace.plan(config).totalBytes();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(bytes + 64, 64);
                List<MemorySegment> wrong = new ArrayList<>(List.of(memory, memory.asSlice(0, bytes - 64),
                        memory.asSlice(0, bytes).asReadOnly(), MemorySegment.ofArray(new byte[(int) bytes]),
                        MemorySegment.ofArray(new long[(int) bytes / 8])));
                for (int shift : new int[] {1, 4, 8, 32}) {
                    wrong.add(memory.asSlice(shift, bytes));
                }
                for (MemorySegment one : wrong) {
                    assertThrows(IllegalArgumentException.class, () -> new SessionWorkspace(config, one));
                }
                assertEquals(0, RawMemory.nonZero(memory, 0, (int) bytes), "refused before a byte was written");
                new SessionWorkspace(config, memory.asSlice(64, bytes)).close();
                assertEquals(0, RawMemory.nonZero(memory, 0, (int) bytes));
                try (SessionWorkspace workspace = new SessionWorkspace(config, memory.asSlice(0, bytes))) {
                    Session session = workspace.acquire(new Session(), 0);
                    assertThrows(IllegalArgumentException.class,
                            () -> session.loadKey(MemorySegment.ofArray(new byte[32]), 0, Session.Role.INITIATOR));
                    assertThrows(IndexOutOfBoundsException.class,
                            () -> session.loadKey(memory.asSlice(0, 32), 1, Session.Role.INITIATOR));
                    assertThrows(NullPointerException.class, () -> session.loadKey(memory, 0, null));
                    assertEquals(0, workspace.keysInUse());
                }
            }
        }
    }

    @Test
    void twoWorkspacesOfOneRegionEnterOneLedger() {
        SessionConfig one = SessionConfig.micro().withName("inner");
        SessionConfig two = SessionConfig.small().withName("outer");
        Region region = Region.open(RegionConfig.defaults("both"),
                MemoryPlan.group("data", SessionWorkspace.plan(one), SessionWorkspace.plan(two)));
        try {
            SessionWorkspace inner = SessionWorkspace.in(one, region);
            SessionWorkspace outer = SessionWorkspace.in(two, region);
            Ledger ledger = Ledger.of("process", Ledger.region(region, inner, outer));
            long before = ledger.usedBytes();
            inner.acquire(new Session(), 0);
            outer.acquire(new Session(), 0);
            assertEquals(before + 4 * 128 + 4 * 512, ledger.usedBytes());
            assertEquals(region.protections(), inner.protections());
            assertEquals(Protection.values().length, inner.protections().size());
            assertThrows(IllegalStateException.class, () -> SessionWorkspace.in(one, region));
            inner.close();
            inner.close();
            assertEquals(0, inner.sessionsInUse());
            Session late = outer.acquire(new Session(), 0);
            region.close();
            outer.close();
            assertEquals(0, outer.sessionsInUse());
            assertFalse(late.isLive());
            assertThrows(IllegalStateException.class, () -> outer.acquire(late, 0));
        } finally {
            region.close();
        }
    }

    @Test
    void closeWipesEverything() {
        SessionConfig config = SessionConfig.micro();
        try (Region region = Region.open(RegionConfig.defaults("s"),
                MemoryPlan.group("all", SessionWorkspace.plan(config)));
                Arena arena = Arena.ofConfined()) {
            SessionWorkspace workspace = SessionWorkspace.in(config, region);
            Session session = workspace.acquire(new Session(), 0);
            session.loadKey(arena.allocate(32), 0, Session.Role.INITIATOR);
            session.activate(0);
            session.lock(3);
            session.buffer(3).fill((byte) 1);
            assertNotEquals(0, RawMemory.nonZero(region.data()));
            workspace.close();
            assertEquals(0, RawMemory.nonZero(region.data()));
            assertTrue(workspace.toString().endsWith("closed]"));
        }
    }

    @Test
    void theProcessWideWorkspaceIsLentToOneThreadAtATimeAndRefusesOutside() throws InterruptedException {
        assertThrows(IllegalStateException.class, () -> SessionWorkspace.with(w -> 1));
        SessionWorkspace workspace = SessionWorkspace.initialize(SessionConfig.of(64, 4, 4));
        try {
            assertThrows(IllegalStateException.class, () -> SessionWorkspace.initialize(SessionConfig.micro()));
            assertThrows(IllegalStateException.class, () -> workspace.acquire(new Session(), 0));
            assertThrows(IllegalStateException.class, () -> workspace.expireDue(0));
            assertThrows(IllegalStateException.class, () -> workspace.security(0));
            assertThrows(IllegalStateException.class, workspace::deadlineNanos);
            Session kept = SessionWorkspace.with(w -> SessionWorkspace.with(again -> again.acquire(new Session(), 0)));
            assertThrows(IllegalStateException.class, () -> kept.lock(0), "a handle that was kept");
            assertEquals(0, (int) SessionWorkspace.with(w -> kept.lock(0)));
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger wrong = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    Session session = new Session();
                    for (int j = 0; j < 2000; j++) {
                        SessionWorkspace.with(w -> {
                            if (inside.incrementAndGet() != 1 || !w.tryAcquire(session, 0) || w.sessionsInUse() != 2) {
                                wrong.incrementAndGet();
                            }
                            session.release();
                            return inside.decrementAndGet();
                        });
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, wrong.get());
            assertEquals(1, workspace.sessionsInUse());
        } finally {
            workspace.close();
        }
        assertThrows(IllegalStateException.class, () -> SessionWorkspace.with(w -> 1));
        SessionWorkspace.initialize(SessionConfig.micro()).close();
    }
}
