package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;

/// The secrets of one server's handshake (RFC 8446, section 7.1) and the transcript that they cover, in the slot of its [ServerHandshake]: each is made when its turn comes, in the
/// place of the one before, and wiped when it has been told. What the handshake's end needs lies last, as [ServerFinish] expects it. The connection's thread alone; 0 heap
/// bytes.
final class ServerSecrets {
    private static final int ROOM = Handshake.SECRET_ROOM;

    // The memory.
    private static final long SECRET = 0;               // of the key schedule, as far as it has come
    private static final long SERVER = SECRET + ROOM;   // the server's handshake secret, then its first application secret
    private static final long HASH = SERVER + ROOM;     // the transcript as far as it was asked for
    private static final long SHARED = HASH + ROOM;     // by the key exchange; then the client's random, which who watches secrets knows them by
    private static final long TRANSCRIPT = SHARED + NamedGroup.SHARED_BYTES_MAX;
    private static final long END = TRANSCRIPT + Transcript.LENT_BYTES;
    private static final long EXPECTED = END + ServerFinish.EXPECTED;      // a place that is free until the end
    private static final long CLIENT = END + ServerFinish.CLIENT;          // the client's handshake secret
    private static final long NEXT = END + ServerFinish.NEXT;              // the client's early secret, then its first application secret
    private static final long TICKETS = END + ServerFinish.TICKETS;
    private static final long RESUMPTION = END + ServerFinish.RESUMPTION;  // what tickets will say
    /// Bytes of it: what the client says goes behind.
    static final long BYTES = END + ServerFinish.INPUT;

    private final MemorySegment memory;
    private final long at;
    private final Transcript transcript;
    private final ServerFinish finish;

    ServerSecrets(MemorySegment memory, long at) {
        this.memory = memory;
        this.at = at;
        this.transcript = new Transcript(memory, at + TRANSCRIPT);
        this.finish = new ServerFinish(memory, at + END);
    }

    Transcript transcript() {
        return transcript;
    }

    /// {@return the handshake's end, which [#conclude] makes ready}
    ServerFinish finish() {
        return finish;
    }

    /// {@return where what tickets will say is remembered, as of [ServerResumption]}
    long resumptionAt() {
        return at + RESUMPTION;
    }

    /// {@return room for a digest, or for what is random, that nothing else needs until the flight has gone}
    long spareAt() {
        return at + EXPECTED;
    }

    /// {@return where the early secret goes, where a session is resumed}
    long secretAt() {
        return at + SECRET;
    }

    /// {@return where [NamedGroup#SHARED_BYTES_MAX] of what is shared go}
    long sharedAt() {
        return at + SHARED;
    }

    /// Writes the transcript's hash.
    ///
    /// @return where it is
    long hash() {
        transcript.digest(memory, at + HASH);
        return at + HASH;
    }

    /// {@return room for another digest, beside [#spareAt]}
    long otherAt() {
        return at + HASH;
    }

