package dev.coffer.c;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.Objects;

/// The table of function pointers that `coffer.h` declares as `struct coffer`, one a process.
///
/// ```
///   a program in C embeds the JVM    ->  calls address() once, by JNI       ->  calls the table, from any thread
///   Java loads a library in C        ->  hands it open(...) or address()    ->  calls the table, from any thread
/// ```
///
/// Table and functions are made once and stay for the life of the process, so that a pointer which C has kept never dangles. What they work
/// on is held from [#open] to [#close]; in between, and after the last close, each function answers `COFFER_CLOSED`.
///
/// Opening takes the memory of the configuration's plan, at once and no more later. A call makes no object, whoever executes it; to attach
/// a thread that the JVM does not know the JVM itself makes that thread's objects, once a thread. Safe for any thread.
///
/// It takes native access for `dev.coffer.c` beside `dev.coffer.memory`, as only who may call C may be called by it:
/// `--enable-native-access=dev.coffer.memory,dev.coffer.c`, on the class path `ALL-UNNAMED`.
public final class CTable {
    /// What `COFFER_VERSION` must be in the header that a program was compiled with: the table's second number.
    public static final long VERSION = 1;

    /// A function of the table, in its order.
    record Entry(String name, Class<?> in, String method, FunctionDescriptor descriptor) {}

