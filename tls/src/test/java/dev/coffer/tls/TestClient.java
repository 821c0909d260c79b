package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A client that does what it is told, right or wrong, message by message and record by record: X25519 and one suite, the certificate looked at
/// by nobody. It stands on the key schedule and the packet protection that the server stands on; that those are right is for others to show
/// (the JDK's client, the vectors of RFC 8448).
class TestClient {
    static final long NOW = 1_000;
    private static final int ROOM = 1 << 17;
    private static final byte[] RETRY = hex("cf21ad74e59a6111");  // how a retry's random begins (section 4.1.3); two octets of it are anyone's once in 65,536

    final Engine<?> server;
    final CipherSuite suite;
    private final MemorySegment memory = Arena.ofAuto().allocate(ROOM);
    private final MemorySegment input = Arena.ofAuto().allocate(ROOM);
    private final MemorySegment output = Arena.ofAuto().allocate(ROOM);
    private final KeySchedule schedule;
    private final Transcript transcript;
    private final PacketProtection read;
    private final PacketProtection write;
    private boolean readsProtected;
    private boolean writesProtected;
    private byte[] pending = {};        // from the server, not a whole record yet
    final byte[] random = new byte[32];
    byte[] share = new byte[32];
    final List<byte[]> messages = new ArrayList<>();   // of the server's flight
    final ByteArrayOutputStream content = new ByteArrayOutputStream();
    final List<Integer> alerts = new ArrayList<>();
    final List<Integer> recordTypes = new ArrayList<>();
    final List<Integer> innerBytes = new ArrayList<>();  // of protected records: content, type, padding
    long now = NOW;

    // Places in the memory.
    private static final long SEED = 0;
    private static final long DK = 64;
    private static final long SHARED = 128;
    private static final long SECRET = 192;
    private static final long HASH = 256;
    private static final long CLIENT = 320;
    private static final long SERVER = 384;
    private static final long NEXT_CLIENT = 448;
    private static final long NEXT_SERVER = 512;
    private static final long VERIFY = 576;
    private static final long TRANSCRIPT = 1024;
    private static final long READ = 4096;
    private static final long WRITE = 8192;
    private static final long PACKETS = 12288;
    private static final long SCHEDULE = 20480;
    private static final long WORK = 32768;

    TestClient(Engine<?> server, CipherSuite suite) {
        this.server = server;
        this.suite = suite;
        this.schedule = new KeySchedule(suite, memory, SCHEDULE);
        this.transcript = new Transcript(memory, TRANSCRIPT);
        this.read = new PacketProtection(PacketProtocol.TLS_1_3, suite, memory, PACKETS).at(memory, READ);
        this.write = new PacketProtection(PacketProtocol.TLS_1_3, suite, memory, PACKETS).at(memory, WRITE);
        MemorySegment heap = Arena.ofAuto().allocate(64);
        Entropy.SYSTEM.fill(memory, SEED, 32);
        Entropy.SYSTEM.fill(heap, 0, 32);
        MemorySegment.copy(heap, ValueLayout.JAVA_BYTE, 0, random, 0, 32);
        X25519.KEM.keyPair(memory, SEED, heap, 0, memory, DK, memory, WORK);
        MemorySegment.copy(heap, ValueLayout.JAVA_BYTE, 0, share, 0, 32);
        server.reset(now);
    }

