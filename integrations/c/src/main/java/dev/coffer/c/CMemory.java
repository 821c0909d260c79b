package dev.coffer.c;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.memory.Budget;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// All that an open table holds: workspaces and hash states in one locked region, EVM memories in reservations of their own. Safe for any
/// thread, as each place is one call's at a time.
final class CMemory {
    static final int WORKSPACE = 1;  // kinds of handles; of this one none is given out
    static final int HASH = 2;
    static final int EVM = 3;
    /// The workspace is the caller's.
    static final int BROUGHT = -1;

    final CTableConfig config;
    final Slots workspaces;
    private final Guests guests = new Guests();
    final Slots hashes;
    final Slots evms;
    final int[] hashAlgorithms;  // of each state; written by who has claimed it
    final EvmMemory[] memories;
    final MemorySegment hashStates;
    private final MemorySegment work;
    private final Region region;
    private final Budget budget;

    private CMemory(CTableConfig config, Region region, EvmMemory[] memories, Budget budget) {
        this.config = config;
        this.region = region;
        this.memories = memories;
        this.budget = budget;
        this.work = region.carve("workspaces");
        this.hashStates = region.carve("hash states");
        this.workspaces = new Slots(WORKSPACE, config.workspaces());
        this.hashes = new Slots(HASH, config.hashes());
        this.evms = new Slots(EVM, config.memories());
        this.hashAlgorithms = new int[config.hashes()];
    }

    static CMemory open(CTableConfig config) {
        Region region = Region.open(RegionConfig.defaults("c"), config.secrets());
        EvmMemory[] memories = null;
        try {
            Budget budget = Budget.root("c.evm", config.committedBytes());
            EvmMemoryConfig evm = config.evm().withBudget(budget);
            memories = new EvmMemory[config.memories()];
            for (int i = 0; i < memories.length; i++) {
                memories[i] = EvmMemory.open(evm);
            }
            return new CMemory(config, region, memories, budget);
        } catch (Throwable refused) {
            close(region, memories);
            throw refused;
        }
    }

    /// {@return bytes that the EVM memories have committed, in steps of 64 KiB each}
    long committedBytes() {
        return budget.usedBytes();
    }

    /// {@return a place for a call: [#BROUGHT] where the caller has brought a workspace, else one of ours, or FULL or CLOSED}
    int claimWorkspace(long brought) {
        return brought == 0 ? workspaces.claim() : guests.enter() ? BROUGHT : Status.CLOSED;
    }

    /// {@return what a workspace lies in}
    MemorySegment workspace(int place) {
        return place == BROUGHT ? Foreign.MEMORY : work;
    }

    /// {@return where in it}
    long workspaceAt(int place, long brought) {
        return place == BROUGHT ? brought : (long) place * CTableConfig.WORKSPACE_BYTES;
    }

    /// Ends the use of a workspace.
    ///
    /// @param wiped  whether the call has come to its end, which leaves zeros. Where not, ours is wiped here; should even that fail, it is
    ///               nobody's until the table is closed
    void leaveWorkspace(int place, boolean wiped) {
        if (place == BROUGHT) {
            guests.leave();
            return;
        }
        boolean isZero = wiped;
        try {
            if (!wiped) {
                Wipe.bytes(work, workspaceAt(place, 0), CTableConfig.WORKSPACE_BYTES);
                isZero = true;
            }
        } finally {
            workspaces.end(place, isZero);
        }
    }

    long hashAt(int place) {
        return place * CTableConfig.hashBytes();
    }

    /// {@return whether so many bytes may be written there: LENGTH, POINTER, or OVERLAP where they are the table's or its secrets'}
    int output(long at, long bytes, long expected) {
        return Status.first(Foreign.exactly(at, bytes, expected), foreign(at, bytes));
    }

    /// {@return whether numbers of 64 bits may be written there}
    int numbers(long at, long bytes) {
        return Status.first(Foreign.numbers(at, bytes), foreign(at, bytes));
    }

    /// {@return whether it is a workspace of so many bytes or more, or none at all}
    int workspace(long at, long bytes, long needed) {
        if (at == 0 && bytes == 0) {
            return Status.OK;
        }
        return bytes >= 0 && bytes < needed ? Status.LENGTH
                : at == 0 ? Status.POINTER : Status.first(Foreign.range(at, bytes), foreign(at, bytes));
    }

    private int foreign(long at, long bytes) {
        return Status.first(Foreign.apart(at, bytes, work.address(), work.byteSize()),
                Foreign.apart(at, bytes, hashStates.address(), hashStates.byteSize()), CTable.apart(at, bytes));
    }

    /// Waits for the calls that are under way, refuses all others, wipes and gives everything back.
    void close() {
        guests.shut();
        workspaces.shut();
        hashes.shut();
        evms.shut();
        close(region, memories);
    }

    private static void close(Region region, EvmMemory[] memories) {
        try {
            region.close();
        } finally {
            for (int i = 0; memories != null && i < memories.length; i++) {
                if (memories[i] != null) {
                    memories[i].close();
                }
            }
        }
    }
}
