package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.evm.Interpreter;
import dev.coffer.http.Ascii;
import dev.coffer.memory.Region;
import dev.coffer.quic.QuicEndpoint;
import dev.coffer.server.Server;
import dev.coffer.tls.TlsServer;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What every module of the library does where native access was granted, where it was not, and where it is denied: it
/// serves, and where it serves in its portable form one line says why and what to do.
class NativeAccessTest {
    private static final List<Class<?>> MODULES =
            List.of(Region.class, Aead.class, Libcrypto.class, Interpreter.class, Ascii.class, TlsServer.class, QuicEndpoint.class, Server.class);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"false, --enable-native-access=ALL-UNNAMED, ''", "false, -Dgranted=no, ALL-UNNAMED",
            "false, --illegal-native-access=deny, ALL-UNNAMED", "true, --enable-native-access=dev.coffer.memory, ''",
            "true, '--enable-native-access=dev.coffer.memory,dev.coffer.crypto.libcrypto', ''",
            "true, -Dgranted=no, dev.coffer.memory", "true, --illegal-native-access=deny, dev.coffer.memory"})
    void servesWithAndWithoutAndSaysHowToChangeIt(boolean modules, String option, String remedy)
            throws IOException, InterruptedException, URISyntaxException {
        Files.writeString(folder.resolve("a.txt"), "hello");
        List<String> places = new ArrayList<>();
        for (Class<?> type : MODULES) {
            places.add(place(type));
        }
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea", "-XX:+UseSerialGC", option));
        String own = place(NativeAccessChild.class);
        if (modules) {
            command.addAll(List.of("-p", String.join(File.pathSeparator, places), "--add-modules",
                    "dev.coffer.memory,dev.coffer.crypto,dev.coffer.crypto.libcrypto,dev.coffer.evm,dev.coffer.http,dev.coffer.tls,dev.coffer.quic,dev.coffer.server",
                    "-cp",
                    own));
        } else {
            command.addAll(List.of("-cp", own + File.pathSeparator + String.join(File.pathSeparator, places)));
        }
        command.addAll(List.of(NativeAccessChild.class.getName(), folder.toString()));
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        Process process = builder.start();
        assertTrue(process.waitFor(10, TimeUnit.MINUTES));
        String said = Files.readString(log, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), said);
        assertTrue(said.endsWith("portable: " + !remedy.isEmpty() + System.lineSeparator()), said);
        assertEquals(remedy.isEmpty() ? 0 : 1, count(said, "Coffer serves in its portable form"), said);
        String libcrypto = modules ? "dev.coffer.crypto.libcrypto" : "ALL-UNNAMED";
        boolean granted = option.startsWith("--enable-native-access") && option.contains(libcrypto);
        assertEquals(remedy.isEmpty() ? 0 : modules ? 1 : 2, remedy.isEmpty() ? 0 : count(said, "--enable-native-access=" + remedy), said);
        assertEquals(granted ? 0 : 1, count(said, "AES in the pure form: libcrypto: no native access; start java with --enable-native-access="
                + libcrypto), said);
        assertEquals(0, count(said, "restricted"), said);
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    /// {@return where a class comes from: a folder of classes or a jar}
    private static String place(Class<?> type) throws URISyntaxException {
        String file = type.getName().replace('.', '/') + ".class";
        String found = type.getClassLoader().getResource(file).toString();
        return found.startsWith("jar:")
                ? Path.of(new URI(found.substring("jar:".length(), found.indexOf("!/")))).toString()
                : Path.of(new URI(found.substring(0, found.length() - file.length()))).toString();
    }
}
