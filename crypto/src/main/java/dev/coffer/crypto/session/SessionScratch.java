package dev.coffer.crypto.session;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The one scratch of a workspace: labels (public, written once), a nonce, a pseudorandom key, an AEAD key, and the
/// workspaces of HKDF and AEAD. Between calls nothing secret is in it.
final class SessionScratch {
    /// Labels lie in lines of 32 bytes: one byte of length, then the text.
    static final int LABEL_INITIATOR = 0;
    static final int LABEL_RESPONDER = 1;
    static final int LABEL_KEY = 2;
    static final int LABEL_IV = 3;
    static final int LABEL_NEXT = 4;
    static final int LABEL_SALT = 5;

    private static final String[] LABELS = {"coffer session initiator", "coffer session responder",
        "coffer session key", "coffer session iv", "coffer session next", "coffer session 1"};
    private static final long LABEL_BYTES = 32;

    private static final Hkdf HKDF = Hkdf.SHA_256;
    private static final long NONCE = LABELS.length * LABEL_BYTES;
    private static final long EXTRACTED = NONCE + 16;       // 12 of nonce, 4 of padding
    private static final long KEY = EXTRACTED + SessionKey.SECRET_BYTES;
    private static final long WORK = Align.up(KEY + SessionKey.KEY_BYTES, Align.CACHE_LINE_BYTES);

    private final MemorySegment memory;
    private final long bytes;

    SessionScratch(MemorySegment memory, Suite suite) {
        this.memory = memory;
        this.bytes = bytes(suite);
        for (int i = 0; i < LABELS.length; i++) {
            byte[] text = LABELS[i].getBytes(StandardCharsets.US_ASCII);
            memory.set(ValueLayout.JAVA_BYTE, i * LABEL_BYTES, (byte) text.length);
            MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, i * LABEL_BYTES + 1, text.length);
        }
    }

    static long bytes(Suite suite) {
        return Align.up(WORK + Math.max(HKDF.workspaceBytes(), suite.aead().workspaceBytes()), Align.CACHE_LINE_BYTES);
    }

    private int labelLength(int label) {
        return memory.get(ValueLayout.JAVA_BYTE, label * LABEL_BYTES);
    }

    /// HKDF-Extract of the shared secret, under the protocol's name as salt; the result stays here until [#wipe].
    void extract(MemorySegment secret, long at) {
        HKDF.extract(memory, WORK, memory, LABEL_SALT * LABEL_BYTES + 1, labelLength(LABEL_SALT), secret, at,
                SessionKey.SECRET_BYTES, memory, EXTRACTED);
    }

    /// Expands what [#extract] left into a direction's secret.
    void expandExtracted(int label, MemorySegment target, long targetAt) {
        expand(memory, EXTRACTED, label, target, targetAt, SessionKey.SECRET_BYTES);
    }

    /// HKDF-Expand; source and target may be the same place.
    void expand(MemorySegment secret, long at, int label, MemorySegment target, long targetAt, long length) {
        HKDF.expand(memory, WORK, secret, at, SessionKey.SECRET_BYTES, memory, label * LABEL_BYTES + 1,
                labelLength(label), target, targetAt, length);
    }

    /// Derives the AEAD key of a secret and expands it where it will be used; the key itself is not kept.
    void schedule(MemorySegment secret, long at, Suite suite, MemorySegment target, long targetAt) {
        expand(secret, at, LABEL_KEY, memory, KEY, SessionKey.KEY_BYTES);
        suite.aead().expand(memory, KEY, target, targetAt);
        Wipe.bytes(memory, KEY, SessionKey.KEY_BYTES);
    }

    /// Seals behind a header that is already written.
    void seal(Suite suite, MemorySegment keys, long direction, long sequence, MemorySegment output, long outputAt,
            MemorySegment text, long textAt, int length) {
        SessionKey.nonce(keys, direction, sequence, memory, NONCE);
        suite.aead().seal(keys, direction + SessionKey.SCHEDULE, memory, WORK, memory, NONCE, SessionKey.IV_BYTES,
                output, outputAt, Session.HEADER_BYTES, text, textAt, length, output, outputAt + Session.HEADER_BYTES);
        Wipe.bytes(memory, NONCE, SessionKey.IV_BYTES);
    }

    /// {@return whether the message verifies; where it does not, the output is untouched}
    boolean open(Suite suite, MemorySegment keys, long direction, long sequence, MemorySegment message, long messageAt,
            int textLength, MemorySegment output, long outputAt) {
        SessionKey.nonce(keys, direction, sequence, memory, NONCE);
        boolean verified = suite.aead().open(keys, direction + SessionKey.SCHEDULE, memory, WORK, memory, NONCE,
                SessionKey.IV_BYTES, message, messageAt, Session.HEADER_BYTES, message,
                messageAt + Session.HEADER_BYTES, textLength + Aead.TAG_BYTES, output, outputAt);
        Wipe.bytes(memory, NONCE, SessionKey.IV_BYTES);
        return verified;
    }

    /// Seals in place, without associated data: `length` bytes at `at`, the tag behind them.
    void seal(Suite suite, MemorySegment key, long direction, long sequence, MemorySegment block, long at, int length) {
        SessionKey.nonce(key, direction, sequence, memory, NONCE);
        suite.aead().seal(key, direction + SessionKey.SCHEDULE, memory, WORK, memory, NONCE, SessionKey.IV_BYTES,
                memory, 0, 0, block, at, length, block, at);
        Wipe.bytes(memory, NONCE, SessionKey.IV_BYTES);
    }

    /// {@return whether `length` bytes and the tag behind them verify; opened in place where they do}
    boolean open(Suite suite, MemorySegment key, long direction, long sequence, MemorySegment block, long at, int length) {
        SessionKey.nonce(key, direction, sequence, memory, NONCE);
        boolean verified = suite.aead().open(key, direction + SessionKey.SCHEDULE, memory, WORK, memory, NONCE,
                SessionKey.IV_BYTES, memory, 0, 0, block, at, length + Aead.TAG_BYTES, block, at);
        Wipe.bytes(memory, NONCE, SessionKey.IV_BYTES);
        return verified;
    }

    /// Wipes everything but the labels.
    void wipe() {
        Wipe.bytes(memory, NONCE, bytes - NONCE);
    }
}
