package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpDate;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.memory.engine.Passage;
import dev.coffer.server.Answer;
import dev.coffer.server.MediaType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A file or a part of it, what the conditions of its request lead to instead, or the redirection from a folder to its `/`.
/// Made at start, used for one exchange after another.
final class FileAnswer implements Answer {
    private static final Ascii BYTES = Ascii.of("bytes");
    private static final Ascii RANGE_UNIT = Ascii.of("bytes ");
    private static final Ascii NO_RANGE = Ascii.of("bytes */");
    private static final Ascii DASH = Ascii.of("-");
    private static final Ascii SLASH = Ascii.of("/");
    private static final Ascii BACKSLASH = Ascii.of("%5C");
    private static final Ascii QUESTION = Ascii.of("?");
    private static final Ascii NO_SNIFF = Ascii.of("nosniff");
    /// Of a redirection, beside what Location holds: status line 32, Location 12, Content-Type 41, Content-Length 20, Date
    /// 37, Connection 24, the end 2.
    private static final int OTHER_FIELDS_BYTES = 32 + 12 + 41 + 20 + 37 + 24 + 2;
    /// Of any other answer, at most: status line 30, ETag 79, Last-Modified 46, Content-Type 55, X-Content-Type-Options 33,
    /// Content-Encoding 24, Vary 31, Accept-Ranges 22, Content-Range 83, Content-Length 37, Date 37, Connection 24, the end 2; rounded up.
    static final int HEAD_BYTES_MAX = 512;
    /// Least bytes of content that the system sends itself: fewer cost less when they are copied.
    static final int PASSING_BYTES_MIN = 1 << 16;
    /// Least bytes of a copy that are sent from where it lies: fewer cost less when they are copied to their head.
    static final int GATHERED_BYTES_MIN = 1 << 12;
    private static final int READ_BYTES_MAX = 1 << 30;

    private final FileHandler handler;
    private final FileTable files;
    private final int locationBytesMax;

    private int status;
    private @Nullable RequestHead request;  // valid until the exchange ends
    private @Nullable OpenFile file;  // held until then
    private long from;              // of the file, or of the status' words: next byte to send
    private long left;              // bytes to send
    private long size;              // of the whole file; for 416 and 206
    private long first;             // of the range, for the head
    private boolean copied;         // the content is a copy of the table's, held until the exchange ends
    private boolean page;           // in place of what was asked for: neither a range nor a condition means it
    private int coding;             // of the file, an index of Coding or Negotiation.IDENTITY
    private @Nullable Ascii mediaType;  // of the file behind the coding
    private @Nullable Ascii caching;  // what Cache-Control says, or null
    private @Nullable Ascii vary;   // what the choice of the file depended on, or null

    /// @param sentHeadBytesMax  room that a head has at least, fields that others add aside
    FileAnswer(FileHandler handler, FileTable files, int sentHeadBytesMax) {
        this.handler = handler;
        this.files = files;
        this.locationBytesMax = sentHeadBytesMax - OTHER_FIELDS_BYTES;
    }

    private OpenFile file() {
        return Objects.requireNonNull(file, "held");
    }

    private RequestHead request() {
        return Objects.requireNonNull(request, "under way");
    }

    /// Takes a file, to be released at the end.
    void hold(OpenFile held) {
        file = held;
    }

    /// Says what is to be told of the file: before [#plan] or [#planPage].
    ///
    /// @param original   whose media type and caching are told: the file itself, or the one that it is a coding of
    /// @param newCoding  of the file, an index of [Coding] or [Negotiation#IDENTITY]
    /// @param newVary    fields of requests on which that depended, or null
    void describe(OpenFile original, int newCoding, @Nullable Ascii newVary) {
        mediaType = original.mediaType();
        caching = original.caching;
        coding = newCoding;
        vary = newVary;
    }

    /// Decides to answer with the whole file in place of what is missing.
    void planPage(RequestHead newRequest, int newStatus) {
        request = newRequest;
        from = 0;
        size = file().size();
        left = size;
        status = newStatus;
        page = true;
        copied = files.holdCopy(file());
    }

    /// Decides the answer.
    ///
    /// @param year      the present one, for dates with two digits
    /// @param nowNanos  a part is sent only of a file whose name was resolved now: else its tag may be that of other bytes
    /// @return the status
    int plan(RequestHead newRequest, int year, long nowNanos) {
        request = newRequest;
        OpenFile found = file();
        from = 0;
        page = false;
        copied = false;
        if (found.isFolder()) {
            status = locationBytes() > locationBytesMax ? Status.URI_TOO_LONG : Status.MOVED_PERMANENTLY;
            return status;
        }
        size = found.size();
        left = size;
        status = Conditions.status(request, found, year);
        if (status == Status.OK) {
            int range = request.find(FieldName.RANGE);
            if (range >= 0 && found.checkedNanos == nowNanos && request.method() == Method.GET && request.find(FieldName.RANGE, range + 1) < 0
                    && Conditions.rangeApplies(request, found, year)) {
                range(range);
            }
        }
        copied = isFile() && files.holdCopy(found);
        return status;
    }

