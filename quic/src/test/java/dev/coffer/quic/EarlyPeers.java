package dev.coffer.quic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The terms of a server and of one client in tests, with a protocol that adds a few octets.
final class EarlyPeers {
    private EarlyPeers() {}

    /// A server's.
    static final class Grants implements EarlyTerms {
        byte[] protocol = {7, 7};

        @Override
        public int write(int connection, MemorySegment target, long at) {
            MemorySegment.copy(protocol, 0, target, ValueLayout.JAVA_BYTE, at, protocol.length);
            return protocol.length;
        }
    }

    /// A client's.
    static final class Remembers implements EarlyTerms {
        byte[] transport = {};
        byte[] protocol = {7, 7};
        byte[] resumed = {};
        boolean known = true;
        int refused;

        @Override
        public int write(int connection, MemorySegment target, long at) {
            MemorySegment.copy(transport, 0, target, ValueLayout.JAVA_BYTE, at, transport.length);
            MemorySegment.copy(protocol, 0, target, ValueLayout.JAVA_BYTE, at + transport.length, protocol.length);
            return transport.length + protocol.length;
        }

        @Override
        public boolean areKnown(int connection) {
            return known;
        }

        @Override
        public void granted(int connection, MemorySegment from, long at) {
            transport = from.asSlice(at, TRANSPORT_BYTES).toArray(ValueLayout.JAVA_BYTE);
        }

        @Override
        public void resumed(int connection, MemorySegment from, long at, int length) {
            resumed = from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        }

        @Override
        public void refused(int connection) {
            refused++;
        }

        @Override
        public String toString() {
            return Arrays.toString(transport);
        }
    }
}
