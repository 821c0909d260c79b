package dev.coffer.jca;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/// Processes whose list of providers is configured by `java.security`, as a user would do it, and all that they print.
final class Child {
    private static final Path BIN = Path.of(System.getProperty("java.home"), "bin");

    private Child() {}

    /// {@return a file of properties that puts a provider in front of the JDK's own}
    static Path providers(Path folder, String first) throws IOException {
        StringBuilder text = new StringBuilder("security.provider.1=").append(first).append('\n');
        for (int i = 1; Security.getProperty("security.provider." + i) != null; i++) {
            text.append("security.provider.").append(i + 1).append('=').append(Security.getProperty("security.provider." + i)).append('\n');
        }
        return Files.writeString(folder.resolve("coffer.security"), text);
    }

    /// {@return a file of properties that puts a provider behind the JDK's own, and prefers it for some names}
    static Path preferred(Path folder, String last, String names) throws IOException {
        int behind = 1;
        while (Security.getProperty("security.provider." + behind) != null) {
            behind++;
        }
        return Files.writeString(folder.resolve("preferred.security"),
                "security.provider." + behind + "=" + last + "\njdk.security.provider.preferred=" + names + "\n");
    }

    /// {@return where this process has its classes from, with ours in front}
    static String classPath() {
        Set<String> places = new LinkedHashSet<>();
        places.add(place(Child.class));
        places.add(place(CofferProvider.class));
        places.add(place(BouncyCastleProvider.class));
        places.add(place(X509CertificateHolder.class));
        for (String property : new String[] {"jdk.module.path", "java.class.path"}) {
            for (String place : System.getProperty(property, "").split(File.pathSeparator)) {
                if (!place.isEmpty()) {
                    places.add(place);
                }
            }
        }
        return String.join(File.pathSeparator, places);
    }

    /// {@return the folder or jar that a class lies in; of a test that is patched into a module, the patch}
    static String place(Class<?> type) {
        String name = "/" + type.getName().replace('.', '/') + ".class";
        String found = String.valueOf(type.getResource(name));
        try {
            if (found.startsWith("file:")) {
                String path = Path.of(new java.net.URI(found)).toString();
                return path.substring(0, path.length() - name.length());
            }
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What a process said.
    record Answer(int code, String output) {}

    static Answer java(Path folder, List<String> options, Class<?> main, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("-cp", classPath(), "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return run(folder, "java", command);
    }

    static Answer run(Path folder, String tool, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(BIN.resolve(tool).toString());
        command.addAll(arguments);
        Path output = Files.createTempFile(folder, tool, ".txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(600, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(tool + " did not end: " + Files.readString(output));
        }
        return new Answer(process.exitValue(), Files.readString(output));
    }
}
