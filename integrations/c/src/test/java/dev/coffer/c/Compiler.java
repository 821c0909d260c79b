package dev.coffer.c;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The system's C compiler, with every warning an error. Where there is none, what wants one is skipped by name, in one loud line.
final class Compiler {
    static final Path MODULE = Path.of(System.getProperty("coffer.root", "../..")).resolve("integrations/c").toAbsolutePath();  // children have no root
    static final Path EXAMPLE = MODULE.resolve("example/example.c");

    private static final Path HOME = Path.of(System.getProperty("java.home"));
    private static final int SECONDS_MAX = 600;  // of a very busy machine

    private Compiler() {}

    /// {@return whether a compiler runs; says loudly where not}
    static boolean isThere(String compiler) {
        try {
            return run(null, List.of(compiler, "--version")).code() == 0;
        } catch (IOException e) {
            System.out.println("NO C COMPILER (" + compiler + "): THE EXAMPLE IN C AND THE HOSTILE CALLER WERE NOT COMPILED AND NOT RUN");
            return false;
        }
    }

    /// Compiles files to one.
    static Answer compile(String compiler, List<Path> sources, Path to, String[] language, String... libraries) throws IOException {
        List<String> command = new ArrayList<>(List.of(compiler, "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g", "-pthread",
                "-I" + MODULE.resolve("include"), "-I" + HOME.resolve("include"), "-I" + HOME.resolve("include/linux")));
        command.addAll(List.of(language));
        sources.forEach(source -> command.add(source.toString()));
        command.addAll(List.of("-o", to.toString()));
        command.addAll(List.of(libraries));
        return run(null, command);
    }

    /// {@return what links and finds this JDK's machine}
    static String[] jvm() {
        Path server = HOME.resolve("lib/server");
        return new String[] {"-L" + server, "-ljvm", "-Wl,-rpath," + server};
    }

    /// {@return where this process has the module's classes, and those that it stands on, from}
    static String classPath() {
        List<String> places = new ArrayList<>();
        for (Class<?> type : new Class<?>[] {CTable.class, dev.coffer.crypto.Hash.class, dev.coffer.evm.memory.EvmMemory.class,
                dev.coffer.memory.Region.class}) {
            places.add(Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString());
        }
        return String.join(File.pathSeparator, places);
    }

    /// What a process said.
    record Answer(int code, String output) {}

    static Answer run(Path folder, List<String> command) throws IOException {
        Path output = Files.createTempFile("coffer-c", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            if (folder != null) {
                builder.directory(folder.toFile());
            }
            Process process = builder.start();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end: " + Files.readString(output));
            }
            return new Answer(process.exitValue(), Files.readString(output));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            Files.delete(output);
        }
    }
}
