package dev.coffer.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The BOM names what is shipped, all of it and nothing else.
class BomTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final Pattern MODULE = Pattern.compile("<module>(.+?)</module>");
    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>(coffer-[\\w-]+)</artifactId>");

    @Test
    void namesEveryShippedModuleAndNoOther() throws IOException {
        Set<String> shipped = new TreeSet<>();
        for (String module : names(MODULE, "pom.xml")) {
            String pom = Files.readString(ROOT.resolve(module).resolve("pom.xml"));
            if (!pom.contains("<coffer.unshipped>true") && !module.equals("bom")) {
                shipped.add("coffer-" + module.substring(module.lastIndexOf('/') + 1));
            }
        }
        Set<String> named = names(ARTIFACT, "bom/pom.xml");
        named.remove("coffer-bom");
        assertEquals(shipped, named);
        String bom = Files.readString(ROOT.resolve("bom/pom.xml"));
        assertFalse(bom.contains("<parent>"), "a parent would give its readers versions of other people's libraries");
        assertEquals(named.size(), bom.split("<groupId>dev\\.coffer</groupId><artifactId>").length - 1, "foreign artifacts in the BOM");
    }

    private static Set<String> names(Pattern pattern, String file) throws IOException {
        return pattern.matcher(Files.readString(ROOT.resolve(file))).results().map(m -> m.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }
}
