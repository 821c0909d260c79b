package dev.coffer.netty;

import dev.coffer.memory.pool.PooledBuffer;
import io.netty.util.internal.CleanableDirectBuffer;
import java.nio.ByteBuffer;

/// Memory under one direct buffer as Netty wants it; `clean` wipes it and gives it back, once.
sealed interface Block extends CleanableDirectBuffer {
    /// A buffer of a size class. The lease, not the buffer: a second `clean` is refused and never ends the next one's.
    record Pooled(PooledBuffer.Lease lease, ByteBuffer buffer, long memoryAddress) implements Block {
        static Pooled of(PooledBuffer buffer, int capacity) {
            try {
                buffer.dirty(0, capacity);
                return new Pooled(buffer.lease(), buffer.segment().asSlice(0, capacity).asByteBuffer(), buffer.segment().address());
            } catch (Throwable e) {  // no heap left for the view
                buffer.close();
                throw e;
            }
        }

        @Override
        public boolean hasMemoryAddress() {
            return true;
        }

        @Override
        public void clean() {
            lease.close();
        }
    }

    /// A piece of the large area.
    final class Large implements Block {
        private final LargeArea area;
        private final long piece;
        private final long at;
        private final ByteBuffer buffer;

        private Large(LargeArea area, long piece, int capacity) {
            this.area = area;
            this.piece = piece;
            this.at = area.at(piece);
            this.buffer = area.memory().asSlice(at, capacity).asByteBuffer();
        }

        /// {@return a piece of the area, or null where none is long enough}
        static Large of(LargeArea area, int capacity) {
            long piece = area.tryAllocate(capacity);
            if (piece < 0) {
                return null;
            }
            try {
                return new Large(area, piece, capacity);
            } catch (Throwable e) {  // no heap left for the view
                area.release(piece);
                throw e;
            }
        }

        @Override
        public ByteBuffer buffer() {
            return buffer;
        }

        @Override
        public boolean hasMemoryAddress() {
            return true;
        }

        @Override
        public long memoryAddress() {
            return area.memory().address() + at;
        }

        @Override
        public void clean() {
            area.release(piece);
        }
    }
}
