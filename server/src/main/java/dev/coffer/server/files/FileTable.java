package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import dev.coffer.http.HttpDate;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.SlotAccount;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.MediaType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A bounded number of open files, found by the path of a request. A name is resolved again when it was last resolved a
/// second ago or more, so a change shows within a second, and a file that is asked for often costs no system call but
/// its reads. For a part it is resolved at once ([#anew]): a client joins it to what it has, by the entity tag alone.
///
/// When the table is full, the file that was not asked for since the hand of the clock passed is closed (second
/// chance). Files in use are never closed: if all are, [#find] answers 503. A name that does not exist is not kept. A file
/// that was not asked for in [#IDLE_NANOS] is closed by [#sweep], so one that was deleted or replaced is let go within
/// seconds whether anyone asks or not.
///
/// One thread at a time. 0 heap bytes for everything on [LinuxFolder].
@SuppressWarnings("exports")  // annotations that users need not have
public final class FileTable implements AutoCloseable {
    /// How long a resolved name is trusted.
    public static final long TRUSTED_NANOS = 1_000_000_000L;
    /// How long a file stays open for whoever may ask next.
    public static final long IDLE_NANOS = 3_000_000_000L;
    /// Longest decoded path; past it 414.
    public static final int PATH_BYTES_MAX = OpenFile.PATH_BYTES;
    /// A file changed less than this before it was looked at could change again with the same time stamps: its tag is
    /// weak (RFC 9110, section 8.8.1). The clock of file systems ticks every 10 ms or faster; FAT's every 2 s.
    private static final long STRONG_AFTER_SECONDS = 2;

    private static final byte[] INDEX = {'i', 'n', 'd', 'e', 'x', '.', 'h', 't', 'm', 'l'};
    private static final int NONE = -1;
    private static final long NANOS = 1_000_000_000L;
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    // The table's bytes: the decoded path with index page, ending of a coding and NUL, then the slots.
    private static final long SCRATCH_BYTES = Align.up(PATH_BYTES_MAX + INDEX.length + Coding.ENDING_BYTES_MAX + 1,
            Align.CACHE_LINE_BYTES);
    private static final long SLOTS = SCRATCH_BYTES;

    private final Folder folder;
    private final ServingRules rules;
    private final MemorySegment memory;
    private final OpenFile[] slots;
    private final int[] buckets;
    private final SlotAccount account;
    private final @Nullable HotFiles hot;  // null where no memory is planned for copies
    private int hand;
    private int asked = RequestPath.MISSING;        // bytes of the name that was asked for last, which stands in the scratch memory; or why none
    private int status;
    private long idleDeadline = Long.MAX_VALUE;     // no file is idle for too long before

    /// @param folder  closed with the table
    /// @param memory  the row of [#plan]
    /// @param files   open at once, at most
    public FileTable(Folder folder, MemorySegment memory, int files) {
        this(folder, memory, files, ServingRules.PLAIN, null);
    }

    /// @param hot  copies of small files, or null
    FileTable(Folder folder, MemorySegment memory, int files, ServingRules rules, @Nullable HotFiles hot) {
        this.hot = hot;
        this.folder = folder;
        this.rules = rules;
        this.memory = memory;
        this.slots = new OpenFile[files];
        for (int i = 0; i < files; i++) {
            slots[i] = new OpenFile(i, memory, SLOTS + i * OpenFile.BYTES);
        }
        this.buckets = new int[buckets(files)];
        Arrays.fill(buckets, NONE);
        this.account = new SlotAccount("open files", OpenFile.BYTES, files);
    }

    /// {@return the plan of a table}
    ///
    /// @param files  open at once, at most; 1 or more
    public static MemoryPlan plan(int files) {
        return MemoryPlan.group("files",
                MemoryPlan.block("decoded path", SCRATCH_BYTES, 1, PATH_BYTES_MAX + ", index page, ending, NUL"),
                MemoryPlan.block("open files", OpenFile.BYTES, files,
                        "path " + PATH_BYTES_MAX + ", entity tag 96, date 32")
                        .withHeap(files * HeapLayout.instance(OpenFile.class)
                                + HeapLayout.array(OpenFile.class, files)
                                + HeapLayout.array(int.class, buckets(files))));
    }

    /// {@return buckets of the index: a power of two, more than the files}
    private static int buckets(int files) {
        return Integer.highestOneBit(files) * 2;
    }

    /// {@return how many slots are in use, for the ledger}
    public Account account() {
        return account;
    }

