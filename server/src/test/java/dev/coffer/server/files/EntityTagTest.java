package dev.coffer.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntityTagTest {
    private static boolean listed(String list, String tag, boolean strongly) {
        byte[] l = list.getBytes(StandardCharsets.ISO_8859_1);
        byte[] t = tag.getBytes(StandardCharsets.ISO_8859_1);
        return EntityTag.isListed(MemorySegment.ofArray(l), 0, l.length, MemorySegment.ofArray(t), 0, t.length,
                strongly);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '~', value = {
            // list; ours; weakly; strongly
            "\"a\"; \"a\"; true; true", "W/\"a\"; \"a\"; true; false", "\"a\"; W/\"a\"; true; false",
            "W/\"a\"; W/\"a\"; true; false", "\"b\"; \"a\"; false; false", "\"b\", \"a\"; \"a\"; true; true",
            "\"b\",\"a\"; \"a\"; true; true", ", ,\"a\"; \"a\"; true; true", "\"b\"\"a\"; \"a\"; false; false", "\"b\" \"a\"; \"a\"; false; false",
            "\"b\" \t,\"a\"; \"a\"; true; true",
            "\"b\",; \"b\"; true; true", "*; \"a\"; true; true", "\"a; \"a\"; false; false",
            "a; \"a\"; false; false", "\"\"; \"a\"; false; false", "w/\"a\"; \"a\"; false; false", "\"ab\"; \"a\"; false; false",
            "\"b,\", \"a\"; \"a\"; true; true", "W/; \"a\"; false; false", "~~; \"a\"; false; false"})
    void comparesAsTheStandardDoes(String list, String ours, boolean weakly, boolean strongly) {
        assertEquals(weakly, listed(list, ours, false));
        assertEquals(strongly, listed(list, ours, true));
    }

    @Test
    void longestTagFits() {
        byte[] bytes = new byte[EntityTag.BYTES_MAX];
        MemorySegment target = MemorySegment.ofArray(bytes);
        String f = "ffffffffffffffff";
        int length = EntityTag.write(target, 0, false, -1, -1, -1, -1);
        assertEquals(EntityTag.BYTES_MAX, length);
        assertEquals("W/\"" + f + "-" + f + "-" + f + "-" + f + "\"", new String(bytes, StandardCharsets.US_ASCII));
        assertTrue(EntityTag.BYTES_MAX <= OpenFile.MODIFIED - OpenFile.ETAG, "room of a slot");
        assertEquals("\"0-9-a-1f\"", new String(bytes, 0, EntityTag.write(target, 0, true, 0, 9, 10, 31),
                StandardCharsets.US_ASCII));
    }
}
