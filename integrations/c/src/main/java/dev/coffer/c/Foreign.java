package dev.coffer.c;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The caller's memory, and what can be told of its pointers. An address is an offset in [#MEMORY], so that no object stands for a range.
final class Foreign {
    /// One past the highest address of a program: 2^56, with five levels of pages.
    static final long END = 1L << 56;
    /// Below it nothing is mapped: a null pointer, or a member of what a null pointer points at.
    static final long FIRST = 4096;

    @SuppressWarnings("restricted")  // this is what the module is for: addresses that C hands in
    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(END);

    private Foreign() {}

    /// {@return whether a range can be one of the caller's: POINTER where not; an empty one may lie anywhere, at null too}
    static int range(long at, long bytes) {
        if (bytes == 0) {
            return Status.OK;
        }
        if (bytes < 0 || bytes >= END) {
            return Status.LENGTH;
        }
        return at < FIRST || at > END - bytes ? Status.POINTER : Status.OK;
    }

    /// {@return where a range begins for who reads it: an empty one, whose pointer may be anything, at 0}
    static long start(long at, long bytes) {
        return bytes == 0 ? 0 : at;
    }

    /// {@return the same, for a range of so many bytes and no other number: LENGTH where it differs}
    static int exactly(long at, long bytes, long expected) {
        return bytes != expected ? Status.LENGTH : range(at, bytes);
    }

    /// {@return the same, for a range of at most so many bytes}
    static int atMost(long at, long bytes, long most) {
        return Long.compareUnsigned(bytes, most) > 0 ? Status.LENGTH : range(at, bytes);
    }

    /// {@return whether numbers of 64 bits can be written there: POINTER, ALIGNMENT where not}
    static int numbers(long at, long bytes) {
        int code = range(at, bytes);
        return code != Status.OK ? code : (at & Long.BYTES - 1) != 0 ? Status.ALIGNMENT : Status.OK;
    }

    /// {@return OVERLAP where two ranges share a byte; both passed [#range]}
    static int apart(long a, long aBytes, long b, long bBytes) {
        return aBytes != 0 && bBytes != 0 && a < b + bBytes && b < a + aBytes ? Status.OVERLAP : Status.OK;
    }

    static void write(long at, long number) {
        MEMORY.set(ValueLayout.JAVA_LONG, at, number);
    }
}
