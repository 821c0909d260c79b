package dev.coffer.server.files;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.pool.BlockAllocator;
import java.lang.foreign.MemorySegment;

/// Copies of small files that are asked for often, in planned memory, so that an answer costs no read.
///
/// A copy is made when a file is asked for a second time since its name was last resolved, and lives until the name is resolved
/// again: a second, as everything that is known of a file ([FileTable#TRUSTED_NANOS]). So what is sent is never older than the
/// name's meaning, also where no time stamp tells of a change (a file that is written to through a mapping). Only files whose
/// validators are strong are copied: others may be changing at this moment.
///
/// What is being sent stays as it is until the last answer that sends it is over. When there is no room no copy is made and the
/// file is read, as every other.
///
/// One thread at a time. 0 heap bytes.
final class HotFiles {
    /// Blocks of which a copy takes as many as it needs.
    static final int BLOCK_BYTES = 256;
    /// Largest file that is copied: larger ones the system sends itself.
    static final int FILE_BYTES_MAX = FileAnswer.PASSING_BYTES_MIN - 1;
    /// [OpenFile#copy] where there is none.
    static final long NONE = 0;
    /// How often a file is asked for between two looks at its name before a copy pays.
    private static final int ASKED_MIN = 2;

    private final BlockAllocator blocks;
    private final Folder folder;

    /// @param memory  the row of [#plan], zero
    HotFiles(int bytes, MemorySegment memory, Folder folder) {
        this.blocks = BlockAllocator.over(config(bytes), memory);
        this.folder = folder;
    }

    private static BlockAllocator.Config config(int bytes) {
        return new BlockAllocator.Config("hot files", bytes, BLOCK_BYTES);
    }

    /// {@return the row of the plan}
    ///
    /// @param bytes  of all copies together, a multiple of [#BLOCK_BYTES]
    static MemoryPlan plan(int bytes) {
        MemoryPlan plan = BlockAllocator.plan(config(bytes));
        return plan.withHeap(plan.heapBytes() + HeapLayout.instance(HotFiles.class));
    }

    /// {@return what speaks for the row}
    Account account() {
        return blocks;
    }

    /// {@return memory of the copies}
    MemorySegment segment() {
        return blocks.segment();
    }

    /// Holds the copy of a file that is held itself, and makes it where that pays.
    ///
    /// @return whether there is one: it stays until [#release]
    boolean hold(OpenFile file) {
        if (file.copy == NONE && ++file.asked == ASKED_MIN && file.strong && file.size > 0 && file.size <= FILE_BYTES_MAX) {
            copy(file);
        }
        if (file.copy == NONE || file.copyIsOld) {
            return false;
        }
        file.copyHolders++;
        return true;
    }

    private void copy(OpenFile file) {
        long bytes = file.size + 1;  // one more: whether the file has grown
        long piece = bytes > blocks.capacityBytes() ? -1 : blocks.tryAllocate(bytes);
        if (piece < 0) {
            return;
        }
        long at = blocks.at(piece);
        int total = 0;
        int read;
        do {
            read = folder.read(file.handle, blocks.segment(), at + total, (int) bytes - total, total);
            total += Math.max(read, 0);
        } while (read > 0 && total < bytes);
        if (total == file.size) {
            file.copy = piece;
            file.copyAt = at;
        } else {
            blocks.release(piece);
        }
    }

    /// An answer does not need the copy any more.
    void release(OpenFile file) {
        assert file.copyHolders > 0 : "released more often than held";
        if (--file.copyHolders == 0 && file.copyIsOld) {
            drop(file);
        }
    }

    /// The file's name was resolved anew, or means another file by now.
    void renew(OpenFile file) {
        file.asked = 0;
        if (file.copyHolders > 0) {
            file.copyIsOld = true;
        } else {
            drop(file);
        }
    }

    private void drop(OpenFile file) {
        if (file.copy != NONE) {
            blocks.release(file.copy);
            file.copy = NONE;
        }
        file.copyIsOld = false;
    }
}
