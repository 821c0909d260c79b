package dev.coffer.cli.audit;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How the proofs are run.
///
/// @param fault       the one deliberate fault, if any
/// @param collectors  those under which residue is searched for
/// @param folder      for dumps and served files; the caller removes it
public record Setting(Optional<String> fault, List<Collector> collectors, Path folder) {
    boolean has(String name) {
        return fault.isPresent() && fault.get().equals(name);
    }
}
