package dev.coffer.cli.audit;

import dev.coffer.memory.RegionConfig.Commit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How the proofs are run.
///
/// @param fault       the one deliberate fault, if any
/// @param collectors  those under which residue is searched for
/// @param folder      for dumps and served files; the caller removes it
/// @param commit      when servers that are looked at commit their memory
public record Setting(Optional<String> fault, List<Collector> collectors, Path folder, Commit commit) {
    boolean has(String name) {
        return fault.isPresent() && fault.get().equals(name);
    }

    /// {@return options of a child JVM whose servers commit as asked for}
    List<String> options(String... more) {
        List<String> options = new ArrayList<>(List.of(more));
        options.add("-Dcoffer.commit=" + (commit == Commit.ON_TOUCH ? "touch" : "open"));
        return options;
    }
}