    /// Finds the file that a path names: the index page for a path that ends in `/`.
    ///
    /// @param path        the path as sent, at `at`
    /// @param nowNanos    monotonic
    /// @param nowSeconds  since 1970
    /// @return the file, held until [#release]; null if there is none to serve, and [#status] says what to answer
    public @Nullable OpenFile find(MemorySegment path, long at, int length, long nowNanos, long nowSeconds) {
        int name = RequestPath.decode(path, at, length, memory, 0, PATH_BYTES_MAX);
        asked = name;
        if (name < 0) {
            status = name == RequestPath.MALFORMED ? 400 : name == RequestPath.TOO_LONG ? 414 : 404;
            return null;
        }
        return find(name, nowNanos, nowSeconds);
    }

    /// {@return whether the path that [#find] was asked for last means a folder: one that is refused means nothing}
    boolean wasFolderAsked() {
        return asked >= 0 && isIndex(asked);
    }

    /// Copies the name that [#find] was asked for last, decoded: before any other call, where it was one.
    ///
    /// @param target  room for [#PATH_BYTES_MAX] at `to`
    /// @return its bytes
    int copyAsked(MemorySegment target, long to) {
        assert asked >= 0 : "nothing was asked for";
        MemorySegment.copy(memory, 0, target, to, asked);
        return asked;
    }

    Folder folder() {
        return folder;
    }

    /// Finds the file of a name that no peer has sent.
    ///
    /// @param name  up to [#PATH_BYTES_MAX] bytes
    @Nullable
    OpenFile findNamed(byte[] name, long nowNanos, long nowSeconds) {
        MemorySegment.copy(name, 0, memory, U8, 0, name.length);
        return find(name.length, nowNanos, nowSeconds);
    }

    /// {@return which siblings of another coding a file has, a bit for each index of [Coding]; looked for as often as the file itself}
    ///
    /// @param file  held
    int siblings(OpenFile file) {
        if (!file.siblingsKnown || file.siblingsNanos != file.checkedNanos) {
            int found = 0;
            for (int coding = 0; coding < Coding.COUNT; coding++) {
                int name = sibling(file, coding);
                if (name > 0 && folder.look(memory, 0, name) >= 0 && !folder.isFolder()) {
                    found |= 1 << coding;
                }
            }
            file.siblings = found;
            file.siblingsNanos = file.checkedNanos;
            file.siblingsKnown = true;
        }
        return file.siblings;
    }

    /// Finds the sibling of another coding.
    ///
    /// @param file  held, and held on to
    /// @return the sibling, held too; null if it is not to be had now
    @Nullable
    OpenFile findSibling(OpenFile file, int coding, long nowNanos, long nowSeconds) {
        int name = sibling(file, coding);
        return name < 0 ? null : find(name, nowNanos, nowSeconds);
    }

    /// {@return bytes of the name of a file's sibling, which stands in the scratch memory with a NUL behind it; -1 if it is too long}
    private int sibling(OpenFile file, int coding) {
        MemorySegment.copy(memory, file.at + OpenFile.PATH, memory, 0, file.pathLength);
        int length = terminate(file.pathLength);
        Ascii ending = Coding.ending(coding);
        if (length + ending.length() > PATH_BYTES_MAX) {
            return -1;
        }
        ending.write(memory, length);
        memory.set(U8, length + ending.length(), (byte) 0);
        return length + ending.length();
    }

    private @Nullable OpenFile find(int name, long nowNanos, long nowSeconds) {
        int hash = OpenFile.hash(memory, name);
        OpenFile found = listed(name, hash);
        if (found != null && nowNanos - found.checkedNanos < TRUSTED_NANOS) {
            return hold(found, nowNanos);
        }
        return resolve(found, name, hash, nowNanos, nowSeconds);
    }

    /// {@return what the name of a held file means at this moment, held in its place; null as of [#find]: then nothing is held}
    @Nullable
    OpenFile anew(OpenFile file, long nowNanos, long nowSeconds) {
        if (file.checkedNanos == nowNanos) {
            return file;
        }
        MemorySegment.copy(memory, file.at + OpenFile.PATH, memory, 0, file.pathLength);
        release(file);
        return resolve(file, file.pathLength, file.hash, nowNanos, nowSeconds);
    }

    /// {@return after [#find] gave null: the status to answer}
    public int status() {
        return status;
    }

    /// Lets go of a file.
    public void release(OpenFile file) {
        assert file.pins > 0 : "released more often than found";
        if (--file.pins == 0 && file.state == OpenFile.State.REPLACED) {
            free(file);
        }
    }

    /// Reads from a file that is held.
    ///
    /// @return bytes read, 1..length; 0 at the end of the file; below zero if the system failed
    public int read(OpenFile file, MemorySegment target, long to, int length, long position) {
        return folder.read(file.handle, target, to, length, position);
    }

