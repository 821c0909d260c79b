package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.FailingMemory.Kind;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.ring.CircularBuffer;
import dev.coffer.memory.ring.RingInvariants;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Claim first, copy second: whatever a source does in the middle of a copy, no offset moves, and when the memory is given
/// back the next holder sees zeros. Every public method of the types below is in one of three tables, so none is forgotten.
class ClaimFirstPropertyTest {
    private static final int SLOT_BYTES = 32 * 1024;
    private static final List<Class<?>> TYPES = List.of(BufferBounds.class, BufferNumbers.class, BufferStrings.class, Buffer.class,
            CircularBuffer.class.getSuperclass().getSuperclass(), CircularBuffer.class.getSuperclass(), CircularBuffer.class, CryptoBuffer.class, Secret.class,
            TextCodec.class, Mpint.class, Leb128.class,
            QuicVarint.class);
    /// Bytes that a cut file still gives: none, less and more than a word, a whole page less one.
    private static final int[] READABLE = {4, 5, 8, 9, 31, 64, 100, 1001, 4091};

    /// What writes, over memory of one slot: a leased buffer, a ring, a crypto buffer, a secret.
    private static final class Place {
        final PooledBuffer lease;
        final CircularBuffer ring;
        final CryptoBuffer crypto;
        final Secret secret;

        Place(BufferPool pool) {
            lease = pool.acquire();
            MemorySegment memory = lease.segment();  // the lease writes at its start, the three below wipe what is theirs
            ring = CircularBuffer.over("ring", memory, 9216, 5000);
            crypto = CryptoBuffer.over("crypto", memory, 14_336, 5000);
            secret = Secret.of(memory, 30_000, 64);
            lease.putI64(0x5a5a5a5a5a5a5a5aL);
            lease.takeU16();
            ring.write(MemorySegment.ofArray(new byte[] {1, 2, 3}), 0, 3);
            ring.readU8();
            crypto.write(MemorySegment.ofArray(new byte[] {1, 2, 3}), 0, 3);
        }

        String offsets() {
            return offsetsOf(lease) + ring + ring.writtenBytes() + ring.readBytes() + crypto;
        }

        void checkInvariants() {
            RingInvariants.check(ring);
            crypto.checkInvariants();
        }
    }

    private static String offsetsOf(Buffer buffer) {
        return buffer.toString().replaceAll(", dirty \\d+", "");
    }

    private interface Copy {
        void run(Place place, FailingMemory from);
    }

    /// Those that copy out of memory that is not theirs.
    private static final Map<String, Copy> COPIES = new LinkedHashMap<>();

    static {
        COPIES.put("Buffer.put(MemorySegment,long,long)", (p, f) -> p.lease.put(f.segment, f.at, f.bytes));
        COPIES.put("Buffer.put(Buffer)", (p, f) -> p.lease.put(f.buffer()));
        COPIES.put("Buffer.put(Buffer,long)", (p, f) -> p.lease.put(f.buffer(), f.bytes));
        COPIES.put("BufferStrings.putString(MemorySegment,long,long)", (p, f) -> p.lease.putString(f.segment, f.at, f.bytes));
        COPIES.put("BufferStrings.putString(CharSequence)", (p, f) -> p.lease.putString(f.text()));
        COPIES.put("BufferStrings.takeString(Buffer,long)", (p, f) -> f.string().takeString(p.lease, f.bytes));
        COPIES.put("Buffer.moveTo(Buffer)", (p, f) -> f.buffer().moveTo(p.lease));
        COPIES.put("TextCodec.decodeHex(Buffer,Buffer)", (p, f) -> TextCodec.decodeHex(f.buffer(), p.lease));
        COPIES.put("TextCodec.decodeBase64(Buffer,Buffer)", (p, f) -> TextCodec.decodeBase64(f.buffer(), p.lease));
        COPIES.put("TextCodec.encodeHex(Buffer,Buffer)", (p, f) -> TextCodec.encodeHex(f.buffer(), p.lease));
        COPIES.put("Mpint.put(Buffer,MemorySegment,long,long)", (p, f) -> Mpint.put(p.lease, f.segment, f.at, f.bytes));
        COPIES.put("RingWriter.write(MemorySegment,long,long)", (p, f) -> p.ring.write(f.segment, f.at, f.bytes));
        COPIES.put("RingWriter.tryWrite(MemorySegment,long,long)", (p, f) -> p.ring.tryWrite(f.segment, f.at, f.bytes));
        COPIES.put("RingWriter.writeSome(MemorySegment,long,long)", (p, f) -> p.ring.writeSome(f.segment, f.at, f.bytes));
        COPIES.put("CryptoBuffer.write(MemorySegment,long,long)", (p, f) -> p.crypto.write(f.segment, f.at, f.bytes));
        COPIES.put("CryptoBuffer.tryWrite(MemorySegment,long,long)", (p, f) -> p.crypto.tryWrite(f.segment, f.at, f.bytes));
        COPIES.put("CryptoBuffer.replace(MemorySegment,long,long)", (p, f) -> p.crypto.replace(f.segment, f.at, f.bytes));
        COPIES.put("Secret.write(Use)", (p, f) -> p.secret.write((segment, at, length) -> {
            segment.asSlice(at, length).fill((byte) 7);
            MemorySegment.copy(f.segment, f.at + f.bytes - length, segment, at, length);
        }));
    }

