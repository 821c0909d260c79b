package dev.coffer.tls;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// What one side says in a whole conversation, record by record, and under which secrets: so that any of it can be changed and sealed again, as
/// only a peer that has the keys could.
final class Script {
    enum Level { PLAIN, HANDSHAKE, APPLICATION }

    /// One record before it is sealed.
    ///
    /// @param padding  zeros behind the type, where it is protected
    record Line(Level level, int type, byte[] content, int padding) {
        static Line of(Level level, int type, byte... content) {
            return new Line(level, type, content, 0);
        }

        Line with(byte[] other) {
            return new Line(level, type, other, padding);
        }

        boolean isUpdate() {
            return type == Wire.HANDSHAKE && level == Level.APPLICATION && content.length == LateMessages.KEY_UPDATE_BYTES
                    && content[0] == Wire.KEY_UPDATE;
        }
    }

    private static final long SECRETS = 1 << 16;

    final List<Line> lines = new ArrayList<>();
    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 18);
    private final PacketProtection handshake;
    private final PacketProtection application;

    Script(CipherSuite suite, byte[] handshakeSecret, byte[] applicationSecret) {
        this.handshake = new PacketProtection(PacketProtocol.TLS_1_3, suite, memory, 0).at(memory, 1 << 14);
        this.application = new PacketProtection(PacketProtocol.TLS_1_3, suite, memory, 0).at(memory, 3 << 14);
        MemorySegment.copy(handshakeSecret, 0, memory, ValueLayout.JAVA_BYTE, SECRETS, handshakeSecret.length);
        MemorySegment.copy(applicationSecret, 0, memory, ValueLayout.JAVA_BYTE, SECRETS + 64, applicationSecret.length);
    }

    /// Adds what a recorded stream of records holds.
    Script record(byte[] stream) {
        handshake.load(memory, SECRETS);
        for (int p = 0; p < stream.length;) {
            int length = (stream[p + 3] & 0xff) << 8 | stream[p + 4] & 0xff;
            MemorySegment.copy(stream, p, memory, ValueLayout.JAVA_BYTE, 1 << 17, Wire.RECORD_HEADER_BYTES + length);
            long at = (1 << 17) + Wire.RECORD_HEADER_BYTES;
            if (stream[p] != Wire.APPLICATION_DATA) {
                lines.add(Line.of(Level.PLAIN, stream[p], memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE)));
            } else {
                if (!handshake.open(handshake.nextNumber(), memory, 1 << 17, Wire.RECORD_HEADER_BYTES, length)) {
                    throw new AssertionError("a record that does not verify, at " + p);
                }
                byte[] content = memory.asSlice(at, length - Aead.TAG_BYTES - 1).toArray(ValueLayout.JAVA_BYTE);
                lines.add(Line.of(Level.HANDSHAKE, memory.get(ValueLayout.JAVA_BYTE, at + length - Aead.TAG_BYTES - 1), content));
            }
            p += Wire.RECORD_HEADER_BYTES + length;
        }
        return this;
    }

    Script say(int type, byte... content) {
        lines.add(Line.of(Level.APPLICATION, type, content));
        return this;
    }

    /// {@return such lines as records, one array each}
    List<byte[]> seal(List<Line> all) {
        handshake.load(memory, SECRETS);
        application.load(memory, SECRETS + 64);
        List<byte[]> records = new ArrayList<>(all.size());
        for (Line line : all) {
            records.add(seal(line));
        }
        return records;
    }

    private byte[] seal(Line line) {
        int inner = line.content.length;
        int length = line.level == Level.PLAIN ? inner : inner + 1 + line.padding + Aead.TAG_BYTES;
        byte[] record = new byte[Wire.RECORD_HEADER_BYTES + length];
        record[0] = (byte) (line.level == Level.PLAIN ? line.type : Wire.APPLICATION_DATA);
        record[1] = 3;
        record[2] = 3;
        record[3] = (byte) (length >> 8);
        record[4] = (byte) length;
        System.arraycopy(line.content, 0, record, Wire.RECORD_HEADER_BYTES, inner);
        if (line.level == Level.PLAIN) {
            return record;
        }
        record[Wire.RECORD_HEADER_BYTES + inner] = (byte) line.type;
        PacketProtection of = line.level == Level.HANDSHAKE ? handshake : application;
        MemorySegment.copy(record, 0, memory, ValueLayout.JAVA_BYTE, 1 << 17, record.length);
        of.seal(of.nextNumber(), memory, 1 << 17, Wire.RECORD_HEADER_BYTES, inner + 1 + line.padding);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 1 << 17, record, 0, record.length);
        if (line.isUpdate()) {
            of.update();
        }
        return record;
    }
}
