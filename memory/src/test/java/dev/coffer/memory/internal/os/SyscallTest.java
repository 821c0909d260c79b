package dev.coffer.memory.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SyscallTest {
    private static final int GETPID = Syscall.number(39, 172);
    private static final int CLOSE = Syscall.number(3, 57);
    private static final int LSEEK = Syscall.number(8, 62);
    private static final int DUP3 = Syscall.number(292, 24);
    private static final int SCHED_YIELD = Syscall.number(24, 124);

    @Test
    void answersWhatTheKernelAnswers() {
        assertTrue(Syscall.available(), Syscall::obstacle);
        assertEquals("", Syscall.obstacle());
        assertEquals(ProcessHandle.current().pid(), Syscall.call(GETPID, 0, 0, 0, 0, 0, 0));
        assertEquals(-Errno.EBADF, Syscall.call(CLOSE, -1, 0, 0, 0, 0, 0));
        assertEquals(-Errno.EINVAL, Syscall.call(DUP3, 0, 0, 0, 0, 0, 0));
        assertEquals(-Errno.ENOSYS, Syscall.call(100_000, 0, 0, 0, 0, 0, 0));
    }

    /// Each argument reaches its place: all six matter to `mmap`.
    @Test
    void sixArgumentsArrive() throws Exception {
        Path file = Files.createTempFile("coffer", ".bytes");
        try {
            byte[] bytes = new byte[3 * 65536];
            bytes[65536] = 7;
            Files.write(file, bytes);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment how = arena.allocate(FileCalls.HOW_BYTES);
                int fd = FileCalls.open(FileCalls.AT_FDCWD, arena.allocateFrom(file.toString()), 0, FileCalls.O_CLOEXEC, 0,
                        how, 0);
                long hint = 0x1000_0000_0000L;
                long address = Syscall.call(Syscall.number(9, 222), hint, 65536, MemoryCalls.PROT_READ,
                        MemoryCalls.MAP_PRIVATE, fd, 65536);
                FileCalls.close(fd);
                assertEquals(hint, address);
                assertEquals(7, MemorySegment.ofAddress(address).reinterpret(65536).get(
                        ValueLayout.JAVA_BYTE, 0));
                assertEquals(0, MemoryCalls.SYSTEM.unmap(address, 65536));
            }
        } finally {
            Files.delete(file);
        }
    }

    /// Several threads fail in different ways while others allocate and collect: each sees its own error, every time.
    @Test
    void errorsAreTheCallersOwnWhateverTheMachineDoes() throws InterruptedException {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int kind = i % 3;
            Thread.Builder builder = i < 3 ? Thread.ofPlatform() : Thread.ofVirtual();
            threads.add(builder.start(() -> {
                for (int n = 0; n < 100_000; n++) {
                    long result = switch (kind) {
                        case 0 -> Syscall.call(CLOSE, -1, 0, 0, 0, 0, 0) + Errno.EBADF;
                        case 1 -> Syscall.call(LSEEK, 0, 0, 99, 0, 0, 0) + Errno.EINVAL;
                        default -> Syscall.call(SCHED_YIELD, 0, 0, 0, 0, 0, 0);
                    };
                    if (result != 0) {
                        wrong.incrementAndGet();
                    }
                    if (n % 100 == 0) {
                        Thread.yield();  // a virtual thread may go on elsewhere
                    }
                }
            }));
        }
        Thread garbage = Thread.ofPlatform().start(() -> {
            Object kept = null;
            for (int n = 0; !stop.get(); n++) {
                kept = new Object[] {n % 1000 == 0 ? null : kept, new byte[1000]};
                if (n % 20_000 == 0) {
                    System.gc();
                }
            }
        });
        for (Thread thread : threads) {
            thread.join();
        }
        stop.set(true);
        garbage.join();
        assertEquals(0, wrong.get());
    }

    @Test
    void addressesAreThoseOfLivingNativeMemory() {
        MemorySegment kept;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(16);
            kept = memory;
            assertEquals(memory.address() + 16, Syscall.address(memory, 16, 0));
            assertEquals(memory.address() + 4, Syscall.address(memory, 4, 12));
            assertThrows(IndexOutOfBoundsException.class, () -> Syscall.address(memory, 4, 13));
            assertThrows(IndexOutOfBoundsException.class, () -> Syscall.address(memory, -1, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> Syscall.address(memory, 17, 0));
        }
        assertThrows(IllegalStateException.class, () -> Syscall.address(kept, 0, 16));
        assertThrows(IllegalArgumentException.class, () -> Syscall.address(MemorySegment.ofArray(new byte[16]), 0, 16));
    }

    private static long silent(long number, long a, long b, long c, long d, long e, long f, MemorySegment held) {
        return 0;
    }

    /// An entry that moved one argument to the wrong place.
    private static long shifted(long number, long a, long b, long c, long d, long e, long f, MemorySegment held) {
        return Syscall.call(number, a, b, c, d, f, e, held);
    }

    private static long right(long number, long a, long b, long c, long d, long e, long f, MemorySegment held) {
        return Syscall.call(number, a, b, c, d, e, f, held);
    }

    /// The comparison at start sees an entry that answers otherwise.
    @Test
    void anEntryThatAnswersOtherwiseIsNotTaken() throws ReflectiveOperationException {
        MethodType type = MethodType.methodType(long.class, long.class, long.class, long.class, long.class, long.class,
                long.class, long.class, MemorySegment.class);
        MethodHandle right = MethodHandles.lookup().findStatic(SyscallTest.class, "right", type);
        for (String wrong : new String[] {"silent", "shifted"}) {
            assertEquals(false, KernelEntry.answersAsTheKernelDoes(
                    MethodHandles.lookup().findStatic(SyscallTest.class, wrong, type), right), wrong);
        }
        assertEquals(true, KernelEntry.answersAsTheKernelDoes(right, right));
    }

    /// Each answer that is compared, wrong by itself: whichever it is, the entry is not taken.
    @Test
    void oneWrongAnswerIsEnough() throws ReflectiveOperationException {
        MethodType type = MethodType.methodType(long.class, long.class, long.class, long.class, long.class, long.class,
                long.class, long.class, MemorySegment.class);
        MethodHandle right = MethodHandles.lookup().findStatic(SyscallTest.class, "right", type);
        MethodHandle wrong = MethodHandles.lookup().findVirtual(OneWrong.class, "call", type);
        int asked = 6;
        for (int nth = 1; nth <= asked + 1; nth++) {
            OneWrong entry = new OneWrong(nth);
            assertEquals(nth > asked, KernelEntry.answersAsTheKernelDoes(wrong.bindTo(entry), right), "answer " + nth);
            assertEquals(Math.min(nth, asked), entry.calls);
        }
    }

    /// Answers as the kernel does, but for the nth time: then as one that has done something else.
    private static final class OneWrong {
        private final int nth;
        private int calls;

        OneWrong(int nth) {
            this.nth = nth;
        }

        long call(long number, long a, long b, long c, long d, long e, long f, MemorySegment held) {
            long answer = Syscall.call(number, a, b, c, d, e, f, held);
            if (++calls != nth) {
                return answer;
            }
            if (number == MemoryCalls.MMAP && answer > 0) {  // it is told to nobody
                assertEquals(0, MemoryCalls.SYSTEM.unmap(answer, b));
            }
            return answer == 0 ? -Errno.EINVAL : answer == -Errno.EBADF ? -Errno.EINVAL : -Errno.EBADF;
        }
    }
}
