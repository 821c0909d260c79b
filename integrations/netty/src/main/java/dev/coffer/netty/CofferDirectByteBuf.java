package dev.coffer.netty;

import dev.coffer.memory.pool.PooledBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.util.internal.CleanableDirectBuffer;
import java.nio.ByteBuffer;

/// Netty's own direct buffer, its memory taken from and given back to a [CofferByteBufAllocator]: every method of the
/// contract is Netty's code, only where memory comes from and goes to is ours.
///
/// Netty offers a hook for the memory that a buffer grows into ([#allocateDirectBuffer]) and none for its first, so
/// the first block is handed in as a buffer that Netty must not free, and freed here.
final class CofferDirectByteBuf extends UnpooledDirectByteBuf {
    private Block first;  // null once the buffer has outgrown it

    CofferDirectByteBuf(CofferByteBufAllocator allocator, int initialCapacity, int maxCapacity) {
        this(allocator, Block.of(allocator, initialCapacity), maxCapacity);
    }

    private CofferDirectByteBuf(CofferByteBufAllocator allocator, Block first, int maxCapacity) {
        super(allocator, first.buffer(), maxCapacity);
        this.first = first;
        writerIndex(0);  // the constructor above takes the bytes of its argument for data
    }

    @Override
    protected CleanableDirectBuffer allocateDirectBuffer(int capacity) {
        return Block.of((CofferByteBufAllocator) alloc(), capacity);
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

    /// A leased block as Netty wants it; `clean` wipes and releases.
    private record Block(PooledBuffer lease, ByteBuffer buffer) implements CleanableDirectBuffer {
        static Block of(CofferByteBufAllocator allocator, int capacity) {
            PooledBuffer lease = allocator.acquire(capacity);
            return new Block(lease, lease.segment().asSlice(0, capacity).asByteBuffer());
        }

        @Override
        public boolean hasMemoryAddress() {
            return true;
        }

        @Override
        public long memoryAddress() {
            return lease.segment().address();
        }

        @Override
        public void clean() {
            lease.close();
        }
    }
}
