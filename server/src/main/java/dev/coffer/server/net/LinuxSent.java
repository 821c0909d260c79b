package dev.coffer.server.net;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.internal.os.ControlMessage;
import dev.coffer.memory.internal.os.DatagramCalls;
import dev.coffer.memory.internal.os.MessageHeader;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.engine.NetworkPath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The messages of one `sendmmsg`, written from what a [DatagramQueue] holds: a run is one message where the system cuts it itself
/// (`UDP_SEGMENT`), else one message a datagram. The bytes stay where they are.
///
/// ```
///   messages  S x mmsghdr 64 | S x iovec 16 | S x name 32 | S x control 96
/// ```
final class LinuxSent {
    private static final long NAME_BYTES = 32;     // sockaddr_in6 28, rounded
    /// What the kernel is told beside a message.
    private static final long CONTROL_BYTES = Align.up(ControlMessage.space(Short.BYTES)  // UDP_SEGMENT
            + ControlMessage.space(Integer.BYTES)                                         // IP_TOS or IPV6_TCLASS
            + ControlMessage.space(LinuxPath.PACKET_INFO_6_BYTES), 32);                   // IP_PKTINFO or IPV6_PKTINFO: 88 in all
    private static final long MESSAGE_BYTES = MessageHeader.BYTES + MessageHeader.VECTOR_BYTES + NAME_BYTES + CONTROL_BYTES;

    private final MemorySegment memory;
    private final int messages;
    private final long headers;
    private final long vectors;
    private final long names;
    private final long controls;
    boolean six;            // the socket is one of IPv6
    boolean segmented;      // the system cuts runs
    boolean ecn;            // the system sends codepoints
    boolean local;          // the system sends from the address that a path names

    /// @param start  of the row of [#plan]
    LinuxSent(DatagramConfig config, MemorySegment memory, long start) {
        this.memory = memory;
        this.messages = config.sends();
        this.headers = start;
        this.vectors = headers + messages * MessageHeader.BYTES;
        this.names = vectors + messages * MessageHeader.VECTOR_BYTES;
        this.controls = names + messages * NAME_BYTES;
        for (int i = 0; i < messages; i++) {
            MessageHeader.places(memory, headers + i * MessageHeader.BYTES, names + i * NAME_BYTES,
                    vectors + i * MessageHeader.VECTOR_BYTES, controls + i * CONTROL_BYTES);
        }
    }

    /// {@return its row}
    static MemoryPlan plan(DatagramConfig config) {
        return MemoryPlan.block("sent messages", Align.up(config.sends() * MESSAGE_BYTES, Align.CACHE_LINE_BYTES), 1,
                config.sends() + " x " + MESSAGE_BYTES);
    }

    /// {@return where the first message's header lies}
    long headers() {
        return headers;
    }

    /// Writes as many messages as there are for, from what waits first.
    ///
    /// @return how many, up to the first that this socket cannot send
    int fill(DatagramQueue queue) {
        int count = 0;
        int from = queue.done();
        for (int run = queue.first(); run < queue.end(); run++, from = 0) {
            int end = queue.bytes(run);
            do {
                if (count == messages || !write(queue, run, from, count)) {
                    return count;
                }
                from += queue.message(run, from, segmented);
                count++;
            } while (from < end);
        }
        return count;
    }

    private boolean write(DatagramQueue queue, int run, int from, int i) {
        long header = queue.header(run);
        long path = header + DatagramHeader.PATH;
        int name = LinuxPath.name(memory, path, names + i * NAME_BYTES, six);
        if (name == 0) {
            return false;
        }
        int bytes = queue.message(run, from, segmented);
        long start = controls + i * CONTROL_BYTES;
        long end = start;
        int segment = DatagramHeader.segmentBytes(memory, header);
        if (bytes > segment) {
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, end + ControlMessage.DATA, (short) segment);
            end += ControlMessage.write(memory, end, DatagramCalls.IPPROTO_UDP, DatagramCalls.UDP_SEGMENT, Short.BYTES);
        }
        int codepoint = DatagramHeader.ecn(memory, header);
        if (ecn && codepoint != DatagramHeader.NOT_ECT) {
            boolean four = NetworkPath.isIpv4(memory, path);
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, end + ControlMessage.DATA, codepoint);
            end += ControlMessage.write(memory, end, four ? DatagramCalls.IPPROTO_IP : SocketCalls.IPPROTO_IPV6,
                    four ? DatagramCalls.IP_TOS : DatagramCalls.IPV6_TCLASS, Integer.BYTES);
        }
        if (local && LinuxPath.hasLocal(memory, path)) {
            end += LinuxPath.packetInfo(memory, path, end);
        }
        long message = headers + i * MessageHeader.BYTES;
        MessageHeader.lengths(memory, message, name, end - start);
        MessageHeader.vector(memory, vectors + i * MessageHeader.VECTOR_BYTES, memory, queue.bytesAt(run) + from, bytes);
        return true;
    }
}
