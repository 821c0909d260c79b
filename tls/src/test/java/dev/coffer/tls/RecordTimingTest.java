package dev.coffer.tls;

import static dev.coffer.testkit.TimeStatistics.SUSPECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.layout.BigEndian;
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

    /// Of each class: so many that none of them is always the one in the cache.
    private static final int TEMPLATES = 16;

    private final MemorySegment m = Arena.ofAuto().allocate(1 << 17);
    private final long state = 0;
    private final long secret = 2048;
    private final long wire = 4096;
    private final long plain = 8192;
    private final long templates = 16_384;
    private int next;
    private int ends;

    /// Takes what it hears as it is.
    private final RecordReader.Hearer hearer = new RecordReader.Hearer() {
        @Override
        public Alert onContent(int type, RecordInput record, long nowNanos) {
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
            Entropy.SYSTEM.fill(m, secret, KeySchedule.SECRET_BYTES_MAX);
            keys.suite(0);
            keys.read(m, secret);
            keys.write(m, secret);
            reader.begin();
            Runnable open = () -> assertEquals(RECORD, reader.feed(m, wire, RECORD, 0));
            IntConsumer prepare = kind -> seal(keys, kind);
            templates(new int[] {INNER - 1, INNER - 1}, false);
            double octets = t(suite + ", zeros and random octets", prepare, open);
            templates(new int[] {SHORT, LONG}, true);
            double honest = t(suite + ", content of " + SHORT + " and of " + LONG, prepare, open);
            double planted = t(suite + ", planted: a search that stops", prepare, () -> {
                open.run();
                int end = INNER;
                while (Wire.u8(m, plain + end - 1) == 0) {
                    end--;
                }
                ends += end;
            });
            assertTrue(planted > SUSPECT, "the planted leak is not seen: " + planted);
            assertTrue(honest < SUSPECT && octets < SUSPECT, "suspect: " + honest + ", " + octets);
            seal(keys, 1);  // the number of which nobody has opened
            assertTrue(t(suite + ", a tag that is wrong in its first octet and in its last", kind -> {
                MemorySegment.copy(m, wire, m, plain, RECORD);
                long wrong = plain + RECORD - (kind == 0 ? Aead.TAG_BYTES : 1);
                Wire.u8(m, wrong, Wire.u8(m, wrong) ^ 1);
            }, () -> assertFalse(keys.open(m, plain, INNER + Aead.TAG_BYTES))) < SUSPECT);
            reader.release();
            keys.wipe();
        }
    }

    /// Makes inner plaintexts of both classes, before anything is measured.
    ///
    /// @param content  of each class
    /// @param random   or zeros, in class 0; those of class 1 are random
    private void templates(int[] content, boolean random) {
        m.asSlice(templates, 2L * TEMPLATES * INNER).fill((byte) 0);
        for (int i = 0; i < 2 * TEMPLATES; i++) {
            int kind = i / TEMPLATES;
            long at = templates + (long) i * INNER;
            if (random || kind == 1) {
                Entropy.SYSTEM.fill(m, at, content[kind]);
            }
            Wire.u8(m, at + content[kind], Wire.APPLICATION_DATA);
        }
    }

    /// Seals one, with the same work for either class: what is done before would show in what is measured.
    private void seal(RecordKeys keys, int kind) {
        long from = templates + (long) (kind * TEMPLATES + next++ % TEMPLATES) * INNER;
        MemorySegment.copy(m, from, m, plain, INNER);
        MemorySegment.copy(m, from, m, wire + Wire.RECORD_HEADER_BYTES, INNER);
        Wire.u8(m, wire, Wire.APPLICATION_DATA);
        BigEndian.u16(m, wire + 1, Wire.TLS_1_2);
        BigEndian.u16(m, wire + 3, INNER + Aead.TAG_BYTES);
        keys.seal(m, wire, INNER);
    }
}
