package dev.coffer.server.files;

import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.internal.os.Syscall;
import dev.coffer.memory.layout.Align;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.FixedFields;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The files of a folder: everything beneath it is public (GET and HEAD; conditions and one range, RFC 9110 sections 13 and
/// 14; `index.html` for a folder; a folder without its `/` is redirected).
///
/// What can be added, each by a `with...` of its own: a page for 404, a page in place of what is missing, files that were compressed
/// before, Cache-Control by name, fields of every answer.
///
/// Each loop holds a table of open files: 1,152 bytes and a descriptor each. Fewer files than active connections may answer
/// 503 when all are in use.
public final class FileSite extends Site {
    /// Names in the list of a folder where nothing else is said.
    public static final int LISTED_NAMES = 2000;
    /// Files that a loop keeps open where nothing else is said.
    public static final int FILES = 256;
    /// Below so many open files a loop is not worth starting.
    static final int FILES_MIN = 8;
    private static final int FILES_MAX = 65_536;
    /// Bytes for copies of hot files that pay where memory is at hand: some ten to a few hundred of them.
    public static final int HOT_BYTES = 1 << 19;
    private static final int HOT_BYTES_MAX = 1 << 30;
    private static final int REHEARSED_HOT_BYTES = 1 << 13;
    /// Descriptors beside those of the open files: the folder; a file that is being looked at, and the same file being opened.
    private static final int OTHERS = 1 + 2;
    private static final int REHEARSED_NAMES = 8;
    private static final int REHEARSED_FILES = 2;  // the third pushes one out

    private final Path root;
    private final int files;
    private final int hotBytes;
    private final ServingRules rules;

    private FileSite(Path root, int files, int hotBytes, ServingRules rules) {
        this.rules = rules;
        this.hotBytes = hotBytes;
        if (hotBytes < 0 || hotBytes > HOT_BYTES_MAX || hotBytes % HotFiles.BLOCK_BYTES != 0) {
            throw new IllegalArgumentException("hot files: " + hotBytes + " bytes (expected 0.." + HOT_BYTES_MAX + ", a multiple of "
                    + HotFiles.BLOCK_BYTES + ")");
        }
        this.root = Objects.requireNonNull(root);
        this.files = files;
        if (files < 1 || files > FILES_MAX) {
            throw new IllegalArgumentException("files: " + files + " (expected 1.." + FILES_MAX + ")");
        }
    }

    /// {@return the files of a folder}
    ///
    /// @param root   the folder; what lies beneath it is public
    /// @param files  kept open by each loop, 1..65536
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public static FileSite of(Path root, int files) {
        return new FileSite(root, files, 0, ServingRules.PLAIN);
    }

    /// {@return this site, with a page that 404 shows}
    ///
    /// @param page  name of a file below the folder, there when the server opens; its media type is told, and neither a range nor a
    ///              condition is heeded. While it is missing later, 404 has its own words
    /// @throws IllegalArgumentException  no such name (caller's fault)
    public FileSite withNotFoundPage(String page) {
        return new FileSite(root, files, hotBytes, rules.withNotFound(page));
    }

    /// {@return this site, with a page that is served, 200, in place of what is missing, to who asks for HTML by name in Accept, as
    /// browsers do when they go to a page, and scripts, styles and images do not: for an application of one page}
    ///
    /// @param page  as of [#withNotFoundPage]
    /// @throws IllegalArgumentException  no such name (caller's fault)
    public FileSite withFallbackPage(String page) {
        return new FileSite(root, files, hotBytes, rules.withFallback(page));
    }

    /// {@return this site, with files that were compressed before: where `app.js` is asked for by who takes it and `app.js.br`, `.zst`
    /// or `.gz` lies beside it, that one is sent, with its own entity tag, ranges of its own bytes, and the media type of `app.js`}
    ///
    /// The weights of Accept-Encoding decide (RFC 9110, section 12.5.3), of equal ones br, zstd, gzip. Who takes neither a coding that
    /// is there nor the file as it is hears 406. Whether a sibling is younger than its file is not looked at. One more open file for each
    /// sibling that is asked for.
    public FileSite withPrecompressed() {
        return new FileSite(root, files, hotBytes, rules.withPrecompressed());
    }

    /// {@return this site, with a rule for Cache-Control behind those that it has: the first that fits a file counts}
    ///
    /// @param pattern  of names from the root, decoded, with `*` for any bytes, also `/`: `*` for all, `/assets/*`, `*.html`
    /// @param value    of the field
    /// @throws IllegalArgumentException  a value that no field can have, a pattern without `/` or `*` in front (caller's fault)
    public FileSite withCacheControl(String pattern, String value) {
        return new FileSite(root, files, hotBytes, rules.withCaching(new CacheRule(pattern, value)));
    }

    /// {@return this site, with fields of every answer, a 500 aside}
    public FileSite withFields(FixedFields fields) {
        return new FileSite(root, files, hotBytes, rules.withFields(fields));
    }

    /// {@return this site, with memory for copies of small files that are asked for often, of each loop's own: an answer with such a
    /// one costs no read}
    ///
    /// A copy is made of files below 64 KiB that have been left alone for two seconds, when they are asked for twice within a second,
    /// and is dropped after a second at most, unless answers still send it. Without room no copy is made.
    ///
    /// @param bytes  of all copies together, a multiple of 256, 0..2^30; each takes its file's and one more, rounded up to 256. 0 for
    ///               no copies, which is so where nothing is said
    /// @throws IllegalArgumentException  another number (caller's fault)
    public FileSite withHotBytes(int bytes) {
        return new FileSite(root, files, bytes, rules);
    }

    /// {@return this site, with folders listed that have no `index.html`: folders first, by the bytes of their names, with size and time;
    /// neither names that begin with a dot nor what cannot be served}
    ///
    /// Past its bounds, so many names or 64 bytes each all together, or eight times as many that are hidden, a list holds those that the
    /// system tells first and says that there are more. Four lists of a loop can be in flight; one more is 503. On Linux the
    /// list makes no object; the portable form makes some for each name.
    ///
    /// @param names  in one list, at most; 1..65536
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public FileSite withListing(int names) {
        return new FileSite(root, files, hotBytes, rules.withListing(names));
    }

    /// {@return bytes that the heads of its answers are longer by than without fields and rules, see [ServerConfig#withLongerHeads]}
    public int headBytes() {
        return rules.headBytes();
    }

    /// The folder cannot be served: the message says why in a few words.
    public static final class FolderException extends IOException {
        private static final long serialVersionUID = 1;

        FolderException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /// {@return the folder}
    public Path root() {
        return root;
    }

    /// {@return files kept open by each loop}
    public int files() {
        return files;
    }

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return MemoryPlan.group("static files",
                MemoryPlan.block("folder", isLinux(config) ? Align.up(LinuxFolder.BYTES, Align.CACHE_LINE_BYTES) : 0),
                FileTable.plan(files), hotFiles(), listings())
                .withHeap(exchanges * HeapLayout.instance(FileAnswer.class)
                        + HeapLayout.array(FileAnswer.class, exchanges));
    }

    private MemoryPlan hotFiles() {
        return hotBytes == 0 ? MemoryPlan.block("hot files", 0) : HotFiles.plan(hotBytes);
    }

    private MemoryPlan listings() {
        return rules.listed() == 0 ? MemoryPlan.block("folder listings", 0) : Listing.plan(rules.listings(), rules.listed());
    }

    /// Below the folder, wherever links lead, and no part of its name hidden; or with a hard link there.
    @Override
    public boolean serves(Path file) {
        return new ServedNames(root).hold(file);
    }

    @Override
    public int timers() {
        return 1 + rules.listings();
    }

    @Override
    public int descriptors() {
        return OTHERS + files;
    }

    @Override
    public int descriptorsMin() {
        return OTHERS + Math.min(files, FILES_MIN);
    }

    @Override
    public Site withDescriptors(int count) {
        return new FileSite(root, count - OTHERS, hotBytes, rules);
    }

    @Override
    public Handler open(Place place) throws IOException {
        int room = place.config().http().sentHeadBytesMax() - rules.headBytes();
        if (room < FileAnswer.HEAD_BYTES_MAX) {
            throw new IllegalArgumentException("heads of answers: fields and rules of " + rules.headBytes() + " bytes leave " + room
                    + " (expected " + FileAnswer.HEAD_BYTES_MAX + "; ServerConfig.withLongerHeads)");
        }
        Folder folder = folder(place);
        FileTable table;
        try {
            MemorySegment memory = place.carve(FileTable.plan(files).totalBytes());
            HotFiles hot = hotBytes == 0 ? null : new HotFiles(hotBytes, place.carve(hotBytes), folder);
            table = new FileTable(folder, memory, files, rules, hot);
            if (hot != null) {
                place.account(hot.account());
            }
        } catch (RuntimeException | Error e) {
            folder.close();
            throw e;
        }
        place.closing(table);
        place.account(table.account());
        try {
            return new FileHandler(table, rules, place);
        } catch (FileNotFoundException e) {
            throw new FolderException(e);
        }
    }

    private Folder folder(Place place) throws IOException {
        try {
            boolean linux = isLinux(place.config());
            MemorySegment memory = place.carve(linux ? Align.up(LinuxFolder.BYTES, Align.CACHE_LINE_BYTES) : 0);
            Folder folder = linux ? LinuxFolder.open(root, memory) : null;
            return folder != null ? folder : new NioFolder(root, files + 1);
        } catch (IOException e) {
            throw new FolderException(e);
        }
    }

    private static boolean isLinux(ServerConfig config) {
        return !config.portable() && Syscall.available();
    }

    /// The JDK's own files, which are there wherever this code runs.
    @Override
    public Script rehearsal() {
        String get = "GET /release HTTP/1.1\r\nHost: localhost\r\n";
        List<String> requests = new ArrayList<>(List.of(get + "\r\n", "HEAD" + get.substring(3) + "\r\n", get + "\r\n" + get + "\r\n",
                get + "If-None-Match: \"x\", W/\"y\", *\r\n\r\n", get + "If-Match: \"x\"\r\n\r\n",
                get + "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT\r\n\r\n",
                get + "If-Modified-Since: Friday, 31-Dec-99 23:59:59 GMT\r\n\r\n",
                get + "If-Unmodified-Since: Mon Jan  1 00:00:00 1990\r\n\r\n",
                get + "Range: bytes=2-5\r\n\r\n", get + "Range: bytes=-5\r\nIf-Range: \"x\"\r\n\r\n",
                get + "Range: bytes=5-\r\nIf-Range: Mon, 01 Jan 1990 00:00:00 GMT\r\n\r\n",
                get + "Range: bytes=99999999-\r\n\r\n", get + "Range: bytes=1-2,4-5\r\n\r\n",
                "GET /lib/modules HTTP/1.1\r\nHost: [::1]:80\r\nRange: bytes=0-99\r\n\r\n",
                "GET /conf/security/java.security HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: a=b\r\nX-Other: c\r\n\r\n",
                "GET /conf?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /conf/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /none%20%ff.txt HTTP/1.1\r\nHost: a\r\n\r\n", "GET /release/x HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /.hidden HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /" + "a".repeat(260) + " HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http://localhost:1/release HTTP/1.1\r\nHost: b\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
                "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
                "GET /release HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
        if (rules.precompressed()) {
            requests.add(get + "Accept-Encoding: gzip;q=0.5, *;q=0.1, identity\r\n\r\n");
            requests.add(get + "Accept-Encoding: *;q=0\r\n\r\n");
        }
        if (rules.fallback() != null || rules.notFound() != null) {
            requests.add("GET /none HTTP/1.1\r\nHost: a\r\nAccept: text/html;q=0.9, */*\r\n\r\n");
        }
        if (rules.listed() > 0) {
            requests.add("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            requests.add("GET /conf/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        }
        String page = "release";
        ServingRules rehearsed = new ServingRules(rules.notFound() == null ? null : page, rules.fallback() == null ? null : page,
                rules.precompressed(), List.of(), FixedFields.NONE, Math.min(rules.listed(), REHEARSED_NAMES));
        return new Script(new FileSite(Path.of(System.getProperty("java.home")), REHEARSED_FILES, REHEARSED_HOT_BYTES, rehearsed), requests);
    }
}
