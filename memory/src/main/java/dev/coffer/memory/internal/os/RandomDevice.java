package dev.coffer.memory.internal.os;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;

/// The portable source of random bytes. Stateless, thread-safe; makes objects.
///
/// Where there is `/dev/urandom` (Linux, macOS, the BSDs) the JDK reads it straight into the memory outside the heap: no
/// random byte lies on the heap. Elsewhere `SecureRandom` gives them in an array, which is wiped when copied; what the
/// collector moved of it meanwhile stays on the heap until it is overwritten. That is the one place of the house where a
/// secret crosses the heap.
final class RandomDevice {
    private static final Path DEVICE = Path.of("/dev/urandom");
    private static final int BYTES_MAX = 1 << 16;  // of one piece

    private RandomDevice() {}

    /// Fills a range of native, writable memory.
    ///
    /// @return 0
    static long fill(MemorySegment segment, long at, long length) {
        if (!Files.isReadable(DEVICE) || !fromDevice(DEVICE, segment, at, length)) {
            fromJdk(segment, at, length);
        }
        return 0;
    }

    /// {@return whether the device gave all of it}
    static boolean fromDevice(Path device, MemorySegment segment, long at, long length) {
        try (FileChannel channel = FileChannel.open(device)) {
            for (long done = 0; done < length;) {
                ByteBuffer piece = segment.asSlice(at + done, Math.min(BYTES_MAX, length - done)).asByteBuffer();
                int got = channel.read(piece);
                if (got <= 0) {
                    return false;
                }
                done += got;
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static void fromJdk(MemorySegment segment, long at, long length) {
        SecureRandom random = new SecureRandom();
        byte[] piece = new byte[(int) Math.min(BYTES_MAX, length)];
        try {
            for (long done = 0; done < length; done += piece.length) {
                random.nextBytes(piece);
                MemorySegment.copy(piece, 0, segment, ValueLayout.JAVA_BYTE, at + done,
                        (int) Math.min(piece.length, length - done));
            }
        } finally {
            Arrays.fill(piece, (byte) 0);
        }
    }
}
