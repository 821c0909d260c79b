package dev.coffer.server.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.internal.os.ControlMessage;
import dev.coffer.memory.internal.os.DatagramCalls;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.MessageHeader;
import dev.coffer.memory.internal.os.SocketAddress;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.server.net.DatagramStatistics.Count;
import dev.coffer.testkit.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A kernel whose every number may lie: lengths of messages, names and control data, levels, types, sizes of groups. Nothing is thrown,
/// nothing outside of a message's place is handed on, each datagram lies behind the one before it, and the counts add up.
class HostileControlTest {
    private static final int MESSAGES = 4;
    private static final DatagramConfig CONFIG = DatagramConfig.standard().withReceives(MESSAGES).withOutput(64, 1, 1);
    private static final long PLACES = 64;
    private static final int[] INTERESTING = {0, 1, 2, 7, 8, 15, 16, 17, 20, 24, 28, 36, 64, 191, 192, 193, 1472, 65_535, 65_536, -1,
            Integer.MAX_VALUE, Integer.MIN_VALUE};

    /// Fills a batch at random, well-formed at times.
    private static final class Lying extends DatagramKernel {
        private SplittableRandom random;
        private MemorySegment memory;
        private long names;
        private long controls;

        @Override
        int receive(int fd, MemorySegment headers, long at, int count) {
            if (random == null) {
                return -Errno.EAGAIN;
            }
            names = at + MESSAGES * (MessageHeader.BYTES + MessageHeader.VECTOR_BYTES);
            controls = names + MESSAGES * 32;
            int messages = 1 + random.nextInt(count);
            for (int i = 0; i < messages; i++) {
                fill(at + i * MessageHeader.BYTES, names + i * 32L, controls + i * LinuxReceived.CONTROL_BYTES);
            }
            return messages;
        }

        private int number() {
            return random.nextInt(4) == 0 ? random.nextInt() : INTERESTING[random.nextInt(INTERESTING.length)];
        }

        private void fill(long header, long name, long control) {
            MessageHeader.lengths(memory, header, random.nextInt(3) == 0 ? number() : 28,
                    random.nextInt(3) == 0 ? random.nextInt(4) == 0 ? random.nextLong() : number() : LinuxReceived.CONTROL_BYTES);
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, header + MessageHeader.FLAGS, random.nextInt(3) == 0 ? number() : 0);
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, header + MessageHeader.LENGTH,
                    random.nextInt(3) == 0 ? number() : random.nextInt(70_000));
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, name + SocketAddress.FAMILY,
                    (short) (random.nextInt(4) == 0 ? random.nextInt() : random.nextBoolean() ? SocketCalls.AF_INET6 : SocketCalls.AF_INET));
            for (long i = 0; i < LinuxReceived.CONTROL_BYTES; i++) {
                memory.set(ValueLayout.JAVA_BYTE, control + i, (byte) random.nextInt());
            }
            int[][] kinds = {{DatagramCalls.IPPROTO_UDP, DatagramCalls.UDP_GRO}, {DatagramCalls.IPPROTO_IP, DatagramCalls.IP_TOS},
                    {SocketCalls.IPPROTO_IPV6, DatagramCalls.IPV6_TCLASS}, {DatagramCalls.IPPROTO_IP, DatagramCalls.IP_PKTINFO},
                    {SocketCalls.IPPROTO_IPV6, DatagramCalls.IPV6_PKTINFO}};
            long at = control;
            while (control + LinuxReceived.CONTROL_BYTES - at >= 24 && random.nextInt(5) != 0) {
                int[] kind = kinds[random.nextInt(kinds.length)];
                int data = random.nextInt(24);
                long next = at + ControlMessage.write(memory, at, kind[0], kind[1], data);
                memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + ControlMessage.DATA, number());
                if (random.nextInt(4) == 0) {
                    memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextBoolean() ? random.nextLong() : number());
                }
                at = next;
            }
        }
    }

    /// Without groups a place has room for one datagram, and a size of a group is a lie.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingThatTheKernelSaysIsBelievedPastItsPlace(boolean grouped) throws IOException {
        DatagramConfig config = CONFIG.withGrouped(grouped);
        int placeBytes = grouped ? DatagramConfig.GROUP_BYTES : 1472;  // a multiple of 64
        Lying kernel = new Lying();
        try (Arena arena = Arena.ofConfined()) {
            kernel.memory = arena.allocate(LinuxDatagrams.plan(config).totalBytes(), 64);
            LinuxDatagrams datagrams = new LinuxDatagrams(config, kernel.memory, kernel);
            datagrams.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Seeds.forEach(1, 10_000, random -> walk(datagrams, kernel, random, placeBytes));
            datagrams.close();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void walk(LinuxDatagrams datagrams, Lying kernel, SplittableRandom random, int placeBytes) {
        kernel.random = random;
        long received = datagrams.statistics().of(Count.RECEIVED);
        long bytes = datagrams.statistics().of(Count.RECEIVED_BYTES);
        int messages = datagrams.receive();
        assertTrue(messages >= 1 && messages <= MESSAGES);
        long last = -1;
        int leaves = random.nextInt(8) == 0 ? random.nextInt(10) : Integer.MAX_VALUE;  // at times the batch is left half read
        int seen = 0;
        long seenBytes = 0;
        while (seen < leaves && datagrams.next()) {
            assertTrue(datagrams.length() >= 0 && datagrams.length() <= CONFIG.datagramBytesMax(), "length " + datagrams.length());
            assertTrue(datagrams.at() >= PLACES && datagrams.at() + datagrams.length() <= PLACES + MESSAGES * placeBytes, "at " + datagrams.at());
            assertTrue(datagrams.at() > last, "behind the one before");
            long place = (datagrams.at() - PLACES) / placeBytes;
            assertTrue(datagrams.length() == 0 || (datagrams.at() + datagrams.length() - 1 - PLACES) / placeBytes == place);
            int codepoint = DatagramHeader.ecn(datagrams.received(), datagrams.headerAt());
            assertTrue(codepoint >= 0 && codepoint <= 3);
            last = datagrams.at() + Math.max(datagrams.length() - 1, 0);
            seen++;
            seenBytes += datagrams.length();
        }
        assertEquals(seen, datagrams.statistics().of(Count.RECEIVED) - received);
        assertEquals(seenBytes, datagrams.statistics().of(Count.RECEIVED_BYTES) - bytes);
    }

    /// Beside a plain restatement, at each edge of a row: the header, its length, the row's end.
    @Test
    void aWalkEndsWhereALengthLies() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(64, 8);
            for (long length : new long[] {Long.MIN_VALUE, -1, 0, 15, 16, 17, 39, 40, 41, 64, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE}) {
                for (int end = 0; end <= 40; end++) {
                    row.set(ValueLayout.JAVA_LONG, 0, length);
                    int expected = end < 16 || length < 16 || length > end ? -1 : (int) length - 16;
                    assertEquals(expected, ControlMessage.dataBytes(row, 0, end), length + " in " + end);
                }
            }
            assertEquals(24, ControlMessage.space(1));
            assertEquals(24, ControlMessage.space(8));
            assertEquals(32, ControlMessage.space(9));
            assertEquals(16 + 8, ControlMessage.next(8, 0));
        }
    }
}
