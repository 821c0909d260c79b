package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Wipe;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No secret byte on the Java heap, from the first call on: a child process uses every primitive in the strict profile,
/// and its heap dumps, garbage included, are searched for each eight bytes of each secret, as bytes and as words of both
/// orders; for AES also for its expanded key as the standard writes it and as we do. A planted control must be found.
class ResidueTest {
    private static final int WINDOW_BYTES = 8;
    private static final int SCHEDULE_WINDOW_BYTES = 32;  // our round keys repeat every bit four times
    private static final int WIDE_WINDOW_BYTES = 16;      // twelve bits of chance in each int: two of them stand anywhere

    @Test
    void noSecretIsOnTheHeapFromTheFirstCallOn(@TempDir Path folder) throws Exception {
        run(folder, 300);
        List<Pattern> patterns = patterns(folder);
        for (String dump : List.of("first.hprof", "many.hprof")) {
            Map<String, Integer> found = search(Files.readAllBytes(folder.resolve(dump)), patterns);
            System.out.printf("residue %s: %d bytes, %d patterns of %d secrets, found %s%n", dump,
                    Files.size(folder.resolve(dump)), patterns.size(),
                    patterns.stream().map(Pattern::secret).distinct().count(), found);
            assertTrue(found.getOrDefault("control", 0) >= 2 * (32 - WINDOW_BYTES) / 4,
                    "the scan does not find the planted copies: " + found);
            found.remove("control");
            assertEquals(Map.of(), found, dump);
        }
    }

    private static void run(Path folder, int calls) throws Exception {
        String classes = List.of(Hash.class, Wipe.class).stream().map(ResidueTest::place)
                .collect(Collectors.joining(java.io.File.pathSeparator));
        String tests = Path.of(System.getProperty("coffer.root", ".."), "crypto", "target", "test-classes").toString();
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED", "-cp", classes + java.io.File.pathSeparator + tests
                        + java.io.File.pathSeparator + System.getProperty("java.class.path"),
                ResidueChild.class.getName(), folder.toString(), Integer.toString(calls))
                .redirectErrorStream(true).redirectOutput(folder.resolve("child.log").toFile()).start();
        assertEquals(0, Eventually.ended(child), () -> {
            try {
                return Files.readString(folder.resolve("child.log"));
            } catch (IOException e) {
                return e.toString();
            }
        });
    }

    private static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (java.net.URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private record Pattern(String secret, byte[] bytes) {}

    private static List<Pattern> patterns(Path folder) throws IOException {
        List<Pattern> patterns = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                byte[] bytes = Files.readAllBytes(file);
                if (name.endsWith(".secret")) {
                    String secret = name.substring(0, name.length() - ".secret".length());
                    windows(secret, bytes, secret.equals("s of ML-KEM as ints") ? WIDE_WINDOW_BYTES : WINDOW_BYTES, patterns);
                    if (secret.startsWith("key of AES")) {
                        int keyBytes = secret.contains("128") ? 16 : 32;
                        windows(secret + ", expanded", expand(java.util.Arrays.copyOf(bytes, keyBytes)), WINDOW_BYTES, patterns);
                    }
                } else if (name.endsWith(".schedule")) {
                    windows(name, bytes, SCHEDULE_WINDOW_BYTES, patterns);
                }
            }
        }
        return patterns;
    }

    /// Every fourth window in three forms: as it is, and with its words of four and of eight bytes reversed.
    private static void windows(String secret, byte[] bytes, int length, List<Pattern> patterns) {
        for (int at = 0; at + length <= bytes.length; at += 4) {
            byte[] window = java.util.Arrays.copyOfRange(bytes, at, at + length);
            java.util.Set<Byte> distinct = new java.util.HashSet<>();
            for (byte b : window) {
                distinct.add(b);
            }
            if (distinct.size() < 5 || length == WINDOW_BYTES && halfIsZero(window)) {
                continue;  // zeros and the like are everywhere, and so are object addresses: four bytes beside four zeros
            }
            patterns.add(new Pattern(secret, window));
            patterns.add(new Pattern(secret, reversed(window, Integer.BYTES)));
            patterns.add(new Pattern(secret, reversed(window, Long.BYTES)));
        }
    }

    private static boolean halfIsZero(byte[] window) {
        long word = ByteBuffer.wrap(window).getLong();
        return (int) word == 0 || word >>> Integer.SIZE == 0;
    }

    private static byte[] reversed(byte[] bytes, int word) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[i / word * word + word - 1 - i % word];
        }
        return reversed;
    }

    private static Map<String, Integer> search(byte[] dump, List<Pattern> patterns) {
        Map<Long, List<Pattern>> byStart = new HashMap<>();
        BitSet maybe = new BitSet(1 << 16);
        for (Pattern pattern : patterns) {
            long start = ByteBuffer.wrap(pattern.bytes).order(ByteOrder.BIG_ENDIAN).getLong();
            byStart.computeIfAbsent(start, s -> new ArrayList<>()).add(pattern);
            maybe.set((int) (start >>> 48));
        }
        Map<String, Integer> found = new TreeMap<>();
        long window = 0;
        for (int i = 0; i < dump.length; i++) {
            window = window << 8 | dump[i] & 0xff;
            if (i < 7 || !maybe.get((int) (window >>> 48))) {
                continue;
            }
            int at = i - 7;
            for (Pattern pattern : byStart.getOrDefault(window, List.of())) {
                if (at + pattern.bytes.length <= dump.length && java.util.Arrays.equals(dump, at,
                        at + pattern.bytes.length, pattern.bytes, 0, pattern.bytes.length)) {
                    found.merge(pattern.secret, 1, Integer::sum);
                }
            }
        }
        return found;
    }

    /// FIPS 197, section 5.2, the plain way, on the heap: what another implementation would leave there.
    private static byte[] expand(byte[] key) {
        int words = key.length / 4;
        byte[] all = java.util.Arrays.copyOf(key, 16 * (words + 7));
        int constant = 1;
        for (int i = words; i < all.length / 4; i++) {
            byte[] t = java.util.Arrays.copyOfRange(all, 4 * i - 4, 4 * i);
            if (i % words == 0) {
                t = new byte[] {(byte) (box(t[1]) ^ constant), box(t[2]), box(t[3]), box(t[0])};
                constant = constant << 1 ^ (constant >>> 7) * 0x11b;
            } else if (words == 8 && i % words == 4) {
                t = new byte[] {box(t[0]), box(t[1]), box(t[2]), box(t[3])};
            }
            for (int b = 0; b < 4; b++) {
                all[4 * i + b] = (byte) (all[4 * (i - words) + b] ^ t[b]);
            }
        }
        return all;
    }

    private static byte box(byte value) {
        int inverse = 0;
        for (int candidate = 1; candidate < 256; candidate++) {
            if (times(value & 0xff, candidate) == 1) {
                inverse = candidate;
            }
        }
        int result = 0x63;
        for (int turn = 0; turn < 5; turn++) {
            result ^= (inverse << turn | inverse >>> 8 - turn) & 0xff;
        }
        return (byte) result;
    }

    private static int times(int a, int b) {
        int product = 0;
        for (int bit = 0; bit < 8; bit++) {
            product ^= (b >>> bit & 1) * a << bit;
        }
        for (int bit = 14; bit >= 8; bit--) {
            product ^= (product >>> bit & 1) * 0x11b << bit - 8;
        }
        return product;
    }
}
