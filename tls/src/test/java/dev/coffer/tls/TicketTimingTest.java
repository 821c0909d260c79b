package dev.coffer.tls;

import static dev.coffer.testkit.TimeStatistics.SUSPECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a server does with a ticket: opening it, and verifying its binder. The planted leak is a comparison that stops at the first
/// difference. See [dev.coffer.testkit.TimeStatistics].
@Tag("long")
class TicketTimingTest {
    private static final long NOW = 5_000_000_000L;
    private static final CipherSuite SUITE = CipherSuite.CHACHA20_POLY1305_SHA256;
    private static final int BINDER_BYTES = 32;
    /// Tickets of each class: so many that none of them is always the one in the cache.
    private static final int TICKETS = 16;
    private static final int LIFETIME = 1000;

    private final TicketKeys keys = TicketKeys.fresh(Arena.ofAuto().allocate(TicketKeys.BYTES), Entropy.SYSTEM, LIFETIME);
    private final MemorySegment m = Arena.ofAuto().allocate(1 << 16);
    private Place place;
    private int kind;           // of what is measured next

    @BeforeEach
    void open() throws Exception {
        place = Place.of(TlsServerConfig.defaults().withCounts(1, 1, 1).withSuites(SUITE), Identities.of(KeyAlgorithm.ED25519, "coffer.test"));
        place.context().ticketKeys(keys);
        place.context().clock(NOW, 1_800_000_000_000L);
    }

    @AfterEach
    void close() {
        place.close();
        keys.close();
    }

    private double t(String name, IntConsumer operation) {
        return TimeStatistics.t(name, next -> kind = next, () -> operation.accept(kind));
    }

    @Test
    void openingATicketTakesNoLongerForWhatItHoldsOrWhereItIsForged() {
        Tickets tickets = new Tickets(Arena.ofAuto().allocate(Tickets.MEMORY_BYTES), Entropy.SYSTEM);
        tickets.keys(keys);
        long second = 1_800_000_000L;
        assertTrue(tickets.isOn(second));
        for (int i = 0; i < 2 * TICKETS; i++) {  // of one state, and of random ones
            if (i >= TICKETS) {
                Entropy.SYSTEM.fill(tickets.memory(), tickets.state(), Tickets.STATE_BYTES);
            }
            BigEndian.i64(tickets.memory(), tickets.state() + Tickets.UNTIL, Long.MAX_VALUE);
            BigEndian.i64(tickets.memory(), tickets.state() + Tickets.ENDS, Long.MAX_VALUE);
            tickets.seal(m, (long) i * Tickets.BYTES, second * 1000);
        }
        int[] next = new int[1];
        assertTrue(t("a ticket, one state and random ones", kind -> {
            boolean opened = tickets.open(m, (long) (kind * TICKETS + next[0]++ % TICKETS) * Tickets.BYTES, Tickets.BYTES, second * 1000);
            tickets.forget();
            assertTrue(opened);
        }) < SUSPECT);
        long forged = 2L * TICKETS * Tickets.BYTES;
        for (int kind = 0; kind < 2; kind++) {
            MemorySegment.copy(m, 0, m, forged + (long) kind * Tickets.BYTES, Tickets.BYTES);
        }
        Wire.u8(m, forged + Tickets.BYTES - 16, Wire.u8(m, forged + Tickets.BYTES - 16) ^ 1);
        Wire.u8(m, forged + 2L * Tickets.BYTES - 1, Wire.u8(m, forged + 2L * Tickets.BYTES - 1) ^ 1);
        assertTrue(t("a ticket, its tag wrong in its first octet and in its last",
                kind -> assertTrue(!tickets.open(m, forged + (long) kind * Tickets.BYTES, Tickets.BYTES, second * 1000))) < SUSPECT);
    }

