package dev.coffer.testkit.simulation;

import dev.coffer.memory.engine.DatagramEngine;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A simulated UDP socket. It has one or more addresses of its own; what others see of the first may be another one, as behind a NAT, and
/// may change at any time. See [Network#datagrams].
public final class DatagramPort {
    /// Datagrams that wait to be received; more are dropped, as a full socket buffer does.
    private static final int WAITING_MAX = 1024;

    /// An IPv4 address and a port.
    ///
    /// @param ip    32 bits, big-endian
    /// @param port  1..65535
    public record Address(int ip, int port) {
        @Override
        public String toString() {
            return (ip >>> 24) + "." + (ip >>> 16 & 0xff) + "." + (ip >>> 8 & 0xff) + "." + (ip & 0xff) + ":" + port;
        }
    }

    private record Datagram(byte[] bytes, Address from, Address to, int ecn) {}

    private final Network network;
    private final VirtualClock clock;
    private final SplittableRandom random;
    private final List<Address> own = new ArrayList<>();
    private Address seen;               // how the first of `own` is seen from outside
    private Conditions conditions;      // of what leaves here
    private final ArrayDeque<Datagram> waiting = new ArrayDeque<>();
    private long linkFree;
    private long sent;
    private long received;
    private long dropped;               // of what left here, wherever

    DatagramPort(Network network, VirtualClock clock, SplittableRandom random, Address address, Conditions conditions) {
        this.network = network;
        this.clock = clock;
        this.random = random;
        this.conditions = conditions;
        own.add(address);
        seen = address;
        linkFree = clock.nanos();
    }

    /// Changes what happens to datagrams that leave from now on.
    public void conditions(Conditions now) {
        conditions = now;
    }

    /// {@return the first address of its own}
    public Address address() {
        return own.getFirst();
    }

    /// Gives the first address another face: a NAT has forgotten us. What is sent to the old one from now on is lost; this end does not
    /// notice.
    public void rebind(Address outside) {
        network.forget(seen);
        seen = outside;
        network.learn(outside, this);
    }

    /// Adds an address of its own: a second interface. What is to leave from there names it as its local address.
    public void add(Address address) {
        own.add(address);
        network.learn(address, this);
    }

    /// Sends each datagram of an engine's output.
    ///
    /// @return datagrams in it
    /// @throws AssertionError  the engine broke the outline: no path, a segment size that does not fit the bytes, too many segments
    public int send(MemorySegment source, long at, long length, MemorySegment header, long headerAt) {
        int segment = DatagramHeader.segmentBytes(header, headerAt);
        int count = DatagramHeader.segments(header, headerAt, length);
        if (length < 1 || count < 1 || count > DatagramEngine.SEGMENTS_MAX) {
            throw new AssertionError("output of " + length + " bytes in segments of " + segment);
        }
        long path = headerAt + DatagramHeader.PATH;
        Address to = new Address(BigEndian.i32(header, path + NetworkPath.REMOTE + 12), NetworkPath.remotePort(header, path));
        Address local = new Address(BigEndian.i32(header, path + NetworkPath.LOCAL + 12), NetworkPath.localPort(header, path));
        boolean any = local.ip == 0;
        if (!NetworkPath.isIpv4(header, path) || to.port == 0 || !any && !own.contains(local)) {
            throw new AssertionError("path to " + to + " from " + local + " (own are " + own + ")");
        }
        Address from = any || local.equals(own.getFirst()) ? seen : local;
        for (long done = 0; done < length; done += segment) {
            byte[] bytes = new byte[(int) Math.min(segment, length - done)];
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at + done, bytes, 0, bytes.length);
            leave(bytes, from, to, DatagramHeader.ecn(header, headerAt));
        }
        return count;
    }

    private void leave(byte[] bytes, Address from, Address to, int ecn) {
        sent++;
        if (bytes.length > conditions.mtuBytes() || random.nextDouble() < conditions.loss()) {
            dropped++;
            return;
        }
        linkFree = Math.max(linkFree, clock.nanos());
        boolean queued = false;
        if (conditions.bytesPerSecond() > 0) {
            long waits = (linkFree - clock.nanos()) / 1000 * conditions.bytesPerSecond() / 1_000_000;
            if (waits > 0 && waits + bytes.length > conditions.queueBytesMax()) {
                dropped++;
                return;
            }
            queued = waits > conditions.queueBytesMax() / 2;
            linkFree += bytes.length * 1_000_000_000L / conditions.bytesPerSecond();
        }
        int copies = random.nextDouble() < conditions.duplicate() ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long at = linkFree + conditions.delayNanos()
                    + (conditions.jitterNanos() > 0 ? random.nextLong(conditions.jitterNanos()) : 0);
            if (random.nextDouble() < conditions.reorder()) {
                at += random.nextLong(4 * conditions.delayNanos() + 1_000_000);
            }
            byte[] copy = bytes.clone();
            if (copy.length > 0 && random.nextDouble() < conditions.corrupt()) {
                copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            }
            boolean capable = ecn != DatagramHeader.NOT_ECT;
            boolean marks = capable && (queued || random.nextDouble() < conditions.mark());
            int arrives = random.nextDouble() < conditions.bleach() ? DatagramHeader.NOT_ECT : marks ? DatagramHeader.CE : ecn;
            clock.at(at, () -> arrive(copy, from, to, arrives));
        }
    }

    private void arrive(byte[] bytes, Address from, Address to, int ecn) {
        DatagramPort port = network.port(to);
        if (port == null || port.waiting.size() == WAITING_MAX) {
            dropped++;
            return;
        }
        // behind a NAT the local address stays what it was
        port.waiting.add(new Datagram(bytes, from, to.equals(port.seen) ? port.own.getFirst() : to, ecn));
    }

    /// Receives one datagram with its header; one longer than the room is cut, as a socket does.
    ///
    /// @return bytes, 0 or more, or -1 for none now
    public int receive(MemorySegment target, long at, int length, MemorySegment header, long headerAt) {
        Datagram datagram = waiting.poll();
        if (datagram == null) {
            return -1;
        }
        received++;
        int bytes = Math.min(length, datagram.bytes.length);
        MemorySegment.copy(datagram.bytes, 0, target, ValueLayout.JAVA_BYTE, at, bytes);
        path(header, headerAt + DatagramHeader.PATH, datagram.from, datagram.to);
        DatagramHeader.ecn(header, headerAt, datagram.ecn);
        return bytes;
    }

    /// Writes a path: how an engine is told whom to speak to first.
    ///
    /// @param local  null for unknown
    public static void path(MemorySegment segment, long at, Address remote, Address local) {
        NetworkPath.ipv4(segment, at, remote.ip, remote.port, local == null ? 0 : local.ip, local == null ? 0 : local.port);
    }

    /// {@return whether a datagram waits}
    public boolean isReadable() {
        return !waiting.isEmpty();
    }

    /// {@return datagrams that left here}
    public long sent() {
        return sent;
    }

    /// {@return datagrams that were received here}
    public long received() {
        return received;
    }

    /// {@return datagrams that left here and were dropped on their way}
    public long dropped() {
        return dropped;
    }

    @Override
    public String toString() {
        return own.getFirst() + "[" + sent + " sent, " + dropped + " of them dropped, " + received + " received, " + waiting.size()
                + " waiting" + (seen.equals(own.getFirst()) ? "" : ", seen as " + seen) + "]";
    }
}
