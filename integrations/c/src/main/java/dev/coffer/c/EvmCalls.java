package dev.coffer.c;

import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.memory.MemoryResult;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// EVM memory. What the calls mean and answer says `coffer.h`.
final class EvmCalls {
    private static final int WORD = 32;

    private EvmCalls() {}

    static int create(long handle) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            int code = held.numbers(handle, Long.BYTES);
            if (code != Status.OK) {
                return code;
            }
            int place = held.evms.claim();
            if (place < 0) {
                return place;
            }
            boolean given = false;
            try {
                Foreign.write(handle, held.evms.handle(place));
                given = true;
            } finally {
                if (given) {
                    held.evms.leave(place);
                } else {
                    held.evms.end(place, true);
                }
            }
            return Status.OK;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int destroy(long handle) {
        try {
            CMemory held = CTable.held();
            int place = held == null ? Status.CLOSED : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            boolean given = false;
            try {
                EvmMemory memory = held.memories[place];
                memory.reset();
                memory.trim(0);           // pages that are given back are zero when they come again
                given = true;
            } finally {
                held.evms.end(place, given);
            }
            return Status.OK;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int reset(long handle) {
        try {
            CMemory held = CTable.held();
            int place = held == null ? Status.CLOSED : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                held.memories[place].reset();
                return Status.OK;
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int readByte(long handle, long offset, long value) {
        return read(handle, offset, value, 1);
    }

    static int readWord(long handle, long offset, long word) {
        return read(handle, offset, word, WORD);
    }

    static int read(long handle, long offset, long to, long bytes) {
        try {
            CMemory held = CTable.held();
            int code = held == null ? Status.CLOSED : held.output(to, bytes, bytes);
            int place = code != Status.OK ? code : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                EvmMemory memory = held.memories[place];
                long length = memory.length();
                if (bytes == 0) {
                    return Status.OK;
                }
                if (bytes > length || offset < 0 || offset > length - bytes) {
                    return Status.BOUNDS;
                }
                memory.read(offset, Foreign.MEMORY, to, bytes);
                return Status.OK;
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int writeByte(long handle, long offset, int value) {
        try {
            CMemory held = CTable.held();
            int place = held == null ? Status.CLOSED : (value & ~0xff) != 0 ? Status.VALUE : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                EvmMemory memory = held.memories[place];
                int code = code(memory.tryExpand(offset, 1));
                if (code == Status.OK) {
                    memory.data().set(ValueLayout.JAVA_BYTE, memory.position(offset), (byte) value);
                }
                return code;
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int writeWord(long handle, long offset, long word) {
        return write(handle, offset, word, WORD);
    }

    static int write(long handle, long offset, long from, long bytes) {
        try {
            CMemory held = CTable.held();
            int code = held == null ? Status.CLOSED : Foreign.range(from, bytes);
            int place = code != Status.OK ? code : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                EvmMemory memory = held.memories[place];
                code = code(memory.tryExpand(offset, bytes));
                if (code == Status.OK && bytes != 0) {
                    MemorySegment.copy(Foreign.MEMORY, from, memory.data(), memory.position(offset), bytes);
                }
                return code;
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int size(long handle, long bytes) {
        return ask(handle, bytes, true);
    }

    static int capacity(long handle, long bytes) {
        return ask(handle, bytes, false);
    }

    private static int ask(long handle, long answer, boolean size) {
        try {
            CMemory held = CTable.held();
            int code = held == null ? Status.CLOSED : held.numbers(answer, Long.BYTES);
            int place = code != Status.OK ? code : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                EvmMemory memory = held.memories[place];
                Foreign.write(answer, size ? memory.length() : memory.capacityBytes());
                return Status.OK;
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int ensure(long handle, long offset, long bytes) {
        try {
            CMemory held = CTable.held();
            int place = held == null ? Status.CLOSED : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                return code(held.memories[place].tryExpand(offset, bytes));
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int expansionCost(long handle, long offset, long bytes, long gas) {
        try {
            CMemory held = CTable.held();
            int code = held == null ? Status.CLOSED : held.numbers(gas, Long.BYTES);
            int place = code != Status.OK ? code : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                long cost = held.memories[place].expansionCost(offset, bytes);
                if (cost == EvmMemory.UNPAYABLE) {
                    return Status.LIMIT;
                }
                Foreign.write(gas, cost);
                return Status.OK;
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int copy(long handle, long to, long from, long bytes) {
        try {
            CMemory held = CTable.held();
            int place = held == null ? Status.CLOSED : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                EvmMemory memory = held.memories[place];
                int code = code(memory.tryExpand(Long.compareUnsigned(to, from) > 0 ? to : from, bytes));
                if (code == Status.OK && bytes != 0) {
                    MemorySegment.copy(memory.data(), memory.position(from), memory.data(), memory.position(to), bytes);
                }
                return code;
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int zero(long handle, long offset, long bytes) {
        try {
            CMemory held = CTable.held();
            int place = held == null ? Status.CLOSED : held.evms.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                EvmMemory memory = held.memories[place];
                int code = code(memory.tryExpand(offset, bytes));
                if (code == Status.OK && bytes != 0) {
                    Wipe.bytes(memory.data(), memory.position(offset), bytes);
                }
                return code;
            } finally {
                held.evms.leave(place);
            }
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    private static int code(MemoryResult result) {
        return switch (result) {
            case OK -> Status.OK;
            case BUDGET_LIMIT -> Status.FULL;
            case TOO_FAR, OUT_OF_GAS, FRAME_LIMIT, TREE_LIMIT -> Status.LIMIT;
        };
    }
}