    static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] u16(int value) {
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    static byte[] extension(int kind, byte[] body) {
        return concat(u16(kind), u16(body.length), body);
    }

    static byte[] list16(byte[] body) {
        return concat(u16(body.length), body);
    }

    static byte[] message(int type, byte[] body) {
        return concat(new byte[] {(byte) type, (byte) (body.length >> 16), (byte) (body.length >> 8), (byte) body.length}, body);
    }

    /// {@return what every hello needs}
    List<byte[]> extensions() {
        List<byte[]> all = new ArrayList<>();
        all.add(extension(Wire.SUPPORTED_VERSIONS, hex("020304")));
        all.add(extension(Wire.SUPPORTED_GROUPS, list16(u16(0x001d))));
        all.add(extension(Wire.SIGNATURE_ALGORITHMS, list16(concat(u16(0x0807), u16(0x0403)))));
        all.add(extension(Wire.KEY_SHARE, list16(concat(u16(0x001d), list16(share)))));
        return all;
    }

    byte[] hello(List<byte[]> extensions) {
        return hello(new byte[32], extensions);
    }

    byte[] hello(byte[] session, List<byte[]> extensions) {
        return message(Wire.CLIENT_HELLO, concat(u16(Wire.TLS_1_2), random, new byte[] {(byte) session.length}, session,
                list16(u16(suite.code())), new byte[] {1, 0}, list16(concat(extensions.toArray(byte[][]::new)))));
    }

    /// Hears a hello of its own, as if it had been said in one piece.
    void remember(byte[] message) {
        if (messages.isEmpty() && !readsProtected) {
            transcript.begin(schedule.hash());
        }
        transcript.add(MemorySegment.ofArray(message), 0, message.length);
    }

    /// Does a whole handshake.
    void handshake() {
        byte[] hello = hello(extensions());
        remember(hello);
        say(Wire.HANDSHAKE, hello);
        listen();
        finish();
    }

    /// Says a hello in as many records as it takes.
    void sayHello(byte[] hello) {
        for (int at = 0; at < hello.length; at += Wire.CONTENT_BYTES_MAX) {
            say(Wire.HANDSHAKE, Arrays.copyOfRange(hello, at, Math.min(hello.length, at + Wire.CONTENT_BYTES_MAX)));
        }
    }

    /// Says its Finished, from which on both sides speak under the application's keys.
    void finish() {
        say(Wire.HANDSHAKE, finished());
        applicationKeys();
    }

    byte[] finished() {
        schedule.finished(memory, CLIENT, memory, HASH, memory, VERIFY);
        return message(Wire.FINISHED, memory.asSlice(VERIFY, schedule.secretBytes()).toArray(ValueLayout.JAVA_BYTE));
    }

    void applicationKeys() {
        write.load(memory, NEXT_CLIENT);
    }

    void updateWrite() {
        write.update();
    }

    /// Says a record, protected or not as things stand.
    void say(int type, byte[] body) {
        raw(record(type, body));
    }

    byte[] record(int type, byte[] body) {
        return record(type, body, 0);
    }

    byte[] record(int type, byte[] body, int padding) {
        if (!writesProtected) {
            return concat(new byte[] {(byte) type, 3, 3}, u16(body.length), body);
        }
        int length = body.length + 1 + padding + Aead.TAG_BYTES;
        byte[] plain = concat(new byte[] {Wire.APPLICATION_DATA, 3, 3}, u16(length), body, new byte[] {(byte) type}, new byte[padding],
                new byte[Aead.TAG_BYTES]);
        MemorySegment sealed = Arena.ofAuto().allocate(plain.length);
        MemorySegment.copy(plain, 0, sealed, ValueLayout.JAVA_BYTE, 0, plain.length);
        write.seal(write.nextNumber(), sealed, 0, Wire.RECORD_HEADER_BYTES, body.length + 1 + padding);
        return sealed.toArray(ValueLayout.JAVA_BYTE);
    }

    /// Gives bytes to the server, as many as it takes.
    ///
    /// @return how many
    int raw(byte[] bytes) {
        int done = 0;
        while (done < bytes.length) {
            long room = Math.min(server.feedRoom(), ROOM);
            int part = (int) Math.min(room, bytes.length - done);
            if (part == 0) {
                return done;
            }
            MemorySegment.copy(bytes, done, input, ValueLayout.JAVA_BYTE, 0, part);
            long taken = server.feed(input, 0, part, now);
            if (taken != part) {
                throw new AssertionError("room " + room + ", fed " + part + ", taken " + taken);
            }
            done += part;
        }
        return done;
    }

    /// Asks the server for output with so much room, and hears nothing of it.
    ///
    /// @return bytes that it wrote
    long output(long room, long nowNanos) {
        return server.pollOutput(output, 0, room, nowNanos);
    }

    /// Hears all that the server has to say.
    void listen() {
        boolean more = true;
        while (more) {
            long wrote = server.pollOutput(output, 0, Math.max(server.outputBytesMin(), 20_000), now);
            more = wrote > 0;
            pending = concat(pending, output.asSlice(0, wrote).toArray(ValueLayout.JAVA_BYTE));
            while (server.pollEvent() != null) {
                more = true;
            }
            records();
        }
    }

    private void records() {
        while (pending.length >= Wire.RECORD_HEADER_BYTES) {
            int length = ByteBuffer.wrap(pending).getShort(3) & 0xffff;
            if (pending.length < Wire.RECORD_HEADER_BYTES + length) {
                return;
            }
            byte[] record = Arrays.copyOf(pending, Wire.RECORD_HEADER_BYTES + length);
            pending = Arrays.copyOfRange(pending, record.length, pending.length);
            record(record);
        }
    }

    private void record(byte[] record) {
        int type = record[0];
        recordTypes.add(type);
        byte[] body = Arrays.copyOfRange(record, Wire.RECORD_HEADER_BYTES, record.length);
        if (type == Wire.CHANGE_CIPHER_SPEC) {
            return;
        }
        if (readsProtected) {
            MemorySegment sealed = Arena.ofAuto().allocate(record.length);
            MemorySegment.copy(record, 0, sealed, ValueLayout.JAVA_BYTE, 0, record.length);
            if (!read.open(read.nextNumber(), sealed, 0, Wire.RECORD_HEADER_BYTES, body.length)) {
                throw new AssertionError("a record of the server's that does not verify, of type " + type);
            }
            byte[] opened = sealed.asSlice(Wire.RECORD_HEADER_BYTES, body.length - Aead.TAG_BYTES).toArray(ValueLayout.JAVA_BYTE);
            innerBytes.add(opened.length);
            int end = opened.length;
            while (opened[end - 1] == 0) {  // padding
                end--;
            }
            type = opened[end - 1];
            body = Arrays.copyOf(opened, end - 1);
        }
        switch (type) {
            case Wire.ALERT -> alerts.add((int) body[1]);
            case Wire.APPLICATION_DATA -> content.writeBytes(body);
            case Wire.HANDSHAKE -> handshake(body);
            default -> throw new AssertionError("content of type " + type);
        }
    }

    private byte[] part = {};

    private void handshake(byte[] body) {
        part = concat(part, body);
        while (part.length >= 4) {
            int length = 4 + (ByteBuffer.wrap(part).getInt() & 0xffffff);
            if (part.length < length) {
                return;
            }
            byte[] message = Arrays.copyOf(part, length);
            part = Arrays.copyOfRange(part, length, part.length);
            message(message);
        }
    }

    private void message(byte[] message) {
        messages.add(message);
        if (message[0] == Wire.KEY_UPDATE) {
            read.update();
            return;
        }
        boolean retry = message[0] == Wire.SERVER_HELLO && Arrays.equals(message, 6, 14, RETRY, 0, 8);
        if (retry) {
            transcript.retry();
        }
        transcript.add(MemorySegment.ofArray(message), 0, message.length);
        if (message[0] == Wire.SERVER_HELLO && !retry) {
            serverHello(message);
        } else if (message[0] == Wire.FINISHED) {
            transcript.digest(memory, HASH);
            schedule.master(memory, SECRET);
            schedule.derive(memory, SECRET, KeySchedule.CLIENT_APPLICATION, memory, HASH, memory, NEXT_CLIENT);
            schedule.derive(memory, SECRET, KeySchedule.SERVER_APPLICATION, memory, HASH, memory, NEXT_SERVER);
            read.load(memory, NEXT_SERVER);
        }
    }

    private void serverHello(byte[] hello) {
        byte[] theirs = Arrays.copyOfRange(hello, hello.length - 32, hello.length);
        MemorySegment native32 = Arena.ofAuto().allocate(32);
        MemorySegment.copy(theirs, 0, native32, ValueLayout.JAVA_BYTE, 0, 32);
        if (!X25519.KEM.decapsulate(memory, DK, native32, 0, memory, SHARED, memory, WORK)) {
            throw new AssertionError("a share of the server's that is none");
        }
        transcript.digest(memory, HASH);
        schedule.early(memory, SECRET);
        schedule.handshake(memory, SECRET, memory, SHARED, 32);
        schedule.derive(memory, SECRET, KeySchedule.CLIENT_HANDSHAKE, memory, HASH, memory, CLIENT);
        schedule.derive(memory, SECRET, KeySchedule.SERVER_HANDSHAKE, memory, HASH, memory, SERVER);
        read.load(memory, SERVER);
        write.load(memory, CLIENT);
        readsProtected = true;
        writesProtected = true;
    }

    /// {@return the last alert that was heard, or null}
    @Nullable
    Alert alert() {
        return alerts.isEmpty() ? null : Alert.of(alerts.getLast());
    }
}
