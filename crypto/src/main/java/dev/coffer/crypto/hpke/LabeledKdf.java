package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Mac;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// LabeledExtract and LabeledExpand (RFC 9180, section 4) on one HMAC. What is labelled is hashed where it lies and never put
/// together, so it may be of any length. Stateless, thread-safe; 0 heap bytes. The workspace is zero afterwards.
final class LabeledKdf {
    static final byte[] EAE_PRK = label("eae_prk");
    static final byte[] SHARED_SECRET = label("shared_secret");
    static final byte[] DKP_PRK = label("dkp_prk");
    static final byte[] SK = label("sk");
    static final byte[] CANDIDATE = label("candidate");
    static final byte[] PSK_ID_HASH = label("psk_id_hash");
    static final byte[] INFO_HASH = label("info_hash");
    static final byte[] SECRET = label("secret");
    static final byte[] KEY = label("key");
    static final byte[] BASE_NONCE = label("base_nonce");
    static final byte[] EXP = label("exp");
    static final byte[] SEC = label("sec");

    private static final byte[] VERSION = label("HPKE-v1");
    private static final int LABEL_BYTES_MAX = SHARED_SECRET.length;
    private static final int SUITE_BYTES_MAX = 10;  // "HPKE" and three numbers of 16 bits (section 5.1)
    private static final int LENGTH_BYTES = 2;

    private final Mac mac;
    private final int hashBytes;
    private final long block;    // T(n); the MAC's state lies at 0
    private final long counter;  // n
    private final long header;   // length, version, suite, label
    private final long bytes;

    LabeledKdf(Mac mac) {
        this.mac = mac;
        this.hashBytes = mac.tagBytes();
        this.block = mac.stateBytes();
        this.counter = block + hashBytes;
        this.header = counter + 1;
        this.bytes = header + LENGTH_BYTES + VERSION.length + SUITE_BYTES_MAX + LABEL_BYTES_MAX;
    }

    private static byte[] label(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// {@return Nh, bytes of a pseudorandom key}
    int hashBytes() {
        return hashBytes;
    }

    long workspaceBytes() {
        return bytes;
    }

    int lengthMax() {
        return 255 * hashBytes;
    }

    /// LabeledExtract(salt, label, ikm): Nh bytes. The output may overlap salt or material.
    void extract(byte[] suite, byte[] label, MemorySegment salt, long saltAt, long saltLength, MemorySegment ikm, long ikmAt,
            long ikmLength, MemorySegment output, long outputAt, MemorySegment w, long at) {
        try {
            mac.init(w, at, salt, saltAt, saltLength);
            long end = labelled(suite, label, w, at);
            mac.update(w, at, w, at + header + LENGTH_BYTES, end - at - header - LENGTH_BYTES);
            mac.update(w, at, ikm, ikmAt, ikmLength);
            mac.tag(w, at, output, outputAt);
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

    /// LabeledExpand(prk, label, info, length). The output may overlap the key, but not the info.
    void expand(byte[] suite, byte[] label, MemorySegment prk, long prkAt, MemorySegment info, long infoAt, long infoLength,
            MemorySegment output, long outputAt, int length, MemorySegment w, long at) {
        assert length <= lengthMax() : "length " + length;
        Ranges.apart("HPKE info", info, infoAt, infoLength, output, outputAt, length);
        try {
            mac.init(w, at, prk, prkAt, hashBytes);
            long end = labelled(suite, label, w, at);
            BigEndian.u16(w, at + header, length);
            for (int done = 0, n = 1; done < length; done += hashBytes, n++) {
                if (n > 1) {
                    mac.update(w, at, w, at + block, hashBytes);
                }
                mac.update(w, at, w, at + header, end - at - header);
                mac.update(w, at, info, infoAt, infoLength);
                w.set(ValueLayout.JAVA_BYTE, at + counter, (byte) n);
                mac.update(w, at, w, at + counter, 1);
                mac.tag(w, at, w, at + block);
                MemorySegment.copy(w, at + block, output, outputAt + done, Math.min(hashBytes, length - done));
            }
        } finally {
            Wipe.bytes(w, at, bytes);
        }
    }

    /// Writes "HPKE-v1", the suite and the label behind the room for a length.
    ///
    /// @return where they end
    private long labelled(byte[] suite, byte[] label, MemorySegment w, long at) {
        long p = put(VERSION, w, at + header + LENGTH_BYTES);
        return put(label, w, put(suite, w, p));
    }

    private static long put(byte[] text, MemorySegment w, long p) {
        for (int i = 0; i < text.length; i++) {
            w.set(ValueLayout.JAVA_BYTE, p + i, text[i]);
        }
        return p + text.length;
    }
}
