package dev.coffer.crypto.stream;

import dev.coffer.crypto.hpke.HpkeAead;
import dev.coffer.crypto.hpke.HpkeKdf;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.hpke.HpkeReceiver;
import dev.coffer.crypto.hpke.HpkeSender;
import dev.coffer.crypto.hpke.HpkeSetup;
import dev.coffer.crypto.hpke.HpkeSuite;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The stanzas of public keys: HPKE (RFC 9180) in mode base, with HKDF-SHA256 and ChaCha20-Poly1305, whichever the KEM. Contexts and
/// workspaces lie in the stream's memory and are zero between calls; the objects over them are made once.
///
/// ```
///   KEM u16 | encapsulated key | check 32 | wrapped file key 48
/// ```
final class Recipients {
    private static final HpkeKem[] KEMS = {HpkeKem.X_WING, HpkeKem.DHKEM_X25519, HpkeKem.DHKEM_P256, HpkeKem.ML_KEM_512,
            HpkeKem.ML_KEM_768, HpkeKem.ML_KEM_1024};
    private static final HpkeSuite[] SUITES = suites();
    private static final int KEM_BYTES = 2;
    private static final MemorySegment INFO = info("coffer sealed 1 recipient");
    private static final MemorySegment CHECK_INFO = info("coffer sealed 1 check");

    /// What a stanza is to who tries it.
    enum Stanza {
        /// Made for another key.
        ANOTHERS,
        /// Made for this key, and changed since.
        CHANGED,
        /// The file key is known.
        OPENED
    }

    private final MemorySegment memory;
    private final HpkeSender[] senders = new HpkeSender[KEMS.length];
    private final HpkeReceiver[] receivers = new HpkeReceiver[KEMS.length];

    /// @param at  [#memoryBytes] of the stream's memory
    Recipients(MemorySegment memory, long at) {
        this.memory = memory;
        for (int i = 0; i < KEMS.length; i++) {
            senders[i] = new HpkeSender(SUITES[i], memory, at + contextBytes()).at(memory, at);
            receivers[i] = new HpkeReceiver(SUITES[i], memory, at + contextBytes()).at(memory, at);
        }
    }

    static MemorySegment info(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)).asReadOnly();
    }

    private static HpkeSuite[] suites() {
        HpkeSuite[] suites = new HpkeSuite[KEMS.length];
        for (int i = 0; i < suites.length; i++) {
            suites[i] = HpkeSuite.of(KEMS[i], HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);
        }
        return suites;
    }

    private static long contextBytes() {
        long bytes = 0;
        for (HpkeSuite suite : SUITES) {
            bytes = Math.max(bytes, suite.contextBytes());
        }
        return bytes;
    }

    /// {@return bytes of one context and one workspace, of whichever KEM}
    static long memoryBytes() {
        long bytes = 0;
        for (HpkeSuite suite : SUITES) {
            bytes = Math.max(bytes, suite.workspaceBytes());
        }
        return contextBytes() + bytes;
    }

    /// {@return the KEM that keys of an algorithm are recipients by, or null}
    static @Nullable HpkeKem kem(KeyAlgorithm algorithm) {
        return switch (algorithm) {
            case X_WING -> HpkeKem.X_WING;
            case X25519 -> HpkeKem.DHKEM_X25519;
            case P256 -> HpkeKem.DHKEM_P256;
            case ML_KEM_512 -> HpkeKem.ML_KEM_512;
            case ML_KEM_768 -> HpkeKem.ML_KEM_768;
            case ML_KEM_1024 -> HpkeKem.ML_KEM_1024;
            default -> null;
        };
    }

    /// {@return the same, of an algorithm that must have one}
    ///
    /// @throws IllegalArgumentException  it has none
    static HpkeKem taken(KeyAlgorithm algorithm) {
        HpkeKem kem = kem(algorithm);
        if (kem == null) {
            throw new IllegalArgumentException("sealed stream: a key of " + algorithm
                    + " receives nothing (expected one of key agreement or encapsulation)");
        }
        return kem;
    }

    private static int index(HpkeKem kem) {
        int i = 0;
        while (KEMS[i] != kem) {
            i++;
        }
        return i;
    }

    /// {@return bytes of a stanza's body}
    static int bodyBytes(HpkeKem kem) {
        return KEM_BYTES + kem.encapsulatedKeyBytes() + SealedHeader.CHECK_BYTES + SealedHeader.WRAPPED_BYTES;
    }

    /// {@return whether a body has the length that its KEM asks for; of a KEM that is not known here any is right}
    static boolean isWhole(MemorySegment memory, long body, int bytes) {
        if (bytes < KEM_BYTES) {
            return false;
        }
        int id = BigEndian.u16(memory, body);
        for (HpkeKem kem : KEMS) {
            if (kem.id() == id) {
                return bytes == bodyBytes(kem);
            }
        }
        return true;
    }

    /// Writes a body: the file key for whoever has the private key.
    ///
    /// @return false where the public key is none; then nothing is kept
    boolean write(HpkeKem kem, MemorySegment publicKey, long publicAt, Entropy entropy, long fileKey, long body) {
        HpkeSender sender = senders[index(kem)];
        try {
            long enc = body + KEM_BYTES;
            long check = enc + kem.encapsulatedKeyBytes();
            if (sender.setup(entropy, publicKey, publicAt, INFO, 0, INFO.byteSize(), memory, enc) != HpkeSetup.READY) {
                return false;
            }
            BigEndian.u16(memory, body, kem.id());
            sender.export(CHECK_INFO, 0, CHECK_INFO.byteSize(), memory, check, SealedHeader.CHECK_BYTES);
            sender.seal(INFO, 0, 0, memory, fileKey, SealedHeader.KEY_BYTES, memory, check + SealedHeader.CHECK_BYTES);
            return true;
        } finally {
            sender.wipe();
        }
    }

    /// Reads a body: writes the check of this key to `check`, and the file key, where the body was made for it, to `fileKey`.
    ///
    /// @return whether it was made for another key, changed, or opened
    Stanza read(HpkeKem kem, MemorySegment privateKey, long privateAt, long body, long check, long fileKey) {
        if (BigEndian.u16(memory, body) != kem.id()) {
            return Stanza.ANOTHERS;
        }
        HpkeReceiver receiver = receivers[index(kem)];
        try {
            long enc = body + KEM_BYTES;
            long theirs = enc + kem.encapsulatedKeyBytes();
            if (receiver.setup(privateKey, privateAt, memory, enc, kem.encapsulatedKeyBytes(), INFO, 0, INFO.byteSize()) != HpkeSetup.READY) {
                return Stanza.ANOTHERS;
            }
            receiver.export(CHECK_INFO, 0, CHECK_INFO.byteSize(), memory, check, SealedHeader.CHECK_BYTES);
            if (!ConstantTime.equal(memory, check, memory, theirs, SealedHeader.CHECK_BYTES)) {
                return Stanza.ANOTHERS;
            }
            return receiver.open(INFO, 0, 0, memory, theirs + SealedHeader.CHECK_BYTES, SealedHeader.WRAPPED_BYTES, memory, fileKey)
                    ? Stanza.OPENED
                    : Stanza.CHANGED;
        } finally {
            receiver.wipe();
        }
    }
}
