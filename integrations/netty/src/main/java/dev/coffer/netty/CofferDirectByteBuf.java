package dev.coffer.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.util.internal.CleanableDirectBuffer;

/// Netty's own direct buffer, its memory taken from and given back to a [CofferByteBufAllocator]: every method of the
/// contract is Netty's code, only where memory comes from and goes to is ours.
///
/// Netty offers a hook for the memory that a buffer grows into ([#allocateDirectBuffer]) and none for its first, so
/// the first block is handed in as a buffer that Netty must not free, and freed here.
final class CofferDirectByteBuf extends UnpooledDirectByteBuf {
    private Block first;  // null once the buffer has outgrown it

    /// {@return a buffer over memory of the allocator; where it cannot be made, nothing is held}
    static CofferDirectByteBuf of(CofferByteBufAllocator allocator, int initialCapacity, int maxCapacity) {
        Block first = allocator.acquire(initialCapacity);
        try {
            return new CofferDirectByteBuf(allocator, first, maxCapacity);
        } catch (Throwable e) {
            first.clean();
            throw e;
        }
    }

    private CofferDirectByteBuf(CofferByteBufAllocator allocator, Block first, int maxCapacity) {
        super(allocator, first.buffer(), maxCapacity);
        this.first = first;
        writerIndex(0);  // the constructor above takes the bytes of its argument for data
    }

    @Override
    protected CleanableDirectBuffer allocateDirectBuffer(int capacity) {
        return ((CofferByteBufAllocator) alloc()).acquire(capacity);
    }

    @Override
    public ByteBuf capacity(int newCapacity) {
        int before = capacity();
        super.capacity(newCapacity);
        if (newCapacity != before) {
            releaseFirst();
        }
        return this;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        releaseFirst();
    }

    private void releaseFirst() {
        if (first != null) {
            first.clean();
            first = null;
        }
    }
}
