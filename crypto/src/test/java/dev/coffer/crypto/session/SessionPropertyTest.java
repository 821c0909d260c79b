package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two sides over a network that loses, repeats, delays, reorders, echoes and damages, through rotations by count, age and
/// hand, long silences, sessions that end and begin anew on the same link, memory that throws and handles that are stale,
/// beside [SessionModel].
class SessionPropertyTest {
    private static final int OPERATIONS = 2_500;    // of one seed

    private static final class Link implements AutoCloseable {
        final SplittableRandom random;
        final Arena arena = Arena.ofConfined();
        final Arena others;                         // of another thread
        final MemorySegment foreign;
        final MemorySegment gone;
        final SessionConfig config;
        final SessionWorkspace[] workspaces = new SessionWorkspace[2];
        final Session[] sessions = new Session[2];
        final SessionModel[] models = new SessionModel[2];
        final List<Session> stale = new ArrayList<>();
        final List<SessionModel.Message> network = new ArrayList<>();
        final Set<Integer> delivered = new HashSet<>();
        final MemorySegment text = arena.allocate(192);
        final MemorySegment wire = arena.allocate(192);
        final MemorySegment out = arena.allocate(192);
        final MemorySegment secret = arena.allocate(32);
        final long[] outcomes;
        int number;
        int session;
        long now;

        Link(SplittableRandom random, long[] outcomes) {
            this.random = random;
            this.outcomes = outcomes;
            Suite suite = random.nextBoolean() ? Suite.AES_256_GCM : Suite.CHACHA20_POLY1305;
            config = SessionConfig.of(128, 1, 1).withSuite(suite).withRotation(1 + random.nextInt(60),
                    1_000 + random.nextInt(100_000)).withLifetimeNanos(300_000 + random.nextInt(2_000_000))
                    .withReceiveKeyNanosMax(random.nextBoolean() ? Long.MAX_VALUE : 150_000);
            for (int i = 0; i < 2; i++) {
                workspaces[i] = SessionWorkspace.open(config);
                sessions[i] = new Session();
            }
            Arena[] made = new Arena[1];
            MemorySegment[] theirs = new MemorySegment[1];
            Thread other = Thread.ofPlatform().start(() -> {
                made[0] = Arena.ofConfined();
                theirs[0] = made[0].allocate(192);
            });
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            others = made[0];
            foreign = theirs[0];
            Arena closed = Arena.ofConfined();
            gone = closed.allocate(192);
            closed.close();
            begin();
        }

        void begin() {
            session++;
            delivered.clear();
            secret.set(ValueLayout.JAVA_LONG, 0, random.nextLong());
            for (int i = 0; i < 2; i++) {
                workspaces[i].acquire(sessions[i], now);
                sessions[i].loadKey(secret, 0, i == 0 ? Session.Role.INITIATOR : Session.Role.RESPONDER);
                assertTrue(sessions[i].activate(now));
                models[i] = new SessionModel(config, session, i == 0, now);
            }
        }

        void step() {
            now += random.nextInt(1000);
            int side = random.nextInt(2);
            switch (random.nextInt(100)) {
                case 0 -> silence(side);
                case 1 -> beginAnew(side);
                case 2, 3, 4 -> useStaleHandle();
                case 5, 6, 7 -> rotate(side);
                case 8, 9, 10, 11 -> throwWhileSealing(side);
                default -> {
                    if (random.nextInt(3) == 0) {
                        seal(side);
                    } else if (!network.isEmpty()) {
                        deliver();
                    }
                }
            }
            for (int i = 0; i < 2; i++) {
                check(i);
            }
        }

        private void check(int side) {
            workspaces[side].checkInvariants();
            SessionModel model = models[side];
            Session handle = sessions[side];
            assertEquals(model.sealed, handle.sealed());
            assertEquals(model.opened, handle.opened());
            assertEquals(model.expired ? SessionState.EXPIRED : SessionState.ACTIVE, handle.state());
            if (!model.expired) {
                assertEquals(model.sendEpoch, handle.sendEpoch());
                assertEquals(model.newestEpoch, handle.receiveEpoch());
            }
        }

