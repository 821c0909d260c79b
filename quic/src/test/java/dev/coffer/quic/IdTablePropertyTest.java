package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.quic.packet.ConnectionId;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The hash is the published one; the table of IDs is a map of them, whatever comes and goes.
class IdTablePropertyTest {
    @Test
    void theHashIsSipHashAsPublished() {
        MemorySegment key = Arena.ofAuto().allocate(16);
        MemorySegment in = Arena.ofAuto().allocate(64);
        for (int i = 0; i < 16; i++) {
            key.set(ValueLayout.JAVA_BYTE, i, (byte) i);
            in.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
        assertEquals(0x726fdb47dd0e0e31L, SipHash.of(key, 0, in, 0, 0));
        assertEquals(0x93f5f5799a932462L, SipHash.of(key, 0, in, 0, 8));
        assertEquals(0xa129ca6149be45e5L, SipHash.of(key, 0, in, 0, 15), "appendix A of the paper");
    }

    @Test
    void anyOrderOfComingAndGoingFindsWhatIsThereAndNothingElse() {
        try (EndpointEnds ends = new EndpointEnds(QuicConfig.tight(), QuicConfig.tight(), EndpointConfig.defaults(6, 6), EndpointKeys.none(), 1)) {
            Connection[] connections = new Connection[6];
            for (int i = 0; i < connections.length; i++) {
                connections[i] = ends.endpoint.connection(i).c;
            }
            Seeds.forEach(1, 50, random -> comeAndGo(connections, random));
        }
    }

    private static void comeAndGo(Connection[] connections, SplittableRandom random) {
        MemorySegment memory = Arena.ofAuto().allocate(IdTable.bytes(connections.length), 64);
        memory.set(ValueLayout.JAVA_LONG, 0, random.nextLong());
        IdTable table = new IdTable(memory, 0, connections);
        Map<Integer, Long> there = new HashMap<>();
        Map<Integer, Long> originals = new HashMap<>();
        MemorySegment id = Arena.ofAuto().allocate(8);
        for (int step = 0; step < 300; step++) {
            int number = random.nextInt(connections.length);
            int which = random.nextInt(3) == 0 ? IdTable.ORIGINAL : random.nextInt(ConnectionLayout.LOCAL_IDS);
            int owner = number << 2 | which;
            Connection c = connections[number];
            if (which == IdTable.ORIGINAL && originals.remove(owner) != null) {
                table.removeOriginal(number);
            } else if (which != IdTable.ORIGINAL && there.remove(owner) != null) {
                table.remove(number, which, c.memory, LocalIds.at(c, which) + ConnectionId.VALUE, 8);
            } else {
                long value = random.nextLong();
                id.set(ValueLayout.JAVA_LONG, 0, value);
                if (which != IdTable.ORIGINAL) {
                    ConnectionId.set(c.memory, LocalIds.at(c, which), id, 0, 8);
                }
                table.add(number, which, id, 0, 8);
                (which == IdTable.ORIGINAL ? originals : there).put(owner, value);
            }
            table.checkInvariants();
            assertEquals(there.size() + originals.size(), table.used());
            find(table, there, id);
            find(table, originals, id);
            id.set(ValueLayout.JAVA_LONG, 0, random.nextLong());
            assertEquals(IdTable.NONE, table.find(id, 0, 8), "nobody's");
        }
        for (Connection c : connections) {
            for (int which = 0; which < ConnectionLayout.LOCAL_IDS; which++) {
                ConnectionId.set(c.memory, LocalIds.at(c, which), id, 0, 0);
            }
        }
    }

    private static void find(IdTable table, Map<Integer, Long> what, MemorySegment id) {
        what.forEach((owner, value) -> {
            id.set(ValueLayout.JAVA_LONG, 0, value);
            assertEquals(owner, table.find(id, 0, 8));
        });
    }
}
