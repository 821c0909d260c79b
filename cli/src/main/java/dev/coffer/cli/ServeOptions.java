package dev.coffer.cli;

import dev.coffer.http.Limits;
import dev.coffer.http.http2.Http2Config;
import dev.coffer.http.http3.Http3Config;
import dev.coffer.http.Status;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig;
import dev.coffer.quic.QuicConfig;
import dev.coffer.server.Annex;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.Http3Serving;
import dev.coffer.server.LedgerPage;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.StatusPages;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.log.AccessLog;
import dev.coffer.server.log.LogFormat;
import dev.coffer.server.tls.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The options that `serve` and `plan` share: what decides how much is held.
final class ServeOptions {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int PORT_MAX = 65_535;
    private static final String STANDARD_OUTPUT = "/dev/stdout";
    private static final int DEFAULT_PORT = 8080;
    private static final int TIGHT_FILES = 64;
    private static final int HEADER_BYTES_MIN = 64;
    private static final int HEADER_FIELDS_MAX = 4096;
    /// Of a head and the window behind it.
    private static final int INPUT_BYTES_MAX = 1 << 16;

    /// The two sizes of everything.
    enum Profile { tight, standard }

    /// How much locking matters, as the command line spells it.
    enum Locked {
        off(Level.OFF), best_effort(Level.BEST_EFFORT), required(Level.REQUIRED);

        final Level level;

        Locked(Level level) {
            this.level = level;
        }

        @Override
        public String toString() {
            return name().replace('_', '-').toLowerCase(Locale.ROOT);
        }
    }

    /// When memory is committed, as the command line spells it.
    enum Commit {
        open(RegionConfig.Commit.ON_OPEN), touch(RegionConfig.Commit.ON_TOUCH);

        final RegionConfig.Commit when;

        Commit(RegionConfig.Commit when) {
            this.when = when;
        }
    }

    /// The log's formats, as the command line spells them.
    enum AccessLogFormat {
        common(LogFormat.COMMON), combined(LogFormat.COMBINED), json(LogFormat.JSON);

        final LogFormat format;

        AccessLogFormat(LogFormat format) {
            this.format = format;
        }
    }

    @Parameters(paramLabel = "DIR", arity = "0..1", defaultValue = ".",
            description = "The folder to serve; everything beneath it is public. Default: the current one.")
    private Path folder;

    @Option(names = {"-p", "--port"}, paramLabel = "PORT", defaultValue = "" + DEFAULT_PORT,
            description = "Port to listen at, 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = {"-b", "--bind"}, paramLabel = "ADDRESS", defaultValue = "127.0.0.1",
            description = "Address to listen at; 0.0.0.0 or :: for all. Default: ${DEFAULT-VALUE}.")
    private String bind;

    @Option(names = {"-c", "--connections"}, paramLabel = "N",
            description = "Connections at once, of all loops together; one more is answered 503. Default: 512, tight 128.")
    private Integer connections;

    @Option(names = "--active", paramLabel = "N",
            description = "Of these, with a request that is read or answered; one more waits, and is answered 503 after 5 seconds. "
                    + "Default: 256, tight 64.")
    private Integer active;

    @Option(names = "--files", paramLabel = "N",
            description = "Files that each loop keeps open. Default: 256, tight 64.")
    private Integer files;

    @Option(names = "--hot-bytes", paramLabel = "N",
            description = "Memory of each loop for copies of small files that are asked for often, a multiple of 256. Default: 524288, tight 0.")
    private Integer hotBytes;

    @Option(names = "--loops", paramLabel = "N", defaultValue = "1",
            description = "Threads, each with its own share of memory and connections. Default: ${DEFAULT-VALUE}.")
    private int loops;

    @Option(names = "--profile", paramLabel = "NAME", defaultValue = "standard",
            description = "tight or standard: the size of everything. Default: ${DEFAULT-VALUE}.")
    private Profile profile;

    @Option(names = "--locked", paramLabel = "LEVEL", defaultValue = "best-effort",
            description = "Keep the memory out of swap: off, best-effort or required. Default: ${DEFAULT-VALUE}.")
    private Locked locked;

    @Option(names = "--commit", paramLabel = "WHEN",
            description = "When the memory of the plan is committed: open, all of it at the start; or touch, each page when it is first needed, and given back, wiped, "
                    + "when nobody has used it for a second or two. Default: open.")
    private Commit commit;

    @Option(names = "--header-bytes", paramLabel = "N",
            description = "Longest head of a request, in one line or many; past it 431, or 414 for its first line. "
                    + "Default: 16384 with lines up to 8192, tight 2048 with lines up to 1024.")
    private Integer headerBytes;

