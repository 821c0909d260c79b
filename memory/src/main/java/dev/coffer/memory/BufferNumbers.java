package dev.coffer.memory;

import static dev.coffer.memory.layout.BigEndian.i32;
import static dev.coffer.memory.layout.BigEndian.i64;
import static dev.coffer.memory.layout.BigEndian.u16;
import static dev.coffer.memory.layout.BigEndian.u24;
import static dev.coffer.memory.layout.BigEndian.u32;

import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// The integers of a [Buffer]: written at the end of the data, read at the position, looked at and patched anywhere. Each
/// moves its offset after the access, so that memory which refuses (closed, another thread's, gone) moves nothing.
abstract sealed class BufferNumbers extends BufferBounds permits BufferStrings {
    BufferNumbers(MemorySegment segment, long capacity, @Nullable Budget budget, boolean leased) {
        super(segment, capacity, budget, leased);
    }

    // ---- integers, written at the end of the data

    public final void putU8(int value) {
        segment.set(ValueLayout.JAVA_BYTE, stain(1), (byte) value);
        grow(1);
    }

    /// Writes 1 for true, 0 for false (RFC 4251, section 5).
    public final void putBoolean(boolean value) {
        putU8(value ? 1 : 0);
    }

    public final void putU16(int value) {
        u16(segment, stain(2), value);
        grow(2);
    }

    public final void putU24(int value) {
        u24(segment, stain(3), value);
        grow(3);
    }

    public final void putI32(int value) {
        i32(segment, stain(4), value);
        grow(4);
    }

    public final void putU32(long value) {
        u32(segment, stain(4), value);
        grow(4);
    }

    public final void putI64(long value) {
        i64(segment, stain(8), value);
        grow(8);
    }

    public final void putU16Le(int value) {
        LittleEndian.u16(segment, stain(2), value);
        grow(2);
    }

    public final void putU24Le(int value) {
        LittleEndian.u24(segment, stain(3), value);
        grow(3);
    }

    public final void putI32Le(int value) {
        LittleEndian.i32(segment, stain(4), value);
        grow(4);
    }

    public final void putU32Le(long value) {
        LittleEndian.u32(segment, stain(4), value);
        grow(4);
    }

    public final void putI64Le(long value) {
        LittleEndian.i64(segment, stain(8), value);
        grow(8);
    }

    // ---- integers, read at the position

    /// {@return 0..255}
    public final int takeU8() {
        int value = Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, leftAt(1)));
        advance(1);
        return value;
    }

    /// {@return false for 0, true for everything else (RFC 4251, section 5)}
    public final boolean takeBoolean() {
        return takeU8() != 0;
    }

    /// {@return 0..65535}
    public final int takeU16() {
        int value = u16(segment, leftAt(2));
        advance(2);
        return value;
    }

    /// {@return 0..2^24-1}
    public final int takeU24() {
        int value = u24(segment, leftAt(3));
        advance(3);
        return value;
    }

    public final int takeI32() {
        int value = i32(segment, leftAt(4));
        advance(4);
        return value;
    }

    /// {@return 0..2^32-1}
    public final long takeU32() {
        long value = u32(segment, leftAt(4));
        advance(4);
        return value;
    }

    public final long takeI64() {
        long value = i64(segment, leftAt(8));
        advance(8);
        return value;
    }

    /// {@return 0..65535}
    public final int takeU16Le() {
        int value = LittleEndian.u16(segment, leftAt(2));
        advance(2);
        return value;
    }

    /// {@return 0..2^24-1}
    public final int takeU24Le() {
        int value = LittleEndian.u24(segment, leftAt(3));
        advance(3);
        return value;
    }

    public final int takeI32Le() {
        int value = LittleEndian.i32(segment, leftAt(4));
        advance(4);
        return value;
    }

    /// {@return 0..2^32-1}
    public final long takeU32Le() {
        long value = LittleEndian.u32(segment, leftAt(4));
        advance(4);
        return value;
    }

    public final long takeI64Le() {
        long value = LittleEndian.i64(segment, leftAt(8));
        advance(8);
        return value;
    }

    // ---- the next integer, without moving

    public final int peekU8() {
        return u8At(position());
    }

    public final int peekU16() {
        return u16At(position());
    }

    public final int peekU24() {
        return u24At(position());
    }

    public final long peekU32() {
        return u32At(position());
    }

    public final long peekI64() {
        return i64At(position());
    }

    // ---- integers anywhere in the data

    public final int u8At(long at) {
        return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, within(at, 1)));
    }

    public final int u16At(long at) {
        return u16(segment, within(at, 2));
    }

    public final int u24At(long at) {
        return u24(segment, within(at, 3));
    }

    public final long u32At(long at) {
        return u32(segment, within(at, 4));
    }

    public final long i64At(long at) {
        return i64(segment, within(at, 8));
    }

    public final void u8At(long at, int value) {
        segment.set(ValueLayout.JAVA_BYTE, within(at, 1), (byte) value);
    }

    public final void u16At(long at, int value) {
        u16(segment, within(at, 2), value);
    }

    public final void u24At(long at, int value) {
        u24(segment, within(at, 3), value);
    }

    public final void u32At(long at, long value) {
        u32(segment, within(at, 4), value);
    }

    public final void i64At(long at, long value) {
        i64(segment, within(at, 8), value);
    }
}
