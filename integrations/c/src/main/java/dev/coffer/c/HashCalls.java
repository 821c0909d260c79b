package dev.coffer.c;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.Wipe;

/// Hashes at once and in pieces, and wiping. What the calls mean and answer says `coffer.h`.
final class HashCalls {
    private HashCalls() {}

    static int hash(int algorithm, long data, long dataBytes, long digest, long digestBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            Hash hash = Algorithms.hash(algorithm);
            if (hash == null) {
                return Status.ALGORITHM;
            }
            int code = Status.first(Foreign.range(data, dataBytes), held.output(digest, digestBytes, hash.digestBytes()));
            int place = code != Status.OK ? code : held.claimWorkspace(0);
            if (place < 0) {
                return place;
            }
            boolean wiped = false;
            try {
                hash.hash(held.workspace(place), held.workspaceAt(place, 0), Foreign.MEMORY, Foreign.start(data, dataBytes), dataBytes, Foreign.MEMORY, digest);
                wiped = true;
            } finally {
                held.leaveWorkspace(place, wiped);
            }
            return Status.OK;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int open(int algorithm, long handle) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            Hash hash = Algorithms.hash(algorithm);
            int code = hash == null ? Status.ALGORITHM : held.numbers(handle, Long.BYTES);
            if (code != Status.OK) {
                return code;
            }
            int place = held.hashes.claim();
            if (place < 0) {
                return place;
            }
            boolean started = false;
            try {
                held.hashAlgorithms[place] = algorithm;
                hash.init(held.hashStates, held.hashAt(place));
                Foreign.write(handle, held.hashes.handle(place));
                started = true;
            } finally {
                if (started) {
                    held.hashes.leave(place);
                } else {
                    held.hashes.end(place, true);  // a start has nothing of anybody's
                }
            }
            return Status.OK;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int update(long handle, long data, long dataBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            int code = Foreign.range(data, dataBytes);
            int place = code != Status.OK ? code : held.hashes.enter(handle);
            if (place < 0) {
                return place;
            }
            try {
                Algorithms.hash(held.hashAlgorithms[place]).update(held.hashStates, held.hashAt(place), Foreign.MEMORY, Foreign.start(data, dataBytes),
                        dataBytes);
            } finally {
                held.hashes.leave(place);
            }
            return Status.OK;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int finish(long handle, long digest, long digestBytes) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            int place = held.hashes.enter(handle);
            if (place < 0) {
                return place;
            }
            boolean done = false;
            try {
                Hash hash = Algorithms.hash(held.hashAlgorithms[place]);
                int code = held.output(digest, digestBytes, hash.digestBytes());
                if (code != Status.OK) {
                    return code;
                }
                hash.digest(held.hashStates, held.hashAt(place), Foreign.MEMORY, digest);
                done = true;
            } finally {
                if (done) {
                    held.hashes.end(place, true);
                } else {
                    held.hashes.leave(place);
                }
            }
            return Status.OK;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int close(long handle) {
        try {
            CMemory held = CTable.held();
            if (held == null) {
                return Status.CLOSED;
            }
            int place = held.hashes.enter(handle);
            if (place < 0) {
                return place;
            }
            boolean wiped = false;
            try {
                Wipe.bytes(held.hashStates, held.hashAt(place), CTableConfig.hashBytes());
                wiped = true;
            } finally {
                held.hashes.end(place, wiped);
            }
            return Status.OK;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static int wipe(long at, long bytes) {
        try {
            CMemory held = CTable.held();
            int code = held != null ? held.output(at, bytes, bytes) : Status.first(Foreign.range(at, bytes), CTable.apart(at, bytes));
            if (code == Status.OK && bytes != 0) {
                Wipe.bytes(Foreign.MEMORY, at, bytes);
            }
            return code;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }
}