    @Option(names = "--header-fields", paramLabel = "N",
            description = "Most header lines of a request; past it 431. Default: 100, tight 32.")
    private Integer headerFields;

    @Option(names = "--body-bytes", paramLabel = "N",
            description = "Longest content of a request, which is read and dropped; past it 413. Default: 1048576.")
    private Long bodyBytes;

    @Option(names = "--idle-seconds", paramLabel = "N",
            description = "How long a connection is kept without a request. Default: 60.")
    private Integer idleSeconds;

    @Option(names = "--http1.1", description = "Speak HTTP/1.1 alone. Default: HTTP/2 as well, where the client asks for it, by ALPN over TLS and by "
            + "prior knowledge in the clear; not in the tight profile.")
    private boolean http1;

    @Option(names = "--no-http3",
            description = "With --tls: do not speak HTTP/3. Default: it is spoken, over QUIC at the same port in UDP, and announced in the "
                    + "answers of the other versions (Alt-Svc); not with --http1.1 or --client-ca.")
    private boolean noHttp3;

    @Option(names = "--http3-connections", paramLabel = "N",
            description = "With --tls: connections of HTTP/3 at once; of one more nothing is heard, and its client "
                    + "comes by TCP. Each beyond the default brings the blocks that it holds while idle (coffer plan). Default: 128, tight 4.")
    private Integer http3Connections;

    @Option(names = "--http3-streams", paramLabel = "N",
            description = "With --tls: requests of HTTP/3 at once; one more is refused so that its client asks again. "
                    + "Default: 256, tight 16.")
    private Integer http3Streams;

    @Mixin
    private TlsOptions tls;

    @Mixin
    private ServingOptions serving;

    @Option(names = "--pages", paramLabel = "PORT",
            description = "Show ledger, health and metrics below /-/ at http://127.0.0.1:PORT, which listens beside the server's address and "
                    + "which nothing that comes in there can reach; 0 for a free one. Default: nowhere.")
    private Integer pages;

    @Option(names = "--health-path", paramLabel = "PATH",
            description = "With --pages: where this machine hears whether the server answers. Default: " + StatusPages.HEALTH + ".")
    private String healthPath;

    @Option(names = "--metrics-path", paramLabel = "PATH",
            description = "With --pages: where this machine hears counts and memory, as Prometheus reads them. Default: " + StatusPages.METRICS + ".")
    private String metricsPath;

    @Option(names = "--access-log", paramLabel = "FILE",
            description = "Write a line for each request to this file, at its end; - or /dev/stdout for standard output, whose other lines go "
                    + "to standard error then; /dev/stderr for standard error, between its messages. SIGHUP opens the file anew, unless it was ignored at the start (nohup).")
    private String accessLog;

    @Option(names = "--access-log-format", paramLabel = "FORMAT", defaultValue = "combined",
            description = "common, combined or json. Default: ${DEFAULT-VALUE}.")
    private AccessLogFormat accessLogFormat;

    @Option(names = "--portable",
            description = "Use the JDK's sockets and files although Linux's own calls are at hand.")
    private boolean portable;

    /// {@return the configuration that was asked for}
    ///
    /// @throws Failure  what was asked for makes no sense: exit code 2
    ServerConfig config() {
        if (port < 0 || port > PORT_MAX) {
            throw new Failure(2, "port " + port + " (expected 0.." + PORT_MAX + ")");
        }
        try {
            ServerConfig base = profile == Profile.tight ? ServerConfig.tight() : ServerConfig.standard();
            int seats = connections == null ? Math.max(base.connections(), loops) : connections;
            inRange("--header-bytes", headerBytes, HEADER_BYTES_MIN, INPUT_BYTES_MAX - base.http().bodyWindowBytes());
            inRange("--header-fields", headerFields, 1, HEADER_FIELDS_MAX);
            inRange("--body-bytes", bodyBytes, 0, Long.MAX_VALUE);
            inRange("--idle-seconds", idleSeconds, 1, Integer.MAX_VALUE);
            return base.withLongerHeads(files().headBytes()).withAddress(new InetSocketAddress(address(), port))
                    .withSize(loops, seats, active == null ? Math.min(Math.max(base.active(), loops), seats) : active)
                    .withLimits(limits(base.http().limits()))
                    .withLocked(locked.level).withCommit(commit == null ? base.commit() : commit.when).withPortable(portable).withHttp2(http2(base));
        } catch (IllegalArgumentException e) {
            throw new Failure(2, e.getMessage());
        }
    }

