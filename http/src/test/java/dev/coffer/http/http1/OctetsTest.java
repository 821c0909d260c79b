package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.http.Ascii;
import dev.coffer.http.internal.Octets;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Eight octets at a time answer as one at a time does.
class OctetsTest {
    private static final int BYTES = 40;

    @Test
    void aKindIsThatOfEveryOctetWhereverTheOddOneLies() {
        byte[] bytes = new byte[BYTES];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int kind : new int[] {Octets.TOKEN, Octets.VALUE, Octets.TARGET, Octets.NAME, Octets.HEX}) {
            for (int place = 0; place < 20; place++) {
                for (int odd = 0; odd < 256; odd++) {
                    Arrays.fill(bytes, (byte) 'a');
                    bytes[3 + place] = (byte) odd;
                    assertEquals(Octets.is(odd, kind), Octets.all(segment, 3, 20, kind), "octet " + odd + " at " + place + ", kind " + kind);
                    assertEquals(true, Octets.all(segment, 3, place, kind), "behind the range");
                }
            }
        }
    }

    @Test
    void anyTwoNeighboursAreJudgedEachByItself() {
        byte[] bytes = new byte[8];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int a = 0; a < 256; a++) {
            for (int b = 0; b < 256; b++) {
                Arrays.fill(bytes, (byte) '~');
                bytes[4] = (byte) a;
                bytes[5] = (byte) b;
                assertEquals(Octets.is(a, Octets.VALUE) && Octets.is(b, Octets.VALUE), Octets.all(segment, 0, 8, Octets.VALUE), a + ", " + b);
            }
        }
    }

    @Test
    void everyLengthIsCopiedWholeAndNothingBesideIt() {
        MemorySegment source = Arena.ofAuto().allocate(160);
        MemorySegment target = Arena.ofAuto().allocate(160);
        for (int i = 0; i < 160; i++) {
            source.set(ValueLayout.JAVA_BYTE, i, (byte) (i + 1));
        }
        for (int length = 0; length <= 140; length++) {
            target.fill((byte) 0);
            Octets.copy(source, 5, target, 3, length);
            for (int i = 0; i < 160; i++) {
                assertEquals(i >= 3 && i < 3 + length ? (byte) (i + 3) : 0, target.get(ValueLayout.JAVA_BYTE, i), length + " octets, " + i);
            }
        }
    }

    @Test
    void theFirstOneIsFound() {
        Seeds.forEach(1, 20_000, random -> {
            byte[] bytes = new byte[BYTES];
            int octet = random.nextInt(128);
            for (int i = 0; i < BYTES; i++) {  // few kinds, and next to it: what a borrow would take for it
                bytes[i] = (byte) (octet + random.nextInt(-2, 3) ^ (random.nextInt(4) == 0 ? 0x80 : 0));
            }
            int base = random.nextInt(3);
            int from = random.nextInt(20);
            int to = from + random.nextInt(17);
            int expected = -1;
            for (int i = to - 1; i >= from; i--) {
                expected = bytes[base + i] == octet ? i : expected;
            }
            assertEquals(expected, Octets.indexOf(MemorySegment.ofArray(bytes), base, from, to, octet), Arrays.toString(bytes));
        });
    }

    @Test
    void aConstantKnowsWhetherItHoldsAControl() {
        for (char c = 0; c < 128; c++) {
            assertEquals(!Octets.is(c, Octets.VALUE), Ascii.of("a" + c + "b").hasControl(), "character " + (int) c);
        }
        assertEquals(false, Ascii.of("").hasControl());
    }
}
