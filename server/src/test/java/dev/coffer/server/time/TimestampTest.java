package dev.coffer.server.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimestampTest {
    private static String written(long seconds) {
        byte[] bytes = new byte[Timestamp.BYTES];
        Timestamp.write(MemorySegment.ofArray(bytes), 0, seconds);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    @Test
    void aMomentIsWrittenAsTheJdkWritesIt() {
        Random random = new Random(3);
        for (int i = 0; i < 200_000; i++) {
            long seconds = random.nextLong(-62_167_219_200L, 253_402_300_800L);
            assertEquals(Instant.ofEpochSecond(seconds).toString(), written(seconds));
        }
        for (String edge : new String[] {"0000-01-01T00:00:00Z", "0000-02-29T23:59:59Z", "1900-02-28T23:59:59Z", "1900-03-01T00:00:00Z",
                "2000-02-29T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"}) {
            assertEquals(edge, written(Instant.parse(edge).getEpochSecond()));
        }
        assertEquals("0000-01-01T00:00:00Z", written(Long.MIN_VALUE));
        assertEquals("9999-12-31T23:59:59Z", written(Long.MAX_VALUE));
    }
}
