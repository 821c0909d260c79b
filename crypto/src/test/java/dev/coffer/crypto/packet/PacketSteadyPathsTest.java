package dev.coffer.crypto.packet;

import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A packet on its way makes no object, whoever executes it.
class PacketSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noPacketMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(Packets.class));
    }

    private static MemorySegment memory(long bytes) {
        return Arena.global().allocate(bytes, 64);
    }

    private static void expect(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }

    /// A packet of each suite out and in, its header hidden and shown, a forged one, a key update, keys at rest, the next generation
    /// beside.
    static final class Packets implements SteadyPath {
        private final CipherSuite[] suites =
                {CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256};
        private final MemorySegment work = memory(4096);
        private final MemorySegment places = memory(16384);
        private final MemorySegment packet = memory(256);
        private final PacketProtection[] keys = new PacketProtection[suites.length];
        private final HeaderProtection[] headers = new HeaderProtection[suites.length];

        Packets() {
            for (int i = 0; i < suites.length; i++) {
                keys[i] = new PacketProtection(PacketProtocol.QUIC_1, suites[i], work, 0);
                headers[i] = new HeaderProtection(PacketProtocol.QUIC_1, suites[i], work, 0);
            }
        }

        @Override
        public void run() {
            for (int i = 0; i < suites.length; i++) {
                keys[i].at(places, 0).load(packet, 0);
                headers[i].at(places, 12288).wipe();
                headers[i].load(packet, 0);
                long number = keys[i].nextNumber();
                keys[i].seal(number, packet, 0, 20, 100);
                headers[i].protect(packet, 0, 16, 136);
                expect(headers[i].unprotect(packet, 0, 16, 136) > 0 && headers[i].unprotect(packet, 0, 130, 136) == 0);
                expect(!keys[i].open(number + 1, packet, 0, 20, 116));
                expect(keys[i].open(number, packet, 0, 20, 116));
                keys[i].update();
                keys[i].rest();
                keys[i].resume();
                keys[i].at(places, 4096).follow(places, 0);
                expect(keys[i].generation() == 2);
                keys[i].wipe();
                keys[i].at(places, 0).wipe();
            }
        }

        @Override
        public int operations() {
            return 2;
        }
    }
}
