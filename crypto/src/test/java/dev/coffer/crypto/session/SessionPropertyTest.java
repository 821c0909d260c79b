package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SessionPropertyTest {
    /// A sealed message in the network, with what the receiver must make of it.
    private record Sealed(byte[] bytes, int number, long epoch, long sequence) {}

    /// The receiver's rules, restated plainly: which epochs have a key, and what each has seen.
    private static final class Receiver {
        long epoch;
        long before = -1;
        Set<Long> seen = new HashSet<>();
        Set<Long> seenBefore = new HashSet<>();
        long newest = -1;
        long newestBefore = -1;

        SessionRefusal expect(Sealed message) {
            if (message.epoch > epoch + Session.EPOCHS_AHEAD_MAX) {
                return SessionRefusal.STALE;
            } else if (message.epoch > epoch) {
                before = epoch;
                seenBefore = seen;
                newestBefore = newest;
                epoch = message.epoch;
                seen = new HashSet<>(Set.of(message.sequence));
                newest = message.sequence;
                return null;
            } else if (message.epoch == epoch) {
                if (seen.contains(message.sequence) || message.sequence <= newest - ReplayWindow.NUMBERS) {
                    return SessionRefusal.REPLAYED;
                }
                seen.add(message.sequence);
                newest = Math.max(newest, message.sequence);
                return null;
            } else if (message.epoch == before) {
                if (seenBefore.contains(message.sequence) || message.sequence <= newestBefore - ReplayWindow.NUMBERS) {
                    return SessionRefusal.REPLAYED;
                }
                seenBefore.add(message.sequence);
                newestBefore = Math.max(newestBefore, message.sequence);
                return null;
            }
            return SessionRefusal.STALE;
        }
    }

    /// Two workspaces over a network that loses, repeats, delays, reorders and corrupts, with keys that rotate by count
    /// and by time: every text arrives at most once, unchanged, and every refusal is the one that the rules give.
    @Test
    void lossRepetitionReorderingAndForgeryGiveWhatTheRulesSay() {
        int[] outcomes = new int[SessionRefusal.values().length + 1];
        Seeds.forEach(1, 60, random -> {
            Suite suite = random.nextBoolean() ? Suite.AES_256_GCM : Suite.CHACHA20_POLY1305;
            SessionConfig config = SessionConfig.micro().with(suite).tolerating(1 << 20)
                    .rotatingAfter(1 + random.nextInt(60), 1_000 + random.nextInt(100_000));
            try (Arena arena = Arena.ofConfined(); SessionWorkspace left = SessionWorkspace.open(config);
                    SessionWorkspace right = SessionWorkspace.open(config)) {
                exchange(random, arena, left, right, outcomes);
            }
        });
        for (SessionRefusal refusal : List.of(SessionRefusal.FORGED, SessionRefusal.REPLAYED, SessionRefusal.STALE)) {
            assertTrue(outcomes[1 + refusal.ordinal()] > 100, refusal + " seen " + outcomes[1 + refusal.ordinal()]);
        }
        assertTrue(outcomes[0] > 5000, "delivered " + outcomes[0]);
    }

    private static void exchange(SplittableRandom random, Arena arena, SessionWorkspace left, SessionWorkspace right,
            int[] outcomes) {
        MemorySegment secret = arena.allocate(32);
        secret.set(ValueLayout.JAVA_LONG, 0, random.nextLong());
        Session alice = left.acquire();
        alice.loadKey(secret, 0, Session.Role.INITIATOR);
        alice.activate(0);
        Session bob = right.acquire();
        bob.loadKey(secret, 0, Session.Role.RESPONDER);
        bob.activate(0);
        MemorySegment wire = arena.allocate(128);
        MemorySegment out = arena.allocate(128);
        MemorySegment text = arena.allocate(128);
        List<Sealed> network = new ArrayList<>();
        Receiver rules = new Receiver();
        Set<Integer> delivered = new HashSet<>();
        long now = 0;
        for (int i = 0; i < 400; i++) {
            now += random.nextInt(2000);
            text.set(ValueLayout.JAVA_INT, 0, i);
            int length = alice.seal(text, 0, 4 + random.nextInt(90), wire, 0, 128, now);
            network.add(new Sealed(wire.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), i, alice.sendEpoch(),
                    Long.reverseBytes(wire.get(ValueLayout.JAVA_LONG_UNALIGNED, 4))));
            while (!network.isEmpty() && random.nextInt(3) != 0) {
                int reach = Math.min(network.size(), random.nextInt(20) == 0 ? 300 : 6);
                Sealed message = network.get(network.size() - 1 - random.nextInt(reach));
                if (random.nextInt(4) == 0) {
                    network.remove(message);  // lost from here on, or just delivered for the last time
                }
                if (random.nextInt(5) == 0) {
                    continue;
                }
                MemorySegment.copy(message.bytes, 0, wire, ValueLayout.JAVA_BYTE, 0, message.bytes.length);
                boolean forged = random.nextInt(10) == 0;
                if (forged) {
                    int at = 12 + random.nextInt(message.bytes.length - 12);
                    wire.set(ValueLayout.JAVA_BYTE, at, (byte) (wire.get(ValueLayout.JAVA_BYTE, at) ^ 1 + random.nextInt(255)));
                    long violations = bob.violations();
                    int answer = bob.open(wire, 0, message.bytes.length, out, 0, 128, now);
                    assertTrue(answer < 0, "a forged message was opened");
                    outcomes[1 + SessionRefusal.of(answer).ordinal()]++;
                    assertTrue(bob.violations() == violations + (SessionRefusal.of(answer) == SessionRefusal.FORGED ? 1 : 0));
                    continue;
                }
                SessionRefusal expected = rules.expect(message);
                int answer = bob.open(wire, 0, message.bytes.length, out, 0, 128, now);
                assertEquals(expected, SessionRefusal.of(answer), () -> "message " + message.number);
                if (expected == null) {
                    assertEquals(message.number, out.get(ValueLayout.JAVA_INT, 0));
                    assertTrue(delivered.add(message.number), "delivered twice");
                    outcomes[0]++;
                } else {
                    outcomes[1 + expected.ordinal()]++;
                }
            }
        }
    }

    /// Every operation in any order against a plain restatement of the states; after each the counts agree, and what is
    /// free is zero.
    @Test
    void anyOrderOfOperationsFollowsTheStatesAndLeavesFreeSlotsZero() {
        Seeds.forEach(1, 40, random -> {
            SessionConfig config = new SessionConfig(64, 1 + random.nextInt(3), 1 + random.nextInt(4),
                    Suite.CHACHA20_POLY1305, 5, 1000, 5000, 2);
            try (Arena arena = Arena.ofConfined(); SessionWorkspace workspace = SessionWorkspace.open(config)) {
                MemorySegment memory = arena.allocate(256);
                List<Session> held = new ArrayList<>();
                int keys = 0;
                long now = 0;
                for (int i = 0; i < 600; i++) {
                    now += random.nextInt(300);
                    Session session = held.isEmpty() ? null : held.get(random.nextInt(held.size()));
                    long moment = now;
                    switch (session == null ? 0 : random.nextInt(8)) {
                        case 0 -> {
                            Session next = workspace.tryAcquire();
                            assertEquals(held.size() == config.sessions(), next == null);
                            if (next != null) {
                                held.add(next);
                            }
                        }
                        case 1 -> attempt(session.state() != SessionState.ALLOCATED ? IllegalStateException.class
                                : keys == config.keys() ? SessionExhaustedException.class : null,
                                () -> session.loadKey(memory, 0, Session.Role.INITIATOR));
                        case 2 -> attempt(session.state() != SessionState.KEY_LOADED ? IllegalStateException.class : null,
                                () -> session.activate(moment));
                        case 3 -> attempt(usable(session) ? null : IllegalStateException.class,
                                () -> session.seal(memory, 64, 10, memory, 128, 64, moment));
                        case 4 -> attempt(usable(session) ? null : IllegalStateException.class,
                                () -> session.open(memory, 0, 40, memory, 128, 64, moment));
                        case 5 -> session.expire();
                        case 6 -> attempt(session.state() == SessionState.EXPIRED ? IllegalStateException.class : null,
                                () -> session.lock(random.nextInt(4)));
                        default -> {
                            session.release();
                            held.remove(session);
                        }
                    }
                    keys = (int) held.stream().filter(s -> s.state() == SessionState.KEY_LOADED
                            || s.state() == SessionState.ACTIVE).count();
                    assertEquals(keys, workspace.keysInUse());
                    assertEquals(held.size(), workspace.sessionsInUse());
                    if (keys == 0) {
                        assertEquals(0, RawMemory.nonZero(workspace.keys().address(), (int) workspace.keys().byteSize()));
                    }
                    assertTrue(workspace.peakBytes() <= workspace.capacityBytes());
                }
            }
        });
    }

    private static boolean usable(Session session) {
        return session.state() == SessionState.ACTIVE || session.state() == SessionState.EXPIRED;
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
