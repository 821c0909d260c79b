package dev.coffer.tls;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Mac;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// The key schedule (RFC 8446, section 7.1) of one cipher suite: what each secret is made of. It holds a workspace and no secret; the
/// secrets lie where the caller says, of [#secretBytes] each.
///
/// ```
///              0 | PSK          (EC)DHE                 0
///                |                 |                    |
///   early ---> secret --handshake--> secret --master--> secret
///                |                 |                    |
///              binder        client, server        client, server, exporter, resumption       derive
/// ```
///
/// Every step overwrites the secret before it, which is gone. One thread at a time; 0 heap bytes a call.
final class KeySchedule {
    /// Bytes of the longest secret: SHA-384's.
    static final int SECRET_BYTES_MAX = 48;

    static final MemorySegment CLIENT_HANDSHAKE = Wire.ascii("c hs traffic");
    static final MemorySegment SERVER_HANDSHAKE = Wire.ascii("s hs traffic");
    static final MemorySegment CLIENT_APPLICATION = Wire.ascii("c ap traffic");
    static final MemorySegment SERVER_APPLICATION = Wire.ascii("s ap traffic");
    static final MemorySegment EXPORTER = Wire.ascii("exp master");
    static final MemorySegment RESUMPTION = Wire.ascii("res master");
    static final MemorySegment CLIENT_EARLY = Wire.ascii("c e traffic");
    static final MemorySegment EARLY_EXPORTER = Wire.ascii("e exp master");
    private static final MemorySegment BINDER = Wire.ascii("res binder");
    private static final MemorySegment OF_TICKET = Wire.ascii("resumption");
    private static final MemorySegment DERIVED = Wire.ascii("derived");
    private static final MemorySegment FINISHED_KEY = Wire.ascii("finished");
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[SECRET_BYTES_MAX]).asReadOnly();

    // The workspace: a secret between two steps, zeros where a key is none, HKDF's or a MAC's own.
    private static final long BETWEEN = 0;
    private static final long NOTHING = BETWEEN + 64;
    private static final long WORK = NOTHING + 64;

    private final Hash hash;
    private final Mac mac;
    private final Hkdf hkdf;
    private final int bytes;
    private final MemorySegment empty;  // the hash of no byte
    private final MemorySegment work;
    private final long workAt;

    /// @param work  [#workspaceBytes] of writable memory off the heap; zero between calls
    KeySchedule(CipherSuite suite, MemorySegment work, long workAt) {
        this.hkdf = suite.hkdf();
        this.bytes = suite.secretBytes();
        this.hash = hashOf(suite);
        this.mac = bytes == Hash.SHA_256.digestBytes() ? Mac.HMAC_SHA_256 : Mac.HMAC_SHA_384;
        this.work = work;
        this.workAt = workAt;
        this.empty = MemorySegment.ofArray(new byte[bytes]);
        hash.hash(work, workAt + WORK, ZEROS, 0, 0, empty, 0);
    }

    static Hash hashOf(CipherSuite suite) {
        return suite.secretBytes() == Hash.SHA_256.digestBytes() ? Hash.SHA_256 : Hash.SHA_384;
    }

    /// {@return bytes of the workspace, whatever the suite}
    static long workspaceBytes() {
        return WORK + Math.max(Math.max(Hkdf.SHA_256.workspaceBytes(), Hkdf.SHA_384.workspaceBytes()),
                Math.max(Mac.HMAC_SHA_384.stateBytes(), Hash.STATE_BYTES_MAX));
    }

    int secretBytes() {
        return bytes;
    }

    Hash hash() {
        return hash;
    }

    /// Begins without a pre-shared key: HKDF-Extract(0, 0).
    void early(MemorySegment secret, long at) {
        Wipe.bytes(secret, at, bytes);
        extract(secret, at, secret, at, bytes, ZEROS, 0, 0);
    }

    /// Begins with a pre-shared key of [#secretBytes]: HKDF-Extract(0, PSK).
    void early(MemorySegment psk, long pskAt, MemorySegment secret, long at) {
        extract(psk, pskAt, secret, at, bytes, ZEROS, 0, 0);
    }

    /// Steps to the handshake secret.
    ///
    /// @param shared  what the key exchange gave; the caller wipes it
    void handshake(MemorySegment secret, long at, MemorySegment shared, long sharedAt, int length) {
        step(secret, at, shared, sharedAt, length);
    }

    /// Steps to the master secret.
    void master(MemorySegment secret, long at) {
        Wipe.bytes(work, workAt + NOTHING, bytes);
        step(secret, at, work, workAt + NOTHING, bytes);
    }

    private void step(MemorySegment secret, long at, MemorySegment material, long materialAt, int length) {
        try {
            hkdf.expandLabel(work, workAt + WORK, secret, at, DERIVED, 0, (int) DERIVED.byteSize(), empty, 0, bytes, work,
                    workAt + BETWEEN, bytes);
            extract(material, materialAt, secret, at, length, work, workAt + BETWEEN, bytes);
        } finally {
            Wipe.bytes(work, workAt + BETWEEN, bytes);
        }
    }

    private void extract(MemorySegment material, long materialAt, MemorySegment secret, long at, int length, MemorySegment salt,
            long saltAt, int saltLength) {
        hkdf.extract(work, workAt + WORK, salt, saltAt, saltLength, material, materialAt, length, secret, at);
    }

    /// Derive-Secret with a transcript's hash.
    ///
    /// @param label       one of the constants here
    /// @param transcript  the hash, of [#secretBytes]
    /// @param derived     room for [#secretBytes]
    void derive(MemorySegment secret, long at, MemorySegment label, MemorySegment transcript, long transcriptAt,
            MemorySegment derived, long derivedAt) {
        hkdf.expandLabel(work, workAt + WORK, secret, at, label, 0, (int) label.byteSize(), transcript, transcriptAt, bytes, derived,
                derivedAt, bytes);
    }

    /// What Finished says (section 4.4.4): writes [#secretBytes].
    ///
    /// @param traffic     the sender's traffic secret
    /// @param transcript  the hash up to here
    void finished(MemorySegment traffic, long trafficAt, MemorySegment transcript, long transcriptAt, MemorySegment output,
            long outputAt) {
        try {
            hkdf.expandLabel(work, workAt + WORK, traffic, trafficAt, FINISHED_KEY, 0, (int) FINISHED_KEY.byteSize(), ZEROS, 0, 0,
                    work, workAt + BETWEEN, bytes);
            mac.mac(work, workAt + WORK, work, workAt + BETWEEN, bytes, transcript, transcriptAt, bytes, output, outputAt);
        } finally {
            Wipe.bytes(work, workAt + BETWEEN, bytes);
        }
    }

    /// What a binder of a resumed session says (section 4.2.11.2): writes [#secretBytes].
    ///
    /// @param early       the early secret, made of the pre-shared key
    /// @param transcript  the hash up to the binders
    void binder(MemorySegment early, long earlyAt, MemorySegment transcript, long transcriptAt, MemorySegment output, long outputAt) {
        try {
            derive(early, earlyAt, BINDER, empty, 0, work, workAt + NOTHING);
            finished(work, workAt + NOTHING, transcript, transcriptAt, output, outputAt);
        } finally {
            Wipe.bytes(work, workAt + NOTHING, bytes);
        }
    }

    /// The pre-shared key of a ticket (section 4.6.1): writes [#secretBytes].
    ///
    /// @param secret  the resumption secret
    /// @param nonce   the ticket's own, 0..255 bytes
    void resumption(MemorySegment secret, long at, MemorySegment nonce, long nonceAt, int nonceLength, MemorySegment output, long outputAt) {
        hkdf.expandLabel(work, workAt + WORK, secret, at, OF_TICKET, 0, (int) OF_TICKET.byteSize(), nonce, nonceAt, nonceLength, output, outputAt,
                bytes);
    }
}
