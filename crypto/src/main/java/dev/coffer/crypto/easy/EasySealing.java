package dev.coffer.crypto.easy;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.crypto.hpke.HpkeContext;
import dev.coffer.crypto.hpke.HpkeReceiver;
import dev.coffer.crypto.hpke.HpkeSender;
import dev.coffer.crypto.hpke.HpkeSetup;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// The two formats of [EasyCrypto]: a message to a public key, and one under a shared secret.
///
/// ```
///   1 | set's code | encapsulated key | commitment 32 | ciphertext | tag 16     HPKE, mode base, info "coffer easy seal 1"
///   1 | 0          | salt 32          | commitment 32 | ciphertext | tag 16     HKDF-SHA256 of the secret: key 32, commitment 32
/// ```
///
/// The commitment is exported from the context, or expanded beside the key: who knows another key cannot make it, so a message opens
/// under one key alone, and a wrong key is told from a changed message. Whoever calls has checked lengths; 0 heap bytes.
final class EasySealing {
    /// Bytes of version and code.
    static final int HEAD_BYTES = 2;
    static final int COMMITMENT_BYTES = 32;
    static final int SALT_BYTES = 32;
    /// Bytes that sealing adds under a shared secret.
    static final int SHARED_OVERHEAD_BYTES = HEAD_BYTES + SALT_BYTES + COMMITMENT_BYTES + Aead.TAG_BYTES;
    /// Bytes that sealing adds at most: to a key of ML-KEM-1024.
    static final int OVERHEAD_BYTES_MAX = HEAD_BYTES + KemSet.MlKem1024.CIPHERTEXT_BYTES + COMMITMENT_BYTES + Aead.TAG_BYTES;

    // What opening answers besides a length.
    static final long UNKNOWN_FORMAT = -1;
    static final long WRONG_KEY = -2;
    static final long CHANGED = -3;

    // The temporaries.
    static final long CONTEXT = 0;  // of HPKE, with ChaCha20 at most 32 + 64 + 48
    static final long SHARED = 192;
    static final long COMMITMENT = SHARED + 32;
    static final long KEYS = COMMITMENT + COMMITMENT_BYTES;
    static final long NONCE = KEYS + 64;
    static final long PLACE = NONCE + 16;
    static final long BYTES = PLACE + 64;

    private static final String NAME = "easy crypto";
    private static final byte VERSION = 1;
    private static final byte SHARED_CODE = 0;
    private static final MemorySegment INFO = text("coffer easy seal 1");
    private static final MemorySegment COMMITMENT_LABEL = text("coffer easy commitment 1");
    private static final MemorySegment SHARED_LABEL = text("coffer easy shared 1");
    private static final Aead AEAD = Aead.CHACHA20_POLY1305;
    private static final AeadLimits ONE_MESSAGE = new AeadLimits(1, 1);
    private static final Hkdf HKDF = Hkdf.SHA_256;

    private final MemorySegment scratch;
    private final MemorySegment temporaries;
    private final Entropy entropy;
    private final HpkeSender[] senders;
    private final HpkeReceiver[] receivers;
    private final AeadKey key;

    EasySealing(MemorySegment scratch, MemorySegment temporaries, Entropy entropy, KemSet... sets) {
        this.scratch = scratch;
        this.temporaries = temporaries;
        this.entropy = entropy;
        this.senders = new HpkeSender[sets.length + 1];
        this.receivers = new HpkeReceiver[sets.length + 1];
        for (KemSet set : sets) {
            senders[set.code] = new HpkeSender(set.suite, scratch, 0).at(temporaries, CONTEXT);
            receivers[set.code] = new HpkeReceiver(set.suite, scratch, 0).at(temporaries, CONTEXT);
        }
        this.key = new AeadKey(AEAD, scratch, 0).at(temporaries, PLACE);
    }

