package dev.coffer.instruments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Counts which of a set of secrets occur in a file or in a process's memory.
///
/// A secret counts as found when 16 bytes in a row of it, from a multiple of 16, occur at any byte, in any of four
/// forms: as it is, the whole reversed, and with the bytes of each word of 4 or of 8 reversed, as code that works on
/// words of the other byte order leaves it. One use, one thread: make a scan, offer it what is to be searched, ask.
///
/// Not looked for: shorter pieces, encodings (hex, base64), keys derived from the secret; a caller adds what it derives
/// by [#add].
public final class ResidueScan {
    /// Bytes that must occur in a row.
    public static final int PATTERN_BYTES = 16;

    private static final int SIEVE_MASK = 0xffff;
    private static final int SIEVED_A_LOAD = Long.BYTES - 1;
    private static final long BLOCK_BYTES = 4096;
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[(int) BLOCK_BYTES]);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private record Pattern(long high, int secret) {}

    private final boolean[] sieve = new boolean[SIEVE_MASK + 1];         // by the first 2 bytes: whether a pattern begins so
    private final Map<Long, List<Pattern>> patterns = new HashMap<>();  // by the first 8 bytes
    private final BitSet found = new BitSet();
    private long copies;
    private long searchedBytes;

    /// A scan that looks for nothing yet; see [#add].
    public ResidueScan() {}

    /// {@return a scan for secrets 0..count-1 of a set}
    public static ResidueScan of(PlantedSecrets secrets) {
        ResidueScan scan = new ResidueScan();
        for (int i = 0; i < secrets.count(); i++) {
            scan.add(i, secrets.bytes(i));
        }
        return scan;
    }

    /// Adds a secret, or one more form of a secret, to what is looked for.
    ///
    /// @param secret  its number, 0 or more
    /// @param bytes   a multiple of 16, copied
    /// @throws IllegalArgumentException  another length (caller's fault)
    public void add(int secret, byte[] bytes) {
        if (bytes.length == 0 || bytes.length % PATTERN_BYTES != 0) {
            throw new IllegalArgumentException("secret of " + bytes.length + " bytes (expected a multiple of "
                    + PATTERN_BYTES + ")");
        }
        for (int word : new int[] {1, 4, 8, bytes.length}) {
            byte[] form = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                form[i] = bytes[i / word * word + word - 1 - i % word];
            }
            MemorySegment segment = MemorySegment.ofArray(form);
            for (int at = 0; at < form.length; at += PATTERN_BYTES) {
                long low = segment.get(LONG, at);
                sieve[(int) low & SIEVE_MASK] = true;
                patterns.computeIfAbsent(low, key -> new ArrayList<>())
                        .add(new Pattern(segment.get(LONG, at + Long.BYTES), secret));
            }
        }
    }

    /// Searches a file.
    ///
    /// @throws UncheckedIOException  it cannot be read
    public void search(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ); Arena arena = Arena.ofConfined()) {
            search(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), channel.size());
        } catch (IOException e) {
            throw new UncheckedIOException("searching " + file.getFileName(), e);
        }
    }

    /// Searches all that can be read of a process.
    ///
    /// @throws UncheckedIOException  it is not ours to read
    public void search(long pid) {
        try (ProcessMemory memory = ProcessMemory.of(pid)) {
            memory.scan(Mapping.of(pid), this);
        }
    }

    /// Searches the first `length` bytes. Blocks of zeros, most of a sparse core, are stepped over: no pattern starts in
    /// them but at their end.
    void search(MemorySegment segment, long length) {
        long last = length - PATTERN_BYTES;
        for (long block = 0; block <= last; block += BLOCK_BYTES) {
            long end = Math.min(block + BLOCK_BYTES, length);
            boolean zero = MemorySegment.mismatch(segment, block, end, ZEROS, 0, end - block) < 0;
            long from = zero ? Math.max(block, end - PATTERN_BYTES) : block;
            searchFrom(segment, from, Math.min(end - 1, last));
        }
        searchedBytes += length;
    }

    /// Seven places a load, as each is sieved by two of its bytes: a load of a segment takes as long as all of that where C1 compiled it.
    private void searchFrom(MemorySegment segment, long from, long last) {
        boolean[] wanted = sieve;
        long at = from;
        for (; at + SIEVED_A_LOAD - 1 <= last; at += SIEVED_A_LOAD) {
            long bytes = segment.get(LONG, at);
            if (bytes == 0 && !wanted[0]) {
                continue;
            }
            for (int i = 0; i < SIEVED_A_LOAD; i++, bytes >>>= Byte.SIZE) {
                if (wanted[(int) bytes & SIEVE_MASK]) {
                    compare(segment, at + i, segment.get(LONG, at + i));
                }
            }
        }
        for (; at <= last; at++) {
            long low = segment.get(LONG, at);
            if (wanted[(int) low & SIEVE_MASK]) {
                compare(segment, at, low);
            }
        }
    }

    private void compare(MemorySegment segment, long at, long low) {
        for (Pattern pattern : patterns.getOrDefault(low, List.of())) {
            if (segment.get(LONG, at + Long.BYTES) == pattern.high) {
                found.set(pattern.secret);
                copies++;
            }
        }
    }

    /// {@return how many of secrets `from`..`to`-1 were found}
    public int found(int from, int to) {
        return found.get(from, to).cardinality();
    }

    /// {@return whether a secret was found}
    public boolean found(int secret) {
        return found.get(secret);
    }

    /// {@return occurrences of 16 bytes, of any secret in any form}
    public long copies() {
        return copies;
    }

    /// {@return bytes searched}
    public long searchedBytes() {
        return searchedBytes;
    }
}
