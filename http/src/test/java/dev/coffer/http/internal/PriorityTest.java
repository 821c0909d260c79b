package dev.coffer.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What `priority` says (RFC 9218, sections 4, 5), as the dictionary of RFC 9651 that it is.
class PriorityTest {
    private static final int INCREMENTAL = 8;

    private static int read(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return Priority.read(MemorySegment.ofArray(("," + text + ",").getBytes(StandardCharsets.ISO_8859_1)), 1, bytes.length);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            value = {"''|3", "' '|3", "u=0|0", "u=7|7", "u=1, i|9", "i,u=1|9", "i=?1,u=2|10", "i=?0|3", "i;x;y=2|11", "u=5;a=b;c=\"d,e\" \t,\t i|13",
                    "u=03|3", "u=-0|0", "' u=4 '|4", "x, y=(), z=(a \"b\" 1.5;q ?0);r, u=6|6", "*a._-*9=:Zm9v:, d=@-1, e=%\"f%c3%bc\", u=1|1", "u=2, a=b*/:c|2",
                    "u=1, u=4|4", "i, i=?0|3", "a=\"\\\"\\\\,u=1\", u=6|6", "u=1,a=123456789012345|1", "u=1,a=123456789012.123|1"})
    void isReadAsADictionary(String text, int expected) {
        assertEquals(expected, read(text));
    }

    /// Section 4: what is unknown, out of range or of another type is as if it were not said; the last of a name is the one that counts.
    @ParameterizedTest
    @ValueSource(strings = {"u=8", "u=-1", "u=10", "u=1.0", "u=\"1\"", "u=?1", "u", "u=(1)", "u=a", "u=@1", "u=1, u=9", "uu=1", "i=1", "i=a", "i, i=1", "a=1"})
    void whatIsNotUnderstoodSaysNothing(String text) {
        assertEquals(Priority.URGENCY, read(text));
    }

    /// RFC 9651, section 4.2: one fault and the field is not there, all of it.
    @ParameterizedTest
    @ValueSource(strings = {"u=1,", "u=1, ", ",u=1", "u=1,,i", "u=1 i", "u=1;", "u=1;=", "u =1", "u= 1", "U=1", "u=1, !", "u=1, i=?2", "u=1, i=?", "u=", "u=1x",
            "u=1.",
            "u=1, a=1.2345", "u=1, a=1234567890123456", "u=1, a=1234567890123.1", "u=-", "u=1, a=\"", "u=1, a=\"\\x\"", "u=1, a=\"\u00fc\"", "u=1, a=:a",
            "u=1, a=:a b:",
            "u=1, a=@1.5", "u=1, a=@", "u=1, a=%x", "u=1, a=%\"%C3\"", "u=1, a=%\"%g0\"", "u=1, a=(1", "u=1, a=(1,2)", "u=1, a=(1\"b\")", "u=1;a=", "u=1;9",
            "\tu=1", "u=1, \u00fc"})
    void whatIsNoDictionarySaysNothingAtAll(String text) {
        assertEquals(Priority.NONE, read(text));
    }

    /// Whatever stands there is read within its bounds: a field's are those of the memory here.
    @Test
    void anyOctetsAreReadWithinTheirBounds() {
        SplittableRandom random = new SplittableRandom(5);
        String alphabet = "ui=?01;,() \t\"\\:@%.-*a9/\u00e4";
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) alphabet.charAt(random.nextInt(alphabet.length()));
            }
            int priority = Priority.read(MemorySegment.ofArray(bytes), 0, bytes.length);
            assertEquals(priority, priority < 0 ? Priority.NONE : Priority.urgency(priority) | (Priority.isIncremental(priority) ? INCREMENTAL : 0));
        }
    }
}