    /// {@return the system's descriptor of a file that is held, -1 where there is none}
    public int descriptor(OpenFile file) {
        return folder.descriptor(file.handle);
    }

    /// Holds a copy of a file that is held, for an answer with its content: a hot one's.
    ///
    /// @return whether there is one, at [OpenFile#copyAt] in [#copies], until [#releaseCopy]
    boolean holdCopy(OpenFile file) {
        return hot != null && hot.hold(file);
    }

    /// {@return memory of the copies that [#holdCopy] speaks of}
    MemorySegment copies() {
        return Objects.requireNonNull(hot, "of a copy").segment();
    }

    /// Lets go of a copy, before the file.
    void releaseCopy(OpenFile file) {
        Objects.requireNonNull(hot, "of a copy").release(file);
    }

    private void renewCopy(OpenFile file) {
        if (hot != null) {
            hot.renew(file);
        }
    }

    /// {@return when [#sweep] has something to do, or before}
    public long deadline() {
        return idleDeadline;
    }

    /// Closes what nobody holds and nobody has asked for lately.
    public void sweep(long nowNanos) {
        if (nowNanos < idleDeadline) {
            return;
        }
        idleDeadline = Long.MAX_VALUE;
        for (OpenFile slot : slots) {
            if (slot.state == OpenFile.State.LISTED) {
                long due = slot.askedNanos + IDLE_NANOS;
                if (due > nowNanos) {
                    idleDeadline = Math.min(idleDeadline, due);
                } else if (slot.pins > 0) {
                    idleDeadline = Math.min(idleDeadline, nowNanos + IDLE_NANOS);  // held: nobody tells when it is let go
                } else {
                    unlist(slot);
                }
            }
        }
    }

    private OpenFile hold(OpenFile file, long nowNanos) {
        file.pins++;
        file.used = true;
        file.askedNanos = nowNanos;
        idleDeadline = Math.min(idleDeadline, nowNanos + IDLE_NANOS);
        return file;
    }

    /// The name was not listed, or is due: asks the folder.
    private @Nullable OpenFile resolve(@Nullable OpenFile known, int name, int hash, long nowNanos, long nowSeconds) {
        int length = terminate(name);
        int code = folder.look(memory, 0, length);
        if (code == Folder.NO_DESCRIPTOR && evict() != null) {
            code = folder.look(memory, 0, length);
        }
        OpenFile listed = known == null || known.state != OpenFile.State.LISTED ? null : known;  // it may have been evicted
        if (code >= 0 && isIndex(name) && folder.isFolder()) {
            code = Folder.MISSING;  // a folder of the name index.html
        }
        if (code >= 0 && listed != null && isSame(listed)) {
            listed.checkedNanos = nowNanos;
            renewCopy(listed);
            describe(listed, nowSeconds);
            return hold(listed, nowNanos);
        }
        if (listed != null) {
            unlist(listed);
        }
        if (code < 0) {
            return refused(code);
        }
        OpenFile slot = take();
        if (slot == null) {
            return refused(Folder.NO_DESCRIPTOR);
        }
        int handle = NONE;  // a folder has none: all there is to know is that it is one
        if (!folder.isFolder()) {
            handle = open(length);
            if (handle < 0) {
                return refused(handle);
            }
        }
        list(slot, handle, name, hash, nowNanos, nowSeconds);
        return hold(slot, nowNanos);
    }

    private @Nullable OpenFile refused(int code) {
        status = status(code);
        return null;
    }

    /// {@return the status that a code of a [Folder] is answered with}
    static int status(int code) {
        return switch (code) {
            case Folder.MISSING -> 404;
            case Folder.FORBIDDEN -> 403;
            case Folder.NO_DESCRIPTOR -> 503;
            default -> 500;
        };
    }

    /// Opens what was looked at; if descriptors have run out, closes a file and tries again.
    private int open(int length) {
        int handle = folder.open(memory, 0, length);
        if (handle == Folder.NO_DESCRIPTOR && evict() != null) {
            handle = folder.open(memory, 0, length);
        }
        return handle;
    }

    /// {@return the length of the decoded name with the index page behind it where it asks for one; a NUL follows}
    private int terminate(int name) {
        int length = name;
        if (isIndex(name)) {
            for (byte b : INDEX) {
                memory.set(U8, length++, b);
            }
        }
        memory.set(U8, length, (byte) 0);
        return length;
    }

    /// {@return whether the decoded name of that length asks for an index page}
    private boolean isIndex(int name) {
        return name == 0 || memory.get(U8, name - 1) == '/';
    }

