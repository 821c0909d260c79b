package dev.coffer.memory;

import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.MemoryCalls;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The system's calls, which can be made to fail one by one, and what they hold. Secret files are played, so that the path
/// through them is taken on every kernel.
class CountedCalls extends MemoryCalls {
    /// How a call fails: by its result, or by an error of the machine (an OutOfMemoryError would end the test run with it).
    enum Failure { REFUSED, ERROR }

    /// Mappings that are there now: address and bytes.
    final Map<Long, Long> mappings = new TreeMap<>();
    /// Files that are open now.
    final Set<Integer> files = new TreeSet<>();
    private int nextFile = 1_000_000;
    private int calls;
    private int failing;            // which call from now; 0: none
    private Failure failure = Failure.REFUSED;

    /// Makes the nth call from now fail.
    void fail(int nth, Failure how) {
        calls = 0;
        failing = nth;
        failure = how;
    }

    /// Lets all calls through.
    void heal() {
        failing = 0;
    }

    /// {@return whether the call that was to fail has been made}
    boolean failed() {
        return failing > 0 && calls >= failing;
    }

    /// {@return whether this call fails by its result}
    private boolean next() {
        if (++calls != failing) {
            return false;
        }
        if (failure == Failure.ERROR) {
            throw new StackOverflowError("planted");
        }
        return true;
    }

    @Override
    public long map(long bytes, int protection, int flags, int fd) {
        if (next()) {
            return -Errno.ENOMEM;
        }
        long address = fd < 0 ? super.map(bytes, protection, flags, fd)
                : super.map(bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1);
        if (address > 0) {
            mappings.put(address, bytes);
        }
        return address;
    }

    @Override
    public long unmap(long address, long bytes) {
        mappings.remove(address, bytes);
        return super.unmap(address, bytes);
    }

    @Override
    public long protect(long address, long bytes, int protection) {
        return next() ? -Errno.ENOMEM : super.protect(address, bytes, protection);
    }

    @Override
    public long lock(long address, long bytes) {
        return next() ? -Errno.ENOMEM : super.lock(address, bytes);
    }

    @Override
    public long advise(long address, long bytes, int advice) {
        return next() ? -Errno.EINVAL : super.advise(address, bytes, advice);
    }

    @Override
    public long secretFile(long bytes) {
        if (next()) {
            return -Errno.ENOSYS;
        }
        files.add(nextFile);
        return nextFile++;
    }

    @Override
    public long closeFile(int fd) {
        files.remove(fd);
        return 0;
    }

    @Override
    public long random(MemorySegment target, long at, long bytes) {
        return next() ? -Errno.ENOSYS : super.random(target, at, bytes);
    }

    @Override
    public long lockLimitBytes() {
        return next() ? -Errno.EINVAL : super.lockLimitBytes();
    }

    @Override
    public long name(long address, long bytes, String name) {
        return next() ? -Errno.EINVAL : super.name(address, bytes, name);
    }
}
