package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.internal.os.MemoryCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Control groups as folders: what the kernel would show to a process in a container.
class ContainerLimitTest {
    private static final MemoryPlan DATA = MemoryPlan.block("data", 100_000);
    private static final RegionConfig ON_OPEN = RegionConfig.defaults("r");
    private static final long BYTES = Region.plan(ON_OPEN, DATA).totalBytes();

    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();
    private Path mount;
    private ContainerLimit limit;

    @BeforeEach
    void makeFolders() throws IOException {
        mount = Files.createDirectory(folder.resolve("mount"));
        limit = new ContainerLimit(folder.resolve("cgroup"), mount, warnings::add);
    }

    private void groups(String... lines) throws IOException {
        Files.write(folder.resolve("cgroup"), List.of(lines));
    }

    private void write(String group, Object... filesAndTexts) throws IOException {
        Path at = Files.createDirectories(mount.resolve(group));
        for (int i = 0; i < filesAndTexts.length; i += 2) {
            Files.writeString(at.resolve((String) filesAndTexts[i]), filesAndTexts[i + 1] + "\n");
        }
    }

    private void opens() {
        opens(ON_OPEN);
    }

    private void opens(RegionConfig config) {
        CountedCalls calls = new CountedCalls();
        Region.open(config, DATA, calls, limit).close();
    }

    private MemoryLimitException refuses() {
        CountedCalls calls = new CountedCalls();
        MemoryLimitException refusal =
                assertThrows(MemoryLimitException.class, () -> Region.open(ON_OPEN, DATA, calls, limit));
        assertEquals(Map.of(), calls.mappings);
        assertEquals(BYTES, refusal.requested());
        return refusal;
    }

    @Test
    void withoutGroupsOrLimitsNothingIsRefused() throws IOException {
        opens();
        groups("0::/job");
        opens();
        write("job", "memory.max", "max", "memory.current", Long.MAX_VALUE);
        opens();
        groups("4:memory:/job", "nonsense", "1:cpu:/job");
        write("memory/job", "memory.limit_in_bytes", 9223372036854771712L, "memory.usage_in_bytes", 1L << 61);
        opens();
        assertEquals(List.of(), warnings);
    }

    @Test
    void aRegionOfTheLimitOpensAndOneByteLessIsRefusedInPlainWords() throws IOException {
        groups("0::/job");
        write("job", "memory.max", BYTES);
        opens();
        write("job", "memory.max", BYTES - 1);
        MemoryLimitException refusal = refuses();
        assertEquals(BYTES - 1, refusal.available());
        assertEquals(BYTES - 1, refusal.limit());
        String text = refusal.getMessage();
        assertTrue(text.startsWith("region \"r\": " + BYTES + " bytes to commit at open, but the container allows "
                + (BYTES - 1) + " more (limit " + (BYTES - 1) + ", in use 0; "), text);
        assertTrue(text.endsWith("memory.max); plan less, raise the limit, or commit on touch"), text);
        write("job", "memory.max", BYTES);
        opens();
    }

    @Test
    void whatIsInUseCountsButNotWhatCanBeReclaimed() throws IOException {
        groups("0::/job");
        String stat = "anon 5\nfile 800\ninactive_file 300\nactive_file 200\nslab_reclaimable 100\nslab 120\n";
        write("job", "memory.max", BYTES + 400, "memory.current", 1000, "memory.stat", stat);
        opens();
        write("job", "memory.current", 1001);
        assertEquals(BYTES - 1, refuses().available());
        write("job", "memory.current", 5, "memory.max", BYTES);
        opens();
        write("job", "memory.current", 2 * BYTES, "memory.stat", "");
        assertEquals(0, refuses().available(), "already past its limit");
    }