    /// Those that write what their caller gives in arrays and numbers, or move what is theirs: only their own memory can fail.
    private static final Set<String> OWN = Set.of("BufferBounds.compact()", "BufferBounds.burn()", "BufferBounds.resize(long)",
            "BufferNumbers.putU8(int)", "BufferNumbers.putBoolean(boolean)", "BufferNumbers.putU16(int)",
            "BufferNumbers.putU24(int)", "BufferNumbers.putI32(int)", "BufferNumbers.putU32(long)", "BufferNumbers.putI64(long)",
            "BufferNumbers.putU16Le(int)", "BufferNumbers.putU24Le(int)", "BufferNumbers.putI32Le(int)",
            "BufferNumbers.putU32Le(long)", "BufferNumbers.putI64Le(long)", "BufferNumbers.u8At(long,int)",
            "BufferNumbers.u16At(long,int)", "BufferNumbers.u24At(long,int)", "BufferNumbers.u32At(long,long)",
            "BufferNumbers.i64At(long,long)", "Buffer.put(byte[])", "Buffer.put(byte[],int,int)", "Buffer.put(byte[],boolean)",
            "Buffer.putZeros(long)", "BufferStrings.putString(byte[])", "BufferStrings.putString(byte[],boolean)", "RingWriter.writeU8(int)",
            "RingWriter.tryWriteU8(int)", "CryptoBuffer.clear()", "Secret.take(byte[])", "Leb128.put(Buffer,long)",
            "Leb128.putSigned(Buffer,long)", "QuicVarint.put(Buffer,long)", "QuicVarint.put(Buffer,long,int)",
            "QuicVarint.set(MemorySegment,long,long)", "QuicVarint.set(MemorySegment,long,long,int)",
            "RingReader.clear()", "CircularBuffer.wipe()", "RingReader.consume(long)");

