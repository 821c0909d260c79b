package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpDate;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.server.files.ByteRange;
import dev.coffer.server.files.Conditions;
import dev.coffer.server.files.FileTable;
import dev.coffer.server.files.MediaType;
import dev.coffer.server.files.OpenFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The answer to one request: decided by [#plan], pulled by the engine, ended by [#release]. One object a connection,
/// reused for ever.
///
/// A decided answer is one of four: a file or a part of it, a page that the loop has rendered, a redirection from a
/// folder to its `/`, or a status with a line of text.
final class Exchange implements MessageSource {
    private enum Kind { NONE, FILE, PAGE, FOLDER, STATUS }

    private static final Ascii LEDGER_PATH = Ascii.of("/-/ledger.json");
    private static final Ascii LOCALHOST = Ascii.of("localhost");
    private static final Ascii LOOPBACK_4 = Ascii.of("127.");
    private static final Ascii LOOPBACK_6 = Ascii.of("[::1]");
    private static final Ascii ALLOWED = Ascii.of("GET, HEAD, OPTIONS");
    private static final Ascii BYTES = Ascii.of("bytes");
    private static final Ascii RANGE_UNIT = Ascii.of("bytes ");
    private static final Ascii NO_RANGE = Ascii.of("bytes */");
    private static final Ascii DASH = Ascii.of("-");
    private static final Ascii SLASH = Ascii.of("/");
    private static final Ascii BACKSLASH = Ascii.of("%5C");
    private static final Ascii QUESTION = Ascii.of("?");
    private static final Ascii NO_STORE = Ascii.of("no-store");
    private static final Ascii NO_SNIFF = Ascii.of("nosniff");
    /// Of a redirection, beside what Location holds: status line 32, Location 12, Content-Type 41, Content-Length 20, Date
    /// 37, Connection 24, the end 2.
    private static final int OTHER_FIELDS_BYTES = 32 + 12 + 41 + 20 + 37 + 24 + 2;
    private static final int RETRY_SECONDS = 1;
    private static final int MODIFIED_BYTES = HttpDate.BYTES;

    private final FileTable files;
    private final Page page;
    private final int locationBytesMax;

    private Kind kind = Kind.NONE;
    private int status;
    private RequestHead head;       // valid until the exchange ends
    private OpenFile file;          // held by FILE, also for 304, 412 and 416
    private long from;              // of the file or page: next byte to send
    private long left;              // bytes to send
    private long size;              // of the whole file; for 416 and 206
    private long first;             // of the range, for the head
    private Ascii pageType;

    /// @param sentHeadBytesMax  room that a head has at least
    Exchange(FileTable files, Page page, int sentHeadBytesMax) {
        this.files = files;
        this.page = page;
        this.locationBytesMax = sentHeadBytesMax - OTHER_FIELDS_BYTES;
    }

    /// Decides the answer.
    ///
    /// @param loopback  whether the peer is this machine
    /// @return the status
    int plan(RequestHead request, boolean loopback, Loop.Now now) {
        assert kind == Kind.NONE : "an answer is in flight";
        head = request;
        Method method = request.method();
        if (method != Method.GET && method != Method.HEAD) {
            return answer(method == Method.OPTIONS ? Status.NO_CONTENT
                    : method == Method.OTHER ? Status.NOT_IMPLEMENTED : Status.METHOD_NOT_ALLOWED);
        }
        if (LEDGER_PATH.matches(request.segment(), request.pathAt(), request.pathLength())) {
            return loopback && isNamedLocally(request) ? ledger() : answer(Status.NOT_FOUND);
        }
        OpenFile found = files.find(request.segment(), request.pathAt(), request.pathLength(), now.nanos(),
                now.epochSeconds());
        if (found == null) {
            return answer(files.status());
        }
        file = found;
        if (found.isFolder()) {
            if (locationBytes(request) > locationBytesMax) {
                files.release(found);
                file = null;
                return answer(Status.URI_TOO_LONG);
            }
            kind = Kind.FOLDER;
            status = Status.MOVED_PERMANENTLY;
            return status;
        }
        return file(request, found, now);
    }

    private int file(RequestHead request, OpenFile found, Loop.Now now) {
        kind = Kind.FILE;
        size = found.size();
        from = 0;
        left = size;
        status = Conditions.status(request, found, now.year());
        if (status != Status.OK) {
            return status;
        }
        int range = request.find(FieldName.RANGE);
        if (range >= 0 && request.method() == Method.GET && request.find(FieldName.RANGE, range + 1) < 0
                && Conditions.rangeApplies(request, found, now.year())) {
            range(request, range);
        }
        return status;
    }

    private void range(RequestHead request, int index) {
        long at = request.valueAt(index);
        int length = request.valueLength(index);
        first = ByteRange.first(request.segment(), at, length, size);
        if (first == ByteRange.UNSATISFIABLE) {
            status = Status.RANGE_NOT_SATISFIABLE;
        } else if (first != ByteRange.IGNORED) {
            status = Status.PARTIAL_CONTENT;
            from = first;
            left = ByteRange.last(request.segment(), at, length, size) + 1 - first;
        }
    }

    /// {@return whether the request names no other host than this machine: `localhost`, 127.x.x.x or `[::1]`. A web page
    /// whose own name was made to point here, or a proxy that passes names on, gets no ledger}
    private static boolean isNamedLocally(RequestHead request) {
        int length = request.authorityLength();
        if (length < 0) {
            return true;  // HTTP/1.0 without Host: no browser's
        }
        MemorySegment segment = request.segment();
        long at = request.authorityAt();
        if (LOOPBACK_6.prefixes(segment, at, length)) {
            return true;  // what follows the bracket was found to be a port
        }
        int host = 0;
        boolean numeric = true;
        for (byte c; host < length && (c = segment.get(ValueLayout.JAVA_BYTE, at + host)) != ':'; host++) {
            numeric &= c == '.' || c >= '0' && c <= '9';
        }
        return LOCALHOST.matchesAnyCase(segment, at, host) || numeric && LOOPBACK_4.prefixes(segment, at, host);
    }

    private int ledger() {
        if (!page.ledger(this)) {
            return answer(Status.SERVICE_UNAVAILABLE);
        }
        return page(MediaType.JSON);
    }

    private int page(Ascii mediaType) {
        kind = Kind.PAGE;
        pageType = mediaType;
        from = 0;
        left = page.length();
        status = Status.OK;
        return status;
    }

    private int answer(int code) {
        kind = Kind.STATUS;
        status = code;
        return code;
    }

    @Override
    public void head(HeadWriter out) {
        out.status(status);
        switch (kind) {
            case FILE -> fileHead(out);
            case PAGE -> out.field(FieldName.CONTENT_TYPE, pageType).field(FieldName.CACHE_CONTROL, NO_STORE)
                    .field(FieldName.X_CONTENT_TYPE_OPTIONS, NO_SNIFF).content(left);
            case FOLDER -> {
                location(out.begin(FieldName.LOCATION));
                if (head.queryLength() >= 0) {
                    out.text(QUESTION).text(head.segment(), head.queryAt(), head.queryLength());
                }
                text(out.end());
            }
            case STATUS -> statusHead(out);
            case NONE -> throw new AssertionError("no answer planned");
        }
    }

    /// {@return bytes of [#location] and query, or some more}
    private static int locationBytes(RequestHead request) {
        int bytes = request.pathLength() + 1 + 1 + Math.max(request.queryLength(), 0);
        for (int i = 0; i < request.pathLength(); i++) {
            bytes += request.segment().get(ValueLayout.JAVA_BYTE, request.pathAt() + i) == '\\' ? 2 : 0;
        }
        return bytes;
    }

    /// The path as it was sent, and a slash. A backslash is encoded: browsers read `/\name/` as `//name/`, another host.
    private void location(HeadWriter out) {
        long at = head.pathAt();
        long end = at + head.pathLength();
        for (long i = at; i < end; i++) {
            if (head.segment().get(ValueLayout.JAVA_BYTE, i) == '\\') {
                out.text(head.segment(), at, (int) (i - at)).text(BACKSLASH);
                at = i + 1;
            }
        }
        out.text(head.segment(), at, (int) (end - at)).text(SLASH);
    }

    private void fileHead(HeadWriter out) {
        if (status == Status.PRECONDITION_FAILED) {
            text(out);
            return;
        }
        if (status == Status.RANGE_NOT_SATISFIABLE) {
            text(out.begin(FieldName.CONTENT_RANGE).text(NO_RANGE).decimal(size).end());
            return;
        }
        out.field(FieldName.ETAG, file.memory(), file.etagAt(), file.etagLength());
        out.field(FieldName.LAST_MODIFIED, file.memory(), file.modifiedAt(), MODIFIED_BYTES);
        if (status == Status.NOT_MODIFIED) {
            return;
        }
        out.field(FieldName.CONTENT_TYPE, file.mediaType());
        out.field(FieldName.X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
        out.field(FieldName.ACCEPT_RANGES, BYTES);
        if (status == Status.PARTIAL_CONTENT) {
            out.begin(FieldName.CONTENT_RANGE).text(RANGE_UNIT).decimal(first).text(DASH).decimal(first + left - 1)
                    .text(SLASH).decimal(size).end();
        }
        out.content(left);
    }

    private void statusHead(HeadWriter out) {
        if (status == Status.METHOD_NOT_ALLOWED || status == Status.NO_CONTENT) {
            out.field(FieldName.ALLOW, ALLOWED);
        } else if (status == Status.SERVICE_UNAVAILABLE) {
            out.field(FieldName.RETRY_AFTER, RETRY_SECONDS);
        }
        text(out);
    }

    /// Announces the status's own words as content.
    private void text(HeadWriter out) {
        if (status == Status.NO_CONTENT) {
            return;
        }
        from = 0;
        left = Status.phrase(status).length() + 1;
        out.field(FieldName.CONTENT_TYPE, MediaType.TEXT).content(left);
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        int length = (int) Math.min(Math.min(room, left), 1 << 30);
        assert length > 0 : "asked for content past its end";
        int given;
        if (kind == Kind.PAGE) {
            given = page.read(output, at, length, from);
        } else if (kind == Kind.FILE && status < Status.BAD_REQUEST) {
            given = files.read(file, output, at, length, from);
            if (given <= 0) {
                return FAILED;  // it shrank since its size was announced, or the disk failed
            }
        } else {
            given = phrase(output, at, length);
        }
        from += given;
        left -= given;
        return given;
    }

    private int phrase(MemorySegment output, long at, int length) {
        Ascii phrase = Status.phrase(status);
        int letters = Math.min(length, phrase.length() - (int) from);
        for (int i = 0; i < letters; i++) {  // to the end and not past it: C2 would leave its code at each last turn
            output.set(ValueLayout.JAVA_BYTE, at + i, phrase.at((int) from + i));
        }
        if (letters < length) {
            output.set(ValueLayout.JAVA_BYTE, at + letters, (byte) '\n');
        }
        return length;
    }

    /// {@return whether an answer is planned and not yet given to the engine whole}
    boolean isAnswering() {
        return kind != Kind.NONE;
    }

    /// Lets go of what the answer held. Harmless when there is none.
    void release() {
        if (file != null) {
            files.release(file);
            file = null;
        }
        if (kind == Kind.PAGE) {
            page.release(this);
        }
        kind = Kind.NONE;
        head = null;
    }
}
