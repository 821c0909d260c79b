package dev.coffer.server.drive;

import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.memory.time.TimerWheel;
import dev.coffer.server.net.Datagrams;
import dev.coffer.server.net.Sockets;
import dev.coffer.server.time.Now;

/// The datagram sockets of one loop: their slots lie behind those of its connections, their timers behind its lane's. One thread at a
/// time.
final class DatagramDrivers {
    private final DatagramDriver[] drivers;
    private final Sockets sockets;
    private final TimerWheel timers;
    private final Now now;
    private final int firstSlot;
    private final int firstTimer;
    private int count;

    /// @param most  that [Lane#datagrams] says
    DatagramDrivers(int most, Sockets sockets, int firstSlot, TimerWheel timers, int firstTimer, Now now) {
        this.drivers = new DatagramDriver[most];
        this.sockets = sockets;
        this.firstSlot = firstSlot;
        this.timers = timers;
        this.firstTimer = firstTimer;
        this.now = now;
    }

    /// {@return bytes of the Java objects}
    static long heapBytes(int most) {
        return HeapLayout.array(DatagramDriver.class, most) + most * (HeapLayout.instance(DatagramDriver.class) + HeapLayout.instance(Lulls.class));
    }

    DatagramDriver drive(Datagrams socket, DatagramProtocol protocol) {
        if (count == drivers.length) {
            throw new IllegalStateException("datagram sockets: " + drivers.length + " were planned");
        }
        DatagramDriver driver = new DatagramDriver(socket, protocol, sockets, firstSlot + count, timers, firstTimer + count, now);
        drivers[count++] = driver;
        return driver;
    }

    void ready(int slot, int operations) {
        drivers[slot - firstSlot].ready(operations, now.nanos());
    }

    void onTimer(int timer) {
        drivers[timer - firstTimer].onTimer(now.nanos());
    }

    void shutdown() {
        for (int i = 0; i < count; i++) {
            drivers[i].shutdown(now.nanos());
        }
    }

    boolean areEnded() {
        for (int i = 0; i < count; i++) {
            if (!drivers[i].isEnded()) {
                return false;
            }
        }
        return true;
    }

    void close() {
        for (int i = 0; i < count; i++) {
            drivers[i].close();
        }
    }
}