    /// Prefixes of those that write nothing here: they read, answer, move offsets, open, end, or mark for the caller's own
    /// writes.
    private static final Set<String> REST = Set.of("BufferBounds.position(", "BufferBounds.length(", "BufferBounds.limit(",
            "BufferBounds.capacity(", "BufferBounds.remaining(", "BufferBounds.hasRemaining(", "BufferBounds.room(",
            "BufferBounds.mark(", "BufferBounds.toMark(", "BufferBounds.claim(", "BufferBounds.consume(", "BufferBounds.reset(",
            "BufferBounds.dirtyBytes(", "BufferBounds.dirty(", "BufferNumbers.take", "BufferNumbers.peek",
            "BufferNumbers.u8At(long)", "BufferNumbers.u16At(long)", "BufferNumbers.u24At(long)", "BufferNumbers.u32At(long)",
            "BufferNumbers.i64At(long)", "Buffer.over(", "Buffer.open(", "Buffer.within(", "Buffer.close(", "Buffer.take(",
            "BufferStrings.takeString()", "BufferStrings.takeString(MemorySegment,long,long)", "Buffer.skip(", "BufferStrings.skipString(", "Buffer.sameBytes(",
            "BufferStrings.stringBytes(", "Buffer.segment(", "Buffer.readable", "Buffer.writable", "Buffer.view(", "RingWriter.room(",
            "RingWriter.first", "RingWriter.second", "RingWriter.commit(", "RingWriter.name(", "RingWriter.capacityBytes(",
            "RingWriter.usedBytes(", "RingWriter.peakBytes(", "RingWriter.writtenBytes(", "RingWriter.readBytes(",
            "RingWriter.refused(", "CircularBuffer.over(", "CircularBuffer.lazy(", "CircularBuffer.powerOfTwo(",
            "CircularBuffer.plan(", "RingReader.read", "RingReader.tryRead(", "RingReader.peek",
            "RingReader.tryPeek(", "RingReader.first", "RingReader.second", "CircularBuffer.segment(",
            "CircularBuffer.release(", "CircularBuffer.close(", "CryptoBuffer.over(", "CryptoBuffer.plan(", "CryptoBuffer.read(",
            "CryptoBuffer.sameBytes(", "CryptoBuffer.segment(", "CryptoBuffer.offset(", "CryptoBuffer.length(",
            "CryptoBuffer.name(", "CryptoBuffer.capacityBytes(", "CryptoBuffer.usedBytes(", "CryptoBuffer.peakBytes(",
            "CryptoBuffer.close(", "Secret.of(", "Secret.segment(", "Secret.offset(", "Secret.length(", "Secret.isGuarded(",
            "Secret.access(", "Secret.read(", "Secret.copyTo(", "Secret.isDestroyed(", "Secret.destroy(", "Secret.close(",
            "Secret.equals(", "Secret.hashCode(", "TextCodec.base64BytesMax(", "Mpint.ready(", "Mpint.take(", "Leb128.bytes(",
            "Leb128.ready(", "Leb128.take", "QuicVarint.bytes(", "QuicVarint.bytesAt(", "QuicVarint.get(", "QuicVarint.ready(",
            "QuicVarint.take(");

