package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.SealingKeys;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Connections that take turns over fewer places than they are: whoever speaks finds his own keys, and nobody's are left behind.
class PacketKeysPropertyTest {
    private static final int CONNECTIONS = 20;
    private static final int[] PLANNED = {20, 64};  // of one place, and of 16
    private static final int NUMBER_AT = 9;
    private static final int BYTES = 40;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final CipherSuite[] SUITES =
            {CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256};

    /// A connection that speaks with itself.
    private static final class Own {
        final Version version;
        final CipherSuite suite;
        final long sealingAt;
        final long openingAt;
        long number;
        boolean loaded;

        Own(int index) {
            this.version = Version.values()[index & 1];
            this.suite = SUITES[index % SUITES.length];
            this.sealingAt = index * (SealingKeys.STATE_BYTES + OpeningKeys.STATE_BYTES);
            this.openingAt = sealingAt + SealingKeys.STATE_BYTES;
        }
    }

    @Test
    void whoeverSpeaksFindsHisOwnKeys() {
        for (int planned : PLANNED) {
            Seeds.forEach(1, 10, random -> talk(planned, random));
        }
    }

    private static void talk(int planned, SplittableRandom random) {
        long states = CONNECTIONS * (SealingKeys.STATE_BYTES + OpeningKeys.STATE_BYTES);
        List<CipherSuite> suites = List.of(SUITES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(states + PacketKeys.bytes(suites, planned), 64);
            MemorySegment packet = arena.allocate(64);
            PacketKeys keys = new PacketKeys(suites, planned, memory, states);
            Own[] all = new Own[CONNECTIONS];
            for (int i = 0; i < CONNECTIONS; i++) {
                all[i] = new Own(i);
            }
            for (int turn = 0; turn < 150; turn++) {
                Own own = all[random.nextInt(CONNECTIONS)];
                if (!own.loaded) {
                    load(keys, own, arena, random);
                } else if (random.nextInt(30) == 0) {
                    keys.wipe(own.version, own.suite, own.sealingAt, own.openingAt);
                    assertFalse(keys.sealing(own.version, own.suite, own.sealingAt).isLoaded());
                    keys.wipe(own.version, own.suite, own.sealingAt, own.openingAt);
                    own.loaded = false;
                } else {
                    if (random.nextInt(20) == 0) {
                        keys.sealing(own.version, own.suite, own.sealingAt).update();
                    }
                    say(keys, own, packet);
                }
            }
            keys.close();
            for (long at = 0; at < memory.byteSize(); at++) {
                Own left = at < states ? all[(int) (at / (SealingKeys.STATE_BYTES + OpeningKeys.STATE_BYTES))] : null;
                assertTrue(left != null && left.loaded || memory.get(BYTE, at) == 0, "byte " + at + " of " + states + " and the places");
            }
        }
    }

    private static void load(PacketKeys keys, Own own, Arena arena, SplittableRandom random) {
        MemorySegment secret = arena.allocate(own.suite.secretBytes());
        for (long i = 0; i < secret.byteSize(); i++) {
            secret.set(BYTE, i, (byte) random.nextInt());
        }
        keys.sealing(own.version, own.suite, own.sealingAt).load(secret, 0);
        keys.opening(own.version, own.suite, own.openingAt).load(secret, 0);
        own.number = 0;
        own.loaded = true;
    }

    private static void say(PacketKeys keys, Own own, MemorySegment packet) {
        packet.fill((byte) 0);
        packet.set(BYTE, 0, (byte) (0x43));
        packet.set(ValueLayout.JAVA_INT_UNALIGNED, NUMBER_AT, Integer.reverseBytes((int) own.number));
        packet.set(BYTE, NUMBER_AT + 4, (byte) own.number);
        long end = keys.sealing(own.version, own.suite, own.sealingAt).seal(packet, 0, NUMBER_AT, own.number, BYTES);
        OpeningKeys opening = keys.opening(own.version, own.suite, own.openingAt);
        assertEquals(own.number, opening.open(packet, 0, NUMBER_AT, end, own.number - 1));
        assertEquals((byte) own.number, packet.get(BYTE, NUMBER_AT + 4));
        own.number++;
    }
}
