package dev.coffer.jca;

import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;

/// A message that comes in pieces and is needed in one, off the heap. It doubles while it grows, as far as the area for work has room; when
/// that is spent it says so and keeps what it has. One thread.
final class GatheredBytes {
    private static final long ROOM_BYTES_MIN = 256;

    private final Vault vault;
    private Piece piece;  // null while empty
    private long length;

    GatheredBytes(Vault vault) {
        this.vault = vault;
    }

    long length() {
        return length;
    }

    /// {@return the memory, from 0; that of an empty message may hold no byte}
    MemorySegment segment() {
        return piece == null ? MemorySegment.NULL : piece.segment();
    }

    /// Makes room for that many bytes behind what is here.
    ///
    /// @throws ProviderMemoryException  there is none; nothing changes
    void room(long more) {
        long needed = Math.max(ROOM_BYTES_MIN, length + more);
        if (piece != null && piece.bytes() >= needed) {
            return;
        }
        Piece larger = vault.work(piece == null ? needed : Math.max(needed, grown())).watch(this);
        if (piece != null) {
            MemorySegment.copy(piece.segment(), 0, larger.segment(), 0, length);
            piece.close();
        }
        piece = larger;
    }

    /// {@return twice the room, or, near the end of the area, half as much again}
    private long grown() {
        return piece.bytes() * (piece.bytes() > vault.config().workBytes() / 8 ? 3 : 4) / 2;
    }

    /// @throws ProviderMemoryException  no room; nothing changes
    void add(MemorySegment source, long at, long bytes) {
        if (bytes > 0) {
            room(bytes);
            MemorySegment.copy(source, at, piece.segment(), length, bytes);
            length += bytes;
        }
    }

    /// Wipes, and gives the memory back.
    void clear() {
        length = 0;
        if (piece != null) {
            piece.close();
            piece = null;
        }
    }
}
