package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteRangeTest {
    @ParameterizedTest
    @CsvSource({"bytes=0-0,10,0,0", "bytes=0-9,10,0,9", "bytes=0-10,10,0,9", "bytes=9-,10,9,9", "bytes=3-5,10,3,5",
            "BYTES=3-5,10,3,5", "bytes=-1,10,9,9", "bytes=-10,10,0,9", "bytes=-11,10,0,9", "bytes=0-,1,0,0",
            "bytes=0-99999999999999999999999,10,0,9", "bytes=-99999999999999999999999,10,0,9", "bytes=007-008,10,7,8"})
    void findsFirstAndLast(String field, long size, long first, long last) {
        byte[] sent = field.getBytes(StandardCharsets.US_ASCII);
        MemorySegment value = MemorySegment.ofArray(sent);
        assertEquals(first, ByteRange.first(value, 0, sent.length, size));
        assertEquals(last, ByteRange.last(value, 0, sent.length, size));
    }

    @ParameterizedTest
    @CsvSource({"bytes=10-,10,-2", "bytes=10-20,10,-2", "bytes=-0,10,-2", "bytes=0-0,0,-2", "bytes=-5,0,-1", "bytes=-1,0,-1", "bytes=-0,0,-2", "bytes=1-,0,-2",
            "bytes=99999999999999999999999-,10,-2", "bytes=,10,-1", "bytes=-,10,-1", "bytes,10,-1", "bytes=5-3,10,-1",
            "bytes=a-b,10,-1", "bytes=1,10,-1", "bytes=1-2-3,10,-1", "bytes=--1,10,-1", "items=0-1,10,-1", "'',10,-1",
            "'bytes=0-1,3-4',10,-1", "bytes= 0-1,10,-1", "bytes=0 -1,10,-1"})
    void ignoresOrCannotSatisfy(String field, long size, long code) {
        byte[] sent = field.getBytes(StandardCharsets.US_ASCII);
        assertEquals(code, ByteRange.first(MemorySegment.ofArray(sent), 0, sent.length, size));
    }
}
