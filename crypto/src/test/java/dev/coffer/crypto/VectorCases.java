package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// A file of test groups, as ACVP and Wycheproof write them: runs every case, counts, and fails where the file holds more
/// cases than were run or named as unsupported.
public final class VectorCases {
    /// What became of a case that did not fail.
    public enum Ran { PASSED, UNSUPPORTED, LEFT_TO_THE_LONG_PROFILE }

    /// One case, with the arena that its segments live in.
    public interface Body {
        Ran run(JsonObject group, JsonObject test, Arena arena);
    }

    private VectorCases() {}

    /// Runs every case of a file, or skips by name where there is no folder of vectors.
    ///
    public static void run(String file, Body body) {
        assumeTrue(Vectors.present(file), Vectors.absence(file));
        JsonObject root;
        try (Reader reader = Vectors.reader(file)) {
            root = JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
        int passed = 0;
        int unsupported = 0;
        int left = 0;
        for (JsonElement group : root.getAsJsonArray("testGroups")) {
            for (JsonElement test : group.getAsJsonObject().getAsJsonArray("tests")) {
                try (Arena arena = Arena.ofConfined()) {
                    switch (body.run(group.getAsJsonObject(), test.getAsJsonObject(), arena)) {
                        case PASSED -> passed++;
                        case UNSUPPORTED -> unsupported++;
                        case LEFT_TO_THE_LONG_PROFILE -> left++;
                    }
                } catch (Throwable e) {
                    throw new AssertionError(file + " tcId " + test.getAsJsonObject().get("tcId") + ": " + e, e);
                }
            }
        }
        int held = root.get("numberOfTests").getAsInt();
        System.out.printf("vectors %s: %d held, %d run, %d unsupported, %d left to the long profile%n", file, held, passed, unsupported, left);
        assertEquals(held, passed + unsupported + left, "cases run of " + file);
        assertTrue(passed > 0, "no case run of " + file);
    }

    /// {@return the bytes of a hex field in native memory, exactly as long as they are}
    public static MemorySegment bytes(JsonObject test, String field, Arena arena) {
        byte[] bytes = HexFormat.of().parseHex(test.get(field).getAsString());
        MemorySegment segment = arena.allocate(bytes.length);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }

    public static String hex(MemorySegment segment) {
        return HexFormat.of().formatHex(segment.toArray(ValueLayout.JAVA_BYTE));
    }
}
