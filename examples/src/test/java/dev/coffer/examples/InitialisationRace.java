package dev.coffer.examples;

import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CyclicBarrier;

/// A JVM of its own for [InitialisationTest]: initialises each pair of classes by two threads at once, one from each end, in
/// a class loader of its own each time. Ends with 3 and the pair where they wait for each other for ever.
final class InitialisationRace {
    private static final int ROUNDS = 40;
    private static final long PATIENCE_MILLIS = 30_000;

    private InitialisationRace() {}

    /// @param arguments  a file of pairs, one a line, then the places of the classes
    public static void main(String[] arguments) throws Exception {
        List<String> pairs = Files.readAllLines(Path.of(arguments[0]));
        URL[] places = new URL[arguments.length - 1];
        for (int i = 0; i < places.length; i++) {
            places[i] = URI.create(arguments[i + 1]).toURL();
        }
        for (String pair : pairs) {
            String[] ends = pair.split(" ");
            for (int round = 0; round < ROUNDS; round++) {
                try (URLClassLoader loader = new URLClassLoader(places, ClassLoader.getPlatformClassLoader())) {
                    Class.forName(ends[0], false, loader);  // loaded, not initialised: the race is for the initialisers
                    Class.forName(ends[1], false, loader);
                    CyclicBarrier start = new CyclicBarrier(2);
                    Thread one = begin(loader, ends[round & 1], start);
                    Thread other = begin(loader, ends[1 - (round & 1)], start);
                    one.join(PATIENCE_MILLIS);
                    other.join(PATIENCE_MILLIS);
                    if (one.isAlive() || other.isAlive()) {
                        System.out.println("two threads wait for each other: " + pair + ", round " + round);
                        Runtime.getRuntime().halt(3);
                    }
                } catch (NoClassDefFoundError | ClassNotFoundException e) {
                    if (e.getMessage().replace('/', '.').startsWith("dev.coffer")) {
                        throw e;
                    }
                    break;  // stands on a library that is not here: no one but a command
                }
            }
        }
    }

    private static Thread begin(ClassLoader loader, String name, CyclicBarrier start) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                start.await();
                Class.forName(name, true, loader);
            } catch (Exception | LinkageError e) {
                // What an initialiser throws here, without its system or its library, is not what is asked.
            }
        });
    }
}