    /// {@return that HTTP/2 is spoken, with the limits of HTTP/1.1 as far as it has them; null where it is not}
    private Http2Serving http2(ServerConfig base) {
        if (http1 || profile == Profile.tight) {
            return null;
        }
        Http2Serving defaults = Http2Serving.defaults();
        Limits limits = limits(defaults.config().limits());
        return defaults.withConfig(Http2Config.of(limits, base.withLongerHeads(files().headBytes()).http().sentHeadBytesMax()))
                .withSize(Math.max(defaults.streams(), loops), Math.max(defaults.windows(), loops));
    }

    /// {@return whether everything is to be as small as it goes}
    boolean isTight() {
        return profile == Profile.tight;
    }

    /// {@return whether HTTP/2 is spoken}
    boolean speaksHttp2() {
        return !http1 && profile != Profile.tight;
    }

    /// {@return whether HTTP/3 is spoken}
    ///
    /// @throws Failure  what was asked for makes no sense: exit code 2
    boolean speaksHttp3() {
        boolean possible = tls.isOn() && !http1 && !noHttp3 && !tls.asksClients();
        if (!possible && (http3Connections != null || http3Streams != null)) {
            throw new Failure(2, (http3Connections != null ? "--http3-connections" : "--http3-streams")
                    + (!tls.isOn() ? " without --tls" : http1 ? " beside --http1.1" : noHttp3 ? " beside --no-http3" : " beside --client-ca")
                    + ": HTTP/3 is not spoken");
        }
        return possible;
    }

    /// {@return a configuration with TLS, and HTTP/3 where that is spoken}
    ///
    /// @param as  as whom; null for in the clear
    /// @throws Failure  what was asked for makes no sense: exit code 2
    ServerConfig secured(ServerConfig config, Tls as) {
        if (!speaksHttp3()) {
            return config.withTls(as);
        }
        try {
            return config.withTls(as).withHttp3(http3(config));
        } catch (IllegalArgumentException e) {
            throw new Failure(2, e.getMessage());
        }
    }

    /// {@return HTTP/3 with the limits of HTTP/1.1 as far as it has them}
    private Http3Serving http3(ServerConfig config) {
        inRange("--http3-connections", http3Connections, 1, 1 << 20);
        inRange("--http3-streams", http3Streams, 1, 1 << 20);
        Http3Serving base = http3Sized(profile == Profile.tight ? Http3Serving.tight() : Http3Serving.defaults());
        Limits limits = limits(base.config().limits());
        Http3Config spoken =
                base.config().withLimits(limits).withSentHeadBytesMax(Math.min(config.http().sentHeadBytesMax(), Http3Config.SENT_HEAD_BYTES_MAX));
        QuicConfig quic = base.quic().withIdle(Math.max(base.quic().idleNanos(), limits.idleNanosMax()));
        return base.withSize(base.connections(), base.handshakes(), http3Streams == null ? base.streams() : http3Streams)
                .withQuic(quic.withWindows(quic.streamBytes(), quic.connectionBytes(), Math.max(quic.sendBytes(), spoken.outputBytesMin())))
                .withConfig(spoken);
    }

    private Http3Serving http3Sized(Http3Serving base) {
        try {
            return http3Connections == null ? base : base.withConnections(http3Connections);
        } catch (IllegalArgumentException e) {
            throw new Failure(2, "--http3-" + e.getMessage());
        }
    }

    /// {@return whether TLS is spoken, and as whom}
    TlsOptions tls() {
        return tls;
    }

    /// {@return the folder and what is open of it}
    ///
    /// @throws Failure  what was asked for makes no sense: exit code 2
    Site site() {
        try {
            return logged(files());
        } catch (IllegalArgumentException e) {
            throw new Failure(2, e.getMessage());
        }
    }

    /// {@return what is served at addresses of its own, as far as it was asked for: ledger, health and metrics; the way to https}
    ///
    /// @throws Failure  what was asked for makes no sense: exit code 2
    List<Annex> annexes() {
        return Stream.of(pages(), redirect()).filter(Objects::nonNull).toList();
    }

    private Annex redirect() {
        Integer from = tls.redirect();
        if (from == null) {
            return null;
        }
        inRange("--redirect", from, 0, PORT_MAX);
        if (from != 0 && (from == port || from.equals(pages))) {
            throw new Failure(2, "--redirect " + from + (from == port ? ": the port of https itself (--port)" : ": the port of --pages"));
        }
        try {
            return Annex.redirect(new InetSocketAddress(address(), from), config().http().limits());
        } catch (IllegalArgumentException e) {
            throw new Failure(2, "--redirect: " + e.getMessage());
        }
    }

