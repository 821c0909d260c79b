package dev.coffer.server.net;

import dev.coffer.memory.engine.DatagramEngine;

/// One datagram socket's memory, and what it asks of the system.
///
/// | component | unit | default | range | costs |
/// |---|---|---|---|---|
/// | datagramBytesMax | bytes | 1,472 | 1..65,507 | rounded up, `receives` times, where not grouped |
/// | receives | messages | 8 | 1..1,024 | 304 bytes each, and a place for what comes |
/// | grouped | | true | | places of 65,536 bytes each, for what comes grouped (`UDP_GRO`) |
/// | outputBytes | bytes | 131,072 | 1..2^24 | as many |
/// | outputs | runs | 64 | 1..4,096 | 56 bytes each |
/// | sends | messages | 64 | 1..1,024 | 208 bytes each |
/// | systemReceiveBytes | bytes | 0: the system's default | 0..2^30 | of the system, which may give less |
/// | systemSendBytes | bytes | 0: the system's default | 0..2^30 | the same |
///
/// @param datagramBytesMax    largest datagram that is taken; larger ones are dropped and counted. 1,472 is what Ethernet carries
///                            over IPv4
/// @param receives            messages that one call receives at most
/// @param grouped             whether the system may group what it hands us, and cut what we hand it, where it can
/// @param outputBytes         of the queue: at least the largest output of the engine
/// @param outputs             runs of datagrams that the queue holds; adjacent ones of one path and size are one
/// @param sends               messages that one call sends at most
/// @param systemReceiveBytes  `SO_RCVBUF`
/// @param systemSendBytes     `SO_SNDBUF`
public record DatagramConfig(int datagramBytesMax, int receives, boolean grouped, int outputBytes, int outputs, int sends,
        int systemReceiveBytes, int systemSendBytes) {
    /// What a grouped message has at most: the length of an IP packet is 16 bits.
    static final int GROUP_BYTES = 1 << 16;
    private static final int MESSAGES_MAX = 1024;  // UIO_MAXIOV, what the kernel takes of one call

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public DatagramConfig {
        check("datagramBytesMax", datagramBytesMax, 1, DatagramEngine.DATAGRAM_BYTES_MAX);
        check("receives", receives, 1, MESSAGES_MAX);
        check("outputBytes", outputBytes, 1, 1 << 24);
        check("outputs", outputs, 1, 4096);
        check("sends", sends, 1, MESSAGES_MAX);
        check("systemReceiveBytes", systemReceiveBytes, 0, 1 << 30);
        check("systemSendBytes", systemSendBytes, 0, 1 << 30);
    }

    private static void check(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (expected " + least + ".." + most + ")");
        }
    }

    /// {@return what a server of QUIC wants: 0.7 MB}
    public static DatagramConfig standard() {
        return new DatagramConfig(1472, 8, true, 1 << 17, 64, 64, 0, 0);
    }

    /// {@return this, with another [#datagramBytesMax]}
    public DatagramConfig withDatagramBytesMax(int bytes) {
        return new DatagramConfig(bytes, receives, grouped, outputBytes, outputs, sends, systemReceiveBytes, systemSendBytes);
    }

    /// {@return this, with another [#receives]}
    public DatagramConfig withReceives(int messages) {
        return new DatagramConfig(datagramBytesMax, messages, grouped, outputBytes, outputs, sends, systemReceiveBytes,
                systemSendBytes);
    }

    /// {@return this, grouped or not}
    public DatagramConfig withGrouped(boolean on) {
        return new DatagramConfig(datagramBytesMax, receives, on, outputBytes, outputs, sends, systemReceiveBytes, systemSendBytes);
    }

    /// {@return this, with another queue}
    ///
    /// @param bytes     [#outputBytes]
    /// @param runs      [#outputs]
    /// @param messages  [#sends]
    public DatagramConfig withOutput(int bytes, int runs, int messages) {
        return new DatagramConfig(datagramBytesMax, receives, grouped, bytes, runs, messages, systemReceiveBytes, systemSendBytes);
    }

    /// {@return this, with other buffers of the system's}
    public DatagramConfig withSystemBytes(int receive, int send) {
        return new DatagramConfig(datagramBytesMax, receives, grouped, outputBytes, outputs, sends, receive, send);
    }
}
