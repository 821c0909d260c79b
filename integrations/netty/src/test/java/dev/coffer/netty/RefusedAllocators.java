package dev.coffer.netty;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.netty.CofferAllocatorConfig.SizeClass;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Opens allocators that are refused at each step, in a process of its own with a small heap. Says how often, or what was still held.
final class RefusedAllocators {
    private static final CofferAllocatorConfig CONFIG = new CofferAllocatorConfig(
            List.of(new SizeClass(64, 64), new SizeClass(256, 32), new SizeClass(4096, 77)), 16 * 4096, 1000);
    private static final int PIECE_BYTES = 2048;

    private final byte[][] pieces = new byte[1 << 17][];

    public static void main(String... arguments) throws Exception {
        RefusedAllocators opens = new RefusedAllocators();
        serve();
        opens.heap(8 * PIECE_BYTES);  // links what a refusal needs
        String before = held();
        ChildJvm.pause("heap " + opens.heap(0));
        expect(before, "heap");
        ChildJvm.pause("memory " + opens.addressSpace());
        expect(before, "address space");
    }

    /// An allocator that does what it is for: all of every class, and all of the large area in one piece.
    private static void serve() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(CONFIG)) {
            ByteBuf[] buffers = new ByteBuf[64 + 32 + 77];
            for (int i = 0; i < buffers.length; i++) {
                buffers[i] = allocator.directBuffer(i < 64 ? 64 : i < 96 ? 256 : 4096).writeByte(1);
            }
            ByteBuf large = allocator.directBuffer(16 * 4096).writeByte(1);
            if (allocator.usedBytes() != allocator.capacityBytes()) {
                throw new IllegalStateException("served " + allocator.usedBytes() + " of " + allocator.capacityBytes());
            }
            large.release();
            for (ByteBuf buffer : buffers) {
                buffer.release();
            }
        }
    }

    /// Mappings as long as the allocator's data with its canary: all that it holds beside its heap.
    private static String held() throws IOException {
        long bytes = (CONFIG.plan().totalBytes() / 4096 + 1) * 4096;
        long regions = 0;
        long locked = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            String[] ends = line.substring(0, line.indexOf(' ')).split("-");
            regions += Long.parseUnsignedLong(ends[1], 16) - Long.parseUnsignedLong(ends[0], 16) == bytes ? 1 : 0;
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            locked += line.startsWith("VmLck:") ? Long.parseLong(line.replaceAll("[^0-9]", "")) : 0;
        }
        return regions + " regions, " + locked + " KiB locked";
    }

    private static void expect(String before, String step) throws IOException {
        String after = held();
        if (!after.equals(before)) {
            throw new IllegalStateException(step + ": held " + after + ", before " + before);
        }
        serve();
    }

    /// With no heap left, a piece, two ... until it opens.
    ///
    /// @param left  bytes of heap that the first try has
    /// @return how often it was refused
    private int heap(int left) throws IOException {
        String before = held();
        for (int tries = 0;; tries++) {
            int count = fill();
            for (int i = 0; i < left / PIECE_BYTES + tries; i++) {
                pieces[--count] = null;
            }
            CofferByteBufAllocator opened = null;
            boolean refused = false;
            try {
                opened = CofferByteBufAllocator.open(CONFIG);
            } catch (OutOfMemoryError e) {
                refused = true;
            }
            while (count > 0) {
                pieces[--count] = null;
            }
            String now = held();
            if (!refused) {
                opened.close();
                return tries;
            }
            if (!now.equals(before)) {
                throw new IllegalStateException("heap for " + tries + " pieces: held " + now + ", before " + before);
            }
        }
    }

    private int fill() {
        int count = 0;
        try {
            while (true) {
                pieces[count] = new byte[PIECE_BYTES - 16];
                count++;
            }
        } catch (OutOfMemoryError e) {
            return count;
        }
    }

    /// With address space for half of the region, a large one: the VM and its helpers need some too.
    private int addressSpace() throws Exception {
        int refusals = 0;
        CofferAllocatorConfig large = CONFIG.withLargeBytes(1 << 30);
        limitAddressSpace(size() + large.plan().totalBytes() / 2);
        try {
            CofferByteBufAllocator.open(large).close();
        } catch (OutOfMemoryError e) {
            refusals++;
        } finally {
            limitAddressSpace(-1);
        }
        return refusals;
    }

    private static long size() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmSize:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IllegalStateException("no VmSize");
    }

    private static void limitAddressSpace(long bytes) throws Exception {
        int code = new ProcessBuilder("prlimit", "--pid", Long.toString(ProcessHandle.current().pid()),
                "--as=" + (bytes < 0 ? "unlimited" : bytes) + ":unlimited").inheritIO().start().waitFor();
        if (code != 0) {
            throw new IllegalStateException("prlimit: " + code);
        }
    }
}
