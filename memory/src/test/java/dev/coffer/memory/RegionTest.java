package dev.coffer.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.internal.os.Errno;
import dev.coffer.memory.internal.os.MemoryCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegionTest {
    private static final MemoryPlan DATA =
            MemoryPlan.group("data", MemoryPlan.block("keys", 64, 3, "three"), MemoryPlan.block("pool", 8192));

    /// Sums every entry of `/proc/self/smaps` that lies in the mapping: the kernel's word on its length.
    private static long smapsBytes(Region region) throws IOException {
        long guard = region.config().guard() == Level.OFF ? 0 : region.pageBytes();
        long from = region.data().address() - guard;
        long to = from + region.bytes();
        long sum = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
                long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                long end = Long.parseUnsignedLong(line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
                sum += start >= from && end <= to ? end - start : 0;
            }
        }
        return sum;
    }

    @Test
    void planTotalIsTheLengthOfTheMapping() throws IOException {
        RegionConfig config = RegionConfig.defaults("t");
        try (Region region = Region.open(config, DATA)) {
            assertEquals(Region.plan(config, DATA).totalBytes(), region.bytes());
            assertEquals(region.bytes(), smapsBytes(region));
        }
    }

    @Test
    void carvesEachRowOnceInOrder() {
        try (Region region = Region.open(RegionConfig.defaults("t"), DATA)) {
            MemorySegment pool = region.carve("pool");
            MemorySegment keys = region.carve("keys");
            assertEquals(192, keys.byteSize());
            assertEquals(keys.address() + 192, pool.address());
            assertThrows(IllegalStateException.class, () -> region.carve("pool"));
            assertThrows(IllegalArgumentException.class, () -> region.carve("none"));
            assertEquals(region.bytes(), region.usedBytes());
        }
    }

    @Test
    void rowsHaveTheLengthTheyAskForAndTheirRoundingIsARowOfItsOwn() throws IOException {
        MemoryPlan odd = MemoryPlan.group("data", MemoryPlan.block("one", 1), MemoryPlan.block("keys", 33, 3, ""),
                MemoryPlan.block("whole", 128), MemoryPlan.block("none", 0), MemoryPlan.block("last", 1000));
        RegionConfig config = RegionConfig.defaults("t");
        MemoryPlan plan = Region.plan(config, odd);
        MemoryPlan data = plan.child("data");
        assertEquals(List.of("one", "rounding of one", "keys", "rounding of keys", "whole", "none", "last"),
                data.children().stream().map(MemoryPlan::name).toList());
        assertEquals(63, data.child("rounding of one").totalBytes());
        assertEquals(29, data.child("rounding of keys").totalBytes());
        assertEquals(64 + 128 + 128 + 1000, data.totalBytes());
        try (Region region = Region.open(config, odd)) {
            assertEquals(plan.totalBytes(), region.bytes());
            assertEquals(region.bytes(), smapsBytes(region));
            for (MemoryPlan row : odd.children()) {
                MemorySegment memory = region.carve(row.name());
                assertEquals(row.totalBytes(), memory.byteSize());
                assertEquals(0, memory.address() % 64);
                memory.fill((byte) 1);
            }
            region.checkCanary();
            assertEquals(region.bytes() - 63 - 29, region.usedBytes());
        }
        try (Region region = Region.open(config, MemoryPlan.block("leaf", 100))) {
            assertEquals(100, region.data().byteSize());
            region.data().fill((byte) 1);
            region.checkCanary();
            byte past = region.data().reinterpret(101).get(ValueLayout.JAVA_BYTE, 100);
            region.data().reinterpret(101).set(ValueLayout.JAVA_BYTE, 100, (byte) ~past);
            assertThrows(CanaryException.class, region::checkCanary, "the first byte past the data is watched");
            region.data().reinterpret(101).set(ValueLayout.JAVA_BYTE, 100, past);
        }
        MemoryPlan twice = MemoryPlan.group("data", MemoryPlan.block("a", 65)).times(2);
        assertEquals(2 * 128, Region.plan(config, twice).child("data").totalBytes(), "each standing begins aligned");
    }

    @Test
    void aRowForOneOfSeveralIsHandedToOneAtATimeAndWipedInBetween() {
        MemoryPlan protocol = MemoryPlan.oneOf("protocol", MemoryPlan.block("http1", 100), MemoryPlan.block("http2", 300));
        MemoryPlan data = MemoryPlan.group("data", MemoryPlan.block("a", 64), protocol, protocol.named("many").times(2));
        try (Region region = Region.open(RegionConfig.defaults("t"), data)) {
            long before = region.usedBytes();
            MemorySegment first = region.carve("protocol", "http1");
            assertEquals(100, first.byteSize());
            assertEquals(before + 300, region.usedBytes());
            first.fill((byte) 0x5a);
            assertThrows(IllegalStateException.class, () -> region.carve("protocol", "http2"));
            assertThrows(IllegalStateException.class, () -> region.carve("protocol"));
            region.uncarve("protocol");
            MemorySegment second = region.carve("protocol", "http2");
            assertEquals(first.address(), second.address());
            assertEquals(300, second.byteSize());
            assertTrue(ConstantTime.isZero(second, 0, 300));
            region.uncarve("protocol");
            assertEquals(300, region.carve("protocol").byteSize());
            assertEquals(before + 300, region.usedBytes());
            assertThrows(IllegalArgumentException.class, () -> region.carve("a", "http1"));
            assertThrows(IllegalArgumentException.class, () -> region.carve("many", "http1"));
            assertThrows(IllegalArgumentException.class, () -> region.carve("none", "http1"));
            region.uncarve("protocol");
            assertThrows(IllegalArgumentException.class, () -> region.carve("protocol", "none"));
            assertEquals(before, region.usedBytes());
            assertEquals(600, region.carve("many").byteSize());
        }
        assertThrows(IllegalArgumentException.class, () -> Region.open(RegionConfig.defaults("t"), protocol));
        assertThrows(IllegalArgumentException.class, () -> Region.plan(RegionConfig.defaults("t"), MemoryPlan.atMost("n", 1, data)));
    }

    @Test
    void everyByteBehindTheDataIsWatched() {
        for (long at : new long[] {0, 63, 64, 65, 4095 - 192 - 8192 % 4096}) {
            Region region = Region.open(RegionConfig.defaults("t"), DATA);
            MemorySegment past = region.data().reinterpret(DATA.totalBytes() + at + 1);
            long index = DATA.totalBytes() + at;
            past.set(ValueLayout.JAVA_BYTE, index, (byte) (past.get(ValueLayout.JAVA_BYTE, index) ^ 0x10));
            CanaryException seen = assertThrows(CanaryException.class, region::checkCanary);
            assertTrue(seen.getMessage().contains("1 canary bytes overwritten, the first " + at + " bytes past"),
                    seen.getMessage());
            assertThrows(CanaryException.class, region::close);
        }
    }

    /// Looks at the bytes in the moment before they are unmapped.
    private static final class LastLook extends MemoryCalls {
        private long at;
        private long length;
        private long nonZero;

        @Override
        public long unmap(long address, long bytes) {
            MemorySegment body = MemorySegment.ofAddress(at).reinterpret(length);
            for (long i = 0; i < length; i++) {
                nonZero += body.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
            }
            return super.unmap(address, bytes);
        }
    }

    @Test
    void everyByteIsZeroBeforeItIsUnmapped() {
        RegionConfig touched = RegionConfig.reservation("t");
        for (RegionConfig config : List.of(RegionConfig.defaults("t"), touched, touched.withProtection(Protection.GUARD, Level.OFF),
                touched.withProtection(Protection.LOCKED, Level.BEST_EFFORT))) {
            LastLook calls = new LastLook();
            Region region = Region.open(config, DATA, calls);
            calls.at = region.data().address();
            calls.length = region.bytes() - (config.guard() == Level.OFF ? 0 : 2 * region.pageBytes());
            region.data().fill((byte) 0x5a);
            region.close();
            assertEquals(0, calls.nonZero);
        }
    }

    @Test
    void closesTwiceAndRefusesUseAfterClose() {
        Region region = Region.open(RegionConfig.defaults("t"), DATA);
        MemorySegment keys = region.carve("keys");
        region.close();
        region.close();
        assertThrows(IllegalStateException.class, () -> keys.get(ValueLayout.JAVA_BYTE, 0));
        assertThrows(IllegalStateException.class, region::data);
        assertThrows(IllegalStateException.class, () -> region.carve("pool"));
        assertThrows(IllegalStateException.class, region::checkCanary);
        assertThrows(IllegalStateException.class, () -> region.discard(0, 4096));
    }

    private static void damage(Region region) {
        MemorySegment past = MemorySegment.ofAddress(region.data().address() + DATA.totalBytes()).reinterpret(1);
        past.set(ValueLayout.JAVA_BYTE, 0, (byte) ~past.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void reportsCanaryDamageOnDemandAndAtClose() {
        Region region = Region.open(RegionConfig.defaults("t"), DATA);
        region.checkCanary();
        damage(region);
        CanaryException seen = assertThrows(CanaryException.class, region::checkCanary);
        assertTrue(seen.getMessage().contains("1 canary bytes overwritten, the first 0 bytes past"), seen.getMessage());
        assertThrows(CanaryException.class, region::close);
        assertTrue(region.isClosed());
    }

    @Test
    void hiddenMemoryStatesWhatIsInForce() {
        RegionConfig config = RegionConfig.defaults("t").withProtection(Protection.HIDDEN, Level.BEST_EFFORT);
        try (Region region = Region.open(config, DATA)) {
            assertEquals(Protection.values().length, region.protections().size());
            if (region.inForce(Protection.HIDDEN)) {
                assertTrue(region.protections().toString().contains("MADV_DONTFORK"));
            } else {
                assertTrue(region.protections().get(4).detail().contains("memfd_secret"));
            }
        }
    }

    @Test
    void discardedPagesReadZero() {
        RegionConfig config = RegionConfig.reservation("t");
        try (Region region = Region.open(config, MemoryPlan.block("big", 1L << 30))) {
            region.data().set(ValueLayout.JAVA_LONG, 4096, 7);
            region.discard(4096, 4096);
            assertEquals(0, region.data().get(ValueLayout.JAVA_LONG, 4096));
            assertThrows(IllegalArgumentException.class, () -> region.discard(1, 4096));
            assertThrows(IllegalArgumentException.class, () -> region.discard(0, (1L << 30) + 4096));
        }
    }

    /// Refuses the nth call of the kind that protects.
    private static final class Refusing extends MemoryCalls {
        private final int nth;
        private int calls;
        private final List<Long> unmapped = new ArrayList<>();

        Refusing(int nth) {
            this.nth = nth;
        }

        private boolean refuse() {
            return ++calls == nth;
        }

        @Override
        public long protect(long address, long bytes, int protection) {
            return refuse() ? -Errno.ENOMEM : super.protect(address, bytes, protection);
        }

        @Override
        public long lock(long address, long bytes) {
            return refuse() ? -Errno.ENOMEM : super.lock(address, bytes);
        }

        @Override
        public long advise(long address, long bytes, int advice) {
            return refuse() ? -Errno.EINVAL : super.advise(address, bytes, advice);
        }

        @Override
        public long unmap(long address, long bytes) {
            unmapped.add(bytes);
            return super.unmap(address, bytes);
        }
    }

    @Test
    void everyRefusedRequiredProtectionFailsTheOpenAndLeavesNothingMapped() {
        RegionConfig config = RegionConfig.defaults("t").withProtection(Protection.GUARD, Level.REQUIRED)
                .withProtection(Protection.LOCKED, Level.REQUIRED).withProtection(Protection.NO_DUMP, Level.REQUIRED)
                .withProtection(Protection.WIPE_ON_FORK, Level.REQUIRED);
        long total = Region.plan(config, DATA).totalBytes();
        Protection[] inOrder = {Protection.GUARD, Protection.GUARD, Protection.LOCKED, Protection.NO_DUMP,
                Protection.WIPE_ON_FORK};
        for (int nth = 1; nth <= inOrder.length; nth++) {
            Refusing calls = new Refusing(nth);
            ProtectionException refusal =
                    assertThrows(ProtectionException.class, () -> Region.open(config, DATA, calls));
            assertEquals(inOrder[nth - 1], refusal.protection());
            assertEquals(List.of(total), calls.unmapped);
        }
    }

    @Test
    void everyRefusedBestEffortProtectionIsReported() {
        for (int nth = 1; nth <= 5; nth++) {
            try (Region region = Region.open(RegionConfig.defaults("t"), DATA, new Refusing(nth))) {
                assertEquals(3, region.protections().stream().filter(Protection.Status::inForce).count());
                assertTrue(region.protections().toString().contains("refused, E"));
            }
        }
    }

    private static final class Elsewhere extends MemoryCalls {
        @Override
        public boolean available() {
            return false;
        }
    }

    @Test
    void portableFormHoldsThePlanAndSaysWhatItLacks() {
        RegionConfig config = RegionConfig.defaults("t");
        try (Region region = Region.open(config, DATA, new Elsewhere())) {
            assertTrue(region.portable());
            assertEquals(Region.plan(config, DATA).totalBytes(), region.bytes());
            assertFalse(region.protections().stream().anyMatch(Protection.Status::inForce));
            assertEquals(List.of(Protection.values()), region.protections().stream().map(Protection.Status::protection).toList());
            assertTrue(region.protections().get(0).detail().contains("portable"));
            region.carve("pool").fill((byte) 1);
        }
        for (Protection each : Protection.values()) {
            assertThrows(ProtectionException.class, () -> Region.open(config.withProtection(each, Level.REQUIRED), DATA, new Elsewhere()), each.name());
        }
    }

    /// What was not asked for is not missing: only what was and is not there has a reason.
    @Test
    void thePortableFormSaysOfWhatNobodyAskedForNothing() {
        RegionConfig config = RegionConfig.defaults("t").withProtection(Protection.LOCKED, Level.OFF)
                .withProtection(Protection.HIDDEN, Level.BEST_EFFORT);
        try (Region region = Region.open(config, DATA, new Elsewhere())) {
            for (Protection.Status status : region.protections()) {
                assertEquals(config.level(status.protection()) == Level.OFF, status.detail().isEmpty(), status::toString);
            }
        }
    }

    @Test
    void everyRegionHasACanaryOfItsOwnInBothForms() throws ReflectiveOperationException {
        Field canary = Region.class.getDeclaredField("canary");
        canary.setAccessible(true);
        Set<Long> seen = new HashSet<>(Set.of(0L));
        for (int i = 0; i < 4; i++) {
            try (Region portable = Region.open(RegionConfig.defaults("t"), DATA, new Elsewhere());
                    Region system = Region.open(RegionConfig.defaults("t"), DATA)) {
                assertTrue(seen.add(canary.getLong(portable)), "portable " + seen);
                assertTrue(seen.add(canary.getLong(system)), "system " + seen);
            }
        }
    }

    @Test
    void refusesPlansThatCannotLie() {
        RegionConfig config = RegionConfig.defaults("t");
        assertThrows(IllegalArgumentException.class,
                () -> Region.open(config, MemoryPlan.block("a", Region.BYTES_MAX + 64)));
        assertThrows(IllegalArgumentException.class, () -> RegionConfig.reservation("t")
                .withProtection(Protection.HIDDEN, Level.BEST_EFFORT));
        assertThrows(IllegalArgumentException.class, () -> RegionConfig.defaults("a b"));
    }

    @Test
    void aCloseThatASystemCallHeldUpTakesItsOwnWipeForNoDamage() throws Exception {
        for (boolean damaged : new boolean[] {false, true}) {
            Region region = Region.open(RegionConfig.defaults("t"), DATA);
            if (damaged) {
                damage(region);
            }
            Pipe pipe = Pipe.open();
            ByteBuffer target = region.carve("pool").asByteBuffer();
            Thread reader = Thread.ofPlatform().start(() -> {
                try {
                    pipe.source().read(target);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            for (int looks = 0; !isInRead(reader); looks++) {
                assertTrue(looks < 300_000, "the reader does not read");
                Thread.sleep(1);
            }
            assertThrows(IllegalStateException.class, region::close);
            assertFalse(region.isClosed());
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            reader.join();
            if (damaged) {
                assertThrows(CanaryException.class, region::close, "what the first close found is not forgotten");
            } else {
                region.close();
            }
            assertTrue(region.isClosed());
            pipe.sink().close();
            pipe.source().close();
        }
    }

    private static boolean isInRead(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].isNativeMethod() && stack[0].getMethodName().startsWith("read");
    }

    @Test
    void everyChoiceOfAConfigurationIsAskedForAndChangedAlone() {
        RegionConfig all = new RegionConfig("t", Level.OFF, Level.OFF, Level.OFF, Level.OFF, Level.OFF,
                RegionConfig.Commit.ON_OPEN);
        for (Protection changed : Protection.values()) {
            RegionConfig one = all.withProtection(changed, Level.REQUIRED);
            for (Protection protection : Protection.values()) {
                assertEquals(protection == changed ? Level.REQUIRED : Level.OFF, one.level(protection));
            }
        }
        for (int none = 0; none < 6; none++) {
            Level[] levels = {Level.OFF, Level.OFF, Level.OFF, Level.OFF, Level.OFF};
            if (none < 5) {
                levels[none] = null;
            }
            RegionConfig.Commit commit = none == 5 ? null : RegionConfig.Commit.ON_OPEN;
            assertThrows(NullPointerException.class,
                    () -> new RegionConfig("t", levels[0], levels[1], levels[2], levels[3], levels[4], commit));
        }
        String longest = "n".repeat(64);
        assertEquals(longest, RegionConfig.defaults(longest).name());
        for (String wrong : List.of("", longest + "n", "a b", "a[", "a]", "a\\", "a$", "a`", "\u007f", "\u0080", "\n")) {
            assertThrows(IllegalArgumentException.class, () -> RegionConfig.defaults(wrong));
        }
        assertEquals("!~", RegionConfig.defaults("!~").name());
        assertThrows(IllegalArgumentException.class, () -> all.withProtection(Protection.HIDDEN, Level.REQUIRED).withCommit(RegionConfig.Commit.ON_TOUCH));
    }

    @Test
    void thePortableFormHasNoGuardsWhereNoneAreAskedFor() {
        RegionConfig bare = RegionConfig.defaults("t").withProtection(Protection.GUARD, Level.OFF);
        try (Region guarded = Region.open(RegionConfig.defaults("t"), DATA, new Elsewhere());
                Region region = Region.open(bare, DATA, new Elsewhere())) {
            assertEquals(guarded.bytes() - 2 * region.pageBytes(), region.bytes());
            assertEquals(Region.plan(bare, DATA).totalBytes(), region.bytes());
            for (Region each : List.of(guarded, region)) {
                assertEquals(0, each.data().address() % each.pageBytes(), "begins at a page");
                each.data().fill((byte) 1);
                each.checkCanary();
                assertEquals(DATA.totalBytes(), each.data().byteSize());
            }
        }
    }

    @Test
    void plansReachTheirLimitAndPagesAreGivenBackWhole() {
        RegionConfig config = RegionConfig.reservation("t");
        long total = Region.plan(config, MemoryPlan.block("a", Region.BYTES_MAX)).totalBytes();
        assertTrue(total > Region.BYTES_MAX);
        assertThrows(IllegalArgumentException.class, () -> Region.plan(config, MemoryPlan.block("a", Region.BYTES_MAX + 1)));
        try (Region region = Region.open(config, MemoryPlan.block("a", 3 * 4096))) {
            region.data().fill((byte) 1);
            region.discard(0, 0);
            region.discard(3 * 4096, 0);
            assertEquals(1, region.data().get(ValueLayout.JAVA_BYTE, 0));
            region.discard(2 * 4096, 4096);
            assertEquals(1, region.data().get(ValueLayout.JAVA_BYTE, 2 * 4096 - 1));
            assertEquals(0, region.data().get(ValueLayout.JAVA_BYTE, 2 * 4096));
            for (long[] wrong : new long[][] {{-4096, 4096}, {0, -4096}, {0, 4 * 4096}, {4096, 3 * 4096}, {4096, 1}}) {
                assertThrows(IllegalArgumentException.class, () -> region.discard(wrong[0], wrong[1]));
            }
        }
        try (Region committed = Region.open(RegionConfig.defaults("t"), DATA)) {
            assertThrows(IllegalArgumentException.class, () -> committed.discard(0, 4096));
        }
    }

    /// Neither to read nor to write, at either end: the kernel's word.
    @Test
    void thePagesAtBothEndsLetNobodyIn() throws IOException {
        try (Region region = Region.open(RegionConfig.defaults("t").withProtection(Protection.GUARD, Level.REQUIRED), DATA)) {
            long first = region.data().address() - region.pageBytes();
            assertEquals("---p", permissionsAt(first));
            assertEquals("---p", permissionsAt(first + region.bytes() - region.pageBytes()));
            assertEquals("rw-p", permissionsAt(region.data().address()));
            assertTrue(region.inForce(Protection.GUARD));
        }
        RegionConfig none = RegionConfig.defaults("t");
        for (Protection protection : Protection.values()) {
            none = none.withProtection(protection, Level.OFF);
        }
        try (Region region = Region.open(none, DATA)) {
            for (Protection protection : Protection.values()) {
                assertFalse(region.inForce(protection), protection.name());
            }
        }
    }

    private static String permissionsAt(long address) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] words = line.split("[- ]", 3);
            if (Long.compareUnsigned(Long.parseUnsignedLong(words[0], 16), address) <= 0
                    && Long.compareUnsigned(address, Long.parseUnsignedLong(words[1], 16)) < 0) {
                return line.split(" ")[1];
            }
        }
        return "nothing";
    }
}
