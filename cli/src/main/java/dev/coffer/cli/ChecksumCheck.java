package dev.coffer.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Checks lists of digests as `sha256sum --check` does, word for word on standard output.
final class ChecksumCheck {
    /// How much is said.
    enum Words {
        /// Nothing of files and counts.
        NONE,
        /// What is not as it was.
        NO_OK,
        /// Each file, and how many are not as they were.
        USUAL,
        /// Each line that is no digest too.
        MORE
    }

    private static final Charset NAMES = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private final CommandSpec spec;
    private final PrintWriter out;
    private final CommandFiles files;
    private final Digests digests;
    private final HashCommand.Algorithm algorithm;
    private final Words words;
    private final boolean ignoreMissing;
    private final boolean strict;

    // Of one list.
    private boolean anyLine;
    private boolean anyMatch;
    private int misformatted;
    private int unreadable;
    private int mismatched;

    /// @param ignoreMissing  files that are missing are passed over
    /// @param strict         lines that are no digests fail
    ChecksumCheck(CommandSpec spec, CommandFiles files, Digests digests, HashCommand.Algorithm algorithm, Words words,
            boolean ignoreMissing, boolean strict) {
        this.spec = spec;
        this.out = spec.commandLine().getOut();
        this.files = files;
        this.digests = digests;
        this.algorithm = algorithm;
        this.words = words;
        this.ignoreMissing = ignoreMissing;
        this.strict = strict;
    }

    /// Refuses what a list names that is one file with a standard stream: before the first line of an answer is written there. Of a list that is a stream nobody knows
    /// what it names until it is read, once.
    ///
    /// @throws Failure  it names one
    void look(String list) {
        if (!files.isLedAway()) {
            return;
        }
        try (Input in = files.passingTwice(list)) {
            if (in == null) {
                return;
            }
            ByteLines lines = new ByteLines(in, NAMES);
            ChecksumLine.Reader reader = reader();
            for (String line = lines.next(); line != null; line = lines.next()) {
                ChecksumLine read = line.isEmpty() || line.startsWith("#") ? null : reader.read(line);
                if (read != null) {
                    files.refusePassing(List.of(read.name()));
                }
            }
            in.rewind();
        } catch (CommandFiles.Unsayable e) {
            throw e;
        } catch (Failure e) {
            if (e.exitCode() == ExitCode.USAGE) {
                throw e;
            }
            // cannot be read: said when its turn comes
        }
    }

    private ChecksumLine.Reader reader() {
        return new ChecksumLine.Reader(algorithm.tag(), 2 * algorithm.hash().digestBytes());
    }

    /// {@return whether all that a list names is as it was}
    boolean check(String list) {
        anyLine = false;
        anyMatch = false;
        misformatted = 0;
        unreadable = 0;
        mismatched = 0;
        try (Input in = files.passing(list)) {
            ByteLines lines = new ByteLines(in, NAMES);
            ChecksumLine.Reader reader = reader();
            int number = 0;
            for (String line = lines.next(); line != null; line = lines.next()) {
                number++;
                if (!line.isEmpty() && !line.startsWith("#")) {
                    line(in, number, reader.read(line));
                }
            }
            return sum(in);
        } catch (BrokenPipe | CommandFiles.Unsayable e) {
            throw e;
        } catch (Failure e) {
            if (e.exitCode() == ExitCode.USAGE) {
                throw e;
            }
            say(e.getMessage());
            return false;
        }
    }

    private void line(Input list, int number, ChecksumLine line) {
        if (line == null || list.isStandard() && line.name().equals(Standard.NAME)) {
            misformatted++;
            if (words == Words.MORE) {
                say(list.name() + ": " + number + ": improperly formatted " + algorithm.tag() + " checksum line");
            }
            return;
        }
        anyLine = true;
        String digest;
        try {
            digest = digests.of(line.name());
        } catch (BrokenPipe | CommandFiles.Unsayable e) {
            throw e;
        } catch (Failure e) {
            if (e.exitCode() == ExitCode.USAGE) {
                throw e;
            }
            unread(line.name(), e);
            return;
        }
        boolean same = digest.equalsIgnoreCase(line.digest());
        anyMatch |= same;
        mismatched += same ? 0 : 1;
        if (words != Words.NONE && !(same && words == Words.NO_OK)) {
            out.print(ChecksumLine.shown(line.name()) + (same ? ": OK\n" : ": FAILED\n"));
        }
    }

    private void unread(String name, Failure e) {
        if (ignoreMissing && e.getCause() instanceof java.nio.file.NoSuchFileException) {
            return;
        }
        say(e.getMessage());
        unreadable++;
        if (words != Words.NONE) {
            out.print(ChecksumLine.shown(name) + ": FAILED open or read\n");
        }
    }

    private boolean sum(Input list) {
        if (!anyLine) {
            say(list.name() + ": no properly formatted checksum lines found");
            return false;
        }
        if (words != Words.NONE) {
            warn(misformatted, "line is improperly formatted", "lines are improperly formatted");
            warn(unreadable, "listed file could not be read", "listed files could not be read");
            warn(mismatched, "computed checksum did NOT match", "computed checksums did NOT match");
            if (ignoreMissing && !anyMatch) {
                say(list.name() + ": no file was verified");
            }
        }
        return anyMatch && mismatched == 0 && unreadable == 0 && !(strict && misformatted > 0);
    }

    private void warn(int count, String one, String many) {
        if (count > 0) {
            say("WARNING: " + count + " " + (count == 1 ? one : many));
        }
    }

    private void say(String message) {
        out.flush();
        spec.commandLine().getErr().println(spec.qualifiedName() + ": " + Failure.printable(message));
    }
}
