package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The one scratch of a workspace: labels (public, written once), a nonce, a header, a pseudorandom key, an AEAD key, and
/// the workspaces of HKDF and AEAD. Between calls nothing but the labels is in it, however the call ended.
final class SessionScratch {
    /// Labels lie in lines of 32 bytes: one byte of length, then the text.
    static final int LABEL_INITIATOR = 0;
    static final int LABEL_RESPONDER = 1;
    static final int LABEL_KEY = 2;
    static final int LABEL_IV = 3;
    static final int LABEL_NEXT = 4;
    static final int LABEL_SALT = 5;
    static final int LABEL_INITIATOR_ID = 6;
    static final int LABEL_RESPONDER_ID = 7;
    static final int LABEL_ONE_SHOT = 8;

    private static final byte[][] LABELS = texts("coffer session initiator", "coffer session responder",
            "coffer session key", "coffer session iv", "coffer session next", "coffer session 2",
            "coffer session initiator id", "coffer session responder id", "coffer one shot 2");
    private static final long LABEL_BYTES = 32;

    private static final Hkdf HKDF = Hkdf.SHA_256;
    private static final long NONCE = LABELS.length * LABEL_BYTES;
    private static final long HEADER = NONCE + 16;          // 12 of nonce, 4 of padding
    private static final long EXTRACTED = HEADER + Session.HEADER_BYTES;
    private static final long BEFORE = EXTRACTED + SessionKey.SECRET_BYTES;
    private static final long KEY = BEFORE + SessionKey.SECRET_BYTES;
    private static final long WORK = Align.up(KEY + SessionKey.KEY_BYTES, Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final Suite suite;
    private final AeadKey key;  // points to the direction that is in use
    private final long bytes;

    SessionScratch(MemorySegment memory, Suite suite) {
        this.memory = memory;
        this.suite = suite;
        this.bytes = bytes(suite);
        this.key = new AeadKey(suite.aead(), memory, WORK);
    }

    private static byte[][] texts(String... labels) {
        byte[][] texts = new byte[labels.length][];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = labels[i].getBytes(StandardCharsets.US_ASCII);
        }
        return texts;
    }

