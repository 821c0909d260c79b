package dev.coffer.memory;

import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.memory.ring.CircularBuffer;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is done with memory over and over, refusals included: 0 heap bytes, whoever executes it.
class MemorySteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS = List.of(Integers.class, Bytes.class, Text.class,
            Varints.class, Ring.class, Crypto.class, PlainSecret.class, Constant.class, Budgets.class, Wiping.class,
            LivePage.class, CommittedOnTouch.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noPathMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    private static void expect(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }

    /// Every width and order of [Buffer], put, taken, looked at and set in place.
    static final class Integers implements SteadyPath {
        private final Buffer buffer = Buffer.over(memory(256));

        @Override
        public void run() {
            buffer.reset();
            buffer.putU8(1);
            buffer.putBoolean(true);
            buffer.putU16(2);
            buffer.putU24(3);
            buffer.putI32(-4);
            buffer.putU32(5);
            buffer.putI64(-6);
            buffer.putU16Le(7);
            buffer.putU24Le(8);
            buffer.putI32Le(9);
            buffer.putU32Le(10);
            buffer.putI64Le(11);
            buffer.u8At(0, 1);
            buffer.u16At(2, 2);
            buffer.u24At(4, 3);
            buffer.u32At(11, 5);
            buffer.i64At(15, -6);
            expect(buffer.u8At(0) == 1 && buffer.u16At(2) == 2 && buffer.u24At(4) == 3 && buffer.u32At(11) == 5
                    && buffer.i64At(15) == -6);
            expect(buffer.peekU8() == 1 && buffer.peekU16() == 0x101 && buffer.peekU24() == 0x10100
                    && buffer.peekU32() == 0x1010002L && buffer.peekI64() == 0x101000200000000L + (3L << 24) + 0xffffff
                            | buffer.takeU8() == 1);
            expect(buffer.takeBoolean() && buffer.takeU16() == 2 && buffer.takeU24() == 3 && buffer.takeI32() == -4
                    && buffer.takeU32() == 5 && buffer.takeI64() == -6 && buffer.takeU16Le() == 7
                    && buffer.takeU24Le() == 8 && buffer.takeI32Le() == 9 && buffer.takeU32Le() == 10
                    && buffer.takeI64Le() == 11);
        }
    }

    /// Copies between buffers, segments and arrays, strings, moves.
    static final class Bytes implements SteadyPath {
        private final Buffer a = Buffer.over(memory(256));
        private final Buffer b = Buffer.over(memory(256));
        private final MemorySegment segment = memory(64);
        private final byte[] array = new byte[16];

        @Override
        public void run() {
            a.reset();
            b.reset();
            a.put(segment, 3, 20);
            a.put(array);
            a.put(array, 2, 7);
            a.put(array, true);
            a.putZeros(9);
            b.put(a, 10);
            b.put(a);
            expect(!a.sameBytes(b));
            b.take(segment, 1, 11);
            b.take(array);
            b.take(array, 1, 5);
            b.skip(3);
            b.moveTo(a);
            b.reset();
            a.reset();
            a.putString(segment, 0, 12);
            a.putString(array);
            a.putString("a name");
            expect(a.stringBytes() == 12 && a.takeString(segment, 0, 64) == 12 && a.takeString(b, 64) == 16
                    && a.skipString() == 6);
        }
    }

    /// Hex and base64, right and wrong.
    static final class Text implements SteadyPath {
        private final Buffer bytes = Buffer.over(memory(64));
        private final Buffer text = Buffer.over(memory(256));
        private final Buffer back = Buffer.over(memory(64));

        @Override
        public void run() {
            bytes.reset();
            text.reset();
            back.reset();
            bytes.putI64(0x0123456789abcdefL);
            bytes.putI64(0x0123456789abcdefL);
            TextCodec.encodeHex(bytes, text);
            expect(TextCodec.decodeHex(text, back) == 16);
            text.reset();
            text.putU32(0x51513d3dL);  // "QQ=="
            expect(TextCodec.decodeBase64(text, back) != 0);
        }
    }

    static final class Varints implements SteadyPath {
        private final Buffer buffer = Buffer.over(memory(128));
        private final MemorySegment number = memory(32);

        @Override
        public void run() {
            buffer.reset();
            for (int shift = 0; shift < 60; shift += 13) {
                long value = 1L << shift;
                QuicVarint.put(buffer, value);
                Leb128.put(buffer, value);
                Leb128.putSigned(buffer, -value);
            }
            for (int shift = 0; shift < 60; shift += 13) {
                long value = 1L << shift;
                expect(QuicVarint.ready(buffer) > 0 && QuicVarint.take(buffer) == value);
                expect(Leb128.ready(buffer) > 0 && Leb128.take(buffer) == value && Leb128.takeSigned(buffer) == -value);
            }
            buffer.reset();
            number.set(ValueLayout.JAVA_BYTE, 31, (byte) 0x80);
            Mpint.put(buffer, number, 0, 32);
            expect(Mpint.ready(buffer) >= 0);
            Mpint.take(buffer, number, 0, 32);
        }
    }

    /// A ring of bytes around its end, full and empty.
    static final class Ring implements SteadyPath {
        private final CircularBuffer ring = CircularBuffer.over("ring", memory(64), 0, 64);
        private final MemorySegment data = memory(64);

        @Override
        public void run() {
            expect(ring.tryWrite(data, 0, 40) && !ring.tryWrite(data, 0, 40) && ring.writeSome(data, 0, 40) == 24
                    && !ring.tryWriteU8(1));
            expect(ring.tryPeek(data, 0, 8) && ring.peekU8(3) >= 0 && ring.tryRead(data, 0, 50) && !ring.tryRead(data, 0, 50)
                    && ring.readSome(data, 0, 50) == 14 && ring.readU8() < 0);
            expect(ring.room() == 64 && ring.firstRoomBytes() + ring.secondRoomBytes() == 64);
            data.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            MemorySegment.copy(data, 0, ring.segment(), ring.firstRoomAt(), 1);
            ring.commit(1);
            ring.consume(ring.readable());
            ring.clear();
        }
    }

    static final class Crypto implements SteadyPath {
        private final CryptoBuffer a = CryptoBuffer.over("a", memory(64), 0, 64);
        private final CryptoBuffer b = CryptoBuffer.over("b", memory(64), 0, 64);
        private final MemorySegment data = memory(128);

        @Override
        public void run() {
            expect(a.tryWrite(data, 0, 30) && !a.tryWrite(data, 0, 35) && b.tryWrite(data, 0, 31));
            expect(!a.sameBytes(b));
            a.read(data, 0, 7, 20);
            b.replace(data, 0, 9);
            a.clear();
            b.clear();
        }
    }

    static final class PlainSecret implements SteadyPath {
        private final Secret a = Secret.of(memory(64), 0, 32);
        private final Secret b = Secret.of(memory(64), 0, 32);
        private final MemorySegment copy = memory(64);
        private final Secret.Use read = (segment, at, length) -> segment.get(ValueLayout.JAVA_BYTE, at);
        private final Secret.Use write = (segment, at, length) -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) 1);

        @Override
        public void run() {
            a.write(write);
            a.read(read);
            b.write(write);
            a.copyTo(copy, 8);
            expect(a.equals(b) && a.segment() != null && a.offset() == 0 && a.length() == 32
                    && a.access() == Secret.Access.READ_WRITE);
        }
    }

    static final class Constant implements SteadyPath {
        private final MemorySegment a = memory(64);
        private final MemorySegment b = memory(64);

        @Override
        public void run() {
            expect(ConstantTime.equal(a, 3, b, 5, 33) && ConstantTime.isZero(a, 1, 40));
            ConstantTime.copyIf(-1, a, 0, b, 7, 33);
        }
    }

    static final class Budgets implements SteadyPath {
        private final Budget root = Budget.root("root", 1000);
        private final Budget child = root.child("child", 900);

        @Override
        public void run() {
            child.reserve(500);
            expect(!child.tryReserve(401) && root.tryReserve(500) && !child.tryReserve(1) && child.usedBytes() == 500
                    && root.peakBytes() == 1000 && child.availableBytes() >= 0);
            child.release(500);
            root.release(500);
        }
    }

    static final class Wiping implements SteadyPath {
        private final MemorySegment memory = memory(4096);

        @Override
        public void run() {
            for (int length = 0; length < 200; length += 13) {
                Wipe.bytes(memory, 5, length);
            }
            Wipe.segment(memory);
        }
    }

    /// The ledger as a page shows it, once a second.
    static final class LivePage implements SteadyPath {
        private final Budget root = Budget.root("all", 1 << 20);
        private final Region region = Region.open(RegionConfig.defaults("page"),
                MemoryPlan.group("data", MemoryPlan.block("a", 4096), MemoryPlan.block("b", 64, 10, "ten")));
        private final Ledger ledger = Ledger.of("test", Ledger.region(region), Ledger.budget(root, root.child("c", 99)));
        private final LedgerSnapshot snapshot = ledger.snapshot();
        private final MemorySegment page = memory(snapshot.jsonBytesMax());

        @Override
        public void run() {
            snapshot.refresh();
            expect(snapshot.writeJson(page, 0) + ledger.usedBytes() + ledger.peakBytes() + ledger.regionBytes() > 0);
        }
    }

    /// A region that gives pages back while it lives.
    static final class CommittedOnTouch implements SteadyPath {
        private final Region region = Region.open(RegionConfig.reservation("touch"),
                MemoryPlan.group("data", MemoryPlan.block("a", 65536)));
        private final MemorySegment data = region.data();

        @Override
        public void run() {
            data.set(ValueLayout.JAVA_BYTE, 4096, (byte) 1);
            region.discard(4096, 8192);
            expect(data.get(ValueLayout.JAVA_BYTE, 4096) == 0);
            region.checkCanary();
            expect(region.usedBytes() > 0 && region.inForce(Protection.GUARD) | true);
        }
    }
}
