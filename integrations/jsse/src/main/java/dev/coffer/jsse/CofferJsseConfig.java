package dev.coffer.jsse;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.pool.BlockAllocator;
import dev.coffer.tls.SessionKeeper;
import dev.coffer.tls.TicketKeys;
import java.util.Locale;

/// What a [CofferJsseProvider] may hold off the heap, for all its contexts together.
///
/// As text, for `java.security` and for the system property `coffer.jsse`, in any order, with commas or spaces between:
///
/// ```
///   security.provider.1=CofferJSSE engines=1000,keys=64k
/// ```
///
/// | component | text | default | range |
/// |---|---|---|---|
/// | `engineBytes` | `engines=`, a count of [#ENGINE_BYTES] each | 64 engines | 1..8,192 engines |
/// | `openConnections` | `open=` | 2,048 | a multiple of 4, 4..262,144, some 600 bytes each |
/// | `sessions` | `sessions=` | 64 | 1..65,536, 1,408 bytes each |
/// | `keyBytes` | `keys=` | 64 KiB | a multiple of 4 KiB up to 64 MiB, with `k` or `m` |
///
/// @param engineBytes      for engines from their first message to the end of their handshake; one more is refused with an `SSLException` of its own
/// @param openConnections  of clients, and as many of servers, that are open and leave that memory to others; one more keeps it to its end
/// @param sessions         that clients may resume; the oldest makes room
/// @param keyBytes         for private keys that were copied here; half as much again holds the keys of session tickets, 256 bytes for each context that serves:
///                         where there are more of these at a time nobody resumes with those that came last
public record CofferJsseConfig(int engineBytes, int openConnections, int sessions, int keyBytes) {
    /// The system property that a provider without a text of its own is configured by.
    public static final String PROPERTY = "coffer.jsse";
    /// Bytes of one engine: what a connection's handshake, its records and its cryptography take.
    public static final int ENGINE_BYTES = 80 << 10;

    static final int BLOCK_BYTES = 1024;
    /// Open connections share one lock and what a record needs with a fourth of all.
    static final int ROOMS = 4;
    private static final int OPEN_MAX = 1 << 18;
    private static final int SESSIONS_MAX = 1 << 16;
    private static final int SESSION_BYTES = (int) Align.up(SessionKeeper.SESSION_BYTES, Align.CACHE_LINE_BYTES);
    private static final int KEY_BLOCK_BYTES = 64;
    private static final int ENGINES_MAX = 8192;
    private static final int KEY_BYTES_MAX = 64 << 20;
    private static final int KEY_UNIT = 4 << 10;

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public CofferJsseConfig {
        if (engineBytes < ENGINE_BYTES || engineBytes > ENGINES_MAX * ENGINE_BYTES || engineBytes % ENGINE_BYTES != 0) {
            throw new IllegalArgumentException("engines: " + engineBytes + " bytes (expected 1.." + ENGINES_MAX + " times " + ENGINE_BYTES + ")");
        }
        if (openConnections < ROOMS || openConnections > OPEN_MAX || openConnections % ROOMS != 0) {
            throw new IllegalArgumentException("open connections: " + openConnections + " (expected a multiple of " + ROOMS + " up to " + OPEN_MAX + ")");
        }
        if (sessions < 1 || sessions > SESSIONS_MAX) {
            throw new IllegalArgumentException("sessions: " + sessions + " (expected 1.." + SESSIONS_MAX + ")");
        }
        if (keyBytes < KEY_UNIT || keyBytes > KEY_BYTES_MAX || keyBytes % KEY_UNIT != 0) {
            throw new IllegalArgumentException("keys: " + keyBytes + " bytes (expected a multiple of " + KEY_UNIT + " up to " + KEY_BYTES_MAX + ")");
        }
    }

    /// {@return the defaults above: some 6.5 MiB, below the usual limit of locked memory}
    public static CofferJsseConfig defaults() {
        return new CofferJsseConfig(64 * ENGINE_BYTES, 2048, 64, 64 << 10);
    }