    /// Two hellos with one ticket, whose right binder was changed in its first octet and in its last.
    @Test
    void aBinderTakesNoLongerWhereItIsForgedAndAComparisonThatStopsShows() {
        ServerContext context = place.context();
        ServerResumption resumption = context.resumption();
        KeySchedule schedule = context.schedule(0);
        long slot = 0;
        long secret = 1024;
        long truncated = 1152;
        long ticketAt = 2048;
        Entropy.SYSTEM.fill(m, truncated, BINDER_BYTES);
        TestClient client = new TestClient(new TlsServer<Echo.Event>(context, 0, (connection, now) -> new Echo(100)), SUITE);
        ClientHello hello = context.hello();
        byte[] without = client.hello(client.extensions());
        MemorySegment.copy(without, 0, m, ValueLayout.JAVA_BYTE, 8192, without.length);
        assertEquals(null, hello.read(m, 8192 + 4, without.length - 4));
        resumption.begin(hello, m, slot);
        assertEquals(1, resumption.count(NOW) > 0 ? 1 : 0);
        resumption.write(0, SUITE, schedule, -1, m, slot, secret, ticketAt, null, NOW);
        byte[] ticket = m.asSlice(ticketAt + 16, Tickets.BYTES).toArray(ValueLayout.JAVA_BYTE);
        schedule.resumption(m, secret, m, ticketAt + 13, 1, m, 4096);
        schedule.early(m, 4096, m, 4224);
        schedule.binder(m, 4224, m, truncated, m, 4352);
        byte[] right = m.asSlice(4352, BINDER_BYTES).toArray(ValueLayout.JAVA_BYTE);
        List<byte[]> extensions = client.extensions();
        extensions.add(TestClient.extension(Wire.PSK_MODES, TestClient.hex("0101")));
        extensions.add(TestClient.extension(Wire.PRE_SHARED_KEY, TestClient.concat(
                TestClient.list16(TestClient.concat(TestClient.list16(ticket), new byte[4])),
                TestClient.list16(TestClient.concat(new byte[] {BINDER_BYTES}, right)))));
        byte[] with = client.hello(extensions);
        int bytes = with.length;
        MemorySegment.copy(with, 0, m, ValueLayout.JAVA_BYTE, 8192, bytes);
        long binder = 8192 + bytes - BINDER_BYTES;
        assertEquals(null, hello.read(m, 8192 + 4, bytes - 4));
        assertEquals(0, resumption.choose(hello, SUITE, schedule, -1, m, slot, truncated, secret, null, NOW), "as it is, it is taken");
        double honest = t("a binder, wrong in its first octet and in its last", kind -> forged(hello, resumption, schedule, binder, kind));
        double planted = t("planted: as many comparisons as a hello has octets, each of which stops", kind -> {
            forged(hello, resumption, schedule, binder, kind);
            long wrong = binder + (kind == 0 ? 0 : BINDER_BYTES - 1);
            Wire.u8(m, wrong, Wire.u8(m, wrong) ^ 1);
            for (int i = 0; i < bytes; i++) {
                same += stops(right, binder);
            }
            Wire.u8(m, wrong, Wire.u8(m, wrong) ^ 1);
        });
        assertTrue(planted > SUSPECT, "the planted leak is not seen: " + planted);
        assertTrue(honest < SUSPECT);
    }

    private int same;

    /// {@return octets that are the same, from the first on}
    private int stops(byte[] right, long at) {
        int i = 0;
        while (i < right.length && Wire.u8(m, at + i) == (right[i] & 0xff)) {
            i++;
        }
        return i;
    }

    private void forged(ClientHello hello, ServerResumption resumption, KeySchedule schedule, long binder, int kind) {
        long wrong = binder + (kind == 0 ? 0 : BINDER_BYTES - 1);
        Wire.u8(m, wrong, Wire.u8(m, wrong) ^ 1);
        assertEquals(ServerResumption.FORGED, resumption.choose(hello, SUITE, schedule, -1, m, 0, 1152, 1536, null, NOW));
        Wire.u8(m, wrong, Wire.u8(m, wrong) ^ 1);
    }
}
