package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// The receiving half of a session. Which keys are kept:
///
/// ```
///   epoch   ... | e - 1              | e                  | e + 1 ... e + 16 | ...
///           STALE late messages open   newest opened        followed           AHEAD
/// ```
///
/// Nothing of a message is believed before its tag verifies, and only what verifies moves anything.
final class Opening {
    private Opening() {}

    /// @param epochsMax  how far the message's epoch may lie ahead
    static int open(SessionSlot slot, MemorySegment message, long messageAt, int length, MemorySegment output,
            long outputAt, int room, long nowNanos, int epochsMax) {
        if (slot.isExpired(nowNanos)) {
            return slot.refuse(SessionRefusal.EXPIRED);
        }
        slot.check(SessionState.ACTIVE, "open");
        Ranges.check("open", message, messageAt, length);
        Places.checkUsable("open", message);
        if (length < Session.OVERHEAD_BYTES || length > slot.config.bufferBytes()) {
            return slot.refuse(SessionRefusal.MALFORMED);
        }
        int textLength = length - Session.OVERHEAD_BYTES;
        if (room < textLength) {
            throw new IllegalArgumentException("open: room " + room + " (expected at least " + textLength + ")");
        }
        Ranges.checkWritable("open", output, outputAt, textLength);
        Places.checkSecret("open", output);
        slot.checkApart("open", message, messageAt, length);
        slot.checkApart("open", output, outputAt, textLength);
        Ranges.inPlaceOrApart("open", message, messageAt + Session.HEADER_BYTES, textLength + Aead.TAG_BYTES, output,
                outputAt, textLength);
        long receive = slot.direction(SessionKey.RECEIVE);
        if (SessionHeader.id(message, messageAt) != SessionKey.id(slot.keys, receive)) {
            return slot.refuse(SessionRefusal.FOREIGN);
        }
        long epoch = SessionHeader.epoch(message, messageAt);
        long sequence = SessionHeader.sequence(message, messageAt);
        long ahead = epoch - SessionKey.epoch(slot.keys, receive);
        if (ahead > epochsMax) {
            return slot.refuse(SessionRefusal.AHEAD);
        }
        if (ahead > 0) {
            return openNext(slot, epoch, sequence, message, messageAt, textLength, output, outputAt, nowNanos);
        }
        if (ahead < -1) {
            return slot.refuse(SessionRefusal.STALE);
        }
        long with = ahead == 0 ? receive : slot.direction(SessionKey.RECEIVE_BEFORE);
        return openWith(slot, with, epoch, sequence, message, messageAt, textLength, output, outputAt, nowNanos);
    }

    private static int openWith(SessionSlot slot, long with, long epoch, long sequence, MemorySegment message,
            long messageAt, int textLength, MemorySegment output, long outputAt, long nowNanos) {
        boolean first = SessionKey.next(slot.keys, with) == 0;
        boolean possible = isPossible(slot, sequence);
        if (possible && !ReplayWindow.isNew(slot.keys, with + SessionKey.WINDOW, sequence)) {
            return slot.refuse(SessionRefusal.REPLAYED);
        }
        if (!first && SessionSlot.isOver(SessionKey.startedNanos(slot.keys, with), nowNanos,
                slot.config.receiveKeyNanosMax())) {
            return slot.refuse(SessionRefusal.AGED);
        }
        if (!verify(slot, with, epoch, sequence, message, messageAt, textLength, output, outputAt)) {
            return slot.forged(nowNanos);
        }
        if (!possible) {
            Wipe.bytes(output, outputAt, textLength);
            return slot.violated(epoch, sequence);
        }
        if (first) {
            SessionKey.startedNanos(slot.keys, with, nowNanos);
        }
        ReplayWindow.mark(slot.keys, with + SessionKey.WINDOW, sequence);
        slot.countOpened(nowNanos);
        return textLength;
    }