        /// Many messages that nobody gets, or a long time.
        private void silence(int side) {
            if (random.nextInt(4) == 0) {
                now += 100_000 + random.nextInt(500_000);
                return;
            }
            for (int i = random.nextInt(300); i > 0; i--) {
                if (random.nextInt(5) == 0) {
                    rotate(side);
                }
                SessionModel.Message lost = seal(side);
                if (lost != null) {
                    network.remove(lost);
                }
            }
        }

        private void beginAnew(int side) {
            if (random.nextInt(3) > 0 && !models[side].isExpired(now)) {
                return;
            }
            for (int i = 0; i < 2; i++) {
                for (SessionRefusal reason : SessionRefusal.values()) {
                    assertEquals(models[i].answers.getOrDefault(reason, 0L), sessions[i].refused(reason), reason.toString());
                }
                sessions[i].release();
                if (random.nextBoolean()) {
                    stale.add(sessions[i]);
                    sessions[i] = new Session();
                }
            }
            begin();
        }

        private void useStaleHandle() {
            if (!stale.isEmpty()) {
                Session handle = stale.get(random.nextInt(stale.size()));
                List<Runnable> uses = List.of(handle::release, handle::expire, () -> handle.rotate(now),
                        () -> handle.seal(text, 0, 10, wire, 0, 192, now), () -> handle.unlock(0), handle::lockInput,
                        () -> handle.open(wire, 0, 60, out, 0, 192, now), () -> handle.expireWhenDue(Long.MAX_VALUE));
                assertThrows(IllegalStateException.class, uses.get(random.nextInt(uses.size()))::run);
                outcomes[outcomes.length - 1]++;
            }
        }

        private void rotate(int side) {
            boolean over = models[side].isExpired(now);
            assertEquals(over ? SessionRefusal.EXPIRED : null, sessions[side].rotate(now));
            if (over) {
                models[side].answer(SessionRefusal.EXPIRED);
            } else {
                models[side].rotate(now);
            }
        }

        private void throwWhileSealing(int side) {
            if (models[side].isExpired(now)) {
                assertTrue(sessions[side].expireWhenDue(now));
                return;
            }
            MemorySegment bad = random.nextBoolean() ? foreign : gone;
            boolean text = random.nextBoolean();
            assertThrows(RuntimeException.class,
                    () -> sessions[side].seal(text ? bad : this.text, 0, 10, text ? wire : bad, 0, 192, now));
            outcomes[outcomes.length - 2]++;
        }

        private SessionModel.Message seal(int side) {
            SessionModel model = models[side];
            int length = 4 + random.nextInt(93);
            text.set(ValueLayout.JAVA_INT, 0, ++number);
            text.asSlice(4, length - 4).fill((byte) number);
            int answer = sessions[side].seal(text, 0, length, wire, 0, 192, now);
            if (model.isExpired(now)) {
                model.answer(SessionRefusal.EXPIRED);
                assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(answer));
                return null;
            }
            model.beforeSealing(now);
            long sequence = model.sentUnderKey;
            model.sealed(now);
            assertEquals(length + 32, answer);
            assertEquals(model.sendEpoch, Integer.toUnsignedLong(
                    Integer.reverseBytes(wire.get(ValueLayout.JAVA_INT_UNALIGNED, 4))));
            assertEquals(sequence, Long.reverseBytes(wire.get(ValueLayout.JAVA_LONG_UNALIGNED, 8)));
            SessionModel.Message message = new SessionModel.Message(session, side == 0, model.sendEpoch, sequence,
                    wire.asSlice(0, answer).toArray(ValueLayout.JAVA_BYTE), length);
            network.add(message);
            return message;
        }

