package dev.coffer.crypto.libcrypto;

import dev.coffer.memory.Account;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A heap for libcrypto: blocks in memory of ours.
///
/// ```
///   block   class 4 | mark 4 | bytes asked for, or the next free block 8 | payload
///   classes 16, 32, 48, 64, then four to each doubling: 80, 96, 112, 128, 160 ...
/// ```
///
/// A block that is freed is wiped and kept for its class; a request that finds none takes fresh memory, then a larger block, then `NULL`.
/// Freed blocks are not joined: the library makes nearly all of its blocks once, at start.
///
/// Called by libcrypto on any thread, threads of others too. Nothing is thrown through it: the VM would end. What is freed twice or is
/// none of ours is counted and left alone. 0 heap bytes.
final class LibraryHeap implements Account {
    static final long ALIGNMENT = 16;                     // of malloc on 64-bit systems
    private static final long HEADER_BYTES = 16;
    private static final long CLASS = 0;
    private static final long MARK = 4;
    private static final long BYTES = 8;
    private static final long NEXT = BYTES;
    private static final int LIVE = 0x6c697665;
    private static final int FREE = 0x66726565;
    private static final int CLASSES = 4 + 4 * 58;
    private static final int SMALL_BYTES_MAX = 64;        // up to here a class for every 16 bytes
    private static final int SPINS = 64;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle LOCKED;

    static {
        try {
            LOCKED = MethodHandles.lookup().findVarHandle(LibraryHeap.class, "locked", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final MemorySegment memory;
    private final long base;
    private final long[] free = new long[CLASSES];        // of each class the offset of one, or 0
    private volatile long refusedAfter = Long.MAX_VALUE;  // calls; set by tests alone
    private long top = ALIGNMENT;                         // never used from here on; 0 is nobody's
    private volatile int locked;
    private volatile long used;
    private volatile long peak;
    private volatile long calls;
    private volatile long refusals;
    private volatile long faults;

    /// @param memory  off the heap, zero, aligned to 16
    LibraryHeap(String name, MemorySegment memory) {
        this.name = name;
        this.memory = memory;
        this.base = memory.address();
    }

    /// {@return the address of a block, or 0 where there is no room}
    long allocate(long bytes) {
        boolean held = false;
        try {
            held = lock();
            return take(bytes);
        } catch (Throwable refused) {  // a stack that is full, a heap that is spent: to C it is one answer
            return 0;
        } finally {
            if (held) {
                unlock();
            }
        }
    }

    /// Gives a block another size, here or at another place. Where it answers 0 the old block stays as it is.
    long reallocate(long address, long bytes) {
        boolean held = false;
        try {
            held = lock();
            long block = live(address);
            if (block == 0) {
                return 0;
            }
            if (bytes == 0) {
                give(block);
                return 0;
            }
            long before = memory.get(LONG, block + BYTES);
            if (bytes > 0 && bytes <= memory.byteSize() && classOf(bytes) == memory.get(INT, block + CLASS)) {
                if (bytes < before) {
                    Wipe.bytes(memory, block + HEADER_BYTES + bytes, before - bytes);
                }
                memory.set(LONG, block + BYTES, bytes);
                return address;
            }
            long moved = take(bytes);
            if (moved != 0) {
                MemorySegment.copy(memory, address - base, memory, moved - base, Math.min(before, bytes));
                give(block);
            }
            return moved;
        } catch (Throwable refused) {
            return 0;
        } finally {
            if (held) {
                unlock();
            }
        }
    }

    /// Takes a block back, and wipes it.
    void release(long address) {
        boolean held = false;
        try {
            held = lock();
            long block = live(address);
            if (block != 0) {
                give(block);
            }
        } catch (Throwable refused) {
            faults++;
        } finally {
            if (held) {
                unlock();
            }
        }
    }

    private long take(long bytes) {
        if (bytes <= 0 || bytes > memory.byteSize() || calls >= refusedAfter) {
            refusals++;
            return 0;
        }
        int of = classOf(bytes);
        long block = free[of];
        if (block == 0 && bytesOf(of) <= memory.byteSize() - top - HEADER_BYTES) {
            block = top;
            top += HEADER_BYTES + bytesOf(of);
            memory.set(INT, block + CLASS, of);
        } else {
            while (block == 0 && ++of < CLASSES) {
                block = free[of];
            }
            if (block == 0) {
                refusals++;
                return 0;
            }
            free[of] = memory.get(LONG, block + NEXT);
        }
        memory.set(INT, block + MARK, LIVE);
        memory.set(LONG, block + BYTES, bytes);
        calls++;
        used += HEADER_BYTES + bytesOf(of);
        peak = Math.max(peak, used);
        return base + block + HEADER_BYTES;
    }

    private void give(long block) {
        int of = memory.get(INT, block + CLASS);
        Wipe.bytes(memory, block + HEADER_BYTES, memory.get(LONG, block + BYTES));
        memory.set(INT, block + MARK, FREE);
        memory.set(LONG, block + NEXT, free[of]);
        free[of] = block;
        used -= HEADER_BYTES + bytesOf(of);
    }

    /// {@return the block of an address that is handed out, or 0}
    private long live(long address) {
        long block = address - base - HEADER_BYTES;
        if (block < ALIGNMENT || block >= top || block % ALIGNMENT != 0 || memory.get(INT, block + MARK) != LIVE) {
            faults++;
            return 0;
        }
        return block;
    }

    static int classOf(long bytes) {
        if (bytes <= SMALL_BYTES_MAX) {
            return (int) ((bytes - 1) / ALIGNMENT);
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes - 1);
        return 4 + 4 * (shift - 6) + (int) (bytes - 1 >>> shift - 2 & 3);
    }

    static long bytesOf(int of) {
        if (of < 4) {
            return ALIGNMENT * (of + 1);
        }
        int shift = 6 + (of - 4) / 4;
        return (5L + (of & 3)) << shift - 2;
    }

    /// Inside of whatever must not throw to C: a stack that is full ends here like anywhere else.
    ///
    /// @return true
    @SuppressWarnings("ThreadPriorityCheck")  // whoever holds it needs the processor, and soon gives it back
    private boolean lock() {
        for (int spin = 0; !LOCKED.compareAndSet(this, 0, 1); spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        return true;
    }

    private void unlock() {
        LOCKED.setRelease(this, 0);
    }

    /// {@return whether an address lies here}
    boolean holds(long address) {
        return address - base >= 0 && address - base < memory.byteSize();
    }

    /// {@return blocks that were handed out so far}
    long calls() {
        return calls;
    }

    /// {@return how often there was no room}
    long refusals() {
        return refusals;
    }

    /// {@return how often something was freed that is none of ours, or not any more}
    long faults() {
        return faults;
    }

    /// Refuses all that is asked for after so many blocks more.
    void refuseAfter(long blocks) {
        refusedAfter = blocks == Long.MAX_VALUE ? blocks : calls + blocks;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long capacityBytes() {
        return memory.byteSize();
    }

    @Override
    public long usedBytes() {
        return used;
    }

    @Override
    public long peakBytes() {
        return peak;
    }
}
