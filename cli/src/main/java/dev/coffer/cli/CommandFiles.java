package dev.coffer.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import picocli.CommandLine.Model.CommandSpec;

/// All files of one run of a command. Whoever reads or writes does it through here, so that nothing is written where
/// something is read: every input is compared with every output, standard ones included, as files and not as names.
///
/// An output that exists is refused unless it is forced; one that is an input is refused in any case. Files appear when
/// [#complete] is called, all or none; what is not complete is removed by [#close], and where the process is told to end
/// before that, by a shutdown hook.
///
/// For one thread. A command opens a fixed number of files; one that reads many uses [#passing], which remembers none.
final class CommandFiles implements AutoCloseable {
    /// Those that are not closed yet.
    static final Set<CommandFiles> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(CommandFiles::abandon), "coffer-files"));
    }

    private final Standard standard;
    private final ReadStreams streams;
    private final CommandSpec spec;
    private final List<Input> inputs = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private final Map<Path, FileIdentity> elsewhere = new LinkedHashMap<>();  // that others read; null: to be made
    private final List<Path> written = new ArrayList<>();                     // that others write, there already or not
    private boolean passed;     // inputs were read that nobody remembers
    private boolean finished;   // complete, closed or abandoned

    private CommandFiles(Coffer run, CommandSpec spec) {
        this.standard = run.standard();
        this.streams = run.streams();
        this.spec = spec;
    }

    /// {@return the files of a command that runs now}
    static CommandFiles of(CommandSpec spec) {
        CommandFiles files = new CommandFiles((Coffer) spec.root().userObject(), spec);
        OPEN.add(files);
        return files;
    }

    /// Opens what is read. `-` is standard input.
    ///
    /// @throws Failure  it is missing, a folder, an output of this command, or a stream that is an input already
    Input input(String name) {
        Input input = open(name);
        if (input.isStandard() && streams.hasStandardInput()) {
            throw new Failure(ExitCode.USAGE, "standard input can be one of the inputs and not two");
        }
        refuseSecondReader(input.name(), input.identity());
        inputs.add(input);
        streams.add(input);
        return input;
    }

    /// As [#input], with a warning where others may read the file.
    Input key(String name) {
        Input input = input(name);
        if (input.identity().isRegular() && input.identity().isReadByOthers()) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(spec.qualifiedName() + ": warning: " + Failure.printable(input.name()) + ": others may read this key ("
                    + input.identity().permissions() + "); chmod 600");
            err.flush();
        }
        return input;
    }

    /// As [#input], for one of many: the caller closes it, and may then open no output.
    Input passing(String name) {
        passed = true;
        return open(name);
    }

    /// Refuses what [#passing] would, of many names at once: before the first line of an answer is written into the last file.
    ///
    /// @throws Failure  one is a file that a standard stream was led to
    void refusePassing(List<String> names) {
        for (String name : names) {
            FileIdentity identity = name.equals(Standard.NAME) ? standard.input().identity() : lookFor(name);
            if (identity != null) {
                refuseOutputs(name, identity);
            }
        }
    }

    /// {@return what is there; nothing where the name cannot be spelt, which is said when its turn comes}
    private static FileIdentity lookFor(String name) {
        try {
            return look(Place.path(name));
        } catch (Failure e) {
            return null;
        }
    }

    /// {@return a file that can be read twice, or null where it is a stream or not there: as [#passing], and neither refuses nor waits}
    Input passingTwice(String name) {
        FileIdentity identity = name.equals(Standard.NAME) ? standard.input().identity() : lookFor(name);
        return identity == null || !identity.isRegular() ? null : passing(name);
    }

    /// {@return whether a standard stream was led where it can be in the way of what is read}
    boolean isLedAway() {
        return isLedAway(standard.output()) || isLedAway(standard.error());
    }

    private static boolean isLedAway(Standard.Descriptor stream) {
        return stream.identity() != null && stream.identity().clashes(stream.identity());
    }

    /// Notes a file that others than this read, by its path, certificates and their keys: it is an input like any other, and where it is not there
    /// yet it is to be made by whoever reads it.
    ///
    /// @throws Failure  it is an output of this command
    void readElsewhere(Path path) {
        FileIdentity identity = look(path);
        if (identity != null) {
            refuseOutputs(path.toString(), identity);
        }
        elsewhere.put(path, identity);
    }

    /// Notes a file that others than this write, by its path, a log or what is kept: it is no input, nor what somebody else writes.
    ///
    /// @throws Failure  it is an input or will be one, or an output of this command
    void writtenElsewhere(Path path) {
        refuseWriting(path);
        written.add(path);
    }

    private void refuseWriting(Path path) {
        FileIdentity identity = look(path);
        if (identity != null) {
            refuseInputs(path.toString(), identity);
            refuseStandard(path.toString(), identity);
            refuseSecondWriter(path.toString(), identity);
        } else {
            for (Map.Entry<Path, FileIdentity> read : elsewhere.entrySet()) {
                if (read.getValue() == null && samePlace(path, read.getKey())) {
                    throw lost(path.toString(), read.getKey().toString());
                }
            }
        }
        refuseWritten(path.toString(), path, identity);
    }

    /// What a shell has led to a file would be written over, or write over it.
    private void refuseStandard(String name, FileIdentity identity) {
        if (identity.isRegular() && identity.isSame(standard.error().identity())) {
            throw new Failure(ExitCode.USAGE, name + ": standard error is the same file, and one would write over the other");
        }
        if (identity.isRegular() && identity.isSame(standard.output().identity())) {
            throw new Failure(ExitCode.USAGE, name + ": standard output is the same file, and one would write over the other");
        }
    }

    /// Refuses a standard stream, 1 or 2, that is closed.
    void refuseClosed(int descriptor) {
        if ((descriptor == 1 ? standard.output() : standard.error()).identity() == null) {
            throw closed(descriptor);
        }
    }

    private static Failure closed(int descriptor) {
        return new Failure("standard " + (descriptor == 1 ? "output" : "error") + " is closed");
    }

    /// Refuses what others than this write, whether or not it is there by now.
    ///
    /// @param path      null for a descriptor
    /// @param identity  null where nothing is there
    private void refuseWritten(String name, Path path, FileIdentity identity) {
        for (Path other : written) {
            FileIdentity there = look(other);
            if (there == null ? identity == null && samePlace(path, other) : there.clashes(identity)) {
                throw bothWays(name);
            }
        }
    }

    /// {@return what is kept of an output where it does not become whole}
    ///
    /// @throws Failure  a file of that name is an input
    KeptPart part(String output) {
        KeptPart part = new KeptPart(output);
        refuseWriting(part.file());
        refuseWriting(part.note());  // not seen beside the first: where both are links to one file, each is replaced, and that file is left alone
        written.add(part.file());
        written.add(part.note());
        return part;
    }

    static FileIdentity look(Path path) {
        try {
            return FileIdentity.orNull(path);
        } catch (IOException e) {
            return null;  // whoever opens it says so
        }
    }

    /// {@return whether two names of what is not there yet would be one file's, by whatever links}
    private static boolean samePlace(Path oneName, Path otherName) {
        Path one = Place.of(oneName.toString()).path();
        Path other = Place.of(otherName.toString()).path();
        if (!Objects.equals(one.getFileName(), other.getFileName())) {
            return false;
        }
        try {
            return sameFolder(one, other);
        } catch (IOException e) {
            return place(one).equals(place(other));  // a folder that is to be made as well
        }
    }

    /// {@return the path, as far as it is there without links}
    private static Path place(Path path) {
        Path at = path.toAbsolutePath();
        Path there = at;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            int names = there.getNameCount();
            return (names == at.getNameCount() ? there.toRealPath() : there.toRealPath().resolve(at.subpath(names, at.getNameCount()))).normalize();
        } catch (IOException e) {
            return at.normalize();
        }
    }

    private Input open(String name) {
        try {
            if (name.equals(Standard.NAME) || given(ExitCode.MISSING, name).descriptor() == 0) {
                if (standard.input().identity() == null) {
                    throw new Failure(ExitCode.MISSING, "standard input is closed");
                }
                refuseOutputs("standard input", standard.input().identity());
                return new Input(Standard.NAME, null, standard.input().channel(), standard.input().identity());
            }
            Path path = Place.path(name);
            FileIdentity identity = FileIdentity.of(path);
            if (identity.isFolder()) {
                throw new Failure(ExitCode.MISSING, name + ": is a directory");
            }
            refuseOutputs(name, identity);
            refuseSecondReader(name, identity);  // before a FIFO is opened, which may wait for ever
            Input input = new Input(name, path, FileChannel.open(path, StandardOpenOption.READ), identity);
            if (!input.isStillNamed()) {
                input.close();
                throw new Failure(ExitCode.CHANGED, name + ": was replaced while it was opened");
            }
            return input;
        } catch (IOException e) {
            throw Failure.of(ExitCode.MISSING, name, e);
        }
    }

    /// Where a name leads. A descriptor that nobody gave to this process is the virtual machine's own.
    private Place given(int exitCode, String name) {
        Place place = Place.of(name);
        if (place.descriptor() > 2 && !standard.others().contains(place.descriptor())) {
            throw new Failure(exitCode, name + ": no descriptor " + place.descriptor() + " was given to this command");
        }
        return place;
    }

    private void refuseOutputs(String name, FileIdentity identity) {
        if (identity.clashes(standard.error().identity())) {
            throw new Unsayable();
        }
        if (identity.clashes(standard.output().identity())) {
            throw new Failure(ExitCode.USAGE, name + ": is read, and standard output is the same file");
        }
        for (Output output : outputs) {
            if (identity.clashes(output.identity())) {
                throw bothWays(output.name());
            }
        }
        refuseWritten(name, null, identity);
    }

    private void refuseSecondReader(String name, FileIdentity identity) {
        if (streams.hasPipe(identity)) {
            throw ReadStreams.readAlready(name);
        }
    }

    /// Opens what is written. `-` is standard output.
    ///
    /// @param force  whether a file that exists is replaced, and a terminal written to
    /// @throws Failure  it is an input or another output, exists, or cannot be written
    Output output(String name, Output.Kind kind, boolean force) {
        if (passed) {
            throw new IllegalStateException("an output after inputs that were not remembered");
        }
        Place place = name.equals(Standard.NAME) ? new Place(1, null) : given(ExitCode.FAILED, name);
        try {
            Output output = switch (place.descriptor()) {
                case 0 -> throw new Failure(ExitCode.USAGE, name + ": standard input is not to be written");
                case 1 -> stream(name, standard.output(), kind, force);
                case 2 -> stream(name, standard.error(), kind, force);
                default -> file(name, place.path(), place.descriptor() >= 0, kind, force);
            };
            outputs.add(output);
            return output;
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, name, e);
        }
    }

    private Output stream(String name, Standard.Descriptor descriptor, Output.Kind kind, boolean force) {
        if (descriptor.identity() == null) {
            throw closed(descriptor.number());
        }
        refuseInputs(name, descriptor.identity());
        refuseSecondWriter(name, descriptor.identity());
        refuseWritten(name, null, descriptor.identity());
        boolean terminal = descriptor.isTerminal() && !force;
        if (terminal && kind == Output.Kind.BINARY) {
            throw new Failure(ExitCode.USAGE, "the result is no text and standard output a terminal: name a file"
                    + (spec.optionsMap().containsKey("--force") ? " with -o, or --force" : ""));
        }
        return Output.direct(name.equals(Standard.NAME) ? "standard output" : name, descriptor.channel(), descriptor.identity(),
                terminal);
    }

    private Output file(String name, Path path, boolean given, Output.Kind kind, boolean force) throws IOException {
        FileIdentity there = FileIdentity.orNull(path);
        refuseWritten(name, path, there);
        if (there == null) {
            if (name.isEmpty() || name.endsWith("/")) {
                throw new Failure(ExitCode.USAGE, name + ": no name of a file");
            }
            for (Output other : outputs) {
                if (other.file() != null && path.getFileName().equals(other.file().getFileName()) && sameFolder(path, other.file())) {
                    throw bothWays(name);
                }
            }
            return Output.file(name, path, null, kind);
        }
        if (there.isFolder()) {
            throw new Failure(name + ": is a directory");
        }
        refuseInputs(name, there);
        refuseSecondWriter(name, there);
        if (there.isRegular() && given) {  // whoever gave it has it open, and would not see another file in its place
            throw new Failure(ExitCode.USAGE, name + ": a file under a descriptor is not replaced; name the file, or redirect standard output");
        }
        if (!there.isRegular()) {
            return Output.direct(name, FileChannel.open(path, StandardOpenOption.WRITE), there, there.isTerminal() && !force);
        }
        if (!force) {
            throw new Failure(name + ": exists already; --force replaces it");
        }
        return Output.file(name, path.toRealPath(), there, kind);
    }

    /// Makes a folder where none is.
    void folder(String name) {
        try {
            Files.createDirectories(Place.path(name));
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, name, e);
        }
    }

    private static boolean sameFolder(Path one, Path other) throws IOException {
        return FileIdentity.of(one.toAbsolutePath().getParent()).isSame(FileIdentity.of(other.toAbsolutePath().getParent()));
    }

    private void refuseInputs(String name, FileIdentity identity) {
        for (Input input : inputs) {
            if (identity.clashes(input.identity())) {
                throw lost(name, input.name());
            }
        }
        elsewhere.forEach((path, read) -> {
            if (identity.clashes(read)) {
                throw lost(name, path.toString());
            }
        });
    }

    private static Failure lost(String name, String read) {
        return new Failure(ExitCode.USAGE, (name.equals(Standard.NAME) ? "standard output" : name)
                + ": is read by this command (" + read + ") and would be lost; --force does not allow that");
    }

    /// Two outputs in one stream cannot be told apart again, and of two in one file one would be lost: what a shell has led to
    /// a file is that file too.
    private void refuseSecondWriter(String name, FileIdentity identity) {
        for (Output other : outputs) {
            if (identity.clashes(other.identity()) || identity.isSame(other.identity()) && !identity.isCharacters()) {
                throw bothWays(name);
            }
        }
    }

    private static Failure bothWays(String name) {
        return new Failure(ExitCode.USAGE, name + ": is named twice, and would be lost; --force does not allow that");
    }

    /// Puts one file in place, durably, before the others: a key before the first byte that it locks goes out.
    void publish(Output output) {
        synchronized (this) {
            refuseAfterEnd();
            try {
                output.publish(true);
            } catch (IOException e) {
                throw Failure.of(ExitCode.FAILED, output.name(), e);
            }
        }
    }

    /// Everything is written: puts the files in place in the order in which they were opened, all or none.
    void complete() {
        synchronized (this) {
            refuseAfterEnd();
            String name = "";
            try {
                for (Output output : outputs) {
                    name = output.name();
                    output.settle();
                }
                for (Output output : outputs) {
                    name = output.name();
                    output.publish(outputs.size() > 1);
                }
                for (Output output : outputs) {
                    name = output.name();
                    output.settled();
                }
            } catch (IOException e) {
                throw Failure.of(ExitCode.FAILED, name, e);
            }
            finished = true;
        }
    }

    private void refuseAfterEnd() {
        if (finished) {
            throw new Failure("interrupted");
        }
    }

    /// Removes what is not complete and closes what was opened. A file that was put in place because bytes that need it
    /// have gone out stays.
    @Override
    public void close() {
        OPEN.remove(this);
        abandon();
        for (Input input : inputs) {
            input.close();
        }
    }

    private void abandon() {
        synchronized (this) {
            if (finished) {
                return;
            }
            finished = true;
            boolean gone = outputs.stream().anyMatch(output -> output.isDirect() && output.hasWritten());
            for (Output output : outputs.reversed()) {
                try {
                    if (gone && output.isPublished()) {
                        output.settled();
                    } else {
                        output.undo();
                    }
                } catch (IOException e) {
                    spec.commandLine().getErr().println(spec.qualifiedName() + ": " + Failure.printable(output.name())
                            + ": left as it is: " + Failure.printable(Failure.reason(e)));
                }
            }
        }
    }

    /// Standard error is what is read: saying so would write there.
    static final class Unsayable extends Failure {
        private static final long serialVersionUID = 1;

        Unsayable() {
            super(ExitCode.USAGE, "standard error is a file that is read");
        }
    }
}