        private void deliver() {
            int reach = Math.min(network.size(), random.nextInt(20) == 0 ? 300 : 8);
            SessionModel.Message message = network.get(network.size() - 1 - random.nextInt(reach));
            if (random.nextInt(4) == 0) {
                network.remove(message);
            }
            if (network.size() > 1000) {
                network.subList(0, 500).clear();
            }
            boolean echo = random.nextInt(15) == 0;
            int to = message.fromInitiator() == echo ? 0 : 1;
            byte[] bytes = message.bytes().clone();
            int length = bytes.length;
            boolean changed = random.nextInt(8) == 0;
            int from = message.session();
            if (changed && random.nextInt(4) == 0) {
                length = random.nextInt(160);
                changed = length != bytes.length;
            } else if (changed) {
                int at = random.nextInt(bytes.length);
                bytes[at] ^= (byte) (1 + random.nextInt(255));
                from = at < 4 ? -1 : from;
            }
            wire.fill((byte) 0);
            MemorySegment.copy(bytes, 0, wire, ValueLayout.JAVA_BYTE, 0, bytes.length);
            long epoch = Integer.toUnsignedLong(Integer.reverseBytes(wire.get(ValueLayout.JAVA_INT_UNALIGNED, 4)));
            long sequence = Long.reverseBytes(wire.get(ValueLayout.JAVA_LONG_UNALIGNED, 8));
            if (!models[to].isExpired(now) && length >= 32 && length <= 128 && random.nextInt(12) == 0) {
                byte[] before = workspaces[to].keys().toArray(ValueLayout.JAVA_BYTE);
                int bad = length;
                assertThrows(RuntimeException.class, () -> sessions[to].open(wire, 0, bad,
                        random.nextBoolean() ? foreign : gone, 0, 192, now));
                assertEquals(-1, MemorySegment.ofArray(before).mismatch(workspaces[to].keys()));
                outcomes[outcomes.length - 2]++;
            }
            boolean resynchronise = random.nextInt(12) == 0;
            int ahead = resynchronise ? 1 + random.nextInt(400) : Session.EPOCHS_AHEAD_MAX;
            SessionRefusal expected = models[to].receive(from, message.fromInitiator(), epoch, sequence, length, !changed,
                    ahead, now);
            out.fill((byte) 0x77);
            int answer = resynchronise ? sessions[to].resynchronise(wire, 0, length, out, 0, 192, ahead, now)
                    : sessions[to].open(wire, 0, length, out, 0, 192, now);
            assertEquals(expected, SessionRefusal.of(answer), () -> "epoch " + epoch + " sequence " + sequence + " at "
                    + models[to].newestEpoch);
            if (expected == null) {
                assertEquals(message.textLength(), answer);
                assertTrue(delivered.add(out.get(ValueLayout.JAVA_INT, 0)), "delivered twice");
                for (int i = 4; i < answer; i++) {
                    assertEquals((byte) out.get(ValueLayout.JAVA_INT, 0), out.get(ValueLayout.JAVA_BYTE, i));
                }
                assertEquals(0x77, out.get(ValueLayout.JAVA_BYTE, answer));
                outcomes[0]++;
            } else {
                assertEquals(0x77, out.get(ValueLayout.JAVA_BYTE, 0), "output untouched");
                outcomes[1 + expected.ordinal()]++;
            }
        }

