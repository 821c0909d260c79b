package dev.coffer.evm.precompiles;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;

/// Finds blst's library and looks up its functions; the first thing that is missing is the obstacle, and nothing is bound behind it.
///
/// A file that `coffer.blst` names is loaded where it lies. Else it is that of the jar `tech.pegasys:jblst`, on the class path or among the resolved modules, for
/// this system: written to a new folder below `java.io.tmpdir` that this user alone may enter, loaded, and removed again with its folder before anything is
/// called. It stays loaded until the process ends.
@SuppressWarnings("restricted")  // this class is where this module binds its library
final class BlstLibrary {
    /// Names a library of one's own.
    static final String PROPERTY = "coffer.blst";
    /// The process's.
    static final BlstLibrary SYSTEM = new BlstLibrary(System.getProperty(PROPERTY, ""), System.getProperty("os.name", ""), System.getProperty("os.arch", ""),
            System.getProperty("java.io.tmpdir", ""), BlstLibrary::resource);

    private final Linker linker = Linker.nativeLinker();
    private SymbolLookup library;                                          // null where there is an obstacle
    private String origin = "";
    private String obstacle = "";

    /// @param own       a file to load; empty for that of the jar
    /// @param system    as `os.name` has it
    /// @param machine   as `os.arch` has it
    /// @param folder    below which the jar's library is put down
    /// @param resource  finds what is on the class path or among the modules; null for what is not there
    BlstLibrary(String own, String system, String machine, String folder, Function<String, InputStream> resource) {
        Module module = BlstLibrary.class.getModule();
        if (ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            obstacle = "this system has no addresses of 64 bits";
        } else if (!module.isNativeAccessEnabled()) {                      // not tried: a later JDK refuses what this one warns of
            obstacle = "no native access; start java with --enable-native-access=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
        } else if (!own.isEmpty()) {
            load(own, own);
        } else {
            unpack(system, machine, folder, resource);
        }
    }

    private static InputStream resource(String name) {
        ClassLoader loader = BlstLibrary.class.getClassLoader();
        return loader == null ? ClassLoader.getSystemResourceAsStream(name) : loader.getResourceAsStream(name);
    }

    /// {@return the jar's file for a system, as its own loader names it}
    static String place(String system, String machine) {
        boolean mac = system.toLowerCase(Locale.ROOT).contains("mac");
        String os = mac ? "Mac" : system.replace(" ", "");
        String name = mac ? "libblst.dylib" : "libblst.so";
        return "supranational/blst/" + os + "/" + machine + "/" + name;
    }

    private void unpack(String system, String machine, String folder, Function<String, InputStream> resource) {
        String name = place(system, machine);
        try (InputStream in = resource.apply(name)) {
            if (in == null) {
                obstacle = "no jar of tech.pegasys:jblst with " + name + " is on the class path or among the modules (--add-modules jblst)";
                return;
            }
            Path own = Files.createTempDirectory(Path.of(folder), "coffer-blst");  // 0700
            Path file = own.resolve("libblst");
            try {
                Files.copy(in, file);
                load(file.toString(), "jblst, " + system + " " + machine);
            } finally {
                Files.deleteIfExists(file);                                // what is loaded stays
                Files.deleteIfExists(own);
            }
        } catch (IOException e) {
            library = null;
            obstacle = "its library could not be put down below " + folder + " (" + e + "); -Djava.io.tmpdir names another folder";
        }
    }

    private void load(String file, String from) {
        try {
            library = SymbolLookup.libraryLookup(Path.of(file).toAbsolutePath(), Arena.global());
            origin = from;
        } catch (IllegalArgumentException e) {
            obstacle = from + ": could not be loaded (" + e.getMessage() + ")";
        }
    }

    /// {@return why not all is bound, for messages; else empty}
    String obstacle() {
        return obstacle;
    }

    /// {@return where it comes from, for messages}
    String origin() {
        return origin;
    }

    MethodHandle bind(String function, FunctionDescriptor shape) {
        MemorySegment address = library == null ? null : library.find(function).orElse(null);
        if (address == null) {
            obstacle = obstacle.isEmpty() ? origin + ": has no " + function : obstacle;
            return MethodHandles.dropArguments(MethodHandles.zero(shape.toMethodType().returnType()), 0, shape.toMethodType().parameterList());
        }
        return linker.downcallHandle(address, shape);
    }
}
