package dev.coffer.server.files;

import java.lang.foreign.MemorySegment;

/// The folder being served: opens what lies beneath it and nothing else, links that lead out of it included.
///
/// Results below zero say what was refused; nothing that a peer asks for makes a method throw. One thread at a time.
public interface Folder extends AutoCloseable {
    /// [#look], [#open]: there is nothing of that name, or it leads out of the folder, or is neither file nor folder.
    int MISSING = -1;
    /// [#look], [#open]: the process may not read it.
    int FORBIDDEN = -2;
    /// [#look], [#open]: no descriptor or memory is left; close something and ask again.
    int NO_DESCRIPTOR = -3;
    /// [#look], [#open], [#read]: the system failed in another way.
    int FAILED = -4;

    /// Finds a file or folder without opening it and notes its status, which [#isFolder] to [#changedNanos] then tell.
    /// Devices, FIFOs and sockets are missing, and not so much as touched.
    ///
    /// @param path    memory that holds the name: relative, `/` between segments, without `.` and `..`, any other byte but
    ///                NUL, and a NUL behind it; empty for the folder itself
    /// @param at      offset of its first byte
    /// @param length  bytes without the NUL
    /// @return 0, or a code below zero
    int look(MemorySegment path, long at, int length);

    /// Opens the file that [#look] has just found by that name, for reading, and notes its status again.
    ///
    /// @return a handle, 0 or more, or a code below zero; [#MISSING] also where the name means another thing by now
    int open(MemorySegment path, long at, int length);

    /// What a name of [#list] means.
    enum Kind { FILE, FOLDER,
        /// A link, or the system does not say: [#look] does.
        UNKNOWN
    }

    /// Who is told the names of a folder.
    interface Names {
        /// Is told one name.
        ///
        /// @param segment  holds it at `at`, for the length of the call
        /// @param length   bytes, 1 or more
        /// @return whether more names are wanted
        boolean name(MemorySegment segment, long at, int length, Kind kind);
    }

    /// Tells the names of what lies in a folder, in the system's own order; those of devices, FIFOs and sockets not, where the system
    /// knows them at once.
    ///
    /// @param path    as of [#look]
    /// @param buffer  memory to read names into, 4 KiB or more
    /// @return 0, or a code below zero; [#MISSING] also where it is no folder. Names may have been told then
    int list(MemorySegment path, long at, int length, MemorySegment buffer, Names names);

    /// {@return whether the file looked at last is a folder}
    boolean isFolder();

    /// {@return bytes of the file looked at last}
    long size();

    /// {@return when the file looked at last was modified, in seconds since 1970}
    long modifiedSeconds();

    /// {@return nanoseconds within that second}
    int modifiedNanos();

    /// {@return number that, with [#inode], tells the file looked at last from every other; 0 where there is none}
    long device();

    /// {@return see [#device]}
    long inode();

    /// {@return when the file looked at last, or anything about it, was changed, in seconds since 1970; with a clock that no
    /// user can set. Its modification time where there is no such}
    long changedSeconds();

    /// {@return nanoseconds within that second}
    int changedNanos();

    /// Reads from a position.
    ///
    /// @return bytes read, 1..length; 0 at the end of the file; or [#FAILED]
    int read(int handle, MemorySegment target, long at, int length, long position);

    /// {@return the system's descriptor of a handle, from which it can be sent; -1 where there is none}
    default int descriptor(int handle) {
        return -1;
    }

    /// Closes a handle.
    void close(int handle);

    /// Closes the folder. Handles are closed by their owner. Safe to call twice.
    @Override
    void close();
}
