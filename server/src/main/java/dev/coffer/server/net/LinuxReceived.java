package dev.coffer.server.net;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.internal.os.ControlMessage;
import dev.coffer.memory.internal.os.DatagramCalls;
import dev.coffer.memory.internal.os.MessageHeader;
import dev.coffer.memory.internal.os.SocketCalls;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.net.DatagramStatistics.Count;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A batch of messages that one `recvmmsg` fills, and the walk over the datagrams in them: a group (`UDP_GRO`) is cut where the
/// kernel says, so that each datagram is seen alone. What the kernel says is believed as far as it stays within the batch's memory.
///
/// ```
///   places    R x what a message may have
///   messages  R x mmsghdr 64 | R x iovec 16 | R x name 32 | R x control 192
///   header    48, of the present message's datagrams
/// ```
final class LinuxReceived {
    private static final long NAME_BYTES = 32;     // sockaddr_in6 28, rounded
    /// What the kernel may tell beside a message.
    static final long CONTROL_BYTES = Align.up(ControlMessage.space(Integer.BYTES)      // UDP_GRO
            + ControlMessage.space(LinuxPath.PACKET_INFO_4_BYTES)                       // IP_PKTINFO
            + ControlMessage.space(LinuxPath.PACKET_INFO_6_BYTES)                       // IPV6_PKTINFO, of both on a dual socket
            + ControlMessage.space(1)                                                   // IP_TOS
            + ControlMessage.space(Integer.BYTES), Align.CACHE_LINE_BYTES);             // IPV6_TCLASS: 144 in all, 192
    private static final long MESSAGE_BYTES = MessageHeader.BYTES + MessageHeader.VECTOR_BYTES + NAME_BYTES + CONTROL_BYTES;
    static final long HEADER_BYTES = Align.CACHE_LINE_BYTES;

    private final MemorySegment memory;
    private final DatagramStatistics statistics;
    private final int messages;
    private final int placeBytes;
    private final int datagramBytesMax;
    private final long places;
    private final long headers;
    private final long vectors;
    private final long names;
    private final long controls;
    private final long header;
    private final long own;         // NetworkPath with our address as it is bound, and our port
    private boolean grouped;        // a message may be a group
    private int count;              // messages of the batch
    private int message;            // the present one
    private int stored;             // bytes of it that are here
    private int claimed;            // bytes that it had
    private int size;               // bytes of each of its datagrams but the last
    private int next;               // where its next datagram begins
    private long at;
    private int length;

    /// @param start  of the rows of [#plan], one behind the other
    LinuxReceived(DatagramConfig config, MemorySegment memory, long start, DatagramStatistics statistics) {
        this.memory = memory;
        this.statistics = statistics;
        this.messages = config.receives();
        this.placeBytes = placeBytes(config);
        this.datagramBytesMax = config.datagramBytesMax();
        this.places = start;
        this.headers = places + (long) messages * placeBytes;
        this.vectors = headers + messages * MessageHeader.BYTES;
        this.names = vectors + messages * MessageHeader.VECTOR_BYTES;
        this.controls = names + messages * NAME_BYTES;
        this.header = headers + Align.up(messages * MESSAGE_BYTES, Align.CACHE_LINE_BYTES);
        this.own = header + HEADER_BYTES;
        for (int i = 0; i < messages; i++) {
            long vector = vectors + i * MessageHeader.VECTOR_BYTES;
            MessageHeader.places(memory, headerOf(i), names + i * NAME_BYTES, vector, controlOf(i));
            MessageHeader.vector(memory, vector, memory, placeOf(i), placeBytes);
        }
    }

    private static int placeBytes(DatagramConfig config) {
        return config.grouped() ? DatagramConfig.GROUP_BYTES
                : (int) Align.up(config.datagramBytesMax(), Align.CACHE_LINE_BYTES);
    }

    /// {@return its rows}
    static MemoryPlan[] plan(DatagramConfig config) {
        return new MemoryPlan[] {
                MemoryPlan.block("received", placeBytes(config), config.receives(), config.grouped() ? "a group each"
                        : "a datagram each"),
                MemoryPlan.block("received messages", Align.up(config.receives() * MESSAGE_BYTES, Align.CACHE_LINE_BYTES), 1,
                        config.receives() + " x " + MESSAGE_BYTES),
                MemoryPlan.block("received header", 2 * HEADER_BYTES, 1, "of the present datagram; of what is bound")};
    }

    private long headerOf(int i) {
        return headers + i * MessageHeader.BYTES;
    }

    private long placeOf(int i) {
        return places + (long) i * placeBytes;
    }

    private long controlOf(int i) {
        return controls + i * CONTROL_BYTES;
    }

    /// {@return where the local half of every path is written once, when it is bound}
    long own() {
        return own;
    }

    /// {@return where the first header lies, of [#messages]}
    long headers() {
        return headers;
    }