    private boolean isSame(OpenFile known) {
        return known.device == folder.device() && known.inode == folder.inode() && known.size == folder.size()
                && known.modifiedSeconds == folder.modifiedSeconds() && known.modifiedNanos == folder.modifiedNanos()
                && known.changedSeconds == folder.changedSeconds() && known.changedNanos == folder.changedNanos()
                && known.folder == folder.isFolder();
    }

    private void list(OpenFile slot, int handle, int name, int hash, long nowNanos, long nowSeconds) {
        MemorySegment.copy(memory, 0, memory, slot.at + OpenFile.PATH, name);
        slot.pathLength = name;
        slot.hash = hash;
        slot.folder = folder.isFolder();
        slot.handle = handle;
        slot.device = folder.device();
        slot.inode = folder.inode();
        slot.size = folder.size();
        slot.modifiedSeconds = folder.modifiedSeconds();
        slot.modifiedNanos = folder.modifiedNanos();
        slot.changedSeconds = folder.changedSeconds();
        slot.changedNanos = folder.changedNanos();
        slot.checkedNanos = nowNanos;
        slot.siblingsKnown = false;
        slot.caching = rules.caching(memory, 0, name);
        slot.mediaType = isIndex(name) ? MediaType.HTML : MediaType.of(memory, 0, name);
        // file systems know years that HTTP has no words for
        HttpDate.write(memory, slot.modifiedAt(),
                Math.clamp(slot.modifiedSeconds, HttpDate.EPOCH_SECONDS_MIN, HttpDate.EPOCH_SECONDS_MAX));
        describe(slot, nowSeconds);
        slot.state = OpenFile.State.LISTED;
        int bucket = hash & (buckets.length - 1);
        slot.next = buckets[bucket];
        buckets[bucket] = slot.index;
        account.taken();
    }

    private void describe(OpenFile slot, long nowSeconds) {
        slot.strong = nowSeconds - slot.modifiedSeconds >= STRONG_AFTER_SECONDS
                && nowSeconds - slot.changedSeconds >= STRONG_AFTER_SECONDS;
        slot.etagLength = EntityTag.write(memory, slot.etagAt(), slot.strong, slot.inode, slot.size,
                slot.modifiedSeconds * NANOS + slot.modifiedNanos, slot.changedSeconds * NANOS + slot.changedNanos);
    }

    private @Nullable OpenFile listed(int name, int hash) {
        for (int i = buckets[hash & (buckets.length - 1)]; i != NONE; i = slots[i].next) {
            OpenFile slot = slots[i];
            if (slot.hash == hash && slot.pathLength == name
                    && MemorySegment.mismatch(memory, 0, name, memory, slot.at + OpenFile.PATH,
                            slot.at + OpenFile.PATH + name) < 0) {
                return slot;
            }
        }
        return null;
    }

    /// {@return a free slot, made so if need be; null if every file is held}
    private @Nullable OpenFile take() {
        for (OpenFile slot : slots) {
            if (slot.state == OpenFile.State.FREE) {
                return slot;
            }
        }
        return evict();
    }

    /// {@return the slot of a file that nobody holds and that was not asked for lately, now free; null if all are held}
    private @Nullable OpenFile evict() {
        for (int steps = 0; steps < 2 * slots.length; steps++) {  // the first round may only take second chances away
            OpenFile slot = slots[hand];
            hand = (hand + 1) % slots.length;
            if (slot.state == OpenFile.State.LISTED && slot.pins == 0) {
                if (!slot.used) {
                    unlist(slot);
                    return slot;
                }
                slot.used = false;
            }
        }
        return null;
    }

    private void unlist(OpenFile slot) {
        int bucket = slot.hash & (buckets.length - 1);
        if (buckets[bucket] == slot.index) {
            buckets[bucket] = slot.next;
        } else {
            OpenFile before = slots[buckets[bucket]];
            while (before.next != slot.index) {
                before = slots[before.next];
            }
            before.next = slot.next;
        }
        slot.state = OpenFile.State.REPLACED;
        if (slot.pins == 0) {
            free(slot);
        }
    }

    private void free(OpenFile slot) {
        if (slot.handle != NONE) {
            folder.close(slot.handle);
        }
        slot.handle = NONE;
        slot.copyHolders = 0;
        renewCopy(slot);
        slot.state = OpenFile.State.FREE;
        slot.used = false;
        account.released();
    }

    /// Closes every file and the folder. Safe to call twice.
    @Override
    public void close() {
        for (OpenFile slot : slots) {
            if (slot.state != OpenFile.State.FREE) {
                slot.pins = 0;
                if (slot.state == OpenFile.State.LISTED) {
                    unlist(slot);
                } else {
                    free(slot);
                }
            }
        }
        folder.close();
    }
}
