package dev.coffer.server.drive;

import dev.coffer.server.net.DatagramQueue;
import dev.coffer.server.net.DatagramStatistics;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.net.Sockets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// A socket for which the system has no room while a test says so, and that may refuse to be watched.
final class StuckDatagrams implements Datagrams {
    final List<Integer> interests = new ArrayList<>();
    boolean stuck;
    int sends;              // of something, asked while stuck
    boolean unwatched;
    private final Datagrams socket;

    StuckDatagrams(Datagrams socket) {
        this.socket = socket;
    }

    @Override
    public void bind(InetSocketAddress address) throws IOException {
        socket.bind(address);
    }

    @Override
    public InetSocketAddress address() {
        return socket.address();
    }

    @Override
    public boolean has(Feature feature) {
        return socket.has(feature);
    }

    @Override
    public String features() {
        return socket.features();
    }

    @Override
    public void watch(Sockets sockets, int slot) throws IOException {
        if (unwatched) {
            throw new IOException("no memory to watch it");
        }
        socket.watch(sockets, slot);
    }

    @Override
    public void interest(int operations) {
        interests.add(operations);
        socket.interest(stuck ? operations & ~Sockets.WRITE : operations);  // the socket below has room, and would say so
    }

    /// There is room again, and the system says so.
    void unstick() {
        stuck = false;
        socket.interest(Sockets.READ | Sockets.WRITE);
    }

    @Override
    public int receive() {
        return socket.receive();
    }

    @Override
    public int batch() {
        return socket.batch();
    }

    @Override
    public boolean next() {
        return socket.next();
    }

    @Override
    public MemorySegment received() {
        return socket.received();
    }

    @Override
    public long at() {
        return socket.at();
    }

    @Override
    public int length() {
        return socket.length();
    }

    @Override
    public long headerAt() {
        return socket.headerAt();
    }

    @Override
    public DatagramQueue queue() {
        return socket.queue();
    }

    @Override
    public int send() {
        if (socket.queue().isEmpty()) {
            return SENT;
        }
        sends += stuck ? 1 : 0;
        return stuck ? FULL : socket.send();
    }

    @Override
    public DatagramStatistics statistics() {
        return socket.statistics();
    }

    @Override
    public void close() {
        socket.close();
    }
}