        @Override
        public void close() {
            workspaces[0].close();
            workspaces[1].close();
            arena.close();
        }
    }

    private static long[] run(long first, int seeds) {
        long[] outcomes = new long[1 + SessionRefusal.values().length + 2];
        Seeds.forEach(first, seeds, random -> {
            try (Link link = new Link(random, outcomes)) {
                for (int i = 0; i < OPERATIONS; i++) {
                    link.step();
                }
            }
        });
        return outcomes;
    }

    @Test
    void whateverTheNetworkDoesTheAnswersAreThoseOfTheModel() {
        long[] outcomes = run(1, 40);
        assertTrue(outcomes[0] > 5000, "delivered " + outcomes[0]);
        for (SessionRefusal reason : List.of(SessionRefusal.FORGED, SessionRefusal.FOREIGN, SessionRefusal.MALFORMED,
                SessionRefusal.REPLAYED, SessionRefusal.STALE, SessionRefusal.AHEAD, SessionRefusal.AGED,
                SessionRefusal.EXPIRED)) {
            assertTrue(outcomes[1 + reason.ordinal()] > 100, reason + " seen " + outcomes[1 + reason.ordinal()]);
        }
        assertTrue(outcomes[outcomes.length - 1] > 100, "stale handles " + outcomes[outcomes.length - 1]);
        assertTrue(outcomes[outcomes.length - 2] > 100, "memory that threw " + outcomes[outcomes.length - 2]);
    }

    @Test
    @Tag("long")
    void whateverTheNetworkDoesTheAnswersAreThoseOfTheModelTenMillionTimes() {
        assertTrue(run(1_000, 4_000)[0] > 500_000);
    }

    /// Every operation in any order against a plain restatement of the states.
    @Test
    void anyOrderOfOperationsFollowsTheStatesAndLeavesFreeSlotsZero() {
        Seeds.forEach(1, 40, random -> {
            SessionConfig config = SessionConfig.of(64, 1 + random.nextInt(3), 1 + random.nextInt(4))
                    .withRotation(5, 1000).withLifetimeNanos(5000).withHalfOpenNanosMax(3000).withViolationsMax(2);
            try (Arena arena = Arena.ofConfined(); SessionWorkspace workspace = SessionWorkspace.open(config)) {
                MemorySegment memory = arena.allocate(256);
                List<Session> held = new ArrayList<>();
                int keys = 0;
                long now = 0;
                for (int i = 0; i < 600; i++) {
                    now += random.nextInt(300);
                    Session session = held.isEmpty() ? null : held.get(random.nextInt(held.size()));
                    long moment = now;
                    if (session != null) {
                        session.expireWhenDue(now);
                    }
                    SessionState state = session == null ? null : session.state();
                    switch (session == null ? 0 : random.nextInt(9)) {
                        case 0 -> {
                            Session next = new Session();
                            assertEquals(held.size() < config.sessions(), workspace.tryAcquire(next, now));
                            if (next.isLive()) {
                                held.add(next);
                            }
                        }
                        case 1 -> attempt(state != SessionState.ALLOCATED ? IllegalStateException.class
                                : keys == config.keys() ? SessionExhaustedException.class : null,
                                () -> session.loadKey(memory, 0, Session.Role.INITIATOR));
                        case 2 -> attempt(state == SessionState.KEY_LOADED || state == SessionState.EXPIRED ? null
                                : IllegalStateException.class, () -> session.activate(moment));
                        case 3 -> attempt(usable(state) ? null : IllegalStateException.class,
                                () -> session.seal(memory, 64, 10, memory, 128, 64, moment));
                        case 4 -> attempt(usable(state) ? null : IllegalStateException.class,
                                () -> session.open(memory, 0, 40, memory, 128, 64, moment));
                        case 5 -> session.expire();
                        case 6 -> session.lock(random.nextInt(4));
                        case 7 -> workspace.expireDue(now);
                        default -> {
                            session.release();
                            held.remove(session);
                        }
                    }
                    keys = (int) held.stream().filter(s -> s.state() == SessionState.KEY_LOADED
                            || s.state() == SessionState.ACTIVE).count();
                    assertEquals(keys, workspace.keysInUse());
                    assertEquals(held.size(), workspace.sessionsInUse());
                    workspace.checkInvariants();
                }
            }
        });
    }

    private static boolean usable(SessionState state) {
        return state == SessionState.ACTIVE || state == SessionState.EXPIRED;
    }

    private static void attempt(Class<? extends RuntimeException> expected, Runnable action) {
        Class<?> seen = null;
        try {
            action.run();
        } catch (RuntimeException e) {
            seen = e.getClass();
        }
        assertEquals(expected, seen);
    }
}