    private static List<Method> publicMethods() {
        List<Method> methods = new ArrayList<>();
        for (Class<?> type : TYPES) {
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic() && !method.getName().equals("toString")) {
                    methods.add(method);
                }
            }
        }
        return methods;
    }

    private static String name(Method method) {
        StringJoiner types = new StringJoiner(",", method.getDeclaringClass().getSimpleName() + "." + method.getName() + "(", ")");
        for (Class<?> type : method.getParameterTypes()) {
            types.add(type.getSimpleName());
        }
        return types.toString();
    }

    @Test
    void everyPublicMethodIsInOneTable() {
        Set<String> names = new TreeSet<>();
        for (Method method : publicMethods()) {
            String name = name(method);
            names.add(name);
            int tables = (COPIES.containsKey(name) ? 1 : 0) + (OWN.contains(name) ? 1 : 0)
                    + (REST.stream().anyMatch(name::startsWith) ? 1 : 0);
            assertEquals(1, tables, () -> "in how many tables is " + name);
        }
        Set<String> gone = new TreeSet<>(COPIES.keySet());
        gone.addAll(OWN);
        gone.removeAll(names);
        assertEquals(Set.of(), gone);
        assertTrue(names.size() > 140, "found only " + names.size());
    }

    @Test
    void aSourceThatFailsHalfWayMovesNothingAndTheNextHolderSeesZeros() {
        BufferPoolConfig config = BufferPoolConfig.of("pool", SLOT_BYTES, 1);
        try (Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data", BufferPool.plan(config)))) {
            MemorySegment memory = region.carve("pool");
            BufferPool pool = BufferPool.over(config, memory);
            for (Map.Entry<String, Copy> copy : COPIES.entrySet()) {
                for (Kind kind : Kind.values()) {
                    for (int readable : READABLE) {
                        fail(copy.getKey() + ", " + kind + " after " + readable, copy.getValue(), pool, memory, kind, readable);
                        if (kind != Kind.CUT) {
                            break;
                        }
                    }
                }
            }
            pool.close();
        }
    }

    private static void fail(String what, Copy copy, BufferPool pool, MemorySegment memory, Kind kind, int readable) {
        Place place = new Place(pool);
        String before = place.offsets();
        try (FailingMemory from = FailingMemory.of(kind, readable)) {
            assertThrows(Throwable.class, () -> copy.run(place, from), what);
        }
        assertDoesNotThrow(place::checkInvariants, what);
        if (kind != Kind.CUT) {  // compiled code may hear of a cut file only after the copy, when the offsets have moved
            boolean emptied = what.startsWith("Buffer.moveTo") || what.startsWith("CryptoBuffer.replace");
            assertEquals(emptied ? "" : before, emptied ? "" : place.offsets(), what);
        }
        if (what.startsWith("CryptoBuffer.replace") && kind != Kind.CUT) {
            assertEquals(0, place.crypto.length(), what);
        }
        if (what.startsWith("TextCodec.decode")) {
            long length = place.lease.length();
            assertTrue(ConstantTime.isZero(memory, length, 9216 - length), () -> what + ": what was decoded is not wiped");
        }
        if (what.startsWith("RingWriter") && kind == Kind.CUT && place.ring.usedBytes() == 2) {
            assertTrue(RingInvariants.exposed(place.ring) > 0, () -> what + ": copied before it was claimed");
            assertTrue(ConstantTime.isZero(memory, 9216 + 3, 5000 - 3), () -> what + ": shown to the writer");
        }
        place.ring.close();
        place.crypto.close();
        place.secret.destroy();
        place.lease.close();
        assertEquals(0, RawMemory.nonZero(memory, 0, SLOT_BYTES), what);
    }

    @Test
    void memoryOfAnotherThreadMovesNoOffsetWhateverIsCalled() throws InterruptedException {
        try (Arena mine = Arena.ofConfined()) {
            Throwable[] failure = new Throwable[1];
            int[] refused = new int[1];
            List<Runnable> calls = new ArrayList<>();
            for (Method method : publicMethods()) {
                boolean onBuffer = Buffer.class.isAssignableFrom(method.getDeclaringClass())
                        || method.getDeclaringClass().isAssignableFrom(Buffer.class);
                boolean codec = method.getParameterCount() > 0 && method.getParameterTypes()[0] == Buffer.class;
                if (onBuffer && !Modifier.isStatic(method.getModifiers()) || codec && !onBuffer) {
                    Buffer buffer = Buffer.within(Budget.root("b", 64), mine.allocate(64), 64);
                    buffer.putU32(4);
                    buffer.putU32(0x01010101);
                    calls.add(() -> refused[0] += call(method, buffer) ? 1 : 0);
                }
            }
            Thread other = new Thread(() -> calls.forEach(Runnable::run));
            other.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
            other.start();
            other.join();
            assertEquals(null, failure[0]);
            assertTrue(refused[0] > 55, "refused only " + refused[0]);
        }
    }

    /// {@return whether it was refused, and then nothing moved}
    private static boolean call(Method method, Buffer buffer) {
        String before = offsetsOf(buffer);
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            Class<?> type = types[i];
            arguments[i] = type == long.class ? (Object) 4L : type == int.class ? (Object) 4
                    : type == boolean.class ? (Object) false : type == CharSequence.class ? "four"
                            : type == byte[].class ? new byte[8] : type == MemorySegment.class ? MemorySegment.ofArray(new byte[16])
                                    : other();
        }
        boolean isStatic = Modifier.isStatic(method.getModifiers());
        if (isStatic) {
            arguments[0] = buffer;
        }
        try {
            method.invoke(isStatic ? null : buffer, arguments);
            return false;
        } catch (InvocationTargetException e) {
            assertEquals(before, offsetsOf(buffer), () -> name(method) + ": " + e.getCause());
            return e.getCause() instanceof WrongThreadException;
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static Buffer other() {
        Buffer other = Buffer.over(MemorySegment.ofArray(new byte[64]));
        other.putI64(0x3131313131313131L);
        return other;
    }

    @Test
    void textThatGrowsOrShrinksWhileItIsReadIsRefusedAndWritesNothingPastItsClaim() {
        for (int second : new int[] {0, 3, 5, 40}) {
            MemorySegment memory = MemorySegment.ofArray(new byte[64]);
            Buffer buffer = Buffer.over(memory, 0, 64);
            int[] asked = new int[1];
            CharSequence fickle = new CharSequence() {
                @Override
                public int length() {
                    return asked[0]++ <= 4 ? 4 : second;  // as it is measured, then as it is written
                }

                @Override
                public char charAt(int index) {
                    return '1';
                }

                @Override
                public CharSequence subSequence(int start, int end) {
                    throw new UnsupportedOperationException();
                }
            };
            assertThrows(IllegalArgumentException.class, () -> buffer.putString(fickle));
            assertEquals(0, buffer.length());
            buffer.checkInvariants();
            assertEquals(8, buffer.dirtyBytes());
        }
    }
}
