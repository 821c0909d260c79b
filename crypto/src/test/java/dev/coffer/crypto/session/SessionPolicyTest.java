package dev.coffer.crypto.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What ends a session, and what does not.
class SessionPolicyTest {
    private static final long HOUR = 3_600_000_000_000L;
    private static final long MINUTE = HOUR / 60;

    @Test
    void aDamagedMessageRepeatedForEverEndsNothing() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro())) {
            byte[] message = pair.sealed(1, 10, 0);
            byte[] damaged = message.clone();
            damaged[20] ^= 4;
            for (int i = 0; i < 10_000; i++) {
                assertEquals(SessionRefusal.FORGED, pair.refusal(damaged, i));
            }
            assertEquals(10_000, pair.bob.refused(SessionRefusal.FORGED));
            assertEquals(10, pair.open(message, 0));
            assertEquals(SessionSecurity.SECURE, pair.bob.security(0));
        }
    }

    /// {@return a message that a holder of the key seals at a number where no honest sender gets}
    private static byte[] beyond(SessionPair pair, long sequence) {
        pair.text.fill((byte) 0x66);
        pair.left.scratch().seal(pair.left.keys(), 0, sequence, pair.text, 0, 4, pair.wire, 0);
        return pair.wire.asSlice(0, 4 + Session.OVERHEAD_BYTES).toArray(ValueLayout.JAVA_BYTE);
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void onlyAuthenticMessagesPastTheLimitAreViolationsAndTheSixthEndsTheSession(Suite suite) {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withSuite(suite))) {
            long limit = suite.messagesMax();
            assertEquals(4, pair.open(beyond(pair, limit - 1), 0), "the last number that is allowed");
            byte[] first = beyond(pair, limit);
            byte[] damaged = first.clone();
            damaged[damaged.length - 1] ^= 1;
            assertEquals(SessionRefusal.FORGED, pair.refusal(damaged, 0));
            assertEquals(SessionRefusal.VIOLATION, pair.refusal(first, 0));
            assertEquals(0, pair.out.get(ValueLayout.JAVA_INT, 0), "the text is wiped");
            for (int i = 0; i < 20; i++) {
                assertEquals(SessionRefusal.REPLAYED, pair.refusal(first, 0), "whoever repeats it brings nothing about");
            }
            pair.alice.rotate(0);  // numbers of a later epoch, where the receiver has not been
            SessionKey.next(pair.left.keys(), 0, 1);
            pair.alice.rotate(0);
            pair.out.fill((byte) 0x11);
            assertEquals(SessionRefusal.VIOLATION, pair.refusal(beyond(pair, limit), 0));
            assertEquals(0, pair.out.get(ValueLayout.JAVA_INT, 0), "the text of a later epoch is wiped");
            assertEquals(0, pair.bob.receiveEpoch());
            for (long sequence : new long[] {limit + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertEquals(SessionRefusal.VIOLATION, pair.refusal(beyond(pair, sequence), 0));
            }
            pair.check();
            assertEquals(5, pair.bob.refused(SessionRefusal.VIOLATION));
            assertEquals(SessionState.ACTIVE, pair.bob.state());
            assertEquals(SessionRefusal.VIOLATION, pair.refusal(beyond(pair, -1), 0));
            assertEquals(SessionState.EXPIRED, pair.bob.state());
            assertEquals(SessionExpiry.VIOLATIONS, pair.bob.expiry());
            assertEquals(SessionSecurity.VIOLATED, pair.bob.security(0));
            assertEquals(SessionSecurity.VIOLATED, pair.right.security(0));
            assertEquals(SessionSecurity.SECURE, pair.left.security(0));
            assertEquals(0, pair.right.keysInUse());
            assertEquals(SessionRefusal.EXPIRED, pair.refusal(first, 0));
            pair.check();
        }
    }

    @Test
    void forgedMessagesEndASessionByAPolicyWithARateAndNothingThatVerifiesBetween() {
        SessionConfig config = SessionConfig.micro().withForged(3, 1000);
        try (SessionPair pair = new SessionPair(config)) {
            byte[] forged = pair.sealed(1, 10, 0);
            byte[] foreign = forged.clone();
            forged[30] ^= 1;
            foreign[0] ^= 1;
            for (int i = 0; i < 100; i++) {
                assertEquals(SessionRefusal.FOREIGN, pair.refusal(foreign, 0));   // sent blindly: counts for nothing
                assertEquals(SessionRefusal.FORGED, pair.refusal(forged, 1000L * i));  // slow enough
            }
            long now = 100_000;
            for (int i = 0; i < 30; i++) {
                assertEquals(SessionRefusal.FORGED, pair.refusal(forged, now));
                assertEquals(SessionRefusal.FORGED, pair.refusal(forged, now));
                assertEquals(SessionRefusal.FORGED, pair.refusal(forged, now));
                assertEquals(10, pair.open(pair.sealed(1, 10, now), now));        // the peer is there
            }
            assertEquals(SessionRefusal.FORGED, pair.refusal(forged, now));
            assertEquals(SessionRefusal.FORGED, pair.refusal(forged, now + 400));
            assertEquals(SessionRefusal.FORGED, pair.refusal(forged, now + 800));
            assertEquals(SessionRefusal.FORGED, pair.refusal(forged, now + 1200));  // one is forgotten by now
            assertEquals(SessionState.ACTIVE, pair.bob.state());
            assertEquals(SessionRefusal.FORGED, pair.refusal(forged, now + 1999));
            assertEquals(SessionState.EXPIRED, pair.bob.state());
            assertEquals(SessionExpiry.FORGERIES, pair.bob.expiry());
            assertEquals(SessionSecurity.EXPIRED, pair.bob.security(now));
        }
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withForged(0, Long.MAX_VALUE))) {
            byte[] forged = pair.sealed(1, 10, 0);
            forged[30] ^= 1;
            assertEquals(SessionRefusal.FORGED, pair.refusal(forged, 5));
            assertEquals(SessionState.EXPIRED, pair.bob.state());
        }
    }

    @Test
    void sessionsExpireAtTheirAgeAndAreWiped() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withLifetimeNanos(HOUR))) {
            long keys = pair.left.keys().address();
            int slot = (int) SessionKey.slotBytes(Suite.CHACHA20_POLY1305);
            pair.alice.lock(0);
            MemorySegment buffer = pair.alice.buffer(0).fill((byte) 1);
            assertTrue(RawMemory.nonZero(keys, slot) > 100);
            assertEquals(HOUR, pair.alice.deadlineNanos());
            assertEquals(HOUR, pair.left.deadlineNanos());
            assertEquals(0, pair.left.expireDue(HOUR - 1));
            assertEquals(1, pair.left.expireDue(HOUR));
            assertEquals(0, pair.left.expireDue(HOUR));
            assertEquals(0, RawMemory.nonZero(keys, slot));
            assertEquals(0, RawMemory.nonZero(buffer, 0, 128));
            assertEquals(SessionExpiry.LIFETIME, pair.alice.expiry());
            assertEquals(Long.MAX_VALUE, pair.alice.deadlineNanos());
            assertEquals(-1, pair.alice.sendKeyAgeNanos(HOUR));
            assertEquals(-1, pair.alice.receiveEpoch());
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(pair.seal(1, 1, HOUR)));
            assertEquals(SessionRefusal.EXPIRED, SessionRefusal.of(pair.open(60, HOUR)));  // found at the call itself
            assertEquals(2, pair.left.refused(SessionRefusal.EXPIRED) + pair.right.refused(SessionRefusal.EXPIRED));
            pair.check();
        }
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withLifetimeNanos(Long.MAX_VALUE))) {
            assertFalse(pair.alice.expireWhenDue(Long.MAX_VALUE));
            assertEquals(Long.MAX_VALUE, pair.alice.deadlineNanos());
        }
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withLifetimeNanos(Long.MAX_VALUE - 1))) {
            pair.alice.release();
            pair.bob.release();
            pair.begin(100);
            assertEquals(Long.MAX_VALUE, pair.alice.deadlineNanos(), "past the clock's end");
        }
    }

    @Test
    void halfOpenSessionsExpireToo() {
        SessionConfig config = SessionConfig.micro().withHalfOpenNanosMax(MINUTE);
        try (Arena arena = Arena.ofConfined(); SessionWorkspace workspace = SessionWorkspace.open(config)) {
            MemorySegment secret = arena.allocate(32);
            Session first = workspace.acquire(new Session(), 10);
            Session second = workspace.acquire(new Session(), 20);
            second.loadKey(secret, 0, Session.Role.INITIATOR);
            assertEquals(10 + MINUTE, workspace.deadlineNanos());
            assertEquals(0, workspace.expireDue(9 + MINUTE));
            assertEquals(1, workspace.expireDue(19 + MINUTE));
            assertEquals(SessionExpiry.HALF_OPEN, first.expiry());
            assertEquals(SessionRefusal.EXPIRED, first.tryLoadKey(secret, 0, Session.Role.INITIATOR));
            assertThrows(IllegalStateException.class, () -> first.loadKey(secret, 0, Session.Role.INITIATOR));
            assertEquals(SessionState.KEY_LOADED, second.state());
            assertFalse(second.activate(20 + MINUTE));
            assertEquals(SessionExpiry.HALF_OPEN, second.expiry());
            assertEquals(2, workspace.expired(SessionExpiry.HALF_OPEN));
            assertEquals(SessionSecurity.EXPIRED, workspace.security(0));
            second.release();
            workspace.acquire(second, 0).loadKey(secret, 0, Session.Role.INITIATOR);
            assertTrue(second.activate(MINUTE - 1));
            assertEquals(0, workspace.expireDue(HOUR));
            assertEquals(SessionExpiry.NONE, second.expiry());
            workspace.checkInvariants();
        }
    }

    @Test
    void aReceiverRefusesAKeyThatIsInUseForTooLongUntilThePeerRotates() {
        SessionConfig config = SessionConfig.micro().withReceiveKeyNanosMax(MINUTE);
        try (SessionPair pair = new SessionPair(config)) {
            byte[] late = pair.sealed(9, 4, 0);
            assertEquals(4, pair.open(pair.sealed(1, 4, 0), HOUR), "counts from the first message");
            assertEquals(4, pair.open(pair.sealed(1, 4, 0), HOUR + MINUTE - 1));
            byte[] message = pair.sealed(1, 4, 0);
            assertEquals(SessionRefusal.AGED, pair.refusal(message, HOUR + MINUTE));
            assertEquals(1, pair.bob.refused(SessionRefusal.AGED));
            assertNull(pair.alice.rotate(0));
            assertEquals(4, pair.open(pair.sealed(1, 4, 0), HOUR + MINUTE));
            assertEquals(SessionRefusal.AGED, pair.refusal(late, HOUR + MINUTE));
            assertEquals(SessionState.ACTIVE, pair.bob.state());
        }
    }

    @Test
    void theFirstReasonStays() {
        try (SessionPair pair = new SessionPair(SessionConfig.micro().withLifetimeNanos(HOUR))) {
            assertEquals(SessionExpiry.NONE, pair.alice.expiry());
            pair.alice.expire();
            pair.alice.expire();
            assertTrue(pair.alice.expireWhenDue(2 * HOUR));
            assertEquals(SessionExpiry.OWNER, pair.alice.expiry());
            assertEquals(1, pair.left.expired(SessionExpiry.OWNER));
            assertEquals(0, pair.left.expired(SessionExpiry.LIFETIME));
            assertEquals(SessionRefusal.EXPIRED, pair.alice.rotate(0));
            assertEquals(5, pair.alice.ageNanos(5));
            assertEquals("Session[EXPIRED, OWNER, sealed 0, opened 0]", pair.alice.toString());
        }
    }

    @Test
    void refusesNumbersOutsideTheirRange() {
        SessionConfig micro = SessionConfig.micro();
        for (int bytes : new int[] {0, 63, 100, (1 << 20) + 64}) {
            assertThrows(IllegalArgumentException.class, () -> SessionConfig.of(bytes, 1, 1), bytes + " bytes");
        }
        for (int count : new int[] {0, 1025}) {
            assertThrows(IllegalArgumentException.class, () -> SessionConfig.of(64, count, 1));
            assertThrows(IllegalArgumentException.class, () -> SessionConfig.of(64, 1, count));
        }
        SessionConfig.of(64, 1024, 1024);
        SessionConfig.of(1 << 20, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> micro.withRotation(0, 1));
        assertThrows(IllegalArgumentException.class, () -> micro.withRotation(1, 0));
        assertThrows(IllegalArgumentException.class, () -> micro.withLifetimeNanos(0));
        assertThrows(IllegalArgumentException.class, () -> micro.withReceiveKeyNanosMax(0));
        assertThrows(IllegalArgumentException.class, () -> micro.withHalfOpenNanosMax(0));
        assertThrows(IllegalArgumentException.class, () -> micro.withViolationsMax(-1));
        assertThrows(IllegalArgumentException.class, () -> micro.withForged(-2, 1));
        assertThrows(IllegalArgumentException.class, () -> micro.withForged(1, 0));
        assertThrows(IllegalArgumentException.class, () -> micro.withName(" "));
        assertThrows(IllegalArgumentException.class, () -> micro.withName("a/b"));
        assertThrows(IllegalArgumentException.class,
                () -> micro.withSuite(Suite.AES_256_GCM).withRotation((1 << 23) + 1, 1));
        assertEquals(1 << 20, micro.withSuite(Suite.AES_256_GCM).rotateAfterMessages());
        assertThrows(IllegalArgumentException.class, () -> SessionRefusal.of(-99));
        assertThrows(IllegalArgumentException.class, () -> SessionRefusal.of(-1 - SessionRefusal.COUNT));
        assertNull(SessionRefusal.of(0));
        for (SessionRefusal refusal : SessionRefusal.values()) {
            assertEquals(refusal, SessionRefusal.of(refusal.code()));
        }
    }

    @Test
    void presetsAreThoseOfTheirTable() {
        List<SessionConfig> presets = List.of(SessionConfig.micro(), SessionConfig.small(), SessionConfig.medium(),
                SessionConfig.large());
        int[][] table = {{128, 2}, {512, 4}, {2048, 8}, {8192, 16}};
        for (int i = 0; i < table.length; i++) {
            SessionConfig one = presets.get(i);
            assertEquals(new SessionConfig("sessions", table[i][0], table[i][1], table[i][1], Suite.CHACHA20_POLY1305,
                    1 << 20, HOUR, 24 * HOUR, Long.MAX_VALUE, 10 * MINUTE, 5, SessionConfig.OFF, MINUTE / 60), one);
        }
    }
}
