package dev.coffer.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the control groups of this process still allow it to commit: the limit of a container, of a service, of a job.
///
/// `/proc/self/cgroup` names the process's group in each hierarchy: `0::/path` in version 2, `N:...,memory,...:/path` in
/// version 1. A limit holds for all groups below it, so each folder from there up to where the hierarchy is mounted is read.
/// A container often sees its own group at the mount itself, and the path of the host beside it: folders that are not there
/// are passed by. Read anew at each open, as limits change; a few small files, some tens of microseconds.
final class ContainerLimit {
    /// The groups of this process.
    static final ContainerLimit SYSTEM = new ContainerLimit(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"),
            line -> System.getLogger("dev.coffer.memory").log(System.Logger.Level.WARNING, line));

    private static final long NONE = Long.MAX_VALUE;
    private static final long LIMIT_BYTES_MAX = 1L << 60;  // version 1 writes "none" as the largest page-aligned number

    /// The files of one version of the interface (kernel documentation: cgroup-v2.rst, cgroup-v1/memory.rst).
    private enum Version {
        TWO("", "memory.max", "memory.current", "active_file ", "inactive_file ", "slab_reclaimable "),
        ONE("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_active_file ", "total_inactive_file ");

        final String folder;          // under the mount
        final String limit;
        final String use;
        final String[] reclaimable;   // lines of memory.stat: in use, but given up before anyone is killed

        Version(String folder, String limit, String use, String... reclaimable) {
            this.folder = folder;
            this.limit = limit;
            this.use = use;
            this.reclaimable = reclaimable;
        }
    }

    /// The group that allows least.
    ///
    /// @param file   where its limit stands
    /// @param limit  bytes
    /// @param held   bytes in use that cannot be reclaimed
    private record Tightest(Path file, long limit, long held) {
        long available() {
            return Math.max(0, limit - held);
        }
    }

    private final Path groups;
    private final Path mount;
    private final Consumer<String> warning;
    private final AtomicLong reserved = new AtomicLong();  // bytes of open regions that commit on touch

    /// @param groups   a file as `/proc/self/cgroup`
    /// @param mount    a folder as `/sys/fs/cgroup`
    /// @param warning  told of reservations, one line each
    ContainerLimit(Path groups, Path mount, Consumer<String> warning) {
        this.groups = groups;
        this.mount = mount;
        this.warning = warning;
    }

    /// Refuses or warns before a region is mapped. Reservations are counted together: each loop of a server has one of its own. What of them has been touched
    /// is in use as well, and counted twice: a warning may come early, and never fails to.
    ///
    /// @param bytes  of the whole mapping
    /// @throws MemoryLimitException  it commits at open, and the groups allow less
    void check(RegionConfig config, long bytes) {
        boolean onOpen = config.commit() == RegionConfig.Commit.ON_OPEN;
        long before = onOpen ? 0 : reserved.get();
        Tightest tightest = tightest();
        if (tightest == null || bytes <= tightest.available() - before) {
            return;
        }
        String allowed = "the container allows " + tightest.available() + " more (limit " + tightest.limit() + ", in use "
                + tightest.held() + "; " + tightest.file() + ")";
        if (onOpen) {
            throw new MemoryLimitException("region \"" + config.name() + "\": " + bytes + " bytes to commit at open, but "
                    + allowed + "; plan less, raise the limit, or commit on touch", bytes, tightest.available(),
                    tightest.limit());
        }
        warning.accept("region \"" + config.name() + "\": reserves " + bytes + " bytes, committed when touched, "
                + (before == 0 ? "" : "beside " + before + " that others reserve, ") + "but " + allowed + "; the kernel ends a process that touches more");
    }

    /// A region that commits on touch is open, or with less than 0 bytes it is no longer.
    void reserve(long bytes) {
        reserved.addAndGet(bytes);
    }

    /// {@return the group that allows least, or null where none has a limit}
    private @Nullable Tightest tightest() {
        Tightest found = null;
        for (String line : read(groups).split("\n")) {
            String[] fields = line.split(":", 3);  // hierarchy, controllers, path
            if (fields.length < 3) {
                continue;
            }
            if (fields[0].equals("0") && fields[1].isEmpty()) {
                found = tighter(found, Version.TWO, fields[2]);
            } else if (("," + fields[1] + ",").contains(",memory,")) {
                found = tighter(found, Version.ONE, fields[2]);
            }
        }
        return found;
    }

    private @Nullable Tightest tighter(@Nullable Tightest found, Version version, String path) {
        Tightest tightest = found;
        Path top = mount.resolve(version.folder).normalize();
        Path folder = top.resolve(path.replaceFirst("^/+", "")).normalize();
        folder = folder.startsWith(top) ? folder : top;  // `/../job`: a group outside of what this container sees
        for (; folder != null && folder.startsWith(top); folder = folder.getParent()) {
            Path file = folder.resolve(version.limit);
            long limit = number(read(file));
            if (limit < LIMIT_BYTES_MAX) {
                Tightest here = new Tightest(file, limit, held(version, folder));
                if (tightest == null || here.available() < tightest.available()) {
                    tightest = here;
                }
            }
        }
        return tightest;
    }

    private static long held(Version version, Path folder) {
        long use = number(read(folder.resolve(version.use)));
        if (use == NONE) {
            return 0;
        }
        for (String line : read(folder.resolve("memory.stat")).split("\n")) {
            for (String key : version.reclaimable) {
                if (line.startsWith(key)) {
                    long bytes = number(line.substring(key.length()));
                    use -= bytes == NONE ? 0 : bytes;
                }
            }
        }
        return Math.max(0, use);
    }

    /// {@return the file's text; empty where it is not there or cannot be read, which says as much as no limit}
    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    /// {@return the number, or NONE for `max` and whatever else is none}
    private static long number(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            return NONE;
        }
    }
}
