package dev.coffer.memory.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the kernel writes and reads, against what the JDK says of the same things.
class OsLayoutTest {
    @TempDir
    Path folder;

    private final MemorySegment memory = Arena.ofAuto().allocate(1024, 64);

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 80, 16", "10.1.2.3, 65535, 16", "::1, 8080, 28", "2001:db8::7, 1, 28"})
    void addressesSurviveTheirForm(String host, int port, int bytes) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        memory.fill((byte) 0x5a);
        assertEquals(bytes, SocketAddress.write(memory, 4, address));
        assertEquals(address, SocketAddress.read(memory, 4));
        assertEquals(0x5a, memory.get(ValueLayout.JAVA_BYTE, 3));
        assertEquals(0x5a, memory.get(ValueLayout.JAVA_BYTE, 4 + SocketAddress.BYTES_MAX));
        for (long i = 4 + bytes; i < 4 + SocketAddress.BYTES_MAX; i++) {
            assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, i), "byte " + i);
        }
        assertEquals(bytes == 16 ? 2 : 10, SocketAddress.family(address.getAddress()));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "127.255.0.9, true", "126.0.0.1, false", "128.0.0.1, false", "::1, true", "::2, false",
            "1::1, false", "::1:0:0:1, false", "2001:db8::1, false"})
    void loopbackIsThisMachineAlone(String host, boolean expected) throws IOException {
        SocketAddress.write(memory, 0, new InetSocketAddress(InetAddress.getByName(host), 1));
        assertEquals(expected, SocketAddress.isLoopback(memory, 0));
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 0.0.0.0", "1.20.255.9, 1.20.255.9", "255.255.255.255, 255.255.255.255", "::, 0:0:0:0:0:0:0:0",
            "2001:db8::7, 2001:db8:0:0:0:0:0:7", "1:20:300:4000:f00a:b:c:ffff, 1:20:300:4000:f00a:b:c:ffff",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::1:102:304, 0:0:0:0:0:1:102:304"})
    void anAddressIsWrittenAsText(String host, String expected) throws IOException {
        SocketAddress.write(memory, 4, new InetSocketAddress(InetAddress.getByName(host), 0xffff));
        assertText(expected);
    }

    @Test
    void anIpv4AddressMappedIntoIpv6IsWrittenAsIpv4() {
        memory.fill((byte) 0);
        memory.set(ValueLayout.JAVA_SHORT, 4, (short) SocketCalls.AF_INET6);
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, (byte) 200, 7};
        MemorySegment.copy(mapped, 0, memory, ValueLayout.JAVA_BYTE, 4 + SocketAddress.IN6_ADDRESS, mapped.length);
        assertText("10.0.200.7");
        memory.set(ValueLayout.JAVA_BYTE, 4 + SocketAddress.IN6_ADDRESS, (byte) 1);
        assertText("100:0:0:0:0:ffff:a00:c807");
    }

    /// The text of the address at 4, and not a byte beside it.
    private void assertText(String expected) {
        MemorySegment target = Arena.ofAuto().allocate(64).fill((byte) '#');
        int length = SocketAddress.writeText(memory, 4, target, 5);
        assertEquals("#####" + expected + "#".repeat(59 - expected.length()),
                new String(target.toArray(ValueLayout.JAVA_BYTE), java.nio.charset.StandardCharsets.US_ASCII));
        assertEquals(expected.length(), length);
    }

    @ParameterizedTest
    @CsvSource({"127, 65535, 0, true", "126, 65535, 0, false", "128, 65535, 0, false", "127, 65534, 0, false",
            "127, 65535, 1, false"})
    void mappedLoopbackIsLoopback(int first, int marker, int high, boolean expected) {
        memory.fill((byte) 0);
        memory.set(ValueLayout.JAVA_SHORT, 0, (short) SocketCalls.AF_INET6);
        memory.set(ValueLayout.JAVA_BYTE, SocketAddress.IN6_ADDRESS, (byte) high);
        memory.set(ValueLayout.JAVA_BYTE, SocketAddress.IN6_ADDRESS + 10, (byte) (marker >> 8));
        memory.set(ValueLayout.JAVA_BYTE, SocketAddress.IN6_ADDRESS + 11, (byte) marker);
        memory.set(ValueLayout.JAVA_BYTE, SocketAddress.IN6_ADDRESS + 12, (byte) first);
        memory.set(ValueLayout.JAVA_BYTE, SocketAddress.IN6_ADDRESS + 15, (byte) 9);
        assertEquals(expected, SocketAddress.isLoopback(memory, 0));
    }

    @Test
    void statusOfAFileIsWhatTheJdkSays() throws IOException {
        Path file = Files.write(folder.resolve("a"), new byte[12345]);
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000, 123_456_789)));
        int fd = FileCalls.open(FileCalls.AT_FDCWD, Arena.ofAuto().allocateFrom(file.toString()), 0, FileCalls.O_CLOEXEC, 0,
                memory, 0);
        assertTrue(fd >= 0);
        memory.set(ValueLayout.JAVA_BYTE, 100, (byte) 0);
        assertEquals(0, FileCalls.status(fd, memory, 128, memory, 100));
        assertTrue(FileStatus.isFile(memory, 128));
        assertFalse(FileStatus.isFolder(memory, 128));
        assertEquals(12345, FileStatus.size(memory, 128));
        assertEquals(1_700_000_000, FileStatus.modifiedSeconds(memory, 128));
        assertEquals(123_456_789, FileStatus.modifiedNanos(memory, 128));
        assertEquals(Files.getAttribute(file, "unix:ino"), FileStatus.inode(memory, 128));
        long device = (long) Files.getAttribute(file, "unix:dev");
        long major = device >>> 8 & 0xfff | device >>> 32 & ~0xfffL;
        long minor = device & 0xff | device >>> 12 & ~0xffL;
        assertEquals(minor << 32 | major, FileStatus.device(memory, 128));
        assertEquals(45, FileCalls.read(fd, memory, 512, 100, 12300));
        assertEquals(0, FileCalls.read(fd, memory, 512, 100, 12345));
        FileCalls.close(fd);
        assertEquals(-Errno.EBADF, FileCalls.read(fd, memory, 512, 1, 0));
    }

    @Test
    void foldersAreFoldersAndNobodyLeavesThem() throws IOException {
        Files.createDirectory(folder.resolve("sub"));
        Files.writeString(folder.resolve("outside"), "x");
        Files.createSymbolicLink(folder.resolve("sub/up"), Path.of("../outside"));
        int fd = FileCalls.open(FileCalls.AT_FDCWD, Arena.ofAuto().allocateFrom(folder.resolve("sub").toString()), 0,
                FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC, 0, memory, 0);
        memory.set(ValueLayout.JAVA_BYTE, 100, (byte) 0);
        assertEquals(0, FileCalls.status(fd, memory, 128, memory, 100));
        assertTrue(FileStatus.isFolder(memory, 128));
        assertFalse(FileStatus.isFile(memory, 128));
        MemorySegment up = Arena.ofAuto().allocateFrom("up");
        assertEquals(-Errno.EXDEV, FileCalls.open(fd, up, 0, 0, FileCalls.RESOLVE_BENEATH, memory, 0));
        int followed = FileCalls.open(fd, up, 0, FileCalls.O_CLOEXEC, 0, memory, 0);
        assertTrue(followed >= 0);
        FileCalls.close(followed);
        assertEquals(-Errno.ENOTDIR, FileCalls.open(FileCalls.AT_FDCWD,
                Arena.ofAuto().allocateFrom(folder.resolve("outside").toString()), 0, FileCalls.O_DIRECTORY, 0, memory, 0));
        FileCalls.close(fd);
    }

    /// A connection from the JDK's socket to one of ours, both ways, with what the calls say at each end.
    @Test
    void aConnectionCarriesBytesBothWays() throws IOException {
        int listener = SocketCalls.socket(SocketCalls.AF_INET, SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK
                | SocketCalls.SOCK_CLOEXEC);
        long length = SocketAddress.write(memory, 0, new InetSocketAddress("127.0.0.1", 0));
        assertEquals(0, SocketCalls.option(listener, SocketCalls.SOL_SOCKET, SocketCalls.SO_REUSEADDR, 1, memory, 64));
        assertEquals(0, SocketCalls.bind(listener, memory, 0, length));
        assertEquals(0, SocketCalls.listen(listener, 4));
        assertEquals(0, SocketCalls.name(listener, memory, 0));
        InetSocketAddress bound = SocketAddress.read(memory, 0);
        int epoll = SocketCalls.epoll();
        EpollEvent.set(memory, 128, EpollEvent.EPOLLIN, 0x1234_5678_9abc_def0L);
        assertEquals(EpollEvent.EPOLLIN, EpollEvent.events(memory, 128));
        assertEquals(0, SocketCalls.control(epoll, SocketCalls.EPOLL_CTL_ADD, listener, memory, 128));
        assertEquals(0, SocketCalls.await(epoll, memory, 256, 4, 0, 0));
        try (Socket peer = new Socket(bound.getAddress(), bound.getPort())) {
            assertEquals(1, SocketCalls.await(epoll, memory, 256, 4, Long.MAX_VALUE, 0));
            assertEquals(0x1234_5678_9abc_def0L, EpollEvent.token(memory, 256));
            assertEquals(EpollEvent.EPOLLIN, EpollEvent.events(memory, 256));
            int fd = SocketCalls.accept(listener, memory, 0);
            assertTrue(fd >= 0);
            assertEquals(peer.getLocalPort(), SocketAddress.read(memory, 0).getPort());
            assertEquals(-Errno.EAGAIN, SocketCalls.accept(listener, memory, 0));
            assertEquals(-Errno.EAGAIN, SocketCalls.receive(fd, memory, 512, 100));
            EpollEvent.set(memory, 128, EpollEvent.EPOLLIN, 5);
            assertEquals(0, SocketCalls.control(epoll, SocketCalls.EPOLL_CTL_ADD, fd, memory, 128));
            peer.getOutputStream().write(new byte[] {1, 2, 3});
            assertEquals(1, SocketCalls.await(epoll, memory, 256, 4, Long.MAX_VALUE, 0));
            assertEquals(3, SocketCalls.receive(fd, memory, 512, 100));
            assertEquals(2, memory.get(ValueLayout.JAVA_BYTE, 513));
            assertEquals(2, SocketCalls.send(fd, memory, 513, 2));
            assertEquals(2, peer.getInputStream().read());
            assertEquals(3, peer.getInputStream().read());
            assertEquals(0, SocketCalls.shutdown(fd, SocketCalls.SHUT_WR));
            assertEquals(-1, peer.getInputStream().read());
            assertEquals(-Errno.EPIPE, SocketCalls.send(fd, memory, 513, 2));
            peer.setSoLinger(true, 0);  // its end is a reset, which the call itself tells
            peer.getInputStream().close();  // and the socket with it
            assertEquals(1, SocketCalls.await(epoll, memory, 256, 4, Long.MAX_VALUE, 0));
            assertEquals(-Errno.ECONNRESET, SocketCalls.receive(fd, memory, 512, 100));
            SocketCalls.close(fd);
            assertEquals(-Errno.EBADF, SocketCalls.receive(fd, memory, 512, 100));
        }
        int event = SocketCalls.event();
        EpollEvent.set(memory, 128, EpollEvent.EPOLLIN, 9);
        assertEquals(0, SocketCalls.control(epoll, SocketCalls.EPOLL_CTL_ADD, event, memory, 128));
        memory.set(ValueLayout.JAVA_LONG, 64, 1);
        SocketCalls.signalEvent(event, memory, 64);
        assertEquals(1, SocketCalls.await(epoll, memory, 256, 4, Long.MAX_VALUE, 0));
        assertEquals(9, EpollEvent.token(memory, 256));
        SocketCalls.drainEvent(event, memory, 72);
        assertEquals(1, memory.get(ValueLayout.JAVA_LONG, 72));
        assertEquals(0, SocketCalls.await(epoll, memory, 256, 4, 0, 0));
        for (int fd : new int[] {event, epoll, listener}) {
            SocketCalls.close(fd);
            assertEquals(-Errno.EBADF, SocketCalls.shutdown(fd, SocketCalls.SHUT_WR));
        }
    }

    @Test
    void everyErrorHasItsOwnNameAndOthersTheirNumber() throws IllegalAccessException {
        int constants = 0;
        for (Field field : Errno.class.getFields()) {
            assertEquals(field.getName(), Errno.name(field.getInt(null)));
            constants++;
        }
        assertTrue(constants >= 22);
        assertEquals("errno 4095", Errno.name(4095));
        assertEquals("errno 0", Errno.name(0));
    }

    @Test
    void theLockLimitIsThatOfProc() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(l -> l.startsWith("Max locked memory")).findFirst().orElseThrow();
        String soft = line.substring("Max locked memory".length()).trim().split(" +")[0];
        assertEquals(soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft), MemoryCalls.SYSTEM.lockLimitBytes());
    }

    @Test
    void memoryCallsDoAndRefuseAsAsked() {
        MemoryCalls calls = MemoryCalls.SYSTEM;
        long page = calls.pageBytes();
        assertTrue(page >= 4096 && Long.bitCount(page) == 1);
        long address = calls.map(2 * page, MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                MemoryCalls.MAP_PRIVATE | MemoryCalls.MAP_ANONYMOUS, -1);
        MemorySegment mapped = MemorySegment.ofAddress(address).reinterpret(2 * page);
        mapped.set(ValueLayout.JAVA_BYTE, page, (byte) 5);
        assertEquals(0, calls.advise(address + page, page, MemoryCalls.MADV_DONTNEED));
        assertEquals(0, mapped.get(ValueLayout.JAVA_BYTE, page));
        assertEquals(0, calls.protect(address, page, MemoryCalls.PROT_READ));
        assertEquals(-Errno.EINVAL, calls.protect(address + 1, page, MemoryCalls.PROT_READ));
        assertEquals(-Errno.EINVAL, calls.advise(address, page, 99));
        assertEquals(0, calls.unmap(address, 2 * page));
        assertEquals(-Errno.ENOMEM, calls.lock(address, page));
        assertEquals(-Errno.EBADF, calls.closeFile(-1));
        assertEquals(-Errno.EBADF, calls.map(page, MemoryCalls.PROT_READ, MemoryCalls.MAP_PRIVATE, -1));
    }

    @Test
    void randomBytesFillTheirRangeAndNoMore() {
        for (int length : new int[] {0, 1, 33, 256}) {
            memory.fill((byte) 0);
            assertEquals(0, RandomCall.fill(memory, 8, length));
            assertRandom(length);
            memory.fill((byte) 0);
            assertEquals(0, RandomDevice.fill(memory, 8, length));
            assertRandom(length);
            memory.fill((byte) 0);
            RandomDevice.fromJdk(memory, 8, length);
            assertRandom(length);
        }
        assertFalse(RandomDevice.fromDevice(Path.of("/dev/null"), memory, 0, 8));
        assertFalse(RandomDevice.fromDevice(folder.resolve("none"), memory, 0, 8));
        MemorySegment large = Arena.ofAuto().allocate(200_000);
        RandomDevice.fromJdk(large, 0, large.byteSize());
        assertTrue(large.get(ValueLayout.JAVA_LONG_UNALIGNED, 199_992) != 0);
        assertEquals(0, RandomDevice.fill(large.fill((byte) 0), 0, large.byteSize()));
        assertTrue(large.get(ValueLayout.JAVA_LONG_UNALIGNED, 199_992) != 0);
    }

    private void assertRandom(int length) {
        long some = 0;
        for (int i = 0; i < 512; i++) {
            int b = memory.get(ValueLayout.JAVA_BYTE, i);
            assertTrue(b == 0 || i >= 8 && i < 8 + length, "written outside, at " + i);
            some += b != 0 ? 1 : 0;
        }
        assertTrue(length < 32 || some > length / 2, some + " of " + length);
    }

    /// The text of a link: with room for all of it, for one byte less, for one; no link, and nothing.
    @Test
    void aLinkIsReadAsFarAsThereIsRoom() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("some/where"));
        Path file = Files.writeString(folder.resolve("file"), "x");
        int bytes = "some/where".length();
        MemorySegment path = Arena.ofAuto().allocate(4 + link.toString().length() + 1);
        path.setString(4, link.toString());
        for (int room : new int[] {bytes + 1, bytes, bytes - 1, 1}) {
            memory.fill((byte) 0x5a);
            int expected = Math.min(room, bytes);
            assertEquals(expected, FileCalls.link(path, 4, memory, 8, room), "room for " + room);
            byte[] text = memory.asSlice(8, expected).toArray(ValueLayout.JAVA_BYTE);
            assertEquals("some/where".substring(0, expected), new String(text, StandardCharsets.US_ASCII));
            assertEquals(0x5a, memory.get(ValueLayout.JAVA_BYTE, 7));
            assertEquals(0x5a, memory.get(ValueLayout.JAVA_BYTE, 8 + expected), "no NUL behind it");
        }
        assertEquals(-Errno.EINVAL, FileCalls.link(path, 4, memory, 8, 0));
        assertEquals(-Errno.EINVAL, FileCalls.link(Arena.ofAuto().allocateFrom(file.toString()), 0, memory, 8, 100));
        assertEquals(-Errno.ENOENT, FileCalls.link(Arena.ofAuto().allocateFrom(file + "s"), 0, memory, 8, 100));
        assertThrows(IndexOutOfBoundsException.class, () -> FileCalls.link(path, 4, memory, 8, memory.byteSize() - 7));
    }

    private static long[] descriptorLimits() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/limits")).stream().filter(l -> l.startsWith("Max open files"))
                .findFirst().orElseThrow();
        String[] numbers = line.substring("Max open files".length()).trim().split(" +");
        long[] limits = new long[2];
        for (int i = 0; i < 2; i++) {
            limits[i] = numbers[i].equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(numbers[i]);
        }
        return limits;
    }

    /// Soft and hard limit are told apart; the soft one moves alone, up to the hard one and not past it.
    @Test
    void theLimitOfDescriptorsIsThatOfProcAndMovesUpToTheHardOne() throws IOException {
        long[] before = descriptorLimits();
        assertEquals(before[0], ProcessLimits.descriptors());
        assertEquals(before[1], ProcessLimits.descriptorsHard());
        try {
            long lower = Math.min(before[0], 1 << 20) - 1;
            for (long to : new long[] {lower, before[1]}) {
                assertEquals(0, ProcessLimits.raiseDescriptors(to));
                assertEquals(to, ProcessLimits.descriptors());
                assertEquals(before[1], ProcessLimits.descriptorsHard());
            }
            if (before[1] != Long.MAX_VALUE) {
                assertEquals(-Errno.EINVAL, ProcessLimits.raiseDescriptors(before[1] + 1));
                assertEquals(before[1], ProcessLimits.descriptors());
            }
        } finally {
            assertEquals(0, ProcessLimits.raiseDescriptors(before[0]));
        }
    }

    /// Counted by the numbers that the system gives: it gives the least that is free.
    @Test
    void openDescriptorsAreCounted() {
        int held = 64;  // more than others in this process open or close meanwhile
        int before = ProcessLimits.descriptorsOpen();
        int[] events = new int[held];
        for (int i = 0; i < held; i++) {
            events[i] = SocketCalls.event();
        }
        int during = ProcessLimits.descriptorsOpen();
        for (int event : events) {
            SocketCalls.close(event);
        }
        assertTrue(before > 0);
        assertTrue(Math.abs(during - before - held) < held / 2, before + " and " + held + " more are " + during);
    }
}