    private Annex pages() {
        if (pages == null) {
            if (healthPath != null || metricsPath != null) {
                throw new Failure(2, (healthPath != null ? "--health-path" : "--metrics-path") + " without --pages: there is no page");
            }
            return null;
        }
        inRange("--pages", pages, 0, PORT_MAX);
        try {
            return Annex.local(pages, LedgerPage.before(StatusPages.before(Site.of(exchange -> exchange.respond(Status.NOT_FOUND)))
                    .withPaths(healthPath == null ? StatusPages.HEALTH : healthPath,
                            metricsPath == null ? StatusPages.METRICS : metricsPath)));
        } catch (IllegalArgumentException e) {
            throw new Failure(2, e.getMessage());
        }
    }

    private Site logged(Site site) {
        if (accessLog == null) {
            return site;
        }
        Path log = Place.path(accessLog.equals(Standard.NAME) ? STANDARD_OUTPUT : accessLog);
        if (site.serves(log)) {
            throw new IllegalArgumentException("--access-log " + accessLog + " would be served with " + folder
                    + " (expected another folder, or a name that begins with a dot)");
        }
        return switch (logDescriptor()) {
            case 1 -> AccessLog.toStandardOutput(accessLogFormat.format, site);
            case 2 -> AccessLog.toStandardError(accessLogFormat.format, site);
            default -> AccessLog.to(log, accessLogFormat.format, site);
        };
    }

    /// Refuses to write where keys and certificates are read, whether they are served or planned for.
    ///
    /// @throws Failure  an output is an input, of this command or by the log's name, or a stream is named as two files
    void keepApart(CommandSpec spec) {
        try (CommandFiles files = CommandFiles.of(spec)) {
            tls.readElsewhere(files);
            if (logDescriptor() > 0) {
                files.refuseClosed(logDescriptor());
            }
            if (log() != null) {
                files.writtenElsewhere(log());
            }
            if (tls.keyLog() != null) {
                files.writtenElsewhere(tls.keyLog());
            }
        }
    }

    /// {@return the file that requests are logged in, or null where there is none, and where a standard stream takes them}
    Path log() {
        return accessLog == null || logDescriptor() > 0 ? null : Place.path(accessLog);
    }

    /// {@return whether standard output is the log's alone}
    boolean logsToOutput() {
        return logDescriptor() == 1;
    }

    /// {@return 1 or 2 for the standard stream that requests are logged to, by whatever name, as it was opened: another opening of its file
    /// would write over what it writes, and a socket cannot be opened; -1 for none}
    int logDescriptor() {
        if (accessLog == null) {
            return -1;
        }
        int descriptor = accessLog.equals(Standard.NAME) ? 1 : Place.of(accessLog).descriptor();
        return descriptor == 1 || descriptor == 2 ? descriptor : -1;
    }

    /// {@return the folder}
    Path folder() {
        return folder;
    }

    private FileSite files() {
        boolean tight = profile == Profile.tight;
        return serving.with(FileSite.of(folder, files != null ? files : tight ? TIGHT_FILES : FileSite.FILES)
                .withHotBytes(hotBytes != null ? hotBytes : tight ? 0 : FileSite.HOT_BYTES), tls.headers());
    }

    /// @throws Failure  a number out of its range, named as the command line does: exit code 2
    private static void inRange(String option, Number given, long from, long to) {
        if (given != null && (given.longValue() < from || given.longValue() > to)) {
            throw new Failure(2, option + " " + given + " (expected " + from + (to == Long.MAX_VALUE ? " or more)" : ".." + to + ")"));
        }
    }

    private Limits limits(Limits base) {
        Limits limits = base;
        if (headerBytes != null || headerFields != null) {
            int fields = headerFields == null ? base.fieldsMax() : headerFields;
            limits = headerBytes == null ? base.withFieldsMax(fields) : base.withHead(headerBytes, fields);
        }
        if (bodyBytes != null) {
            limits = limits.withBodyBytesMax(bodyBytes);
        }
        return idleSeconds == null ? limits
                : limits.withTimes(limits.headNanosMax(), idleSeconds * SECOND_NANOS, limits.graceNanos());
    }

    private InetAddress address() {
        try {
            return InetAddress.getByName(bind);
        } catch (UnknownHostException e) {
            throw new Failure(2, "address \"" + bind + "\" is not known");
        }
    }
}