    /// Writes the labels, once all else is made: an open that is refused before has written nothing. Makes no object.
    void label() {
        for (int i = 0; i < LABELS.length; i++) {
            byte[] text = LABELS[i];
            memory.set(ValueLayout.JAVA_BYTE, i * LABEL_BYTES, (byte) text.length);
            MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, i * LABEL_BYTES + 1, text.length);
        }
    }

    /// Refuses a range of the caller's that lies in here.
    void checkApart(String name, MemorySegment segment, long at, long length) {
        Ranges.apart(name, segment, at, length, memory, 0, bytes);
    }

    static long bytes(Suite suite) {
        return Align.up(WORK + Math.max(HKDF.workspaceBytes(), suite.aead().workspaceBytes()), Align.CACHE_LINE_BYTES);
    }

    /// {@return heap bytes of the object, its segment and its key}
    static long heapBytes() {
        return HeapLayout.instance(SessionScratch.class) + HeapLayout.instance(AeadKey.class) + HeapLayout.instance(MemorySegment.NULL.getClass());
    }

    private int labelLength(int label) {
        return memory.get(ValueLayout.JAVA_BYTE, label * LABEL_BYTES);
    }

    /// HKDF-Extract of a secret under a label as salt; the result stays here until [#wipe].
    void extract(MemorySegment secret, long at) {
        HKDF.extract(memory, WORK, memory, LABEL_SALT * LABEL_BYTES + 1, labelLength(LABEL_SALT), secret, at,
                SessionKey.SECRET_BYTES, memory, EXTRACTED);
    }

    /// HKDF-Extract of a secret under the caller's salt; the result stays here until [#wipe].
    void extract(MemorySegment salt, long saltAt, long saltLength, MemorySegment secret, long at) {
        HKDF.extract(memory, WORK, salt, saltAt, saltLength, secret, at, SessionKey.SECRET_BYTES, memory, EXTRACTED);
    }

    /// Expands what [#extract] left.
    void expandExtracted(int label, MemorySegment target, long targetAt, long length) {
        expand(memory, EXTRACTED, label, target, targetAt, length);
    }

    /// HKDF-Expand; source and target may be the same place.
    void expand(MemorySegment secret, long at, int label, MemorySegment target, long targetAt, long length) {
        HKDF.expand(memory, WORK, secret, at, SessionKey.SECRET_BYTES, memory, label * LABEL_BYTES + 1,
                labelLength(label), target, targetAt, length);
    }

    /// Derives the AEAD key of a secret and expands it where it will be used; the key itself is not kept.
    void schedule(MemorySegment secret, long at, MemorySegment target, long targetAt) {
        try {
            expand(secret, at, LABEL_KEY, memory, KEY, SessionKey.KEY_BYTES);
            key.at(target, targetAt).wipe();  // that of the epoch before
            key.load(memory, KEY, suite.limits());
        } finally {
            Wipe.bytes(memory, KEY, SessionKey.KEY_BYTES);
        }
    }

    /// Keeps the secret of the epoch before the one that is tried, until [#wipe].
    void keepBefore(MemorySegment segment, long direction) {
        MemorySegment.copy(segment, direction + SessionKey.SECRET, memory, BEFORE, SessionKey.SECRET_BYTES);
    }

    /// Puts what [#keepBefore] kept into a direction.
    void takeBefore(MemorySegment segment, long direction) {
        MemorySegment.copy(memory, BEFORE, segment, direction + SessionKey.SECRET, SessionKey.SECRET_BYTES);
    }

    /// Seals, and writes the header last: where the text cannot be read, no header stands before what is no message.
    void seal(MemorySegment keys, long direction, long sequence, MemorySegment text, long textAt, int length,
            MemorySegment output, long outputAt) {
        try {
            header(SessionKey.id(keys, direction), SessionKey.epoch(keys, direction), sequence);
            SessionKey.nonce(keys, direction, sequence, memory, NONCE);
            key.at(keys, direction + SessionKey.SCHEDULE).seal(memory, NONCE, memory, HEADER, Session.HEADER_BYTES, text, textAt,
                    length, output, outputAt + Session.HEADER_BYTES);
            MemorySegment.copy(memory, HEADER, output, outputAt, Session.HEADER_BYTES);
        } finally {
            wipeMessage();
        }
    }

    /// What is authenticated is the header as it was read once, not as it may lie in the message by now.
    ///
    /// @return whether the message verifies; where it does not, the output is untouched
    boolean open(MemorySegment keys, long direction, long epoch, long sequence, MemorySegment message, long messageAt,
            int textLength, MemorySegment output, long outputAt) {
        try {
            header(SessionKey.id(keys, direction), epoch, sequence);
            SessionKey.nonce(keys, direction, sequence, memory, NONCE);
            return key.at(keys, direction + SessionKey.SCHEDULE).open(memory, NONCE, memory, HEADER, Session.HEADER_BYTES,
                    message, messageAt + Session.HEADER_BYTES, textLength + Aead.TAG_BYTES, output, outputAt);
        } finally {
            wipeMessage();
        }
    }

    private void header(int id, long epoch, long sequence) {
        SessionHeader.write(memory, HEADER, id, epoch, sequence);
    }

    /// Seals without associated data: `length` bytes of text, the tag behind them.
    void seal(MemorySegment keys, long sequence, MemorySegment text, long textAt, int length, MemorySegment block, long at) {
        try {
            SessionKey.nonce(keys, 0, sequence, memory, NONCE);
            key.at(keys, SessionKey.SCHEDULE).seal(memory, NONCE, memory, 0, 0, text, textAt, length, block, at);
        } finally {
            wipeMessage();
        }
    }

    /// {@return whether `length` bytes and the tag behind them verify; opened in place where they do}
    boolean open(MemorySegment keys, long sequence, MemorySegment block, long at, int length) {
        try {
            SessionKey.nonce(keys, 0, sequence, memory, NONCE);
            return key.at(keys, SessionKey.SCHEDULE).open(memory, NONCE, memory, 0, 0, block, at, length + Aead.TAG_BYTES, block, at);
        } finally {
            wipeMessage();
        }
    }

    private void wipeMessage() {
        Wipe.bytes(memory, NONCE, EXTRACTED - NONCE);
    }

    /// Wipes everything but the labels.
    void wipe() {
        Wipe.bytes(memory, NONCE, bytes - NONCE);
    }

    /// For assertions: nothing but the labels is there.
    boolean isWiped() {
        return ConstantTime.isZero(memory, NONCE, bytes - NONCE);
    }

    /// Wipes all of it, labels too.
    void close() {
        Wipe.bytes(memory, 0, bytes);
    }
}
