package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.word.Word;
import dev.coffer.memory.MemoryPlan;

/// How much a [WorldState] holds.
///
/// @param accountsMax   accounts, those only looked at included; about 150 heap bytes each
/// @param slotsMax      storage slots, those only looked at included; about 180 heap bytes each
/// @param codeBytesMax  bytes of all code together
/// @param logBytesMax   bytes of log data of one transaction
/// @param logsMax       log records of one transaction
/// @param undosMax      changes that can be undone, of one transaction; 48 heap bytes each
public record WorldStateConfig(int accountsMax, int slotsMax, int codeBytesMax, int logBytesMax, int logsMax,
        int undosMax) {
    /// @throws IllegalArgumentException  a number below 1 or above 2^24, bytes above 2^30
    public WorldStateConfig {
        if (Math.min(Math.min(accountsMax, slotsMax), Math.min(logsMax, undosMax)) < 1
                || Math.max(Math.max(accountsMax, slotsMax), Math.max(logsMax, undosMax)) > 1 << 24
                || Math.min(codeBytesMax, logBytesMax) < 1 || Math.max(codeBytesMax, logBytesMax) > 1 << 30) {
            throw new IllegalArgumentException("world state: " + accountsMax + " accounts, " + slotsMax + " slots, "
                    + codeBytesMax + " code bytes, " + logBytesMax + " log bytes, " + logsMax + " logs, " + undosMax
                    + " undos (expected 1..2^24 each, bytes 1..2^30)");
        }
    }

    /// {@return 4,096 accounts, 16,384 slots, 4 MiB of code, 1 MiB of logs: about 10 MiB of heap}
    public static WorldStateConfig defaults() {
        return new WorldStateConfig(4096, 1 << 14, 4 << 20, 1 << 20, 1 << 12, 1 << 15);
    }

    /// {@return room for whatever 30,000,000 gas can do from Berlin on, when each look costs, beside as much as may be there that was only looked at before: 2^15 accounts, 2^19 slots, 32 MiB of code, 2^17 logs with 8 MiB;
    /// about 195 MiB of heap}
    public static WorldStateConfig block() {
        return new WorldStateConfig(1 << 15, 1 << 19, 32 << 20, 8 << 20, 1 << 17, 1 << 20);
    }

    /// {@return this with another number of accounts}
    public WorldStateConfig withAccountsMax(int most) {
        return new WorldStateConfig(most, slotsMax, codeBytesMax, logBytesMax, logsMax, undosMax);
    }

    /// {@return this with another number of slots}
    public WorldStateConfig withSlotsMax(int most) {
        return new WorldStateConfig(accountsMax, most, codeBytesMax, logBytesMax, logsMax, undosMax);
    }

    /// {@return this with another number of bytes of code}
    public WorldStateConfig withCodeBytesMax(int most) {
        return new WorldStateConfig(accountsMax, slotsMax, most, logBytesMax, logsMax, undosMax);
    }

    /// {@return this with another number of bytes of log data}
    public WorldStateConfig withLogBytesMax(int most) {
        return new WorldStateConfig(accountsMax, slotsMax, codeBytesMax, most, logsMax, undosMax);
    }

    /// {@return this with another number of log records}
    public WorldStateConfig withLogsMax(int most) {
        return new WorldStateConfig(accountsMax, slotsMax, codeBytesMax, logBytesMax, most, undosMax);
    }

    /// {@return this with another number of changes to undo}
    public WorldStateConfig withUndosMax(int most) {
        return new WorldStateConfig(accountsMax, slotsMax, codeBytesMax, logBytesMax, logsMax, most);
    }

    /// {@return everything that a state of this size holds: arrays that are made at once and never grow, and what it hashes in, which the collector gives
    /// back with it}
    public MemoryPlan plan() {
        return MemoryPlan.group("evm state",
                row("accounts", WorldAccounts.heapBytes(accountsMax), "with those only looked at"),
                row("slots", WorldSlots.heapBytes(slotsMax), "with those only looked at"),
                row("code", heapBytes(codeBytesMax), "of all accounts"),
                row("logs", LogBuffer.heapBytes(logsMax, logBytesMax), "of one transaction"),
                row("undos", WorldJournal.heapBytes(undosMax), "of one transaction"),
                row("block", Block.HEAP_BYTES, "what it says"),
                MemoryPlan.block("hashing", HASHING_BYTES, 1, "no region: the collector gives it back"));
    }

    private static MemoryPlan row(String name, long heap, String note) {
        return MemoryPlan.block(name, 0, 1, note).withHeap(heap);
    }

    static final long HASHING_BYTES = Hash.STATE_BYTES_MAX + Word.BYTES;

    /// {@return heap bytes of an array whose elements have so many}
    static long heapBytes(long elementBytes) {
        return 16 + elementBytes + 7 & -8;
    }
}
