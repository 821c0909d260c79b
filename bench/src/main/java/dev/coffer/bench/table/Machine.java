package dev.coffer.bench.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// Where a table was measured, in one line.
public final class Machine {
    private Machine() {}

    /// {@return processor, system, JDK and date}
    public static String line() {
        String processor = System.getProperty("os.arch");
        try {
            processor = Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst().orElse(processor);
        } catch (IOException e) {
            // no such file: not Linux; the architecture has to do
        }
        return Runtime.getRuntime().availableProcessors() + " x " + processor + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.version") + ", " + System.getProperty("java.vendor") + " "
                + System.getProperty("java.vm.version") + ", " + LocalDate.now(ZoneOffset.UTC);
    }
}
