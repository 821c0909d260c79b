package dev.coffer.netty;

import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.Arrays;

/// Netty's own heap buffer, bounded by the allocator and zeroed when it is given back.
final class CofferHeapByteBuf extends UnpooledHeapByteBuf {
    CofferHeapByteBuf(CofferByteBufAllocator allocator, int initialCapacity, int maxCapacity) {
        super(allocator, initialCapacity, maxCapacity);
    }

    @Override
    protected byte[] allocateArray(int initialCapacity) {
        return ((CofferByteBufAllocator) alloc()).heapArray(initialCapacity, byte[]::new);
    }

    @Override
    protected void freeArray(byte[] array) {
        Arrays.fill(array, (byte) 0);
        ((CofferByteBufAllocator) alloc()).releaseHeap(array.length);
    }
}
