package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// One slot of a [FileTable]: a file that is open, or the knowledge that a name is a folder. Made at start, reused for
/// ever; valid for its holder from [FileTable#find] to [FileTable#release].
@SuppressWarnings("exports")  // annotations that users need not have
public final class OpenFile {
    enum State {
        /// Holds nothing.
        FREE,
        /// Found by its name.
        LISTED,
        /// The name means another file by now; closed when its last holder releases it.
        REPLACED
    }

    // The slot's bytes in the table's memory.
    static final int PATH_BYTES = 1024;
    static final long PATH = 0;
    static final long ETAG = PATH + PATH_BYTES;     // see EntityTag: at most 71 bytes
    static final long MODIFIED = ETAG + 96;         // an HTTP date, 29 bytes
    static final long BYTES = MODIFIED + 32;

    final int index;
    final long at;              // of the slot in the table's memory
    State state = State.FREE;
    int handle;                 // of the Folder; NONE for a folder
    long device;
    long inode;
    int modifiedNanos;
    int hash;
    int next;                   // index of the next slot in the bucket, -1 at its end
    int pathLength;
    int pins;                   // holders
    boolean used;               // since the clock's hand passed
    long checkedNanos;          // when the name was last resolved
    long askedNanos;            // when it was last asked for
    long changedSeconds;        // since 1970
    int changedNanos;

    // Its copy, of HotFiles.
    long copy;                  // a piece of its memory, or NONE
    long copyAt;                // where that lies
    int copyHolders;            // answers that send it
    int asked;                  // for a copy, since the name was last resolved
    boolean copyIsOld;          // held by answers, for no new one

    // What a response needs.
    private final MemorySegment memory;
    boolean folder;
    long size;
    long modifiedSeconds;
    int etagLength;
    boolean strong;             // whether the validators change whenever the content does
    @Nullable Ascii mediaType;
    @Nullable Ascii caching;    // what Cache-Control says, or null
    int siblings;               // bit i: there is one of the coding of index i
    long siblingsNanos;         // the checkedNanos for which that was found out
    boolean siblingsKnown;

    OpenFile(int index, MemorySegment memory, long at) {
        this.index = index;
        this.memory = memory;
        this.at = at;
    }

    /// {@return the hash of a decoded name at the beginning of the memory}
    static int hash(MemorySegment memory, int length) {
        int hash = 0x811c9dc5;  // FNV-1a; chains are bounded by the table
        for (int i = 0; i < length; i++) {
            hash = (hash ^ memory.get(ValueLayout.JAVA_BYTE, i)) * 0x01000193;
        }
        return hash ^ hash >>> 15;
    }

    /// {@return whether the name is a folder's, which has nothing to read}
    public boolean isFolder() {
        return folder;
    }

    /// {@return bytes of the file when its name was last resolved}
    public long size() {
        return size;
    }

    /// {@return seconds since 1970}
    public long modifiedSeconds() {
        return modifiedSeconds;
    }

    /// {@return the media type; null for a folder}
    public @Nullable Ascii mediaType() {
        return mediaType;
    }

    /// {@return memory of the texts below}
    public MemorySegment memory() {
        return memory;
    }

    /// {@return offset of the entity tag, quotes included}
    public long etagAt() {
        return at + ETAG;
    }

    public int etagLength() {
        return etagLength;
    }

    /// {@return offset of the modification time as an HTTP date of 29 bytes}
    public long modifiedAt() {
        return at + MODIFIED;
    }

    /// {@return whether tag and date are strong validators (RFC 9110, section 8.8.1): the file had been left alone for a
    /// while when they were taken}
    public boolean isStrong() {
        return strong;
    }
}