    private void range(int index) {
        long at = request().valueAt(index);
        int length = request().valueLength(index);
        first = ByteRange.first(request().segment(), at, length, size);
        if (first == ByteRange.UNSATISFIABLE) {
            status = Status.RANGE_NOT_SATISFIABLE;
        } else if (first != ByteRange.IGNORED) {
            status = Status.PARTIAL_CONTENT;
            from = first;
            left = ByteRange.last(request().segment(), at, length, size) + 1 - first;
        }
    }

    /// {@return bytes of [#location] and query, or some more}
    private int locationBytes() {
        int bytes = request().pathLength() + 1 + 1 + Math.max(request().queryLength(), 0);
        for (int i = 0; i < request().pathLength(); i++) {
            bytes += request().segment().get(ValueLayout.JAVA_BYTE, request().pathAt() + i) == '\\' ? 2 : 0;
        }
        return bytes;
    }

    @Override
    public void head(HeadWriter head) {
        if (page) {
            described(head);
            varies(head);
            head.content(left);
            return;
        }
        switch (status) {
            case Status.OK, Status.PARTIAL_CONTENT -> {
                validators(head);
                described(head);
                head.field(FieldName.ACCEPT_RANGES, BYTES);
                if (status == Status.PARTIAL_CONTENT) {
                    head.begin(FieldName.CONTENT_RANGE).text(RANGE_UNIT).decimal(first).text(DASH).decimal(first + left - 1)
                            .text(SLASH).decimal(size).end();
                }
                head.content(left);
            }
            case Status.NOT_MODIFIED -> validators(head);
            case Status.MOVED_PERMANENTLY -> {
                location(head.begin(FieldName.LOCATION));
                words(head.end());
            }
            case Status.RANGE_NOT_SATISFIABLE -> words(
                    head.begin(FieldName.CONTENT_RANGE).text(NO_RANGE).decimal(size).end());
            default -> words(head);
        }
    }

    private void described(HeadWriter head) {
        head.field(FieldName.CONTENT_TYPE, Objects.requireNonNull(mediaType, "described"));
        head.field(FieldName.X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
        if (coding >= 0) {
            head.field(FieldName.CONTENT_ENCODING, Coding.token(coding));
        }
    }

    private void varies(HeadWriter head) {
        if (vary != null) {
            head.field(FieldName.VARY, vary);
        }
    }

    /// What a 304 says as well as a 200 (RFC 9110, section 15.4.5).
    private void validators(HeadWriter head) {
        varies(head);
        if (caching != null) {
            head.field(FieldName.CACHE_CONTROL, caching);
        }
        head.field(FieldName.ETAG, file().memory(), file().etagAt(), file().etagLength());
        head.field(FieldName.LAST_MODIFIED, file().memory(), file().modifiedAt(), HttpDate.BYTES);
    }

    /// The path as it was sent, and a slash. A backslash is encoded: browsers read `/\name/` as `//name/`, another host.
    private void location(HeadWriter head) {
        MemorySegment segment = request().segment();
        long at = request().pathAt();
        long end = at + request().pathLength();
        for (long i = at; i < end; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, i) == '\\') {
                head.text(segment, at, (int) (i - at)).text(BACKSLASH);
                at = i + 1;
            }
        }
        head.text(segment, at, (int) (end - at)).text(SLASH);
        if (request().queryLength() >= 0) {
            head.text(QUESTION).text(segment, request().queryAt(), request().queryLength());
        }
    }

    /// Announces the status's own words as content.
    private void words(HeadWriter head) {
        from = 0;
        left = Status.wordsLength(status);
        head.field(FieldName.CONTENT_TYPE, MediaType.TEXT).content(left);
    }

    /// The system sends a file itself from [#PASSING_BYTES_MIN] on; a copy in memory goes from there, unless it is small.
    @Override
    public boolean pass(Passage passage, long most) {
        if (copied) {
            if (left >= GATHERED_BYTES_MIN) {
                passage.ofMemory(files.copies(), file().copyAt + from, left);
            }
            return left >= GATHERED_BYTES_MIN;
        }
        int descriptor = isFile() && left >= PASSING_BYTES_MIN ? files.descriptor(file()) : -1;
        if (descriptor < 0) {
            return false;
        }
        passage.ofFile(descriptor, from, left);
        return true;
    }

    @Override
    public void passed(long bytes) {
        from += bytes;
        left -= bytes;
    }

    private boolean isFile() {
        return page || status == Status.OK || status == Status.PARTIAL_CONTENT;
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        int length = (int) Math.min(Math.min(room, left), READ_BYTES_MAX);
        assert length > 0 : "asked for content past its end";
        int given = length;
        if (copied) {
            MemorySegment.copy(files.copies(), file().copyAt + from, output, at, length);
        } else if (isFile()) {
            given = files.read(file(), output, at, length, from);
            if (given <= 0) {
                return FAILED;  // it shrank since its size was announced, or the disk failed
            }
        } else {
            Status.writeWords(status, (int) from, output, at, length);
        }
        from += given;
        left -= given;
        return given;
    }

    @Override
    public void ended(boolean complete) {
        if (copied) {
            copied = false;
            files.releaseCopy(file());
        }
        files.release(file());
        file = null;
        request = null;
        handler.giveBack(this);
    }
}
