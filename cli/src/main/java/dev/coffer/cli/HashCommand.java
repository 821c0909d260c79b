package dev.coffer.cli;

import dev.coffer.crypto.Hash;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer hash`: digests of files of any size in constant memory, a line each, and lists of them checked, as `sha256sum`
/// of GNU coreutils does both.
@Command(name = "hash", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Hash files or standard input; one line each: digest, two blanks, name. Or check such lines.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done; with --check, every file is as it was", "1:a file could not be read, or is another",
                "2:a wrong command line", "70:a fault of coffer's own", "71:memory that the machine refuses",
                "141:who read standard output went away"})
final class HashCommand implements Callable<Integer> {
    /// The hash functions by the names that people type.
    enum Algorithm {
        SHA_256(Hash.SHA_256, "SHA256"), SHA_384(Hash.SHA_384, "SHA384"), SHA_512(Hash.SHA_512, "SHA512"),
        SHA3_224(Hash.SHA3_224, "SHA3-224"), SHA3_256(Hash.SHA3_256, "SHA3-256"), SHA3_384(Hash.SHA3_384, "SHA3-384"),
        SHA3_512(Hash.SHA3_512, "SHA3-512"), KECCAK_256(Hash.KECCAK_256, "KECCAK-256");

        private final Hash hash;
        private final String tag;

        Algorithm(Hash hash, String tag) {
            this.hash = hash;
            this.tag = tag;
        }

        Hash hash() {
            return hash;
        }

        /// {@return the name in lines of the form with one}
        String tag() {
            return tag;
        }
    }

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", defaultValue = "sha-256",
            description = "sha-256 (default), sha-384, sha-512, sha3-224, sha3-256, sha3-384, sha3-512, keccak-256.")
    private Algorithm algorithm;

    @Option(names = {"-c", "--check"}, description = "Read digests from the files and check them.")
    private boolean check;

    @Option(names = "--tag", description = "Lines with the algorithm's name, as BSD systems print them.")
    private boolean tag;

    @Option(names = {"-z", "--zero"}, description = "End lines with NUL, and escape no name.")
    private boolean zero;

    @Option(names = "--ignore-missing", description = "With --check: say nothing of files that are missing.")
    private boolean ignoreMissing;

    @Option(names = "--strict", description = "With --check: exit 1 for lines that are no digests.")
    private boolean strict;

    private ChecksumCheck.Words words;  // null where none of the three was given; the last one counts

    @Option(names = "--quiet", description = "With --check: print no OK.")
    private void quiet(boolean given) {
        words = ChecksumCheck.Words.NO_OK;
    }

    @Option(names = "--status", description = "With --check: print nothing, the exit code says it.")
    private void status(boolean given) {
        words = ChecksumCheck.Words.NONE;
    }

    @Option(names = {"-w", "--warn"}, description = "With --check: name each line that is no digest.")
    private void warn(boolean given) {
        words = ChecksumCheck.Words.MORE;
    }

    @Parameters(paramLabel = "FILE", description = "Files; - or none is standard input.")
    private List<String> files = List.of(Standard.NAME);

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (check && (tag || zero)) {
            throw new ParameterException(spec.commandLine(), (tag ? "--tag" : "--zero") + " and --check exclude each other");
        }
        if (!check && (ignoreMissing || strict || words != null)) {
            throw new ParameterException(spec.commandLine(),
                    "--ignore-missing, --quiet, --status, --strict and --warn go with --check");
        }
        boolean failed = false;
        try (CommandFiles opened = CommandFiles.of(spec); Digests digests = new Digests(opened, algorithm.hash())) {
            opened.refusePassing(files);
            ChecksumCheck checking = new ChecksumCheck(spec, opened, digests, algorithm,
                    words == null ? ChecksumCheck.Words.USUAL : words, ignoreMissing, strict);
            if (check) {
                files.forEach(checking::look);
            }
            for (String file : files) {
                failed |= check ? !checking.check(file) : !print(digests, file);
            }
        }
        return failed ? ExitCode.FAILED : ExitCode.DONE;
    }

    private boolean print(Digests digests, String file) {
        PrintWriter out = spec.commandLine().getOut();
        try {
            out.print(ChecksumLine.text(digests.of(file), file, tag ? algorithm.tag() : null, zero));
            return true;
        } catch (BrokenPipe | CommandFiles.Unsayable e) {
            throw e;
        } catch (Failure e) {
            refuseSameFile(e);
            out.flush();
            spec.commandLine().getErr().println(spec.qualifiedName() + ": " + e.getMessage());
            return false;
        }
    }

    /// A list that is written over what it lists is no failure of one file: nothing more is written.
    private static void refuseSameFile(Failure e) {
        if (e.exitCode() == ExitCode.USAGE) {
            throw e;
        }
    }
}