    /// The secret of what the client says early: it covers its hello and nothing of ours.
    ///
    /// @param randomAt  the client's random
    void early(ServerContext context, KeySchedule schedule, long randomAt) {
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_EARLY, memory, hash(), memory, at + NEXT);
        context.log(KeyLog.Label.CLIENT_EARLY_TRAFFIC_SECRET, memory, randomAt, at + NEXT, schedule.secretBytes());
    }

    /// The secrets of the handshake, of what is shared, which is wiped.
    ///
    /// @param resumed   whether the early secret is there
    /// @param randomAt  the client's random
    void handshake(ServerContext context, KeySchedule schedule, boolean resumed, int sharedBytes, long randomAt) {
        long hash = hash();
        if (!resumed) {
            schedule.early(memory, at + SECRET);
        }
        schedule.handshake(memory, at + SECRET, memory, at + SHARED, sharedBytes);
        Wipe.bytes(memory, at + SHARED, NamedGroup.SHARED_BYTES_MAX);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_HANDSHAKE, memory, hash, memory, at + CLIENT);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_HANDSHAKE, memory, hash, memory, at + SERVER);
        MemorySegment.copy(memory, randomAt, memory, at + SHARED, Wire.RANDOM_BYTES);
        context.log(KeyLog.Label.CLIENT_HANDSHAKE_TRAFFIC_SECRET, KeyLog.Label.SERVER_HANDSHAKE_TRAFFIC_SECRET, memory, at + SHARED, at + CLIENT, at + SERVER,
                schedule.secretBytes());
    }

    /// Tells them.
    ///
    /// @param early  whether the client's secret for what it says early goes first, which is wiped
    /// @param quic   whether both of the client's are in force at a time, since there is no EndOfEarlyData (RFC 9001, section 8.3)
    void tell(TrafficKeys to, int suite, boolean early, boolean quic) {
        to.suite(suite);
        if (early) {
            to.readEarly(memory, at + NEXT);
        }
        if (!early || quic) {
            to.read(memory, at + CLIENT);
        }
        Wipe.bytes(memory, at + NEXT, KeySchedule.SECRET_BYTES_MAX);
        to.write(memory, at + SERVER);
    }

    /// Writes our Finished, but for its length.
    ///
    /// @return behind its last byte
    long finished(KeySchedule schedule, long target) {
        Wire.u8(memory, target, Wire.FINISHED);
        schedule.finished(memory, at + SERVER, memory, hash(), memory, target + Wire.MESSAGE_HEADER_BYTES);
        return target + Wire.MESSAGE_HEADER_BYTES + schedule.secretBytes();
    }

    /// The secrets of the application, which cover our Finished.
    void application(ServerContext context, KeySchedule schedule) {
        long hash = hash();
        schedule.master(memory, at + SECRET);
        schedule.derive(memory, at + SECRET, KeySchedule.CLIENT_APPLICATION, memory, hash, memory, at + NEXT);
        schedule.derive(memory, at + SECRET, KeySchedule.SERVER_APPLICATION, memory, hash, memory, at + SERVER);
        context.log(KeyLog.Label.CLIENT_TRAFFIC_SECRET_0, KeyLog.Label.SERVER_TRAFFIC_SECRET_0, memory, at + SHARED, at + NEXT, at + SERVER,
                schedule.secretBytes());
    }

    /// Our flight has gone: what follows is the application's.
    void write(TrafficKeys to) {
        to.write(memory, at + SERVER);
        Wipe.bytes(memory, at + SERVER, ROOM);
    }

    /// All that the client has yet to say is known, and so are the secrets behind it: what is needed until it says it is made, and everything else wiped.
    ///
    /// @param endsEarly  whether an EndOfEarlyData comes first
    /// @param resumes    whether tickets may follow
    /// @param work       room for a message's header
    void conclude(KeySchedule schedule, boolean endsEarly, boolean resumes, long work) {
        if (endsEarly) {
            BigEndian.i32(memory, work, Wire.END_OF_EARLY_DATA << 24);
            transcript.add(memory, work, Wire.MESSAGE_HEADER_BYTES);
        }
        schedule.finished(memory, at + CLIENT, memory, hash(), memory, at + EXPECTED);
        if (resumes) {
            int expected = schedule.secretBytes();
            BigEndian.i32(memory, work, Wire.FINISHED << 24 | expected);
            transcript.add(memory, work, Wire.MESSAGE_HEADER_BYTES);
            transcript.add(memory, at + EXPECTED, expected);
            schedule.derive(memory, at + SECRET, KeySchedule.RESUMPTION, memory, hash(), memory, at + TICKETS);
        }
        if (!endsEarly) {
            Wipe.bytes(memory, at + CLIENT, KeySchedule.SECRET_BYTES_MAX);
        }
        Wipe.bytes(memory, at, END);
    }
}
