package dev.coffer.tls;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// The secrets of one client's handshake (RFC 8446, section 7.1) and the transcript that they cover, in the slot of its [ClientHandshake]: each is made when its turn comes, in the
/// place of the one before. The connection's thread alone; 0 heap bytes.
final class ClientSecrets {
    private static final int ROOM = Handshake.SECRET_ROOM;

    // The memory.
    private static final long SECRET = 0;               // of the key schedule, as far as it has come
    private static final long CLIENT = SECRET + ROOM;   // our handshake secret, then the first of the application's
    private static final long SERVER = CLIENT + ROOM;   // the server's
    private static final long HASH = SERVER + ROOM;     // the transcript as far as it was asked for
    private static final long SHARED = HASH + ROOM;     // by the key exchange; then the hash that application secrets cover
    private static final long TRANSCRIPT = SHARED + NamedGroup.SHARED_BYTES_MAX;
    /// Bytes of it.
    static final long BYTES = TRANSCRIPT + Transcript.BYTES;

    private final MemorySegment memory;
    private final long at;
    private final Transcript transcript;

    ClientSecrets(MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
        this.transcript = new Transcript(memory, at + TRANSCRIPT);
    }

    Transcript transcript() {
        return transcript;
    }

    /// {@return where [NamedGroup#SHARED_BYTES_MAX] of what is shared go}
    long sharedAt() {
        return at + SHARED;
    }

    private long hash() {
        transcript.digest(memory, at + HASH);
        return at + HASH;
    }

    /// Writes the binder of a session that is offered; its early secret stays until [#forgetEarly].
    ///
    /// @param key  the session's
    void binder(KeySchedule schedule, long key, long target) {
        schedule.early(memory, key, memory, at + SECRET);
        schedule.binder(memory, at + SECRET, memory, hash(), memory, target);
    }

    /// Tells the secret of what is said early, which covers the hello.
    ///
    /// @param randomAt  our random, which who watches secrets knows them by
    void early(ClientContext context, KeySchedule schedule, TrafficKeys to, long randomAt) {
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_EARLY, memory, hash(), memory, at + CLIENT);
        context.log(KeyLog.Label.CLIENT_EARLY_TRAFFIC_SECRET, memory, randomAt, at + CLIENT, schedule.secretBytes());
        to.writeEarly(memory, at + CLIENT);
        Wipe.bytes(memory, at + CLIENT, ROOM);
    }

    void forgetEarly() {
        Wipe.bytes(memory, at + SECRET, ROOM);
    }

    /// Begins with no session.
    void begin(KeySchedule schedule) {
        schedule.early(memory, at + SECRET);
    }

    /// Begins with a session's key.
    void begin(KeySchedule schedule, long key) {
        schedule.early(memory, key, memory, at + SECRET);
    }

    /// The secrets of the handshake, of what is shared, which is wiped.
    ///
    /// @param randomAt  our random, which who watches secrets knows them by
    void handshake(ClientContext context, KeySchedule schedule, int sharedBytes, long randomAt) {
        long hash = hash();
        schedule.handshake(memory, at + SECRET, memory, at + SHARED, sharedBytes);
        Wipe.bytes(memory, at + SHARED, NamedGroup.SHARED_BYTES_MAX);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_HANDSHAKE, memory, hash, memory, at + CLIENT);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_HANDSHAKE, memory, hash, memory, at + SERVER);
        context.log(KeyLog.Label.CLIENT_HANDSHAKE_TRAFFIC_SECRET, KeyLog.Label.SERVER_HANDSHAKE_TRAFFIC_SECRET, memory, randomAt, at + CLIENT, at + SERVER,
                schedule.secretBytes());
    }

    /// Tells the server's secret.
    void read(TrafficKeys to) {
        to.read(memory, at + SERVER);
    }

    /// Tells ours.
    void write(TrafficKeys to) {
        to.write(memory, at + CLIENT);
    }

    /// {@return whether that is what the server's Finished must say}
    ///
    /// @param work  room for a secret
    boolean verifies(KeySchedule schedule, long said, long work) {
        schedule.finished(memory, at + SERVER, memory, hash(), memory, work);
        return ConstantTime.equal(memory, said, memory, work, schedule.secretBytes());
    }

    /// The server's secret of the application, which covers its Finished.
    void application(KeySchedule schedule) {
        long hash = hash();
        schedule.master(memory, at + SECRET);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_APPLICATION, memory, hash, memory, at + SERVER);
    }

    /// Writes our Finished, but for its length, and makes our secret of the application: that covers the server's Finished, this a certificate of ours as well.
    ///
    /// @return behind its last byte
    long finished(ClientContext context, KeySchedule schedule, long target, long randomAt) {
        MemorySegment.copy(memory, at + HASH, memory, at + SHARED, schedule.secretBytes());
        Wire.u8(memory, target, Wire.FINISHED);
        schedule.finished(memory, at + CLIENT, memory, hash(), memory, target + Wire.MESSAGE_HEADER_BYTES);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_APPLICATION, memory, at + SHARED, memory, at + CLIENT);
        context.log(KeyLog.Label.CLIENT_TRAFFIC_SECRET_0, KeyLog.Label.SERVER_TRAFFIC_SECRET_0, memory, randomAt, at + CLIENT, at + SERVER,
                schedule.secretBytes());
        return target + Wire.MESSAGE_HEADER_BYTES + schedule.secretBytes();
    }

    /// The secret of tickets, which covers our Finished; nothing more is made.
    ///
    /// @param to  null where none is kept
    void conclude(KeySchedule schedule, boolean resumes, MemorySegment to, long target) {
        if (resumes) {
            schedule.derive(memory, at + SECRET, KeySchedule.RESUMPTION, memory, hash(), to, target);
        }
        Wipe.bytes(memory, at + SECRET, ROOM);
    }
}
