package dev.coffer.testkit.simulation;

import dev.coffer.testkit.simulation.DatagramPort.Address;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// Links between simulated ends. Everything that happens on them is drawn from one generator and happens at times of one clock.
public final class Network {
    private final VirtualClock clock;
    private final SplittableRandom random;
    private final Map<Address, DatagramPort> ports = new HashMap<>();
    private int streams;

    public Network(VirtualClock clock, SplittableRandom random) {
        this.clock = clock;
        this.random = random;
    }

    /// A stream's two ends.
    ///
    /// @param client  who connected
    /// @param server  who was connected to
    public record Stream(StreamEnd client, StreamEnd server) {}

    /// {@return a connection that stands}
    ///
    /// @param up    conditions from client to server; either way can be changed at its sending end
    /// @param down  conditions from server to client
    public Stream stream(Conditions up, Conditions down) {
        int number = streams++;
        StreamEnd client = new StreamEnd("client " + number, clock, random.split(), up);
        StreamEnd server = new StreamEnd("server " + number, clock, random.split(), down);
        client.join(server);
        server.join(client);
        return new Stream(client, server);
    }

    /// {@return a listening socket}
    ///
    /// @param backlog  connections that wait there at most; more are refused
    public StreamListener listen(int backlog) {
        return new StreamListener(backlog);
    }

    /// Connects to a listener. What is written before the attempt has arrived follows it.
    ///
    /// @return our end; broken when the attempt was refused
    public StreamEnd connect(StreamListener listener, Conditions up, Conditions down) {
        Stream stream = stream(up, down);
        clock.after(up.delayNanos(), () -> {
            if (!listener.arrive(stream.server)) {
                stream.server.reset();
            }
        });
        return stream.client;
    }

    /// {@return a UDP socket}
    ///
    /// @param conditions  of what leaves there
    /// @throws IllegalArgumentException  the address is taken (caller's fault)
    public DatagramPort datagrams(Address address, Conditions conditions) {
        DatagramPort port = new DatagramPort(this, clock, random.split(), address, conditions);
        learn(address, port);
        return port;
    }

    void learn(Address address, DatagramPort port) {
        if (ports.putIfAbsent(address, port) != null) {
            throw new IllegalArgumentException(address + " is taken");
        }
    }

    void forget(Address address) {
        ports.remove(address);
    }

    DatagramPort port(Address address) {
        return ports.get(address);
    }
}
