package dev.coffer.server.files;

import java.lang.foreign.MemorySegment;

/// The folder being served: opens what lies beneath it and nothing else, links that lead out of it included.
///
/// Results below zero say what was refused; nothing that a peer asks for makes a method throw. One thread at a time.
public interface Folder extends AutoCloseable {
    /// [#open]: there is nothing of that name, or it leads out of the folder, or is neither file nor folder.
    int MISSING = -1;
    /// [#open]: the process may not read it.
    int FORBIDDEN = -2;
    /// [#open]: no descriptor or memory is left; close something and ask again.
    int NO_DESCRIPTOR = -3;
    /// [#open], [#read]: the system failed in another way.
    int FAILED = -4;

    /// Opens a file or folder for reading and notes its status, which [#isFolder] to [#inode] then tell.
    ///
    /// @param path    memory that holds the name: relative, `/` between segments, without `.` and `..`, followed by a
    ///                NUL byte; empty for the folder itself
    /// @param at      offset of its first byte
    /// @param length  bytes without the NUL
    /// @return a handle, 0 or more, or a code below zero
    int open(MemorySegment path, long at, int length);

    /// {@return whether the file opened last is a folder}
    boolean isFolder();

    /// {@return bytes of the file opened last}
    long size();

    /// {@return when the file opened last was modified, in seconds since 1970}
    long modifiedSeconds();

    /// {@return nanoseconds within that second}
    int modifiedNanos();

    /// {@return number that, with [#inode], tells the file opened last from every other; 0 where there is none}
    long device();

    /// {@return see [#device]}
    long inode();

    /// Reads from a position.
    ///
    /// @return bytes read, 1..length; 0 at the end of the file; or [#FAILED]
    int read(int handle, MemorySegment target, long at, int length, long position);

    /// Closes a handle.
    void close(int handle);

    /// Closes the folder. Handles are closed by their owner. Safe to call twice.
    @Override
    void close();
}
