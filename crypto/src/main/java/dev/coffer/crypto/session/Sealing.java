package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.internal.Ranges;
import java.lang.foreign.MemorySegment;

/// The sending half of a session: numbers, rotation, sealing.
final class Sealing {
    private static final long EPOCH_MAX = 0xffff_ffffL;

    private Sealing() {}

    static int seal(SessionSlot slot, MemorySegment text, long textAt, int length, MemorySegment output, long outputAt,
            int room, long nowNanos) {
        if (slot.isExpired(nowNanos)) {
            return slot.refuse(SessionRefusal.EXPIRED);
        }
        slot.check(SessionState.ACTIVE, "seal");
        check(slot, text, textAt, length, output, outputAt, room);
        if (!mayUseKey(slot, nowNanos)) {
            slot.expire(SessionExpiry.KEY_USED_UP);
            return slot.refuse(SessionRefusal.EXPIRED);
        }
        long send = slot.direction(SessionKey.SEND);
        long sequence = SessionKey.next(slot.keys, send);
        if (sequence == 0) {
            SessionKey.startedNanos(slot.keys, send, nowNanos);
        }
        SessionKey.next(slot.keys, send, sequence + 1);  // before it is used: a number is never used twice, come what may
        boolean sealed = false;
        try {
            slot.scratch.seal(slot.keys, send, sequence, text, textAt, length, output, outputAt);
            sealed = true;
        } finally {
            if (!sealed) {
                Places.wipeAfterFault(output, outputAt, length + Session.OVERHEAD_BYTES);
                slot.scratch.wipe();
            }
        }
        slot.countSealed(nowNanos);
        return length + Session.OVERHEAD_BYTES;
    }

    private static void check(SessionSlot slot, MemorySegment text, long textAt, int length, MemorySegment output,
            long outputAt, int room) {
        int most = slot.config.bufferBytes() - Session.OVERHEAD_BYTES;
        if (length < 0 || length > most || room < length + Session.OVERHEAD_BYTES) {
            throw new IllegalArgumentException("seal: text " + length + " bytes, room " + room + " (expected 0.." + most
                    + ", and " + Session.OVERHEAD_BYTES + " more room than text)");
        }
        Ranges.check("seal", text, textAt, length);
        Ranges.checkWritable("seal", output, outputAt, length + Session.OVERHEAD_BYTES);
        Places.checkSecret("seal", text);
        Places.checkUsable("seal", output);
        slot.checkApart("seal", text, textAt, length);
        slot.checkApart("seal", output, outputAt, length + Session.OVERHEAD_BYTES);
        Ranges.inPlaceOrApart("seal", text, textAt, length, output, outputAt + Session.HEADER_BYTES,
                length + Aead.TAG_BYTES);
        Ranges.apart("seal", text, textAt, length, output, outputAt, Session.HEADER_BYTES);
    }

    /// {@return whether there is a key to seal with, after replacing it where its time has come}
    private static boolean mayUseKey(SessionSlot slot, long nowNanos) {
        if (isRotationDue(slot, nowNanos)) {
            return rotate(slot, nowNanos);
        }
        return SessionKey.next(slot.keys, slot.direction(SessionKey.SEND)) < slot.suite.messagesMax();
    }

    /// {@return whether the next message replaces the key; never, where the key has sealed nothing}
    static boolean isRotationDue(SessionSlot slot, long nowNanos) {
        long send = slot.direction(SessionKey.SEND);
        long sent = SessionKey.next(slot.keys, send);
        long most = slot.config.rotateAfterMessages();
        return sent > 0 && (sent >= most && most < slot.suite.messagesMax()
                || SessionSlot.isOver(SessionKey.startedNanos(slot.keys, send), nowNanos, slot.config.rotateAfterNanos()));
    }

    /// Replaces the key. One that has sealed nothing is as good as the next, and stays: so an epoch never passes without a
    /// message, and only messages that are lost take the receiver out of step.
    ///
    /// @return whether there is a key after this one
    static boolean rotate(SessionSlot slot, long nowNanos) {
        long send = slot.direction(SessionKey.SEND);
        long epoch = SessionKey.epoch(slot.keys, send);
        if (SessionKey.next(slot.keys, send) == 0) {
            return true;
        }
        if (epoch == EPOCH_MAX) {
            return false;
        }
        boolean rotated = false;
        try {
            SessionKey.ratchet(slot.keys, send, slot.scratch);
            SessionKey.start(slot.keys, send, epoch + 1, nowNanos, slot.scratch);
            rotated = true;
        } finally {
            if (!rotated) {
                slot.expire(SessionExpiry.FAULT);
            }
        }
        return true;
    }
}