    int messages() {
        return messages;
    }

    /// The kernel groups from here on.
    void grouped() {
        grouped = true;
    }

    /// Drops what is left and makes ready for a call.
    void prepare() {
        clear();
        for (int i = 0; i < messages; i++) {
            MessageHeader.lengths(memory, headerOf(i), (int) NAME_BYTES, CONTROL_BYTES);
        }
    }

    /// The kernel has filled so many messages.
    void filled(int filledMessages) {
        count = filledMessages;
        message = -1;
        claimed = 0;
        next = 0;
    }

    /// Drops and wipes what is left.
    void clear() {
        while (count > 0 && message < count) {
            leave();
        }
        count = 0;
    }

    /// Wipes the present message and goes to the one behind it.
    private void leave() {
        if (message >= 0) {
            Wipe.bytes(memory, placeOf(message), stored(message));
        }
        message++;
    }

    private int stored(int i) {
        return (int) Math.min(MessageHeader.length(memory, headerOf(i)), placeBytes);
    }

    /// {@return whether there is another datagram, at [#at]}
    boolean next() {
        while (message < count) {
            while (next < claimed) {
                int from = next;
                int bytes = Math.min(size, claimed - from);
                next += bytes;
                if (take(from, bytes)) {
                    return true;
                }
            }
            leave();
            if (message < count && read() && claimed == 0 && take(0, 0)) {
                return true;
            }
        }
        return false;
    }

    private boolean take(int from, int bytes) {
        if (bytes > datagramBytesMax || from + bytes > stored) {
            statistics.add(Count.TRUNCATED, 1);
            return false;
        }
        at = placeOf(message) + from;
        length = bytes;
        statistics.add(Count.RECEIVED, 1);
        statistics.add(Count.RECEIVED_BYTES, bytes);
        return true;
    }

    /// Reads what the kernel tells of the present message.
    ///
    /// @return whether it is to be walked
    private boolean read() {
        long told = headerOf(message);
        stored = stored(message);
        claimed = (int) Math.min(MessageHeader.length(memory, told), DatagramConfig.GROUP_BYTES);
        next = 0;
        size = 0;
        DatagramHeader.ecn(memory, header, DatagramHeader.NOT_ECT);
        NetworkPath.copy(memory, own, memory, header + DatagramHeader.PATH);
        readControl(controlOf(message), Math.clamp(MessageHeader.controlLength(memory, told), 0, (int) CONTROL_BYTES));
        boolean whole = (MessageHeader.flags(memory, told) & DatagramCalls.MSG_CTRUNC) == 0 || !grouped || size > 0;
        if (!whole || !LinuxPath.remote(memory, names + message * NAME_BYTES, MessageHeader.nameLength(memory, told),
                header + DatagramHeader.PATH)) {
            statistics.add(Count.TRUNCATED, 1);  // how many they were is not known
            claimed = 0;
            return false;
        }
        size = size > 0 ? size : Math.max(claimed, 1);
        return true;
    }

    private void readControl(long start, long bytes) {
        long end = start + bytes;
        int data;
        for (long control = start; (data = ControlMessage.dataBytes(memory, control, end)) >= 0; control = ControlMessage.next(control, data)) {
            long value = control + ControlMessage.DATA;
            if (data >= Integer.BYTES && ControlMessage.is(memory, control, DatagramCalls.IPPROTO_UDP, DatagramCalls.UDP_GRO)) {
                size = Math.max(0, memory.get(ValueLayout.JAVA_INT_UNALIGNED, value));
            } else if (data >= 1 && ControlMessage.is(memory, control, DatagramCalls.IPPROTO_IP, DatagramCalls.IP_TOS)) {
                ecn(memory.get(ValueLayout.JAVA_BYTE, value));
            } else if (data >= Integer.BYTES
                    && ControlMessage.is(memory, control, SocketCalls.IPPROTO_IPV6, DatagramCalls.IPV6_TCLASS)) {
                ecn(memory.get(ValueLayout.JAVA_INT_UNALIGNED, value));
            } else if (data >= LinuxPath.PACKET_INFO_4_BYTES
                    && ControlMessage.is(memory, control, DatagramCalls.IPPROTO_IP, DatagramCalls.IP_PKTINFO)) {
                LinuxPath.local4(memory, value, header + DatagramHeader.PATH);
            } else if (data >= LinuxPath.PACKET_INFO_6_BYTES
                    && ControlMessage.is(memory, control, SocketCalls.IPPROTO_IPV6, DatagramCalls.IPV6_PKTINFO)) {
                LinuxPath.local6(memory, value, header + DatagramHeader.PATH);
            }
        }
    }

    private void ecn(int trafficClass) {
        DatagramHeader.ecn(memory, header, trafficClass & DatagramHeader.CE);
    }

    long at() {
        return at;
    }

    int length() {
        return length;
    }

    long header() {
        return header;
    }
}
