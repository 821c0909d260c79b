package dev.coffer.instruments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        assertTrue(scan.found(0), "a secret that starts with zeros, in a block of them");
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
