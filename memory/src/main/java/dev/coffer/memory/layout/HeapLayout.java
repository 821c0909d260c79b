package dev.coffer.memory.layout;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Bytes that Java objects take on the running VM, for the heap column of a plan. Stateless, thread-safe; cold.
///
/// HotSpot of JDK 25, 64 bits: a header of 12 bytes (8 with compact object headers), fields packed without gaps, all
/// rounded up to 8. What the VM was started with is read from its command line and environment: the management
/// interface knows it too, but takes 40 to 75 ms of a start to answer. Not seen, and so counted wrong: flags in a
/// `-XX:Flags` or `@` file, other alignments than 8, the fields that the VM injects (into threads and classes), and
/// other VMs. A test holds the rest against JOL.
public final class HeapLayout {
    private static final long OBJECT_ALIGNMENT_BYTES = 8;
    private static final long COMPRESSED_OOPS_HEAP_MAX = 32L << 30;

    private static final long HEADER_BYTES;
    private static final long REFERENCE_BYTES;

    static {
        String flags = flags();
        HEADER_BYTES = on(flags, "UseCompactObjectHeaders", false) ? 8 : 12;
        boolean wide = on(flags, "UseZGC", false) || Runtime.getRuntime().maxMemory() >= COMPRESSED_OOPS_HEAP_MAX;
        REFERENCE_BYTES = on(flags, "UseCompressedOops", !wide) ? 4 : 8;
    }

    private HeapLayout() {}

    /// {@return bytes of one instance of a class, not of what it refers to}
    public static long instance(Class<?> type) {
        long bytes = HEADER_BYTES;
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                bytes += Modifier.isStatic(field.getModifiers()) ? 0 : width(field.getType());
            }
        }
        return Align.up(bytes, OBJECT_ALIGNMENT_BYTES);
    }

    /// {@return bytes of one array, not of what its elements refer to}
    ///
    /// @param component  type of an element
    /// @param length     0 or more
    /// @throws IllegalArgumentException  a negative length (caller's fault)
    public static long array(Class<?> component, long length) {
        if (length < 0) {
            throw new IllegalArgumentException("array: " + length + " elements (expected 0 or more)");
        }
        long width = width(component);
        long base = Align.up(HEADER_BYTES + Integer.BYTES, Math.max(width, Integer.BYTES));
        return Align.up(base + Math.multiplyExact(width, length), OBJECT_ALIGNMENT_BYTES);
    }

    private static long width(Class<?> type) {
        if (!type.isPrimitive()) {
            return REFERENCE_BYTES;
        }
        if (type == long.class || type == double.class) {
            return 8;
        }
        if (type == int.class || type == float.class) {
            return 4;
        }
        return type == short.class || type == char.class ? 2 : 1;
    }

    /// {@return what the VM was told, in the order in which it listens}
    private static String flags() {
        try {
            String line = Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.ISO_8859_1);
            return System.getenv().getOrDefault("JAVA_TOOL_OPTIONS", "") + " "
                    + System.getenv().getOrDefault("JDK_JAVA_OPTIONS", "") + " " + line.replace('\0', ' ') + " "
                    + System.getenv().getOrDefault("_JAVA_OPTIONS", "");
        } catch (IOException e) {
            return "";  // no such file: not Linux, so the defaults
        }
    }

    private static boolean on(String flags, String name, boolean otherwise) {
        int on = flags.lastIndexOf("-XX:+" + name);
        int off = flags.lastIndexOf("-XX:-" + name);
        return on == off ? otherwise : on > off;
    }
}
