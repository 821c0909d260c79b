package dev.coffer.instruments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResidueScanTest {
    private static final PlantedSecrets SECRETS = new PlantedSecrets(7, 100);

    @TempDir
    Path folder;

    private ResidueScan scanOf(byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("content"), content);
        ResidueScan scan = ResidueScan.of(SECRETS);
        scan.search(file);
        assertEquals(content.length, scan.searchedBytes());
        return scan;
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(1).nextBytes(noise);
        return noise;
    }

    @Test
    void findsEverySecretAtAnyOffset() throws IOException {
        byte[] content = noise(100 * 77 + 40);
        for (int i = 0; i < 100; i++) {
            System.arraycopy(SECRETS.bytes(i), 0, content, 77 * i + 3, PlantedSecrets.BYTES);
        }
        ResidueScan scan = scanOf(content);
        assertEquals(100, scan.found(0, 100));
        assertEquals(200, scan.copies(), "two halves each");
    }

    @Test
    void findsWhatStandsBetweenBlocksOfZeros() throws IOException {
        for (int at : new int[] {0, 1, 4080, 4081, 4095, 4096, 8192, 12288 - 16, 12288 - 15, 16384 - 16}) {
            byte[] content = new byte[16384];
            System.arraycopy(SECRETS.bytes(3), 0, content, at, Math.min(32, content.length - at));
            assertTrue(scanOf(content).found(3), "at " + at);
        }
        ResidueScan scan = new ResidueScan();
        byte[] zerosInFront = new byte[16];
        zerosInFront[15] = 1;
        scan.add(0, zerosInFront);
        byte[] content = new byte[8192];
        content[4096] = 1;
        scan.search(Files.write(folder.resolve("zeros"), content));
        assertEquals(4, scan.copies(), "each form of a secret that starts with zeros, in a block of them or behind it");
    }

    @Test
    void findsNothingInNoise() throws IOException {
        assertEquals(0, scanOf(noise(1 << 20)).copies());
    }

    @Test
    void findsEachHalfAndNothingShorter() throws IOException {
        byte[] content = new byte[64];
        System.arraycopy(SECRETS.bytes(5), 16, content, 48, 16);
        assertTrue(scanOf(content).found(5), "second half at the very end");
        content[63]++;
        assertEquals(0, scanOf(content).copies(), "15 bytes are not enough");
    }

    /// Each place of each length of what is searched, and nowhere else: it is looked at in steps of several bytes.
    @Test
    void findsTheFirstHalfWhereverItIs() {
        byte[] half = Arrays.copyOf(SECRETS.bytes(2), ResidueScan.PATTERN_BYTES);
        byte[] noise = noise(64);
        for (int length = half.length; length < noise.length; length++) {
            for (int at = 0; at + half.length <= length; at++) {
                byte[] content = Arrays.copyOf(noise, length);
                System.arraycopy(half, 0, content, at, half.length);
                ResidueScan scan = ResidueScan.of(SECRETS);
                scan.search(MemorySegment.ofArray(content), length);
                assertEquals(1, scan.copies(), at + " of " + length);
                scan = ResidueScan.of(SECRETS);
                scan.search(MemorySegment.ofArray(content), at + half.length - 1);
                assertEquals(0, scan.copies(), at + " of " + length + ", cut");
            }
        }
    }

    @Test
    void findsWordsOfTheOtherByteOrder() throws IOException {
        byte[] secret = SECRETS.bytes(9);
        for (int word : new int[] {4, 8, 32}) {
            byte[] content = new byte[41];
            for (int i = 0; i < 32; i++) {
                content[9 + i] = secret[i / word * word + word - 1 - i % word];
            }
            ResidueScan scan = scanOf(content);
            assertTrue(scan.found(9), "words of " + word);
            assertEquals(1, scan.found(0, 100));
        }
    }

    @Test
    void takesMoreFormsOfASecretAndRefusesOddLengths() throws IOException {
        ResidueScan scan = new ResidueScan();
        scan.add(3, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        byte[] content = new byte[16];
        for (int i = 0; i < 16; i++) {
            content[i] = (byte) (i + 1);
        }
        scan.search(Files.write(folder.resolve("form"), content));
        assertTrue(scan.found(3));
        assertThrows(IllegalArgumentException.class, () -> scan.add(4, new byte[17]));
        assertThrows(IllegalArgumentException.class, () -> scan.add(4, new byte[0]));
    }

    @Test
    void secretsOfOneSetDiffer() {
        PlantedSecrets other = new PlantedSecrets(8, 100);
        assertFalse(java.util.Arrays.equals(SECRETS.bytes(0), SECRETS.bytes(1)));
        assertFalse(java.util.Arrays.equals(SECRETS.bytes(0), other.bytes(0)));
    }
}
