package dev.coffer.client;

import static dev.coffer.testkit.RecordRanges.check;
import static dev.coffer.testkit.RecordRanges.differences;
import static dev.coffer.testkit.RecordRanges.refuses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.client.ClientConfig.Times;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.tls.Alert;
import dev.coffer.tls.JdkVerifier;
import dev.coffer.tls.PeerVerifier;
import dev.coffer.tls.TlsClientConfig;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/// Each number of a configuration is taken at both edges of its range and refused past them; each way to another number changes that one.
class ClientConfigTest {
    private static final int MIB = 1 << 20;
    private static final long MILLI = 1_000_000;
    private static final long QUARTER = Long.MAX_VALUE / 4;
    private static final ClientConfig STANDARD = ClientConfig.standard();

    @Test
    void numbersAreTakenAtTheirEdges() {
        check(STANDARD.withSize(1, 1, 1, 1), "connections", 1, 1 << 16);
        check(STANDARD, "perOrigin", 1, 64);
        check(STANDARD, "active", 1, 64);
        check(STANDARD, "calls", 1, 1 << 16);
        check(STANDARD, "origins", 1, 1 << 16);
        check(STANDARD.withOutput(4096, 1, MIB), "blocks", 0, 4096);
        Times times = STANDARD.times();
        for (String time : new String[] {"connect", "firstByte", "call", "idle"}) {
            check(times, time, MILLI, QUARTER);
        }
        check(times, "stop", 0, QUARTER);
        Http3Asking third = Http3Asking.defaults();
        check(third, "connections", 1, 1000);
        check(third, "streams", 1, 1 << 16);
        check(third, "windowBytes", 4096, 1 << 24);
        check(third, "waitNanos", 0, QUARTER);
        refuses(STANDARD, "outputBytes", 4096 - 64);
        refuses(STANDARD, "outputBytes", 4096 + 1);
        refuses(STANDARD, "blockBytes", 4096 - 64);
        refuses(STANDARD, "blockBytes", 4096 + 63);
        refuses(STANDARD, "blockBytes", MIB + 64);
        assertEquals(MIB, STANDARD.withOutput(MIB, 0, MIB).outputBytes());
        assertEquals(4096, STANDARD.withOutput(4096, 0, 4096).blockBytes());
    }

    /// RFC 9114, sections 6.1 and 6.2: none of both directions, three of one at least, with 1,024 octets each.
    @Test
    void aServerHasStreamsForWhatItHasToSay() {
        Http3Asking least = Http3Asking.defaults().withSize(1, 1, 4096);
        var quic = least.quic(least.engine(Http1Config.tight()), 0);
        assertEquals(0, quic.streamsBidi());
        assertTrue(quic.streamsUni() > 3 && quic.streamBytes() >= 1024, quic.toString());
    }

    @Test
    void eachWayToAnotherNumberChangesThatOne() {
        assertEquals("connections perOrigin active calls", differences(STANDARD, STANDARD.withSize(9, 7, 5, 3)));
        assertEquals("origins", differences(STANDARD, STANDARD.withOrigins(5)));
        assertEquals(5, STANDARD.withOrigins(5).origins());
        assertEquals("http", differences(STANDARD, STANDARD.withHttp(Http1Config.tight())));
        assertEquals("outputBytes blocks blockBytes", differences(STANDARD, STANDARD.withOutput(8192, 1, 8192)));
        assertEquals("locked", differences(STANDARD, STANDARD.withLocked(Level.OFF)));
        RegionConfig.Commit other = STANDARD.commit() == RegionConfig.Commit.ON_OPEN ? RegionConfig.Commit.ON_TOUCH : RegionConfig.Commit.ON_OPEN;
        assertEquals("commit", differences(STANDARD, STANDARD.withCommit(other)));
        assertEquals("portable", differences(STANDARD, STANDARD.withPortable(true)));
        Http3Asking third = Http3Asking.defaults();
        assertEquals("http3", differences(STANDARD, STANDARD.withHttp3(third)));
        assertEquals("when", differences(third, third.withWhen(Http3Asking.When.ALONE)));
        assertEquals("connections streams windowBytes", differences(third, third.withSize(1, 2, 4096)));
        assertEquals("waitNanos", differences(third, third.withWait(0)));
        Times times = new Times(MILLI, 2 * MILLI, 3 * MILLI, 4 * MILLI, 5);
        assertEquals("times", differences(STANDARD, STANDARD.withTimes(times)));
        Http1Config engine = STANDARD.withTimes(times).engine();
        assertEquals("idleNanosMax", differences(STANDARD.http().limits(), engine.limits()));
        assertEquals(2 * MILLI, engine.limits().idleNanosMax(), "an engine's idle time is the wait for an answer");
        assertEquals(5, STANDARD.withTimes(times).loop().stopNanosMax());
        assertEquals(64, STANDARD.loop().connections());
        assertEquals(64, STANDARD.loop().sockets(), "no door");
    }

    /// Verifies nothing, and is as large as it says.
    private record Large(long heapBytes) implements PeerVerifier {
        @Override
        public int[] schemes() {
            return new int[] {0x0807};
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return Alert.UNKNOWN_CA;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return false;
        }
    }

    @Test
    void thePlanCountsAVerifierForEachConnectionThatMayShakeHands() throws Exception {
        ClientConfig config = STANDARD.withSize(64, 4, 9, 64);
        long without = Client.plan(config.withTls(new ClientTls(TlsClientConfig.defaults(), new Large(0), null, null))).heapBytes();
        long with = Client.plan(config.withTls(new ClientTls(TlsClientConfig.defaults(), new Large(1000), null, null))).heapBytes();
        assertEquals(9 * 1000, with - without);
        assertEquals(HeapLayout.instance(JdkVerifier.class), JdkVerifier.ofSystem().heapBytes());
    }
}
