package dev.coffer.quic;

import dev.coffer.memory.QuicVarint;
import dev.coffer.memory.engine.NetworkPath;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// What a peer with good keys may say inside its packets: frames of every type, whose numbers are right, at their limits, past them, or anything. A gentle one
/// breaks few rules, so that its connection lives long enough to be in all its states.
final class HostileFrames {
    private final SplittableRandom random;
    private final boolean toServer;
    private final boolean gentle;
    private final int streams;                  // that a gentle peer speaks on
    private final long[] said = new long[64];   // where each stream's next byte goes
    private long ids = 2;                       // the next NEW_CONNECTION_ID
    private long retired;

    HostileFrames(SplittableRandom random, boolean toServer, boolean gentle, int streams) {
        this.random = random;
        this.toServer = toServer;
        this.gentle = gentle;
        this.streams = streams;
    }

    private boolean one(int of) {
        return random.nextInt(of) == 0;
    }

    private static void number(ByteArrayOutputStream to, long value) {
        byte[] bytes = new byte[8];
        QuicVarint.set(MemorySegment.ofArray(bytes), 0, value, QuicVarint.bytes(value));
        to.write(bytes, 0, QuicVarint.bytes(value));
    }

    private static void numbers(ByteArrayOutputStream to, int type, long... values) {
        to.write(type);
        for (long value : values) {
            number(to, value);
        }
    }

    private void noise(ByteArrayOutputStream to, int bytes) {
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        to.writeBytes(noise);
    }

    private long value() {
        return gentle ? random.nextInt(4000) : wild();
    }

    private long wild() {
        return switch (random.nextInt(12)) {
            case 0 -> QuicVarint.VALUE_MAX;
            case 1 -> QuicVarint.VALUE_MAX - random.nextInt(5);
            case 2 -> random.nextLong() >>> 2 >>> random.nextInt(60);
            case 3 -> 1L << random.nextInt(62);
            case 4, 5 -> random.nextInt(70_000);
            default -> random.nextInt(40);
        };
    }

    /// Mostly one that the peer may speak on: to a server 0, 4, 8.. and 2, 6.., to a client also 3, 7...
    private long stream() {
        if (gentle) {
            return toServer ? 4L * random.nextInt(streams) : 4L * random.nextInt(2) + 3;
        }
        if (one(20)) {
            return wild();
        }
        return one(3) ? random.nextInt(4) : 4L * random.nextInt(6) + (one(5) ? random.nextInt(4) : toServer ? one(4) ? 2 : 0 : one(3) ? 3 : 0);
    }

    /// Writes CRYPTO, or another frame where none may be, as a handshake's levels would hear it.
    void early(ByteArrayOutputStream to, Connection target) {
        if (one(3)) {
            write(to, target);
        } else {
            int bytes = random.nextInt(60);
            numbers(to, 6, one(3) ? wild() : random.nextInt(3000), bytes);
            to.writeBytes(new byte[bytes]);
        }
    }

    void write(ByteArrayOutputStream to, Connection target) {
        switch (gentler(random.nextInt(24))) {
            case 0 -> to.write(1);
            case 1 -> acknowledge(to, target);
            case 2 -> numbers(to, 4, stream(), value(), one(3) ? value() : random.nextInt(3000));
            case 3 -> numbers(to, 5, stream(), value());
            case 4 -> crypto(to);
            case 5 -> token(to);
            case 6, 7, 8, 9, 10, 11 -> data(to);
            case 12 -> numbers(to, 0x10, value());
            case 13 -> numbers(to, 0x11, stream(), value());
            case 14 -> numbers(to, 0x12 + random.nextInt(2), one(10) ? QuicVarint.VALUE_MAX : Math.min(1L << 60, value()));
            case 15 -> numbers(to, 0x14, value());
            case 16 -> numbers(to, 0x15, stream(), value());
            case 17 -> numbers(to, 0x16 + random.nextInt(2), random.nextInt(1000));
            case 18 -> newId(to);
            case 19 -> numbers(to, 0x19, gentle ? Math.max(0, retired - random.nextInt(3)) : one(20) ? wild() : retired++);
            case 20 -> {
                to.write(0x1a);
                noise(to, 8);
            }
            case 21 -> pathResponse(to, target);
            case 22 -> {
                if (!toServer || !gentle && one(50)) {
                    to.write(0x1e);
                }
            }
            default -> closeOrPad(to);
        }
    }

