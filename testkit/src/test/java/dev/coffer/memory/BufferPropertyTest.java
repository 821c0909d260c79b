package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// [Buffer] beside a plain array and five numbers, through random operations. After each the offsets, the dirty count and
/// every byte of the memory are those of the model: what was wiped is zero, what was cut still lies there.
class BufferPropertyTest {
    @Test
    void agreesWithTheModel() {
        Seeds.forEach(1, 30, random -> new Model(random).run(6_000));
    }

    @Test
    @Tag("long")
    void agreesWithTheModelForTenMillionOperations() {
        Seeds.forEach(100, 100, random -> new Model(random).run(100_000));
    }

    private static final class Model {
        private static final int BYTES = 200;

        private final SplittableRandom random;
        private final Budget budget = Budget.root("b", BYTES + 50);
        private final MemorySegment segment = Arena.ofAuto().allocate(BYTES);
        private final Buffer buffer = Buffer.within(budget, segment, 150);
        private final byte[] memory = new byte[BYTES];
        private int position;
        private int length;
        private int limit = 150;
        private int capacity = 150;
        private int mark;
        private int dirty;

        Model(SplittableRandom random) {
            this.random = random;
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                String before = buffer.toString();
                int operation = random.nextInt(28);
                try {
                    step(operation);
                    check();
                } catch (Throwable e) {
                    throw new AssertionError("operation " + operation + " at " + before + ": " + e, e);
                }
            }
        }

        private void check() {
            assertEquals(position, buffer.position());
            assertEquals(length, buffer.length());
            assertEquals(limit, buffer.limit());
            assertEquals(capacity, buffer.capacity());
            assertEquals(length - position, buffer.remaining());
            assertEquals(length > position, buffer.hasRemaining());
            assertEquals(limit - length, buffer.room());
            assertEquals(dirty, buffer.dirtyBytes());
            assertEquals(capacity, budget.usedBytes());
            assertEquals(-1, MemorySegment.ofArray(memory).mismatch(segment));
            buffer.checkInvariants();
        }

        private void step(int operation) {
            switch (operation) {
                case 0, 1, 2 -> putNumber();
                case 3, 4 -> takeNumber();
                case 5 -> peekNumber();
                case 6 -> patchNumber();
                case 7, 8 -> putBytes(bytes(random.nextInt(60)));
                case 9 -> takeBytes();
                case 10 -> putStrings(bytes(random.nextInt(40)));
                case 11, 12 -> takeStrings();
                case 13 -> offsets();
                case 14 -> limit();
                case 15 -> marks();
                case 16 -> compact();
                case 17 -> resize();
                case 18 -> raw();
                case 19 -> quicVarint();
                case 20 -> leb128();
                case 21 -> mpint();
                case 22 -> hex();
                case 23 -> base64();
                case 24 -> sameBytes();
                case 25 -> move();
                case 26 -> fromBuffer();
                default -> anew();
            }
        }

        private byte[] bytes(int count) {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
        }

        /// {@return whether as many bytes fit; else that `use` says so}
        private boolean fits(int bytes, Runnable use) {
            if (bytes <= limit - length) {
                use.run();
                return true;
            }
            BufferBoundsException refusal = assertThrows(BufferBoundsException.class, use::run);
            assertEquals(bytes, refusal.requested());
            assertEquals(limit - length, refusal.available());
            return false;
        }

        private void write(byte[] bytes) {
            System.arraycopy(bytes, 0, memory, length, bytes.length);
            length += bytes.length;
            dirty = Math.max(dirty, length);
        }