    @Test
    void theTightestGroupOnTheWayUpCounts() throws IOException {
        groups("0::/pod/job");
        write("pod/job", "memory.max", 10 * BYTES);
        opens();
        write("pod", "memory.max", 2 * BYTES, "memory.current", BYTES + 1);
        assertEquals(2 * BYTES, refuses().limit());
        write("pod", "memory.current", BYTES);
        opens();
        write(".", "memory.max", BYTES - 1);
        assertEquals(BYTES - 1, refuses().limit());
    }

    @Test
    void aContainerThatSeesItsOwnGroupAtTheMountIsHeldToIt() throws IOException {
        write("", "memory.max", BYTES - 1);
        for (String path : new String[] {"/", "/docker/0123", "/../../other", "//"}) {
            groups("0::" + path);
            assertEquals(BYTES - 1, refuses().limit(), path);
        }
    }

    @Test
    void versionOneIsReadAsWell() throws IOException {
        groups("12:cpu,cpuacct:/x", "4:hugetlb,memory:/docker/1", "0::/");
        write("memory/docker/1", "memory.limit_in_bytes", BYTES + 90, "memory.usage_in_bytes", 100, "memory.stat",
                "total_active_file 6\ntotal_inactive_file 4\nactive_file 1000\n");
        opens();
        write("memory/docker/1", "memory.usage_in_bytes", 101);
        assertEquals(BYTES - 1, refuses().available());
        assertTrue(refuses().getMessage().contains("memory.limit_in_bytes"));
        groups("4:memoryless:/docker/1");
        opens();
    }

    @Test
    void aReservationOpensWithOneLineOfWarning() throws IOException {
        RegionConfig touched = RegionConfig.reservation("evm");
        long bytes = Region.plan(touched, DATA).totalBytes();
        groups("0::/job");
        write("job", "memory.max", bytes);
        opens(touched);
        assertEquals(List.of(), warnings);
        write("job", "memory.max", bytes - 1);
        opens(touched);
        assertEquals(1, warnings.size());
        assertTrue(warnings.getFirst().startsWith("region \"evm\": reserves " + bytes + " bytes, committed when touched, but "
                + "the container allows " + (bytes - 1) + " more"), warnings.getFirst());
        assertEquals(-1, warnings.getFirst().indexOf('\n'));
    }

    /// As of a server with three loops, none of which is too large alone.
    @Test
    void reservationsAreCountedTogetherAndNoLongerWhenTheyAreClosed() throws IOException {
        RegionConfig touched = RegionConfig.reservation("loop");
        groups("0::/job");
        write("job", "memory.max", 2 * BYTES);
        CountedCalls calls = new CountedCalls();
        try (Region first = Region.open(touched, DATA, calls, limit); Region second = Region.open(touched, DATA, calls, limit)) {
            assertEquals(List.of(), warnings);
            opens(touched);
            assertEquals(1, warnings.size());
            assertTrue(warnings.getFirst().contains(BYTES + " bytes, committed when touched, beside " + (first.bytes() + second.bytes())
                    + " that others reserve, but the container allows " + 2 * BYTES + " more"), warnings.getFirst());
            opens();  // what is committed at once has its room today
        }
        opens(touched);
        Region.open(touched, DATA, calls, limit).abandon();
        try (Region one = Region.open(touched, DATA, calls, limit)) {
            opens(touched);
            assertEquals(1, warnings.size(), one::name);
        }
    }

    @Test
    void thePortableFormAndTheUnlockedAreHeldToItToo() throws IOException {
        groups("0::/job");
        write("job", "memory.max", 1);
        MemoryCalls elsewhere = new MemoryCalls() {
            @Override
            public boolean available() {
                return false;
            }
        };
        assertThrows(MemoryLimitException.class, () -> Region.open(ON_OPEN, DATA, elsewhere, limit));
        assertThrows(MemoryLimitException.class, () -> Region.open(ON_OPEN.withProtection(Protection.LOCKED, Level.OFF), DATA,
                MemoryCalls.SYSTEM, limit));
    }
}
