package dev.coffer.crypto.session;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// One side of one session, restated plainly from the documentation, in sets and maps: what it numbers its messages with
/// and what it answers to those that it gets. Nothing of the code under test is used.
final class SessionModel {
    static final int TAG = 16;
    static final int HEADER = 4 + 4 + 8;

    /// A message as its sender made it.
    record Message(int session, boolean fromInitiator, long epoch, long sequence, byte[] bytes, int textLength) {}

    final int session;
    final boolean initiator;
    private final SessionConfig config;
    private final long activatedAt;
    boolean expired;

    long sendEpoch;
    long sentUnderKey;
    private long keySince;

    long newestEpoch;
    final Map<Long, Set<Long>> seen = new HashMap<>();      // by epoch; the two newest only
    final Map<Long, Long> firstAt = new HashMap<>();        // when the first message of an epoch was opened
    final Map<SessionRefusal, Long> answers = new EnumMap<>(SessionRefusal.class);
    long sealed;
    long opened;

    SessionModel(SessionConfig config, int session, boolean initiator, long now) {
        this.config = config;
        this.session = session;
        this.initiator = initiator;
        this.activatedAt = now;
        this.keySince = now;
        seen.put(0L, new HashSet<>());
    }

    boolean isExpired(long now) {
        expired |= now - activatedAt >= config.lifetimeNanos();
        return expired;
    }

    /// Before a message is sealed: a key that has sealed something is replaced when it is old or has sealed enough.
    void beforeSealing(long now) {
        if (sentUnderKey > 0
                && (sentUnderKey >= config.rotateAfterMessages() || now - keySince >= config.rotateAfterNanos())) {
            rotate(now);
        }
    }

    void rotate(long now) {
        if (sentUnderKey > 0) {
            sendEpoch++;
            sentUnderKey = 0;
            keySince = now;
        }
    }

    void sealed(long now) {
        if (sentUnderKey == 0) {
            keySince = now;
        }
        sentUnderKey++;
        sealed++;
    }

    SessionRefusal answer(SessionRefusal reason) {
        answers.merge(reason, 1L, Long::sum);
        return reason;
    }

    /// {@return what comes of a message, null where it opens}
    ///
    /// @param unchanged  it arrives as it was sealed, with the header given
    SessionRefusal receive(int fromSession, boolean fromInitiator, long epoch, long sequence, long length,
            boolean unchanged, int ahead, long now) {
        if (isExpired(now)) {
            return answer(SessionRefusal.EXPIRED);
        }
        if (length < HEADER + TAG || length > config.bufferBytes()) {
            return answer(SessionRefusal.MALFORMED);
        }
        if (fromSession != session || fromInitiator == initiator) {
            return answer(SessionRefusal.FOREIGN);
        }
        if (epoch > newestEpoch + ahead) {
            return answer(SessionRefusal.AHEAD);
        }
        if (epoch < newestEpoch - 1) {
            return answer(SessionRefusal.STALE);
        }
        Set<Long> numbers = seen.getOrDefault(epoch, Set.of());
        long newest = numbers.stream().mapToLong(n -> n).max().orElse(-1);
        boolean possible = sequence >= 0 && sequence < config.suite().messagesMax();
        if (possible && (numbers.contains(sequence) || sequence <= newest - 128)) {
            return answer(SessionRefusal.REPLAYED);
        }
        Long first = firstAt.get(epoch);
        if (first != null && now - first >= config.receiveKeyNanosMax()) {
            return answer(SessionRefusal.AGED);
        }
        if (!unchanged) {
            return answer(SessionRefusal.FORGED);
        }
        newestEpoch = Math.max(newestEpoch, epoch);
        seen.keySet().removeIf(e -> e < newestEpoch - 1);
        firstAt.keySet().removeIf(e -> e < newestEpoch - 1);
        seen.computeIfAbsent(epoch, e -> new HashSet<>()).add(sequence);
        seen.get(epoch).removeIf(n -> n < sequence - 300 && n < newest - 300);
        firstAt.putIfAbsent(epoch, now);
        opened++;
        return null;
    }
}