        private static byte[] encoded(long value, int bytes, boolean little) {
            byte[] out = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                out[little ? i : bytes - 1 - i] = (byte) (value >>> 8 * i);
            }
            return out;
        }

        private long decoded(int at, int bytes, boolean little) {
            long value = 0;
            for (int i = 0; i < bytes; i++) {
                value = value << 8 | memory[little ? at + bytes - 1 - i : at + i] & 0xff;
            }
            return value;
        }

        private void putNumber() {
            long v = random.nextLong();
            int kind = random.nextInt(12);
            int bytes = new int[] {1, 2, 3, 4, 4, 8, 2, 3, 4, 4, 8, 1}[kind];
            boolean done = fits(bytes, () -> {
                switch (kind) {
                    case 0 -> buffer.putU8((int) v);
                    case 1 -> buffer.putU16((int) v);
                    case 2 -> buffer.putU24((int) v);
                    case 3 -> buffer.putI32((int) v);
                    case 4 -> buffer.putU32(v);
                    case 5 -> buffer.putI64(v);
                    case 6 -> buffer.putU16Le((int) v);
                    case 7 -> buffer.putU24Le((int) v);
                    case 8 -> buffer.putI32Le((int) v);
                    case 9 -> buffer.putU32Le(v);
                    case 10 -> buffer.putI64Le(v);
                    default -> buffer.putBoolean((v & 1) != 0);
                }
            });
            if (done) {
                write(encoded(kind == 11 ? v & 1 : v, bytes, kind >= 6 && kind <= 10));
            }
        }

        private void takeNumber() {
            int kind = random.nextInt(12);
            int bytes = new int[] {1, 2, 3, 4, 4, 8, 2, 3, 4, 4, 8, 1}[kind];
            if (bytes > length - position) {
                assertEquals(length - position,
                        assertThrows(BufferBoundsException.class, () -> take(kind)).available());
                return;
            }
            long expected = decoded(position, bytes, kind >= 6 && kind <= 10);
            expected = kind == 3 || kind == 8 ? (int) expected : kind == 11 && expected != 0 ? 1 : expected;
            assertEquals(expected, take(kind), "kind " + kind);
            position += bytes;
        }

        private long take(int kind) {
            return switch (kind) {
                case 0 -> buffer.takeU8();
                case 1 -> buffer.takeU16();
                case 2 -> buffer.takeU24();
                case 3 -> buffer.takeI32();
                case 4 -> buffer.takeU32();
                case 5 -> buffer.takeI64();
                case 6 -> buffer.takeU16Le();
                case 7 -> buffer.takeU24Le();
                case 8 -> buffer.takeI32Le();
                case 9 -> buffer.takeU32Le();
                case 10 -> buffer.takeI64Le();
                default -> buffer.takeBoolean() ? 1 : 0;
            };
        }

        private void peekNumber() {
            int bytes = new int[] {1, 2, 3, 4, 8}[random.nextInt(5)];
            int at = random.nextInt(-2, length + 3);
            assertThereOrRefused(position, bytes, () -> switch (bytes) {
                case 1 -> buffer.peekU8();
                case 2 -> buffer.peekU16();
                case 3 -> buffer.peekU24();
                case 4 -> buffer.peekU32();
                default -> buffer.peekI64();
            });
            assertThereOrRefused(at, bytes, () -> switch (bytes) {
                case 1 -> buffer.u8At(at);
                case 2 -> buffer.u16At(at);
                case 3 -> buffer.u24At(at);
                case 4 -> buffer.u32At(at);
                default -> buffer.i64At(at);
            });
        }

        private void assertThereOrRefused(int at, int bytes, java.util.function.LongSupplier read) {
            if (at >= 0 && bytes <= length - at) {
                assertEquals(decoded(at, bytes, false), read.getAsLong());
            } else {
                assertEquals(bytes, assertThrows(BufferBoundsException.class, read::getAsLong).requested());
            }
        }

        private void patchNumber() {
            long v = random.nextLong();
            int bytes = new int[] {1, 2, 3, 4, 8}[random.nextInt(5)];
            int at = random.nextInt(-2, length + 3);
            Runnable patch = () -> {
                switch (bytes) {
                    case 1 -> buffer.u8At(at, (int) v);
                    case 2 -> buffer.u16At(at, (int) v);
                    case 3 -> buffer.u24At(at, (int) v);
                    case 4 -> buffer.u32At(at, v);
                    default -> buffer.i64At(at, v);
                }
            };
            if (at >= 0 && bytes <= length - at) {
                patch.run();
                System.arraycopy(encoded(v, bytes, false), 0, memory, at, bytes);
            } else {
                assertThrows(BufferBoundsException.class, patch::run);
            }
        }

        private void putBytes(byte[] source) {
            int kind = random.nextInt(5);
            byte[] padded = Arrays.copyOf(bytes(3), source.length + 5);
            System.arraycopy(source, 0, padded, 3, source.length);
            byte[] given = source.clone();
            boolean done = fits(source.length, () -> {
                switch (kind) {
                    case 0 -> buffer.put(source);
                    case 1 -> buffer.put(padded, 3, source.length);
                    case 2 -> buffer.put(MemorySegment.ofArray(padded), 3, source.length);
                    case 3 -> buffer.put(given, true);
                    default -> buffer.putZeros(source.length);
                }
            });
            assertArrayEquals(done && kind == 3 ? new byte[source.length] : source, given);
            if (done) {
                write(kind == 4 ? new byte[source.length] : source);
            }
        }

        private void takeBytes() {
            int count = random.nextInt(length - position + 3);
            byte[] out = new byte[count + 4];
            int kind = random.nextInt(4);
            byte[] exact = new byte[count];
            Runnable take = () -> {
                switch (kind) {
                    case 0 -> buffer.take(out, 2, count);
                    case 1 -> buffer.take(MemorySegment.ofArray(out), 2, count);
                    case 2 -> buffer.take(exact);
                    default -> buffer.skip(count);
                }
            };
            if (count > length - position) {
                assertThrows(BufferBoundsException.class, take::run);
                assertArrayEquals(new byte[count + 4], out);
                return;
            }
            take.run();
            byte[] expected = Arrays.copyOfRange(memory, position, position + count);
            if (kind < 2) {
                assertArrayEquals(expected, Arrays.copyOfRange(out, 2, 2 + count));
                assertEquals(0, out[0] | out[1] | out[2 + count] | out[3 + count]);
            } else if (kind == 2) {
                assertArrayEquals(expected, exact);
            }
            position += count;
        }

        private void putStrings(byte[] source) {
            int kind = random.nextInt(4);
            String text = kind == 3 ? text() : "";
            byte[] content = kind == 3 ? text.getBytes(StandardCharsets.UTF_8) : source;
            byte[] given = content.clone();
            boolean done = fits(4 + content.length, () -> {
                switch (kind) {
                    case 0 -> buffer.putString(content);
                    case 1 -> buffer.putString(MemorySegment.ofArray(content), 0, content.length);
                    case 2 -> buffer.putString(given, true);
                    default -> buffer.putString(text);
                }
            });
            assertArrayEquals(done && kind == 2 ? new byte[content.length] : content, given);
            if (done) {
                write(encoded(content.length, 4, false));
                write(content);
            }
        }

        private String text() {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(switch (random.nextInt(8)) {
                    case 0 -> "\u007f";
                    case 1 -> "\u0080\u07ff";
                    case 2 -> "\u0800\uffff";
                    case 3 -> "\ud83d\ude00";
                    case 4 -> "\udbff\udfff";
                    case 5 -> "\ud800";
                    case 6 -> "\udc00";
                    default -> "a";
                });
            }
            return text.toString();
        }

        private void takeStrings() {
            boolean headed = length - position >= 4;
            long size = headed ? decoded(position, 4, false) : -1;
            boolean whole = headed && size <= length - position - 4;
            assertEquals(whole ? size : -1, buffer.stringBytes());
            long max = random.nextBoolean() ? 0xffff : random.nextInt(20);
            Buffer target = Buffer.over(MemorySegment.ofArray(new byte[64]));
            target.putU8(9);
            byte[] out = new byte[70];
            int kind = random.nextInt(4);
            long most = kind == 1 ? Math.min(max, 64) : kind >= 2 ? Long.MAX_VALUE : max;
            boolean taken = whole && size <= most && (kind != 0 || size <= 63);
            if (!taken) {
                assertThrows(BufferBoundsException.class, () -> takeString(kind, target, out, most));
                assertEquals(1, target.length());
                return;
            }
            byte[] expected = Arrays.copyOfRange(memory, position + 4, position + 4 + (int) size);
            byte[] seen = takeString(kind, target, out, most);
            if (kind != 3) {
                assertArrayEquals(expected, seen);
            }
            position += 4 + (int) size;
        }

        private byte[] takeString(int kind, Buffer target, byte[] out, long max) {
            if (kind == 0) {
                int size = (int) buffer.takeString(target, max);
                byte[] got = new byte[size];
                assertEquals(9, target.takeU8());
                target.take(got);
                assertEquals(0, target.remaining());
                return got;
            }
            if (kind == 1) {
                int size = (int) buffer.takeString(MemorySegment.ofArray(out), 3, max);
                assertEquals(0, out[0] | out[1] | out[2] | out[3 + size]);
                return Arrays.copyOfRange(out, 3, 3 + size);
            }
            if (kind == 2) {
                return buffer.takeString();
            }
            buffer.skipString();
            return null;
        }

        private void offsets() {
            int to = random.nextInt(-1, capacity + 2);
            if (random.nextBoolean()) {
                if (to >= 0 && to <= length) {
                    buffer.position(to);
                    position = to;
                } else {
                    assertThrows(IllegalArgumentException.class, () -> buffer.position(to));
                }
            } else if (to >= position && to <= limit) {
                buffer.length(to);
                length = to;
                dirty = Math.max(dirty, to);
            } else {
                assertThrows(IllegalArgumentException.class, () -> buffer.length(to));
            }
        }

        private void limit() {
            int to = random.nextInt(-1, capacity + 2);
            if (to >= length && to <= capacity) {
                buffer.limit(to);
                limit = to;
            } else {
                assertThrows(IllegalArgumentException.class, () -> buffer.limit(to));
            }
        }

        private void marks() {
            if (random.nextBoolean()) {
                buffer.mark();
                mark = position;
            } else {
                buffer.toMark();
                position = Math.min(mark, length);
            }
        }

        private void compact() {
            buffer.compact();
            int left = length - position;
            if (position > 0) {
                System.arraycopy(memory, position, memory, 0, left);
                Arrays.fill(memory, left, length, (byte) 0);
                dirty = dirty == length ? left : dirty;
            }
            length = left;
            position = 0;
            mark = 0;
        }

        private void resize() {
            int to = random.nextInt(-1, BYTES + 2);
            if (to >= length && to <= BYTES) {
                buffer.resize(to);
                if (to < capacity) {
                    Arrays.fill(memory, to, capacity, (byte) 0);
                }
                dirty = Math.min(dirty, to);
                capacity = to;
                limit = to;
            } else {
                assertThrows(IllegalArgumentException.class, () -> buffer.resize(to));
            }
        }

        private void raw() {
            int count = random.nextInt(limit - length + 1);
            byte[] source = bytes(count);
            switch (random.nextInt(4)) {
                case 0 -> {
                    assertEquals(length, buffer.claim(count));
                    MemorySegment.copy(source, 0, buffer.segment(), ValueLayout.JAVA_BYTE, length, count);
                    write(source);
                }
                case 1 -> {
                    MemorySegment room = buffer.writable();
                    assertEquals(limit - length, room.byteSize());
                    dirty = Math.max(dirty, limit);
                    MemorySegment.copy(source, 0, room, ValueLayout.JAVA_BYTE, 0, count);
                    System.arraycopy(source, 0, memory, length, count);
                }
                case 2 -> {
                    int at = random.nextInt(capacity + 1);
                    int size = random.nextInt(capacity - at + 1);
                    if (random.nextBoolean()) {
                        buffer.dirty(at, size);
                    } else {
                        Buffer view = buffer.view(at, size);
                        assertEquals(size, view.remaining());
                        byte[] seen = new byte[size];
                        view.take(seen);
                        assertArrayEquals(Arrays.copyOfRange(memory, at, at + size), seen);
                    }
                    dirty = Math.max(dirty, at + size);
                }
                default -> {
                    int size = random.nextInt(length - position + 1);
                    byte[] seen = new byte[length - position];
                    buffer.readableBytes().get(seen);
                    assertArrayEquals(Arrays.copyOfRange(memory, position, length), seen);
                    assertEquals(position, buffer.consume(size));
                    position += size;
                }
            }
        }

        private void quicVarint() {
            long v = random.nextLong() >>> random.nextInt(2, 64);
            int bytes = v < 64 ? 1 : v < 16384 ? 2 : v < 1 << 30 ? 4 : 8;
            assertEquals(bytes, QuicVarint.bytes(v));
            int form = random.nextBoolean() ? bytes : 8;
            if (fits(form, () -> QuicVarint.put(buffer, v, form))) {
                write(encoded(v | (long) Integer.numberOfTrailingZeros(form) << 8 * form - 2, form, false));
            }
            int left = length - position;
            int ready = left == 0 ? 0 : 1 << ((memory[position] & 0xff) >>> 6);
            ready = ready <= left ? ready : 0;
            assertEquals(ready, QuicVarint.ready(buffer));
            if (ready == 0) {
                assertThrows(BufferBoundsException.class, () -> QuicVarint.take(buffer));
            } else {
                long mask = ready == 8 ? -1L >>> 2 : (1L << 8 * ready - 2) - 1;
                assertEquals(decoded(position, ready, false) & mask, QuicVarint.take(buffer));
                position += ready;
            }
        }

        private void leb128() {
            long v = random.nextLong() >> random.nextInt(64);
            boolean signed = random.nextBoolean();
            BigInteger bits = new BigInteger(1, encoded(signed ? v << 1 ^ v >> 63 : v, 8, false));
            int bytes = Math.max(1, (bits.bitLength() + 6) / 7);
            byte[] expected = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                expected[i] = (byte) (bits.shiftRight(7 * i).intValue() & 0x7f | (i < bytes - 1 ? 0x80 : 0));
            }
            int start = length;
            if (fits(bytes, () -> {
                if (signed) {
                    Leb128.putSigned(buffer, v);
                } else {
                    Leb128.put(buffer, v);
                }
            })) {
                write(expected);
                int back = position;
                buffer.position(start);
                assertEquals(bytes, Leb128.ready(buffer));
                assertEquals(v, signed ? Leb128.takeSigned(buffer) : Leb128.take(buffer));
                assertEquals(length, buffer.position());
                buffer.position(back);
            }
        }

        private void mpint() {
            byte[] magnitude = bytes(random.nextInt(12));
            Arrays.fill(magnitude, 0, random.nextInt(magnitude.length + 1), (byte) 0);
            byte[] twos = new BigInteger(1, magnitude).toByteArray();
            byte[] content = twos.length == 1 && twos[0] == 0 ? new byte[0] : twos;
            int start = length;
            if (fits(4 + content.length, () -> Mpint.put(buffer, MemorySegment.ofArray(magnitude), 0, magnitude.length))) {
                write(encoded(content.length, 4, false));
                write(content);
                int back = position;
                buffer.position(start);
                int significant = (new BigInteger(1, magnitude).bitLength() + 7) / 8;
                assertEquals(significant, Mpint.ready(buffer));
                byte[] out = new byte[magnitude.length + 3];
                Arrays.fill(out, (byte) 7);
                Mpint.take(buffer, MemorySegment.ofArray(out), 1, magnitude.length + 1);
                assertEquals(new BigInteger(1, magnitude), new BigInteger(1, Arrays.copyOfRange(out, 1, magnitude.length + 2)));
                assertEquals(7, out[0]);
                assertEquals(7, out[magnitude.length + 2]);
                assertEquals(length, buffer.position());
                buffer.position(back);
            }
        }

        private Buffer holding(byte[] bytes) {
            Buffer holding = Buffer.over(MemorySegment.ofArray(new byte[300]));
            holding.putU8(1);
            holding.put(bytes);
            holding.takeU8();
            return holding;
        }

        private void hex() {
            byte[] source = bytes(random.nextInt(30));
            String text = HexFormat.of().formatHex(source);
            if (random.nextBoolean()) {
                Buffer from = holding(source);
                if (fits(2 * source.length, () -> TextCodec.encodeHex(from, buffer))) {
                    write(text.getBytes(StandardCharsets.US_ASCII));
                    assertEquals(0, from.remaining());
                } else {
                    assertEquals(source.length, from.remaining());
                }
                return;
            }
            Buffer from = holding(spaced(random.nextBoolean() ? text : text.toUpperCase(java.util.Locale.ROOT)));
            if (fits(source.length, () -> assertEquals(source.length, TextCodec.decodeHex(from, buffer)))) {
                write(source);
                assertEquals(0, from.remaining());
            }
        }

        private void base64() {
            byte[] source = bytes(random.nextInt(30));
            Base64.Encoder encoder = random.nextBoolean() ? Base64.getEncoder() : Base64.getUrlEncoder();
            Buffer from = holding(spaced((random.nextBoolean() ? encoder : encoder.withoutPadding()).encodeToString(source)));
            if (fits(source.length, () -> assertEquals(source.length, TextCodec.decodeBase64(from, buffer)))) {
                write(source);
                assertEquals(0, from.remaining());
            }
        }

        private byte[] spaced(String text) {
            StringBuilder out = new StringBuilder();
            for (char c : text.toCharArray()) {
                out.append(random.nextInt(5) == 0 ? " \t\r\n".substring(random.nextInt(4)).substring(0, 1) : "").append(c);
            }
            return out.append(random.nextBoolean() ? "\n" : "").toString().getBytes(StandardCharsets.US_ASCII);
        }

        private void sameBytes() {
            byte[] rest = Arrays.copyOfRange(memory, position, length);
            assertEquals(true, buffer.sameBytes(holding(rest)));
            assertEquals(false, buffer.sameBytes(holding(Arrays.copyOf(rest, rest.length + 1))), "one byte more");
            if (rest.length > 0) {
                assertEquals(false, buffer.sameBytes(holding(Arrays.copyOf(rest, rest.length - 1))), "one byte less");
                rest[random.nextInt(rest.length)] ^= (byte) (1 << random.nextInt(8));
                assertEquals(false, buffer.sameBytes(holding(rest)), "one bit");
            }
        }

        private void move() {
            MemorySegment place = Arena.ofAuto().allocate(BYTES + 10);
            Buffer target = Buffer.over(place, 5, random.nextInt(Math.max(0, length - 1), BYTES + 1));
            target.put(bytes((int) Math.min(20, target.capacity())));
            if (length > target.capacity()) {
                String before = target.toString();
                assertThrows(BufferBoundsException.class, () -> buffer.moveTo(target));
                assertEquals(before, target.toString());
                return;
            }
            buffer.moveTo(target);
            assertEquals(position, target.position());
            assertEquals(length, target.length());
            assertEquals(-1, MemorySegment.mismatch(place, 5, 5 + length, MemorySegment.ofArray(memory), 0, length));
            wiped();
        }

        private void wiped() {
            Arrays.fill(memory, 0, dirty, (byte) 0);
            dirty = 0;
            began();
        }

        private void began() {
            position = 0;
            length = 0;
            mark = 0;
            limit = capacity;
        }

        private void fromBuffer() {
            byte[] source = bytes(random.nextInt(50));
            Buffer from = holding(source);
            int count = random.nextInt(source.length + 2);
            if (count > source.length) {
                assertThrows(BufferBoundsException.class, () -> buffer.put(from, count));
            } else if (fits(count, () -> {
                if (count == source.length) {
                    buffer.put(from);
                } else {
                    buffer.put(from, count);
                }
            })) {
                write(Arrays.copyOf(source, count));
                assertEquals(source.length - count, from.remaining());
                return;
            }
            assertEquals(source.length, from.remaining());
        }

        private void anew() {
            if (random.nextInt(3) == 0) {
                buffer.burn();
                wiped();
            } else if (random.nextInt(4) == 0) {
                buffer.reset();
                began();
            }
        }
    }
}
