package dev.coffer.crypto;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// Runs every case of one Wycheproof file, counts what came of each, and prints the counts.
public final class WycheproofCases {
    /// What a test made of one case. `true` where it ran, `false` where it skipped it, with a reason it printed.
    @FunctionalInterface
    public interface Case {
        /// Runs one case; throws an `AssertionError` where the outcome differs from the file's.
        boolean run(JsonObject group, JsonObject test) throws Exception;
    }

    private WycheproofCases() {}

    /// Runs all cases of a file; fails where fewer than the file holds were seen.
    ///
    /// @param name     the file below `wycheproof/`, without ending
    /// @param skipped  how many cases the test is expected to skip
    public static void run(String name, int skipped, Case one) {
        String path = "wycheproof/" + name + ".json.gz";
        Assumptions.assumeTrue(Vectors.present(path), Vectors.absence(path));
        JsonObject file;
        try (Reader reader = Vectors.reader(path)) {
            file = JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int ran = 0;
        int left = 0;
        for (JsonElement group : file.getAsJsonArray("testGroups")) {
            for (JsonElement test : group.getAsJsonObject().getAsJsonArray("tests")) {
                JsonObject object = test.getAsJsonObject();
                try {
                    if (one.run(group.getAsJsonObject(), object)) {
                        ran++;
                    } else {
                        left++;
                    }
                } catch (Throwable e) {
                    throw new AssertionError(name + " tcId " + object.get("tcId") + " " + object.get("comment")
                            + " " + object.get("flags") + " (" + object.get("result") + "): " + e, e);
                }
            }
        }
        System.out.printf(Locale.ROOT, "wycheproof %s: %d run, %d skipped, %d in the file%n", name, ran, left,
                file.get("numberOfTests").getAsInt());
        Assertions.assertEquals(file.get("numberOfTests").getAsInt(), ran + left, "cases seen");
        Assertions.assertEquals(skipped, left, "cases skipped");
    }
}
