package dev.coffer.cli;

import dev.coffer.evm.precompiles.CurveLibrary;
import dev.coffer.evm.precompiles.LibraryPrecompiles;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// The precompiles that the `evm` commands take of a library: `--precompiles`, else the property, else the fastest.
final class Precompiled {
    private Precompiled() {}

    /// @param word  what the option said; null where it was not given
    static LibraryPrecompiles open(CommandSpec spec, String word) {
        try {
            return word == null ? LibraryPrecompiles.open() : LibraryPrecompiles.open(word);
        } catch (IllegalArgumentException e) {
            throw unknown(spec, word, e);
        } catch (IllegalStateException e) {
            throw new Failure(e.getMessage());
        }
    }

    /// {@return the library that [#open] would take, which is not opened}
    static CurveLibrary library(CommandSpec spec, String word) {
        try {
            return CurveLibrary.named(word == null ? System.getProperty(CurveLibrary.PROPERTY, "auto") : word);
        } catch (IllegalArgumentException e) {
            throw unknown(spec, word, e);
        }
    }

    private static ParameterException unknown(CommandSpec spec, String word, IllegalArgumentException e) {
        String option = word == null ? "-D" + CurveLibrary.PROPERTY : "--precompiles";
        return new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }

    /// Says on the error stream which library it is.
    static void say(CommandSpec spec, LibraryPrecompiles precompiles) {
        spec.commandLine().getErr().println(precompiles.choice());
        spec.commandLine().getErr().flush();
    }
}