    static final Entry[] ENTRIES = {
            entry("describe", KeyCalls.class, "describe", JAVA_INT, JAVA_LONG, JAVA_LONG),
            entry("keygen", KeyCalls.class, "keygen", algorithmAnd(4)),
            entry("encapsulate", KemCalls.class, "encapsulate", algorithmAnd(4)),
            entry("decapsulate", KemCalls.class, "decapsulate", algorithmAnd(4)),
            entry("sign", SignatureCalls.class, "sign", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("verify", SignatureCalls.class, "verify", algorithmAnd(5)),
            entry("hash", HashCalls.class, "hash", algorithmAnd(2)),
            entry("hash_open", HashCalls.class, "open", JAVA_INT, JAVA_LONG),
            entry("hash_update", HashCalls.class, "update", JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("hash_finish", HashCalls.class, "finish", JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("hash_close", HashCalls.class, "close", JAVA_LONG),
            entry("evm_create", EvmCalls.class, "create", JAVA_LONG),
            entry("evm_destroy", EvmCalls.class, "destroy", JAVA_LONG),
            entry("evm_reset", EvmCalls.class, "reset", JAVA_LONG),
            entry("evm_read_byte", EvmCalls.class, "readByte", JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("evm_write_byte", EvmCalls.class, "writeByte", JAVA_LONG, JAVA_LONG, JAVA_INT),
            entry("evm_read_word", EvmCalls.class, "readWord", JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("evm_write_word", EvmCalls.class, "writeWord", JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("evm_read", EvmCalls.class, "read", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("evm_write", EvmCalls.class, "write", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("evm_size", EvmCalls.class, "size", JAVA_LONG, JAVA_LONG),
            entry("evm_capacity", EvmCalls.class, "capacity", JAVA_LONG, JAVA_LONG),
            entry("evm_ensure", EvmCalls.class, "ensure", JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("evm_expansion_cost", EvmCalls.class, "expansionCost", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("evm_copy", EvmCalls.class, "copy", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("evm_zero", EvmCalls.class, "zero", JAVA_LONG, JAVA_LONG, JAVA_LONG),
            entry("wipe", HashCalls.class, "wipe", JAVA_LONG, JAVA_LONG),
            entry("close", CTable.class, "closeFromC")};

    private static final long BYTES_AT = 0;
    private static final long VERSION_AT = 8;
    private static final long FUNCTIONS_AT = 16;
    private static final long BYTES = FUNCTIONS_AT + (long) ENTRIES.length * Long.BYTES;

    private static MemorySegment table;  // guarded by the class, once made never another
    private static volatile long tableAt;          // its address, for every thread
    private static volatile CMemory held;

    private CTable() {}

    private static Entry entry(String name, Class<?> in, String method, MemoryLayout... parameters) {
        return new Entry(name, in, method, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static MemoryLayout[] algorithmAnd(int ranges) {
        MemoryLayout[] parameters = new MemoryLayout[1 + 2 * ranges];
        Arrays.fill(parameters, JAVA_LONG);
        parameters[0] = JAVA_INT;
        return parameters;
    }

    /// Opens the table.
    ///
    /// @return the table, read-only, for the life of the process; its address is what C is given
    /// @throws IllegalStateException  it is open (caller's fault)
    /// @throws OutOfMemoryError       the system has no room (machine's fault); nothing is held
    public static synchronized MemorySegment open(CTableConfig config) {
        Objects.requireNonNull(config);
        if (held != null) {
            throw new IllegalStateException("table for C: open, with " + held.config);
        }
        MemorySegment shown = made().asReadOnly();
        held = CMemory.open(config);
        boolean isRehearsed = false;
        try {
            Rehearsal.run();
            isRehearsed = true;
        } finally {
            if (!isRehearsed) {
                close();
            }
        }
        return shown;
    }

    /// {@return the address of the table, as a number; opens it, if it is not open, as the system property [CTableConfig#PROPERTY] says or
    /// by default. For a program that calls it by JNI: `static long address()`}
    ///
    /// @throws IllegalArgumentException  the property has a word that means nothing (caller's fault)
    /// @throws OutOfMemoryError          the system has no room (machine's fault); nothing is held
    public static synchronized long address() {
        if (held == null) {
            open(CTableConfig.parse(System.getProperty(CTableConfig.PROPERTY, "")));
        }
        return tableAt;
    }

    /// {@return whether calls are answered}
    public static boolean isOpen() {
        return held != null;
    }

    /// Waits for the calls that are under way, wipes everything and gives it back; calls answer `COFFER_CLOSED` from now on, and handles are
    /// worth nothing, also when the table is opened again. Closing twice is harmless.
    public static synchronized void close() {
        CMemory ending = held;
        if (ending != null) {
            held = null;
            ending.close();
        }
    }

    static int closeFromC() {
        try {
            close();
            return Status.OK;
        } catch (Throwable thrown) {
            return Status.of(thrown);
        }
    }

    static CMemory held() {
        return held;
    }

    /// {@return OVERLAP where a range shares a byte with the table, which nobody is to write}
    static int apart(long at, long bytes) {
        return Foreign.apart(at, bytes, tableAt, BYTES);
    }

    @SuppressWarnings("MustBeClosedChecker")  // where the table is whole its memory stays for the life of the process
    private static MemorySegment made() {
        if (table != null) {
            return table;
        }
        Rehearsal.classes();
        Arena forEver = Arena.ofShared();
        boolean isWhole = false;
        try {
            MemorySegment making = filled(forEver);
            isWhole = true;
            table = making;
            tableAt = making.address();
            return making;
        } finally {
            if (!isWhole) {
                forEver.close();  // the next try makes another
            }
        }
    }

    @SuppressWarnings("restricted")  // this is what the module is for: methods that C calls
    private static MemorySegment filled(Arena forEver) {
        MemorySegment making = forEver.allocate(BYTES, Long.BYTES);
        making.set(JAVA_LONG, BYTES_AT, BYTES);
        making.set(JAVA_LONG, VERSION_AT, VERSION);
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        Linker linker = Linker.nativeLinker();
        for (int i = 0; i < ENTRIES.length; i++) {
            FunctionDescriptor descriptor = ENTRIES[i].descriptor();
            try {
                MethodHandle method = lookup.findStatic(ENTRIES[i].in(), ENTRIES[i].method(), descriptor.toMethodType());
                MemorySegment stub = linker.upcallStub(method, descriptor, forEver);
                making.set(JAVA_LONG, FUNCTIONS_AT + (long) i * Long.BYTES, stub.address());
                Rehearsal.call(stub, descriptor);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("table for C: " + ENTRIES[i], e);
            }
        }
        return making;
    }
}
