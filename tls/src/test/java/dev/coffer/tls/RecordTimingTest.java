package dev.coffer.tls;

import static dev.coffer.testkit.TimeStatistics.SUSPECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.TimeStatistics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Records of one length, taken, opened and cut at their padding: what is in them shows in no time, as statistics see it. The planted leak is a search for the end of the
/// content that stops there. See [dev.coffer.testkit.TimeStatistics].
@Tag("long")
class RecordTimingTest {
    private static final int INNER = 2048;
    private static final int RECORD = Wire.RECORD_HEADER_BYTES + INNER + Aead.TAG_BYTES;
    private static final int SHORT = 10;
    private static final int LONG = INNER - 10;

    private final MemorySegment m = Arena.ofAuto().allocate(1 << 16);
    private final long state = 0;
    private final long secret = 2048;
    private final long wire = 4096;
    private final long plain = 8192;
    private int heard;
    private int ends;

    /// Takes what it hears as it is.
    private final RecordReader.Hearer hearer = new RecordReader.Hearer() {
        @Override
        public Alert onContent(int type, RecordInput record, long nowNanos) {
            heard++;
            record.taken(record.contentBytes());
            return null;
        }

        @Override
        public boolean deliver(RecordInput record, long nowNanos) {
            throw new AssertionError("all was taken");
        }

        @Override
        public void fail(Alert alert, long nowNanos) {
            throw new AssertionError(alert);
        }

        @Override
        public void giveWay(long nowNanos) {
            throw new AssertionError("nobody lacks a slot");
        }

        @Override
        public boolean isShaking() {
            return false;
        }

        @Override
        public boolean hearsPlainAlerts() {
            return false;
        }

        @Override
        public boolean isMidMessage() {
            return false;
        }
    };

    private static double t(String name, IntConsumer prepare, Runnable operation) {
        return TimeStatistics.t(name, prepare, operation);
    }

    private static List<CipherSuite> suites() {
        return TlsServerConfig.defaults().suites();
    }

    @ParameterizedTest
    @MethodSource("suites")
    void whatARecordHoldsAndHowMuchOfItIsPaddingDoesNotShow(CipherSuite suite) throws Exception {
        try (Place place = Place.of(TlsServerConfig.defaults().withCounts(1, 1, 1).withSuites(suite), Identities.of(KeyAlgorithm.ED25519, "coffer.test"))) {
            RecordKeys keys = new RecordKeys(place.context(), 0, m, state);
            RecordReader reader = new RecordReader(place.context(), 0, keys, hearer);
            RecordWriter writer = new RecordWriter(keys, 1);
            Entropy.SYSTEM.fill(m, secret, KeySchedule.SECRET_BYTES_MAX);
            keys.suite(0);
            keys.read(m, secret);
            keys.write(m, secret);
            writer.begin();
            writer.protect(true);
            reader.begin();
            Runnable open = () -> assertEquals(RECORD, reader.feed(m, wire, RECORD, 0));
            assertTrue(t(suite + ", zeros and random octets", kind -> seal(writer, INNER - 1, kind == 1), open) < SUSPECT);
            double honest = t(suite + ", content of " + SHORT + " and of " + LONG, kind -> seal(writer, kind == 0 ? SHORT : LONG, true), open);
            double planted = t(suite + ", planted: a search that stops", kind -> seal(writer, kind == 0 ? SHORT : LONG, true), () -> {
                open.run();
                int end = INNER;
                while (Wire.u8(m, plain + end - 1) == 0) {
                    end--;
                }
                ends += end;
            });
            assertTrue(planted > SUSPECT, "the planted leak is not seen: " + planted);
            assertTrue(honest < SUSPECT);
            int before = heard;
            assertTrue(t(suite + ", a tag that is wrong in its first octet and in its last", kind -> {
                if (heard == before) {  // one record, the number of which nobody has opened
                    seal(writer, INNER - 1, true);
                    heard++;
                }
                MemorySegment.copy(m, wire, m, plain, RECORD);
                long wrong = plain + RECORD - (kind == 0 ? Aead.TAG_BYTES : 1);
                Wire.u8(m, wrong, Wire.u8(m, wrong) ^ 1);
            }, () -> assertFalse(keys.open(m, plain, INNER + Aead.TAG_BYTES))) < SUSPECT);
            reader.release();
            keys.wipe();
        }
    }

    private void seal(RecordWriter writer, int content, boolean random) {
        long at = wire + Wire.RECORD_HEADER_BYTES;
        m.asSlice(at, INNER).fill((byte) 0);
        if (random) {
            Entropy.SYSTEM.fill(m, at, content);
        }
        MemorySegment.copy(m, at, m, plain, content);
        Wire.u8(m, plain + content, Wire.APPLICATION_DATA);
        m.asSlice(plain + content + 1, INNER - content - 1).fill((byte) 0);
        assertEquals(RECORD, writer.sealEarly(m, wire, content, INNER - 1 - content));
    }
}