    /// {@return this with so many engines in their handshake at a time}
    public CofferJsseConfig withEngines(int engines) {
        return new CofferJsseConfig(Math.multiplyExact(engines, ENGINE_BYTES), openConnections, sessions, keyBytes);
    }

    /// {@return this with so many open connections, of clients and of servers each}
    public CofferJsseConfig withOpenConnections(int newOpenConnections) {
        return new CofferJsseConfig(engineBytes, newOpenConnections, sessions, keyBytes);
    }

    /// {@return this with so many sessions that clients may resume}
    public CofferJsseConfig withSessions(int newSessions) {
        return new CofferJsseConfig(engineBytes, openConnections, newSessions, keyBytes);
    }

    /// {@return this with so much memory for keys}
    public CofferJsseConfig withKeyBytes(int newKeyBytes) {
        return new CofferJsseConfig(engineBytes, openConnections, sessions, newKeyBytes);
    }

    /// {@return what a text says, the defaults where it says nothing}
    ///
    /// @throws IllegalArgumentException  a word that means nothing, or a number out of its range (the fault of who wrote it)
    public static CofferJsseConfig parse(String text) {
        CofferJsseConfig config = defaults();
        for (String word : text.trim().split("[,\\s]+")) {
            if (!word.isEmpty()) {
                config = config.with(word);
            }
        }
        return config;
    }

    private CofferJsseConfig with(String word) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        String value = equals < 0 ? "" : word.substring(equals + 1);
        return switch (name) {
            case "engines" -> withEngines(number(word, value));
            case "open" -> withOpenConnections(number(word, value));
            case "sessions" -> withSessions(number(word, value));
            case "keys" -> withKeyBytes(number(word, value));
            default -> throw new IllegalArgumentException("\"" + word + "\" (expected engines=COUNT, open=COUNT, sessions=COUNT or keys=BYTES)");
        };
    }

    private static int number(String word, String value) {
        String digits = value.toLowerCase(Locale.ROOT);
        int unit = digits.endsWith("m") ? 1 << 20 : digits.endsWith("k") ? 1 << 10 : 1;
        try {
            return Math.multiplyExact(Integer.parseInt(unit == 1 ? digits : digits.substring(0, digits.length() - 1)), unit);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("\"" + word + "\" (expected a number, with k or m behind it for KiB or MiB)", e);
        }
    }

    BlockAllocator.Config engines() {
        return new BlockAllocator.Config("jsse engines", engineBytes, BLOCK_BYTES);
    }

    BlockAllocator.Config sessionBlocks() {
        return new BlockAllocator.Config("jsse sessions", sessions * SESSION_BYTES, SESSION_BYTES);
    }

    MemoryPlan rooms() {
        MemoryPlan[] rooms = new MemoryPlan[ROOMS];
        for (int i = 0; i < ROOMS; i++) {
            rooms[i] = Room.plan("jsse room " + (i + 1), openConnections / ROOMS);
        }
        return MemoryPlan.group("jsse rooms", rooms);
    }

    BlockAllocator.Config keys() {
        return new BlockAllocator.Config("jsse keys", keyBytes, KEY_BLOCK_BYTES);
    }

    /// For keys of tickets, so that contexts without number take no room from private keys.
    BlockAllocator.Config tickets() {
        return new BlockAllocator.Config("jsse ticket keys", keyBytes / 2, (int) TicketKeys.BYTES);
    }

    /// {@return what a provider of this configuration holds off the heap, once it holds anything}
    public MemoryPlan plan() {
        return MemoryPlan.group("jsse", BlockAllocator.plan(engines()), rooms(), BlockAllocator.plan(sessionBlocks()), BlockAllocator.plan(keys()),
                BlockAllocator.plan(tickets()));
    }

    static {
        assert KEY_UNIT / 2 % TicketKeys.BYTES == 0 && Align.is(ENGINE_BYTES, BLOCK_BYTES);
    }
}
