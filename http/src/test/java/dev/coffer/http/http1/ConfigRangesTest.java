package dev.coffer.http.http1;

import static dev.coffer.testkit.RecordRanges.check;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.http.Limits;
import dev.coffer.testkit.RecordRanges;
import org.junit.jupiter.api.Test;

/// Each limit is taken at both edges of the range that its page states and refused past them; each way to another limit changes that one.
class ConfigRangesTest {
    private static final long MILLI = 1_000_000;
    private static final long QUARTER = Long.MAX_VALUE / 4;
    private static final Limits LIMITS = Limits.defaults();
    private static final Http1Config CONFIG = Http1Config.defaults();

    @Test
    void limitsAreTakenAtTheirEdges() {
        check(LIMITS, "startLineBytesMax", 16, 65_535);
        check(LIMITS, "fieldBytesMax", 16, 65_535);
        check(LIMITS, "headBytesMax", 64, 65_535);
        check(LIMITS, "fieldsMax", 1, 4096);
        check(LIMITS, "bodyBytesMax", 0, Long.MAX_VALUE);
        for (String time : new String[] {"headNanosMax", "idleNanosMax", "graceNanos"}) {
            check(LIMITS, time, MILLI, QUARTER);
        }
        check(LIMITS, "bytesPerSecondMin", 1, 1_000_000_000);
    }

    @Test
    void configurationsAreTakenAtTheirEdges() {
        Http1Config small = Http1Config.defaults().withLimits(LIMITS.withHead(64, 1));
        check(small, "bodyWindowBytes", 64, 65_472);
        check(CONFIG, "chunkExtensionBytesMax", 0, 65_535);
        check(CONFIG, "drainBytesMax", 0, Long.MAX_VALUE);
        check(CONFIG, "sentHeadBytesMax", 256, 65_536);
        check(CONFIG, "continueNanosMax", MILLI, QUARTER);
    }

    @Test
    void headAndWindowTogetherAreAddressedBy16Bits() {
        Http1Config wide = new Http1Config(LIMITS.withHead(65_536 - 4096, 1), 4096, 0, 0, 256, MILLI);
        assertEquals(65_536, wide.inputBytes());
        assertThrows(IllegalArgumentException.class, () -> wide.withLimits(LIMITS.withHead(65_536 - 4095, 1)));
    }

    @Test
    void defaultsAreThoseOfThePage() {
        assertEquals(new Limits(8192, 8192, 16_384, 100, 1 << 20, 10_000 * MILLI, 60_000 * MILLI, 20_000 * MILLI, 256), LIMITS);
        assertEquals(new Limits(1024, 1024, 2048, 32, 1 << 20, 10_000 * MILLI, 60_000 * MILLI, 20_000 * MILLI, 256), Limits.tight());
        assertEquals(new Http1Config(LIMITS, 2048, 256, 1 << 16, 1024, 1_000 * MILLI), CONFIG);
        assertEquals(new Http1Config(Limits.tight(), 512, 256, 1 << 14, 512, 1_000 * MILLI), Http1Config.tight());
        assertEquals(2048 + 512 + 32 * 8, Http1Config.tight().plan().totalBytes());
        assertEquals(2048 + 512 + 32 * 8, Http1Config.tight().clientPlan().totalBytes());
    }

    @Test
    void eachWayToAnotherLimitChangesThatOne() {
        assertEquals("startLineBytesMax fieldBytesMax headBytesMax fieldsMax", RecordRanges.differences(LIMITS, LIMITS.withHead(100, 7)));
        assertEquals(100, LIMITS.withHead(100, 7).headBytesMax());
        assertEquals("fieldsMax", RecordRanges.differences(LIMITS, LIMITS.withFieldsMax(5)));
        assertEquals(5, LIMITS.withFieldsMax(5).fieldsMax());
        assertEquals("bodyBytesMax", RecordRanges.differences(LIMITS, LIMITS.withBodyBytesMax(5)));
        assertEquals(5, LIMITS.withBodyBytesMax(5).bodyBytesMax());
        Limits timed = LIMITS.withTimes(MILLI, 2 * MILLI, 3 * MILLI);
        assertEquals("headNanosMax idleNanosMax graceNanos", RecordRanges.differences(LIMITS, timed));
        assertEquals(new Limits(8192, 8192, 16_384, 100, 1 << 20, MILLI, 2 * MILLI, 3 * MILLI, 256), timed);
    }
}
