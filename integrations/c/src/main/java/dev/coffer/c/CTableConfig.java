package dev.coffer.c;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.memory.EvmMemoryConfig;
import dev.coffer.memory.MemoryPlan;
import java.util.Locale;

/// How much a [CTable] may hold.
///
/// As text, for the system property `coffer.c` that a program which embeds the JVM sets (`-Dcoffer.c=workspaces=8,memories=100`), in any
/// order, with commas or spaces between:
///
/// | component | text | default | range | costs |
/// |---|---|---|---|---|
/// | `workspaces` | `workspaces=` | 4 | 1..4,096 | 96 KiB each, locked where the system allows |
/// | `hashes` | `hashes=` | 16 | 1..4,096 | 832 bytes each, likewise |
/// | `memories` | `memories=` | 8 | 1..4,096 | address space, twice `memoryBytes` each |
/// | `memoryBytes` | `memory=` | 32 MiB | 64 KiB to 4 GiB, a multiple of 4 KiB, with `k`, `m` or `g` | nothing until it is touched |
/// | `committedBytes` | `committed=` | 64 MiB | 64 KiB and more, the same | the limit of what all memories have touched |
///
/// @param workspaces      calls at one time that bring no workspace of their own
/// @param hashes          hash states that are open at one time
/// @param memories        EVM memories that exist at one time
/// @param memoryBytes     the most bytes of one EVM memory
/// @param committedBytes  the most bytes of all EVM memories together, in steps of 64 KiB each
public record CTableConfig(int workspaces, int hashes, int memories, long memoryBytes, long committedBytes) {
    /// The system property with the same as text, for a table that is given no configuration.
    public static final String PROPERTY = "coffer.c";
    /// Bytes of a workspace that fits every call: a seed, then the largest of an algorithm. `COFFER_WORKSPACE_MAX` in `coffer.h`.
    public static final int WORKSPACE_BYTES = 96 << 10;

    private static final long HASH_BYTES = Hash.STATE_BYTES_MAX + 63 & -64;
    private static final int STEP_BYTES = 4 << 10;
    private static final int MEMORY_BYTES_MIN = 64 << 10;
    private static final long COMMITTED_BYTES_MAX = 1L << 46;

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public CTableConfig {
        checkPlaces("workspaces", workspaces);
        checkPlaces("hashes", hashes);
        checkPlaces("memories", memories);
        checkBytes("memoryBytes", memoryBytes, EvmMemoryConfig.BYTES_MAX);
        checkBytes("committedBytes", committedBytes, COMMITTED_BYTES_MAX);
    }

    private static void checkPlaces(String name, int places) {
        if (places < 1 || places > Slots.PLACES_MAX) {
            throw new IllegalArgumentException("table for C: " + name + " " + places + " (expected 1.." + Slots.PLACES_MAX + ")");
        }
    }

    private static void checkBytes(String name, long bytes, long most) {
        if (bytes < MEMORY_BYTES_MIN || bytes > most || bytes % STEP_BYTES != 0) {
            throw new IllegalArgumentException("table for C: " + name + " " + bytes + " (expected " + MEMORY_BYTES_MIN + ".." + most
                    + ", a multiple of " + STEP_BYTES + ")");
        }
    }

    /// {@return 4 workspaces, 16 hash states, 8 EVM memories of 32 MiB, 64 MiB of them committed}
    public static CTableConfig defaults() {
        return new CTableConfig(4, 16, 8, 32L << 20, 64L << 20);
    }

    /// {@return the default with what a text changes}
    ///
    /// @throws IllegalArgumentException  a word that means nothing here, or a number out of its range (caller's fault)
    public static CTableConfig parse(String text) {
        CTableConfig config = defaults();
        for (String word : text.strip().split("[,\\s]+")) {
            config = word.isEmpty() ? config : config.with(word);
        }
        return config;
    }

    private CTableConfig with(String word) {
        int equals = word.indexOf('=');
        String value = word.substring(equals + 1).toLowerCase(Locale.ROOT);
        return switch (word.substring(0, Math.max(0, equals))) {
            case "workspaces" -> withWorkspaces(places(word, value));
            case "hashes" -> withHashes(places(word, value));
            case "memories" -> withMemories(places(word, value));
            case "memory" -> withMemoryBytes(bytes(word, value));
            case "committed" -> withCommittedBytes(bytes(word, value));
            default -> throw unknown(word);
        };
    }

    private static int places(String word, String value) {
        if (!value.matches("[0-9]{1,5}")) {
            throw unknown(word);
        }
        return Integer.parseInt(value);
    }

    private static long bytes(String word, String value) {
        if (!value.matches("[0-9]{1,12}[kmg]?")) {
            throw unknown(word);
        }
        int shift = value.endsWith("k") ? 10 : value.endsWith("m") ? 20 : value.endsWith("g") ? 30 : 0;
        long number = Long.parseLong(shift == 0 ? value : value.substring(0, value.length() - 1));
        if (number > COMMITTED_BYTES_MAX >>> shift) {
            throw unknown(word);
        }
        return number << shift;
    }

    private static IllegalArgumentException unknown(String word) {
        return new IllegalArgumentException("table for C: \"" + word
                + "\" (expected workspaces=N, hashes=N, memories=N, memory=BYTES, committed=BYTES)");
    }

    /// {@return the same with another number of workspaces}
    public CTableConfig withWorkspaces(int number) {
        return new CTableConfig(number, hashes, memories, memoryBytes, committedBytes);
    }

    /// {@return the same with another number of hash states}
    public CTableConfig withHashes(int number) {
        return new CTableConfig(workspaces, number, memories, memoryBytes, committedBytes);
    }

    /// {@return the same with another number of EVM memories}
    public CTableConfig withMemories(int number) {
        return new CTableConfig(workspaces, hashes, number, memoryBytes, committedBytes);
    }

    /// {@return the same with another limit of one EVM memory}
    public CTableConfig withMemoryBytes(long bytes) {
        return new CTableConfig(workspaces, hashes, memories, bytes, committedBytes);
    }

    /// {@return the same with another limit of all EVM memories}
    public CTableConfig withCommittedBytes(long bytes) {
        return new CTableConfig(workspaces, hashes, memories, memoryBytes, bytes);
    }

    /// {@return bytes of the place of a hash state}
    static long hashBytes() {
        return HASH_BYTES;
    }

    /// {@return what an EVM memory is opened with: one frame, nothing saved; the budget comes with the table}
    EvmMemoryConfig evm() {
        return EvmMemoryConfig.of(memoryBytes).withSavedBytesMax(0).withFramesMax(1).withKeptBytesMax(MEMORY_BYTES_MIN);
    }

    /// {@return what lies in the table's locked region}
    MemoryPlan secrets() {
        return MemoryPlan.group("c", MemoryPlan.block("workspaces", WORKSPACE_BYTES, workspaces, "of calls that bring none"),
                MemoryPlan.block("hash states", HASH_BYTES, hashes, ""));
    }

    /// {@return what a table of this configuration holds off the heap: the EVM memories are address space, of which at most
    /// [#committedBytes] are committed}
    public MemoryPlan plan() {
        return MemoryPlan.group("table for c", secrets(), evm().plan().times(memories).named("evm memories"));
    }
}