    /// What ends most connections, a gentle peer says seldom.
    private int gentler(int what) {
        boolean ofStreams = what == 2 || what == 3 || what == 13 || what == 16;
        if (!gentle) {
            return what;
        }
        return ofStreams && !one(3) || what == 4 || what == 14 && !one(4) || !toServer && (what == 3 || what == 13) ? 6 : what;
    }

    private void acknowledge(ByteArrayOutputStream to, Connection target) {
        long next = target.spaceAt(2) < 0 ? 1 : PacketSpace.next(target.memory, target.spaceAt(2));
        long largest = !gentle && one(30) ? wild() : Math.max(0, next - 1 - random.nextInt(4));
        int ranges = gentle ? 0 : random.nextInt(4);
        boolean ecn = one(3);
        numbers(to, ecn ? 3 : 2, largest, value(), ranges, !gentle && one(20) ? wild() : Math.min(largest, random.nextInt(6)));
        for (int i = 0; i < 2 * ranges; i++) {
            number(to, one(30) ? wild() : random.nextInt(3));
        }
        for (int i = 0; ecn && i < 3; i++) {
            number(to, i == 1 ? random.nextInt(10) / 9 : random.nextInt(100));
        }
    }

    private void crypto(ByteArrayOutputStream to) {
        int bytes = random.nextInt(30);
        numbers(to, 6, one(4) ? value() : random.nextInt(100), bytes);
        noise(to, bytes);
    }

    private void token(ByteArrayOutputStream to) {
        if (!toServer || !gentle && one(40)) {
            int bytes = 1 + random.nextInt(300);
            numbers(to, 7, bytes);
            to.writeBytes(new byte[bytes]);
        }
    }

    private void data(ByteArrayOutputStream to) {
        long stream = stream();
        int slot = (int) (stream & 63);
        int bytes = random.nextInt(120);
        long offset = switch (random.nextInt(8)) {
            case 0 -> gentle ? said[slot] + random.nextInt(500) : wild();
            case 1, 2 -> gentle ? Math.max(0, said[slot] - random.nextInt(200)) : random.nextInt(3000);
            case 3 -> said[slot] + random.nextInt(300);
            default -> said[slot];
        };
        numbers(to, one(gentle ? 40 : 6) ? 0x0f : 0x0e, stream, offset, bytes);
        to.writeBytes(new byte[bytes]);
        said[slot] += offset == said[slot] ? bytes : 0;
    }

    private void newId(ByteArrayOutputStream to) {
        long number = gentle ? one(4) ? Math.max(2, ids - 1) : ids++ : one(15) ? wild() : ids++ + random.nextInt(2);
        int bytes = 1 + random.nextInt(20);
        numbers(to, 0x18, number, gentle ? number - 1 : one(3) ? number : Math.min(number, random.nextInt(10)), bytes);
        noise(to, bytes + 16);
    }

    /// Half of them answer a challenge that was made.
    private void pathResponse(ByteArrayOutputStream to, Connection target) {
        byte[] token = new byte[8];
        if (random.nextBoolean() && target.paths != 0) {
            long at = target.blocks().content(target.paths) + NetworkPath.BYTES + 8 * random.nextInt(2);
            MemorySegment.copy(target.blocks().memory(), ValueLayout.JAVA_BYTE, at, token, 0, 8);
        }
        to.write(0x1b);
        to.writeBytes(token);
    }

    private void closeOrPad(ByteArrayOutputStream to) {
        if (one(gentle ? 3000 : 60)) {
            boolean byApplication = random.nextBoolean();
            numbers(to, byApplication ? 0x1d : 0x1c, value(), 0);
            if (!byApplication) {
                number(to, 0);
            }
        } else {
            to.write(0);
        }
    }
}