    /// {@return whether an honest sender could have got to that number}
    private static boolean isPossible(SessionSlot slot, long sequence) {
        return sequence >= 0 && sequence < slot.suite.messagesMax();
    }

    private static boolean verify(SessionSlot slot, long with, long epoch, long sequence, MemorySegment message,
            long messageAt, int textLength, MemorySegment output, long outputAt) {
        boolean answered = false;
        try {
            boolean verified = slot.scratch.open(slot.keys, with, epoch, sequence, message, messageAt, textLength, output,
                    outputAt);
            answered = true;
            return verified;
        } finally {
            if (!answered) {
                Places.wipeAfterFault(output, outputAt, textLength);
                slot.scratch.wipe();
            }
        }
    }

    /// A message of a later epoch: its key is derived in the workspace's place for trials, and only a tag that verifies
    /// moves the session on.
    private static int openNext(SessionSlot slot, long epoch, long sequence, MemorySegment message, long messageAt,
            int textLength, MemorySegment output, long outputAt, long nowNanos) {
        long trial = slot.workspace.trialAt();
        try {
            derive(slot, trial, epoch, nowNanos);
            if (!verify(slot, trial, epoch, sequence, message, messageAt, textLength, output, outputAt)) {
                return slot.forged(nowNanos);
            }
            if (!isPossible(slot, sequence)) {
                Wipe.bytes(output, outputAt, textLength);
                return slot.violated(epoch, sequence);
            }
            ReplayWindow.mark(slot.keys, trial + SessionKey.WINDOW, sequence);
            follow(slot, trial, epoch, nowNanos);
            slot.countOpened(nowNanos);
            return textLength;
        } finally {
            try {
                SessionKey.wipe(slot.keys, trial, slot.suite);
            } finally {
                slot.scratch.wipe();  // the secret of the epoch before
            }
        }
    }

    private static void derive(SessionSlot slot, long trial, long epoch, long nowNanos) {
        MemorySegment keys = slot.keys;
        long receive = slot.direction(SessionKey.RECEIVE);
        MemorySegment.copy(keys, receive + SessionKey.ID, keys, trial + SessionKey.ID, SessionKey.ID_BYTES);
        MemorySegment.copy(keys, receive + SessionKey.SECRET, keys, trial + SessionKey.SECRET, SessionKey.SECRET_BYTES);
        for (long at = SessionKey.epoch(keys, receive); at < epoch; at++) {
            if (at == epoch - 1) {
                slot.scratch.keepBefore(keys, trial);
            }
            SessionKey.ratchet(keys, trial, slot.scratch);
        }
        SessionKey.start(keys, trial, epoch, nowNanos, slot.scratch);
    }

    /// Makes the trial's key the current one, and that of the epoch right before it the one for late messages: the
    /// current one, or, where epochs were lost, one that is derived now.
    private static void follow(SessionSlot slot, long trial, long epoch, long nowNanos) {
        MemorySegment keys = slot.keys;
        long receive = slot.direction(SessionKey.RECEIVE);
        long before = slot.direction(SessionKey.RECEIVE_BEFORE);
        long bytes = SessionKey.directionBytes(slot.suite);
        boolean followed = false;
        try {
            if (epoch - 1 == SessionKey.epoch(keys, receive)) {
                MemorySegment.copy(keys, receive, keys, before, bytes);
            } else {
                MemorySegment.copy(keys, trial + SessionKey.ID, keys, before + SessionKey.ID, SessionKey.ID_BYTES);
                slot.scratch.takeBefore(keys, before);
                SessionKey.start(keys, before, epoch - 1, nowNanos, slot.scratch);
            }
            // The old epoch keeps its key for late messages, not the secret that leads to the new one.
            Wipe.bytes(keys, before + SessionKey.SECRET, SessionKey.SECRET_BYTES);
            MemorySegment.copy(keys, trial, keys, receive, bytes);
            followed = true;
        } finally {
            if (!followed) {
                slot.expire(SessionExpiry.FAULT);
            }
        }
    }
}
