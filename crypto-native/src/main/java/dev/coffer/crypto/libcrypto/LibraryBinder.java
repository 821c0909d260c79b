package dev.coffer.crypto.libcrypto;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/// Looks the library up, then its functions; the first thing that is missing is the obstacle, and nothing is bound behind it.
@SuppressWarnings("restricted")  // this class is where this module binds its library
final class LibraryBinder {
    /// Where the library is; a path or a name for the system's loader.
    static final String LIBRARY = System.getProperty("coffer.libcrypto", "libcrypto.so.3");

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
    /// A word wherever it lies.
    static final ValueLayout.OfLong WORD_UNALIGNED = ValueLayout.JAVA_LONG_UNALIGNED;
    /// Six words to one.
    static final FunctionDescriptor SHAPE = FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD);
    /// The same, with two segments behind that the function does not read and that stay open meanwhile.
    private static final FunctionDescriptor HOLDING = SHAPE.appendArgumentLayouts(ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    private static final MethodHandle NOTHING = MethodHandles.zero(long.class);

    private final Linker linker = Linker.nativeLinker();
    private final @Nullable SymbolLookup library;
    private String obstacle = "";

    LibraryBinder() {
        Module module = LibraryBinder.class.getModule();
        SymbolLookup found = null;
        if (!System.getProperty("os.name", "").equals("Linux") || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            obstacle = "this system is no Linux of 64 bits";
        } else if (!module.isNativeAccessEnabled()) {  // not tried: a later JDK refuses what this one warns of
            obstacle = "no native access; start java with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
        } else {
            try {
                found = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
            } catch (IllegalArgumentException e) {
                obstacle = LIBRARY + " was not found";
            }
        }
        library = found;
    }

    /// {@return why not all is bound, for messages; else empty}
    String obstacle() {
        return obstacle;
    }

    /// {@return a call of [#SHAPE] that may come back to us}
    MethodHandle plain(String function) {
        return bind(function, SHAPE);
    }

    /// {@return the same with two segments that stay open meanwhile}
    MethodHandle holding(String function) {
        return bind(function, HOLDING);
    }

    MethodHandle bind(String function, FunctionDescriptor shape, Linker.Option... options) {
        MemorySegment address = library == null ? null : library.find(function).orElse(null);
        if (address == null) {
            obstacle = obstacle.isEmpty() ? LIBRARY + " has no " + function + " (expected OpenSSL 3)" : obstacle;
            return MethodHandles.dropArguments(NOTHING, 0, shape.toMethodType().parameterList());
        }
        return linker.downcallHandle(address, shape, options);
    }

    static long call(MethodHandle handle, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) handle.invokeExact(a, b, c, d, e, f);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new AssertionError("a call of libcrypto threw", thrown);
        }
    }

    static long call(MethodHandle handle, long a, long b, long c, long d, long e, long f, MemorySegment held, MemorySegment alsoHeld) {
        try {
            return (long) handle.invokeExact(a, b, c, d, e, f, held, alsoHeld);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new AssertionError("a call of libcrypto threw", thrown);
        }
    }
}