    private static MemorySegment text(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// {@return a text of UTF-8, and of nothing else}
    static String text(byte[] utf8) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(NAME + ": the text is no UTF-8 (expected open for bytes)", e);
        }
    }

    static int overheadBytes(KemSet set) {
        return HEAD_BYTES + set.ciphertextBytes() + COMMITMENT_BYTES + Aead.TAG_BYTES;
    }

    /// Refuses what [#seal] would find when the head is written already.
    private static void checkSealing(MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length,
            MemorySegment output, long outputAt, int overheadBytes) {
        Ranges.check(NAME, aad, aadAt, aadLength);
        Ranges.check(NAME, text, textAt, length);
        Ranges.checkWritable(NAME, output, outputAt, length + overheadBytes);
        long head = overheadBytes - Aead.TAG_BYTES;
        Ranges.apart(NAME, aad, aadAt, aadLength, output, outputAt, length + overheadBytes);
        Ranges.apart(NAME, text, textAt, length, output, outputAt, head);
        Ranges.inPlaceOrApart(NAME, text, textAt, length, output, outputAt + head, length + Aead.TAG_BYTES);
    }

    void seal(KemSet set, MemorySegment publicKey, long publicKeyAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment text,
            long textAt, long length, MemorySegment output, long outputAt) {
        checkSealing(aad, aadAt, aadLength, text, textAt, length, output, outputAt, overheadBytes(set));
        Ranges.apart(NAME, publicKey, publicKeyAt, set.publicKeyBytes(), output, outputAt, length + overheadBytes(set));
        HpkeSender sender = senders[set.code];
        long enc = outputAt + HEAD_BYTES;
        long commitment = enc + set.ciphertextBytes();
        long written = 0;  // of the output, at most; what is not yet may be the caller's text
        try {
            if (sender.setup(entropy, publicKey, publicKeyAt, INFO, 0, INFO.byteSize(), output, enc) != HpkeSetup.READY) {
                throw new IllegalArgumentException(NAME + ": a public key that is none of " + set);
            }
            written = commitment + COMMITMENT_BYTES - outputAt;
            head(output, outputAt, set.code);
            commit(sender);
            MemorySegment.copy(temporaries, COMMITMENT, output, commitment, COMMITMENT_BYTES);
            written = length + overheadBytes(set);
            sender.seal(aad, aadAt, aadLength, text, textAt, length, output, commitment + COMMITMENT_BYTES);
            written = 0;  // whole
        } finally {
            try {
                end(sender);
            } finally {
                Wipe.bytes(output, outputAt, written);
            }
        }
    }

    private static void head(MemorySegment output, long outputAt, int code) {
        output.set(ValueLayout.JAVA_BYTE, outputAt, VERSION);
        output.set(ValueLayout.JAVA_BYTE, outputAt + 1, (byte) code);
    }

    private static boolean hasHead(MemorySegment sealed, long sealedAt, int code) {
        return sealed.get(ValueLayout.JAVA_BYTE, sealedAt) == VERSION && sealed.get(ValueLayout.JAVA_BYTE, sealedAt + 1) == code;
    }

    private void commit(HpkeContext context) {
        context.export(COMMITMENT_LABEL, 0, COMMITMENT_LABEL.byteSize(), temporaries, COMMITMENT, COMMITMENT_BYTES);
    }

    private void end(HpkeContext context) {
        try {
            context.wipe();
        } finally {
            Wipe.bytes(temporaries, 0, BYTES);
        }
    }

    /// @return bytes of the text, or what went wrong; then the output is untouched
    long open(KemSet set, MemorySegment secretKey, long secretKeyAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed,
            long sealedAt, long length, MemorySegment output, long outputAt) {
        long textLength = length - overheadBytes(set);
        if (textLength < 0 || !hasHead(sealed, sealedAt, set.code)) {
            return UNKNOWN_FORMAT;
        }
        Ranges.checkWritable(NAME, output, outputAt, textLength);
        Ranges.apart(NAME, secretKey, secretKeyAt, set.secretKeyBytes(), output, outputAt, textLength);
        HpkeReceiver receiver = receivers[set.code];
        long enc = sealedAt + HEAD_BYTES;
        long commitment = enc + set.ciphertextBytes();
        try {
            if (!set.kem().decapsulate(secretKey, secretKeyAt, sealed, enc, temporaries, SHARED, scratch, 0)) {
                return WRONG_KEY;  // a point of small order
            }
            receiver.setupDecapsulated(temporaries, SHARED, INFO, 0, INFO.byteSize());
            commit(receiver);
            if (!ConstantTime.equal(temporaries, COMMITMENT, sealed, commitment, COMMITMENT_BYTES)) {
                return WRONG_KEY;
            }
            return receiver.open(aad, aadAt, aadLength, sealed, commitment + COMMITMENT_BYTES, textLength + Aead.TAG_BYTES, output, outputAt)
                    ? textLength : CHANGED;
        } finally {
            end(receiver);
        }
    }

    void sealShared(MemorySegment secret, long secretAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt,
            long length, MemorySegment output, long outputAt) {
        checkSealing(aad, aadAt, aadLength, text, textAt, length, output, outputAt, SHARED_OVERHEAD_BYTES);
        Ranges.apart(NAME, secret, secretAt, 32, output, outputAt, length + SHARED_OVERHEAD_BYTES);
        long salt = outputAt + HEAD_BYTES;
        long commitment = salt + SALT_BYTES;
        long written = 0;  // as of seal
        try {
            Drawn.fill(NAME, entropy, temporaries, SHARED, SALT_BYTES);  // public, but the source may ask for native memory
            derive(secret, secretAt, temporaries, SHARED);
            key.load(temporaries, KEYS, ONE_MESSAGE);
            written = commitment + COMMITMENT_BYTES - outputAt;
            head(output, outputAt, SHARED_CODE);
            MemorySegment.copy(temporaries, SHARED, output, salt, SALT_BYTES);
            MemorySegment.copy(temporaries, KEYS + 32, output, commitment, COMMITMENT_BYTES);
            written = length + SHARED_OVERHEAD_BYTES;
            key.seal(temporaries, NONCE, aad, aadAt, aadLength, text, textAt, length, output, commitment + COMMITMENT_BYTES);
            written = 0;
        } finally {
            try {
                endShared();
            } finally {
                Wipe.bytes(output, outputAt, written);
            }
        }
    }

    /// Key and commitment of one message: its salt makes them its own, so the nonce is zeros.
    private void derive(MemorySegment secret, long secretAt, MemorySegment salt, long saltAt) {
        MemorySegment.copy(secret, secretAt, temporaries, COMMITMENT, 32);
        HKDF.derive(scratch, 0, salt, saltAt, SALT_BYTES, temporaries, COMMITMENT, 32, SHARED_LABEL, 0, SHARED_LABEL.byteSize(), temporaries,
                KEYS, 64);
    }

    private void endShared() {
        try {
            key.wipe();
        } finally {
            Wipe.bytes(temporaries, 0, BYTES);
        }
    }

    /// @return bytes of the text, or what went wrong; then the output is untouched
    long openShared(MemorySegment secret, long secretAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed, long sealedAt,
            long length, MemorySegment output, long outputAt) {
        long textLength = length - SHARED_OVERHEAD_BYTES;
        if (textLength < 0 || !hasHead(sealed, sealedAt, SHARED_CODE)) {
            return UNKNOWN_FORMAT;
        }
        Ranges.checkWritable(NAME, output, outputAt, textLength);
        Ranges.apart(NAME, secret, secretAt, 32, output, outputAt, textLength);
        long commitment = sealedAt + HEAD_BYTES + SALT_BYTES;
        try {
            MemorySegment.copy(sealed, sealedAt + HEAD_BYTES, temporaries, SHARED, SALT_BYTES);
            derive(secret, secretAt, temporaries, SHARED);
            if (!ConstantTime.equal(temporaries, KEYS + 32, sealed, commitment, COMMITMENT_BYTES)) {
                return WRONG_KEY;
            }
            key.load(temporaries, KEYS, ONE_MESSAGE);
            return key.open(temporaries, NONCE, aad, aadAt, aadLength, sealed, commitment + COMMITMENT_BYTES, textLength + Aead.TAG_BYTES,
                    output, outputAt) ? textLength : CHANGED;
        } finally {
            endShared();
        }
    }
}
