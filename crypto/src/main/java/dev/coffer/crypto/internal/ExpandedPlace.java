package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;

/// Where an expanded key lies in the caller's memory, and whether one does: what the expanded keys of all algorithms have in common.
///
/// For one thread while a key comes or goes, else thread-safe; 0 heap bytes a call.
public final class ExpandedPlace {
    /// The caller's.
    public final MemorySegment memory;
    /// Of the first byte in it.
    public final long at;
    private final String name;
    private final long bytes;
    private boolean expanded;

    /// @param name    the parameter set's
    /// @param memory  writable memory off the heap of `bytes` from `at`
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   memory on the heap, or read-only (caller's fault)
    public ExpandedPlace(String name, MemorySegment memory, long at, long bytes) {
        Ranges.checkWorkspace(name, memory, at, bytes);
        this.name = name;
        this.memory = memory;
        this.at = at;
        this.bytes = bytes;
    }

    /// Checks the ranges of an expansion; the key's own has been checked.
    ///
    /// @throws IndexOutOfBoundsException  the workspace does not lie in its segment (caller's fault)
    /// @throws IllegalArgumentException   ranges overlap, or the workspace is on the heap (caller's fault)
    public void checkSource(MemorySegment key, long keyAt, long keyBytes, MemorySegment workspace, long w, long workspaceBytes) {
        Ranges.checkWorkspace(name, workspace, w, workspaceBytes);
        apart(key, keyAt, keyBytes);
        apart(workspace, w, workspaceBytes);
        Ranges.apart(name, key, keyAt, keyBytes, workspace, w, workspaceBytes);
    }

    /// Checks that a range lies apart from the key.
    ///
    /// @throws IllegalArgumentException  it does not (caller's fault)
    public void apart(MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(name, memory, at, bytes, segment, segmentAt, length);
    }

    /// The key that was here is forgotten: another comes, or none. [#end] follows, whatever happens.
    public void begin() {
        expanded = false;
    }

    /// Wipes the workspace, and the place too where no key has come.
    ///
    /// @param whole  whether one has
    public void end(boolean whole, MemorySegment workspace, long w, long workspaceBytes) {
        expanded = whole;
        Ending.end(whole, memory, at, bytes, workspace, w, workspaceBytes);
    }

    /// @throws IllegalStateException  no key is here (caller's fault)
    public void require() {
        if (!expanded) {
            throw new IllegalStateException(name + ": no key was expanded here (expected expand first)");
        }
    }

    /// Wipes the place; another key may come. Twice is harmless; so is after the memory's end.
    public void close() {
        expanded = false;
        Ending.wipe(memory, at, bytes);
    }

    /// {@return what an expanded key says of itself}
    ///
    /// @param key  its class
    public String describe(String key) {
        return key + "[" + name + (expanded ? "]" : ", empty]");
    }
}
