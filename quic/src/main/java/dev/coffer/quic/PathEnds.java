package dev.coffer.quic;

import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.LittleEndian;
import java.lang.foreign.MemorySegment;

/// Both ends of a path, compared (RFC 9000, section 9). Stateless; 0 heap bytes.
final class PathEnds {
    private PathEnds() {}

    /// {@return whether both sides are the same (section 9: a path is of two addresses with their ports). Our own counts where the system told it: a client that moves to a preferred
    /// address is to be answered from there}
    static boolean isSame(MemorySegment of, long ofAt, MemorySegment header, long path) {
        return NetworkPath.isSameRemoteHost(of, ofAt, header, path) && NetworkPath.remotePort(of, ofAt) == NetworkPath.remotePort(header, path)
                && (isLocalUnknown(of, ofAt) || isLocalUnknown(header, path)
                        || isSameLocalHost(of, ofAt, header, path) && NetworkPath.localPort(of, ofAt) == NetworkPath.localPort(header, path));
    }

    private static boolean isLocalUnknown(MemorySegment of, long ofAt) {
        return (LittleEndian.i64(of, ofAt + NetworkPath.LOCAL) | LittleEndian.i64(of, ofAt + NetworkPath.LOCAL + Long.BYTES)) == 0;
    }

    static boolean isSameLocalHost(MemorySegment a, long aAt, MemorySegment b, long bAt) {
        return LittleEndian.i64(a, aAt + NetworkPath.LOCAL) == LittleEndian.i64(b, bAt + NetworkPath.LOCAL)
                && LittleEndian.i64(a, aAt + NetworkPath.LOCAL + Long.BYTES) == LittleEndian.i64(b, bAt + NetworkPath.LOCAL + Long.BYTES);
    }
}
