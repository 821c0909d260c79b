package dev.coffer.cli.certificate;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.tls.TicketKeyFile;
import dev.coffer.tls.ReplayGuard;
import dev.coffer.tls.TicketKeys;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/// The keys of a server's session tickets, in a locked region of their own: this process's, or those of a file that several share. Where clients may say
/// something early, what remembers that it was said is there as well.
public final class ServerTickets implements AutoCloseable {
    /// Handshakes with early data that are remembered, for 21 s each: some 400 a second.
    private static final int GUARD_ENTRIES = 1 << 14;
    private static final MemoryPlan KEYS = MemoryPlan.block("keys", Align.up(TicketKeyFile.BYTES, Align.CACHE_LINE_BYTES));
    private static final MemoryPlan PLAN = MemoryPlan.group("ticket-keys", KEYS);
    private static final MemoryPlan GUARDED = MemoryPlan.group("ticket-keys", KEYS,
            MemoryPlan.block("replay guard", ReplayGuard.bytes(GUARD_ENTRIES)));

    private final Region region;
    private final TicketKeyFile file;  // null: of this process alone
    private final TicketKeys keys;
    private final ReplayGuard guard;   // null: nothing is taken early

    private ServerTickets(Path from, int lifetimeSeconds, boolean guarded) throws IOException {
        region = Region.open(RegionConfig.defaults("ticket-keys"), guarded ? GUARDED : PLAN);
        boolean open = false;
        try {
            MemorySegment memory = region.carve("keys");
            file = from == null ? null : new TicketKeyFile(from, memory);
            guard = guarded ? ReplayGuard.over(region.carve("replay guard"), Entropy.SYSTEM) : null;
            keys = file == null ? TicketKeys.fresh(memory, Entropy.SYSTEM, lifetimeSeconds) : file.keys();
            open = true;
        } finally {
            if (!open) {
                region.close();
            }
        }
    }

    /// {@return what is mapped}
    ///
    /// @param guarded  as of [#of]
    public static MemoryPlan plan(boolean guarded) {
        return Region.plan(RegionConfig.defaults("ticket-keys"), guarded ? GUARDED : PLAN);
    }

    /// {@return this process's keys, or those of a file, which is made where there is none}
    ///
    /// @param file     or null
    /// @param guarded  whether what is said early is taken, and remembered
    /// @throws IOException  the file cannot be read or made, is not its owner's alone, or holds something else
    public static ServerTickets of(Path file, int lifetimeSeconds, boolean guarded) throws IOException {
        if (file != null && !Files.exists(file)) {
            change(file, 0, lifetimeSeconds, true);
        }
        return new ServerTickets(file, lifetimeSeconds, guarded);
    }

    /// Makes a file of keys, or puts a fresh one into it. Who does so at once, in whatever process, does so one after the other, behind a [LockFile].
    ///
    /// @param inSeconds  when the fresh key begins to seal: once every process has read the file
    /// @return keys in the file
    /// @throws IOException  it cannot be read or written
    public static int turn(Path file, int inSeconds, int lifetimeSeconds) throws IOException {
        return change(file, inSeconds, lifetimeSeconds, false);
    }

    /// @param unlessThere  whether a file that is there by now stays as it is: another has made it
    /// @return keys in the file; 0 where it stays
    private static synchronized int change(Path file, int inSeconds, int lifetimeSeconds, boolean unlessThere) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file;
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(target.toString(), null, "no regular file");  // which leaves no lock
        }
        try (LockFile _ = LockFile.hold(target)) {
            return unlessThere && Files.exists(file) ? 0 : turned(file, inSeconds, lifetimeSeconds);
        }
    }

    /// Makes a file of one fresh key that lies nowhere yet, for whoever writes it somewhere.
    ///
    /// @param inSeconds  when the key begins to seal
    /// @param to         gets the file, in locked memory that is wiped afterwards
    public static void fresh(int inSeconds, int lifetimeSeconds, Consumer<ByteBuffer> to) {
        try (Region memory = Region.open(RegionConfig.defaults("ticket-keys"), PLAN)) {
            long now = Instant.now().getEpochSecond();
            MemorySegment keys = memory.carve("keys");
            TicketKeyFile.fresh(keys, Entropy.SYSTEM, now, now + inSeconds, lifetimeSeconds, to);
        }
    }

    private static int turned(Path file, int inSeconds, int lifetimeSeconds) throws IOException {
        try (Region memory = Region.open(RegionConfig.defaults("ticket-keys"), PLAN)) {
            long now = Instant.now().getEpochSecond();
            return TicketKeyFile.turn(file, memory.carve("keys"), Entropy.SYSTEM, now, now + inSeconds, lifetimeSeconds);
        }
    }

    /// {@return the keys; closed with this}
    public TicketKeys keys() {
        return keys;
    }

    /// {@return the key of QUIC's stateless resets, of keys that are a file's; null where there is none}
    public MemorySegment resetKey() {
        return file == null ? null : file.resetKey();
    }

    /// {@return who remembers what was said early, closed with this; null where nothing is taken}
    public ReplayGuard guard() {
        return guard;
    }

    /// Reads the file again, of keys that are a file's. Where this fails those before stay in force.
    ///
    /// @throws IOException  as when it was read first
    public void again() throws IOException {
        if (file != null) {
            file.again();
        }
    }

    /// Wipes them.
    @Override
    public void close() {
        if (file != null) {
            file.close();
        } else {
            keys.close();
        }
        if (guard != null) {
            guard.close();
        }
        region.close();
    }
}
