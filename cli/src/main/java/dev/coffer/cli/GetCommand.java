package dev.coffer.cli;

import dev.coffer.cli.certificate.KeyLogFile;
import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.UnusableKeysException;
import dev.coffer.client.ClientConfig;
import dev.coffer.client.ClientTls;
import dev.coffer.client.ClientTrace;
import dev.coffer.client.Http2Asking;
import dev.coffer.client.Http3Asking;
import dev.coffer.client.Origin;
import dev.coffer.client.easy.Easy;
import dev.coffer.client.easy.FetchException;
import dev.coffer.client.easy.Question;
import dev.coffer.http.Limits;
import dev.coffer.http.Method;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.http.http2.FrameTrace;
import dev.coffer.memory.Protection.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer get`: asks a server and writes its answer, in constant memory whatever its size. A file appears only when the answer is whole
/// and its status is below 400.
@Command(name = "get", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Ask a server over HTTP/1.1, HTTP/2 or HTTP/3, in the clear or over TLS 1.3, and write the content of its answer.",
                "A file appears only when the content has come whole and the status is no error; standard output gets the bytes as they "
                        + "come, those of an error too: check the exit code."},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:could not be done for another reason; a redirect without -L, an output that exists",
                "2:a wrong command line, a URL that is no http:// or https:// one among them", "6:no address is known for the host",
                "7:no connection", "8:the answer breaks HTTP", "16:HTTP/2 was asked for, and the server does not speak it",
                "18:the answer was cut short, or a part is not as long as it says", "22:a status of 400 or more",
                "26:--data-file is missing or may not be read",
                "27:memory that the machine refuses", "28:it took too long",
                "33:the server sends a part that was not asked for, or that does not go on from ours", "35:the TLS handshake failed",
                "47:too many redirects", "52:the server ended the connection and had said nothing", "56:the connection broke",
                "58:--cert or --key cannot be used", "60:the server's certificate is not trusted",
                "63:more content than --limit", "77:--cacert is missing or holds no certificate",
                "92:the server gave the exchange up, or took none", "96:HTTP/3 was asked for, and the server does not speak it",
                "70:a fault of coffer's own", "141:who read standard output went away"})
final class GetCommand implements Callable<Integer> {
    private static final long SECOND = 1_000_000_000L;
    private static final long YEAR_SECONDS = 31_536_000L;
    private static final int REDIRECTS = 10;
    private static final int HEAD_BYTES = 16_384;
    private static final int SENT_HEAD_BYTES = 8192;
    private static final int WINDOW_BYTES = 32_768;
    /// At 100 ms to the server and back some 10 MB a second.
    private static final int WINDOW2_BYTES = 1 << 20;
    /// The same over HTTP/3, where a connection may have twice as much.
    private static final int WINDOW3_BYTES = 1 << 19;
    /// What is sent is held, so that it can be sent again after a redirect.
    private static final int DATA_BYTES_MAX = 16 << 20;
    /// The longest head goes early, with room to spare.
    private static final int EARLY_BYTES = 16_384;

    @Parameters(paramLabel = "URL", arity = "1..*",
            description = "http://HOST[:PORT][/PATH][?QUERY] or https://..., percent-encoded. Of several the contents come one "
                    + "behind the other, to standard output, up to the first that fails.")
    private List<String> urls;

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "Where to write; - or none is standard output.")
    private String output;

    @Mixin
    private OutputOptions outputs;

    @Option(names = {"-H", "--header"}, paramLabel = "NAME: VALUE", description = "Send this field. May be repeated.")
    private List<String> headers = List.of();

    @Option(names = {"-X", "--request"}, paramLabel = "METHOD",
            description = "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH or TRACE. Default: GET, or POST with data.")
    private String method;

    @Option(names = {"-d", "--data"}, paramLabel = "TEXT", description = "Send this text, in UTF-8.")
    private String data;

    @Option(names = "--data-file", paramLabel = "FILE", description = "Send this file, up to 16 MiB; - is standard input.")
    private String dataFile;

    @Option(names = {"-i", "--include"}, description = "Write the head of the answer before its content.")
    private boolean include;

    @Option(names = {"-I", "--head"}, description = "Ask for the head alone, and write it.")
    private boolean head;

    @Option(names = {"-L", "--location"}, description = "Follow up to " + REDIRECTS + " redirects. Credentials stay with the origin that they "
            + "were given for.")
    private boolean follow;

    @Option(names = "--fail", description = "Write nothing of an answer whose status is an error, to standard output neither.")
    private boolean fail;

    @Option(names = {"-q", "--quiet"}, description = "Show no progress.")
    private boolean quiet;

    @Option(names = {"-v", "--verbose"},
            description = "Say on standard error what is spoken: the version, what TLS agreed on, and the frames of HTTP/2 and HTTP/3.")
    private boolean verbose;

    @Option(names = "--resume", description = "With -o: keep what has come where it is cut short, as FILE.coffer-part, and go on from there the next "
            + "time, if the server says that it is still the same; else all of it is fetched anew.")
    private boolean resume;

    @Option(names = "-C", paramLabel = "-", description = "-C - is --resume.")
    private String from;

    @Option(names = "--http1.1", description = "Speak HTTP/1.1 alone. Without: over https HTTP/2 where the server does, over http HTTP/1.1.")
    private boolean first;

    @Option(names = "--http2", description = "For https: HTTP/2 and nothing else.")
    private boolean second;

    @Option(names = "--http2-prior-knowledge", description = "HTTP/2 and nothing else, also in the clear.")
    private boolean prior;

    @Option(names = "--http3",
            description = "For https: HTTP/3 first, and TCP where that does not come about. Without: of several URLs, or with -L, once a server has said "
                    + "that it speaks it (Alt-Svc).")
    private boolean third;

    @Option(names = "--http3-only", description = "For https: HTTP/3 and nothing else.")
    private boolean thirdAlone;

    @Option(names = "--early-data",
            description = "For https: a GET, HEAD or OPTIONS goes with the hello of a connection that resumes a session of an earlier one, as "
                    + "behind a redirect (0-RTT). Whoever listens can send it to the server again. Sessions are this process's alone: without -L nothing is said early.")
    private boolean early;

    @Option(names = {"-t", "--timeout"}, paramLabel = "SECONDS",
            description = "Give up when it takes longer in all, redirects and further URLs included. Without: as long as bytes come.")
    private double timeout;

    @Option(names = "--cacert", paramLabel = "FILE", description = "For https: trust the certificates of this file, PEM, and no others. Default: the "
            + "certificate authorities of the JDK.")
    private Path authorities;

    @Mixin
    private CryptoOptions crypto = new CryptoOptions();

    @Option(names = "--cert", paramLabel = "FILE", description = "For https: who you are, to servers that ask: certificates, PEM, your own first; or, without "
            + "--key, a PKCS#12 file with both.")
    private Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "With --cert: its private key, PEM: P-256, Ed25519 or RSA, also under a passphrase. It is read "
            + "into locked memory.")
    private Path key;

    @Mixin
    private KeyPassphrase passphrase = new KeyPassphrase();

    @Option(names = "--key-log", paramLabel = "FILE",
            description = "For https, for debugging alone: append the connection's secrets to this file, its owner's alone, in "
                    + "the SSLKEYLOGFILE format. Whoever has the file reads all that is said.")
    private Path keyLog;

    @Option(names = "--limit", paramLabel = "BYTES", converter = ByteCount.class,
            description = "Give up past this much content, 0 to 1G, as 64K, 64M.")
    private Long limit;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Question> asked = urls.stream().map(this::question).toList();
        if (spec.commandLine().getParseResult().hasMatchedOption("--timeout") && !(timeout >= 0.001 && timeout <= YEAR_SECONDS)) {
            throw usage("--timeout: seconds, 0.001 or more");
        }
        boolean https = urls.stream().anyMatch(GetCommand::isSecure);
        boolean all = urls.stream().allMatch(GetCommand::isSecure);
        if (authorities != null && !https && !follow) {
            throw usage("--cacert: for https alone");
        }
        if ((first ? 1 : 0) + (second ? 1 : 0) + (prior ? 1 : 0) + (third ? 1 : 0) + (thirdAlone ? 1 : 0) > 1) {
            throw usage("--http1.1, --http2, --http2-prior-knowledge, --http3, --http3-only: one of them");
        }
        if (second && !all) {
            throw usage("--http2: for https alone; in the clear --http2-prior-knowledge");
        }
        if ((third || thirdAlone) && !all) {
            throw usage((third ? "--http3" : "--http3-only") + ": for https alone");
        }
        if (urls.size() > 1 && (resume || from != null || output != null && !Standard.NAME.equals(output))) {
            throw usage("--output, --resume: for one URL");
        }
        if (from != null && !from.equals("-")) {
            throw usage("-C: only -, which goes on from what is there");
        }
        resume |= from != null;
        if (resume && (output == null || Standard.NAME.equals(output) || head || include || data != null || dataFile != null || method != null
                || asked.getFirst().hasField("range") || asked.getFirst().hasField("if-range"))) {
            throw usage("--resume: for a plain GET with -o FILE");
        }
        if (key != null && certificate == null || certificate != null && !https) {
            throw usage(certificate != null ? "--cert: for https alone" : "--key without --cert");
        }
        if (passphrase.isNamed() && certificate == null) {
            throw usage("--passphrase-file without --cert: there is nothing to open with it");
        }
        if (certificate != null && follow) {
            throw usage("--cert and --location: a redirect could show the certificate to another server");
        }
        if (early && !https && !follow) {
            throw usage("--early-data: for https alone");
        }
        if (keyLog != null && !https && !follow) {
            throw usage("--key-log: for https alone");
        }
        ReadStreams
                .refuseSecondReaders(Stream.concat(readElsewhere(), Stream.ofNullable(dataFile).filter(name -> !name.equals(Standard.NAME)).map(Place::path)));
        try (ServerKeys own = own(); CommandFiles files = CommandFiles.of(spec)) {
            keepApart(files);
            Resumption resumption = resume ? new Resumption(files.part(output), urls.getFirst()) : null;
            byte[] content = dataFile != null ? read(input(files)) : null;
            Output out = files.output(output == null ? Standard.NAME : output, Output.Kind.UNKNOWN,
                    outputs.force() || Standard.NAME.equals(output));
            if (resume && out.isDirect()) {
                throw usage("--resume: for a plain GET with -o FILE");
            }
            try (KeyLogFile secrets = log();
                    Easy http = Easy.open(https || follow ? config().withTls(tls(own, secrets)).withHttp3(http3()) : config())) {
                long began = System.nanoTime();
                try {
                    for (int i = 0; i < asked.size(); i++) {
                        Question one = asked.get(i);
                        Question question = content != null ? withData(one, content) : resume ? resumption.ask(one) : one;
                        try (Download sink = new Download(urls.get(i), out, include || head, question.method() != Method.HEAD,
                                limit == null ? Long.MAX_VALUE : limit, follow, new Download.Manners(quiet, fail, question.hasField("range"), resumption))) {
                            fetch(http.withNanosMax(Math.max(1, wholeNanos() - (System.nanoTime() - began))), question, sink);
                        } catch (CompletionException e) {
                            throw Failure.isMemory(e.getCause()) ? memory(e.getCause()) : new Failure(ExitCode.FAILED, urls.get(i) + ": " + e.getCause(), e);
                        }
                    }
                } finally {
                    tellLost(secrets);
                }
            }
            files.complete();
            if (resume) {
                resumption.done();
            }
        } catch (FetchException e) {
            throw new Failure(e.failure().map(GetExit::of).orElse(ExitCode.FAILED), e.getMessage(), e);
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, urls.getFirst() + ": " + Failure.reason(e), e);
        } catch (InterruptedException e) {
            throw new Failure(ExitCode.FAILED, "interrupted", e);
        } catch (RuntimeException | OutOfMemoryError e) {
            if (Failure.isMemory(e)) {
                throw memory(e);
            }
            throw e;
        } finally {
            passphrase.close();
            crypto.close();
        }
        return ExitCode.DONE;
    }

    private static Failure memory(Throwable e) {
        return new Failure(GetExit.MEMORY, Failure.memory(e).getMessage(), e);
    }

    private void fetch(Easy http, Question question, Download sink) throws FetchException, InterruptedException {
        try {
            sink.end(http.withRedirectsMax(follow ? REDIRECTS : 0).send(question, sink));
        } catch (Download.Enough e) {
            // the content is there, and these were words about that
        }
    }

    private Stream<Path> readElsewhere() {
        return Stream.concat(passphrase.files(), Stream.of(authorities, certificate, key).filter(Objects::nonNull));
    }

    /// Notes what others than the files of this run read and write.
    private void keepApart(CommandFiles files) {
        readElsewhere().forEach(files::readElsewhere);
        if (keyLog != null) {
            files.writtenElsewhere(keyLog);
        }
    }

    /// {@return the file for secrets, if one is asked for: made when nothing else is refused any more}
    private KeyLogFile log() {
        if (keyLog != null) {
            spec.commandLine().getErr().println("get: " + KeyLogFile.warning(keyLog));
            spec.commandLine().getErr().flush();
        }
        return TlsOptions.openKeyLog(keyLog);
    }

    /// What was asked for with the file is not all there: whoever reads it would look for the fault elsewhere.
    private void tellLost(KeyLogFile secrets) {
        IOException lost = secrets == null ? null : secrets.lost();
        if (lost != null) {
            spec.commandLine().getErr().println("get: " + TlsOptions.lost(keyLog, lost));
            spec.commandLine().getErr().flush();
        }
    }

    private ClientTls tls(ServerKeys own, KeyLogFile secrets) {
        ClientTls tls = tls().withKeyLog(secrets);
        return own == null ? tls : tls.withIdentity(crypto.signing(own.identity()));
    }

    private ServerKeys own() {
        try {
            ServerKeys own = certificate == null ? null
                    : ServerKeys.of(key == null ? null : certificate, key == null ? certificate : key, crypto.rsa(1, 1), passphrase.of(spec));
            if (own != null && !own.identity().scheme().isForClients()) {
                own.close();
                throw new Failure(GetExit.CERTIFICATE, (key == null ? certificate : key) + ": a key of P-256, Ed25519 or RSA is expected");
            }
            return own;
        } catch (UnusableKeysException e) {
            throw new Failure(GetExit.CERTIFICATE, e.getMessage(), e);
        }
    }

    private ClientTls tls() {
        try {
            ClientTls tls = authorities == null ? ClientTls.ofSystem() : ClientTls.trusting(authorities);
            return tls.withConfig(tls.config().withSuites(crypto.suites()).withGroups(crypto.groups())).withEarlyData(early ? EARLY_BYTES : 0);
        } catch (IOException e) {
            throw Failure.of(GetExit.AUTHORITIES, authorities.toString(), e);
        } catch (GeneralSecurityException e) {
            throw new Failure(authorities == null ? ExitCode.FAILED : GetExit.AUTHORITIES,
                    authorities == null ? "the JDK's certificate authorities cannot be read" : Certificates.none(authorities, e), e);
        }
    }

    private ClientConfig config() {
        Http1Config http = new Http1Config(Limits.defaults().withHead(HEAD_BYTES, 100).withBodyBytesMax(Long.MAX_VALUE), WINDOW_BYTES, 256, 0,
                SENT_HEAD_BYTES, SECOND);
        ClientConfig small = ClientConfig.standard().withOutput(SENT_HEAD_BYTES, 1, 1 << 16).withHttp(http);
        return small.withSize(2, 2, 1, 2).withOrigins(2).withLocked(Level.BEST_EFFORT)
                .withTimes(new ClientConfig.Times(10 * SECOND, 60 * SECOND, wholeNanos(), SECOND, 0))
                .withHttp2(first ? null : new Http2Asking(2, WINDOW2_BYTES, second || prior))
                .withTrace(verbose ? new Verbose(spec.commandLine().getErr()) : null);
    }

    /// {@return how long everything may take}
    private long wholeNanos() {
        return timeout > 0 ? (long) (timeout * SECOND) : YEAR_SECONDS * SECOND;
    }

    private static boolean isSecure(String url) {
        return url.regionMatches(true, 0, "https:", 0, 6);
    }

    /// {@return whether and when HTTP/3 is tried; null for never}
    private Http3Asking http3() {
        if (!third && !thirdAlone && (first || second || prior || urls.size() == 1 && !follow)) {
            return null;
        }
        return Http3Asking.defaults().withSize(2, 2, WINDOW3_BYTES)
                .withWhen(thirdAlone ? Http3Asking.When.ALONE : third ? Http3Asking.When.FIRST : Http3Asking.When.ANNOUNCED);
    }

    private Question question(String url) {
        if (data != null && dataFile != null) {
            throw usage("--data and --data-file: one of them");
        }
        boolean sends = data != null || dataFile != null;
        if (head && (sends || method != null)) {
            throw usage("--head asks for a head and sends no data");
        }
        try {
            Question question = Question.of(head ? Method.HEAD : method == null ? sends ? Method.POST : Method.GET : named(method), url)
                    .withField("user-agent", "coffer").withField("accept", "*/*");
            for (String line : headers) {
                int colon = line.indexOf(':');
                if (colon < 1) {
                    throw usage("--header: expected \"NAME: VALUE\"");
                }
                String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
                question = question.withoutField(name.equals("user-agent") || name.equals("accept") ? name : "")
                        .withField(name, line.substring(colon + 1).strip());
            }
            return data == null ? question : withData(question, data.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());  // without the URL: there may be a password in it
        }
    }

    private Input input(CommandFiles files) {
        try {
            return files.input(dataFile);
        } catch (Failure e) {
            throw e.exitCode() == ExitCode.MISSING ? new Failure(GetExit.READ, e.getMessage(), e) : e;
        }
    }

    /// A line for what a connection does.
    private record Verbose(PrintWriter err) implements ClientTrace {
        @Override
        public void carries(Origin origin, int version, String security) {
            err.println("* " + origin + ": HTTP/" + version / 10 + (version % 10 == 0 ? "" : "." + version % 10) + ", "
                    + (security == null ? "in the clear" : security));
            err.flush();
        }

        @Override
        public void frame(boolean sent, int type, int flags, int stream, int length) {
            err.println((sent ? "> " : "< ") + FrameTrace.name(type) + " stream " + stream + ", flags 0x" + Integer.toHexString(flags) + ", " + length
                    + " bytes");
            err.flush();
        }

        @Override
        public void http3Frame(boolean sent, long type, long stream, long length) {
            err.println((sent ? "> " : "< ") + dev.coffer.http.http3.FrameTrace.nameOf(type) + " stream " + stream + ", " + length + " bytes");
            err.flush();
        }
    }

    private static Question withData(Question question, byte[] bytes) {
        return question.hasField("content-type") ? question.withContent(bytes)
                : question.withContent("application/octet-stream", bytes);
    }

    private static Method named(String name) {
        try {
            return Method.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("method: expected GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH or TRACE", e);
        }
    }

    private static byte[] read(Input input) {
        try (InputStream stream = input.stream()) {
            byte[] bytes = stream.readNBytes(DATA_BYTES_MAX + 1);
            if (bytes.length > DATA_BYTES_MAX) {
                throw new Failure(ExitCode.FAILED, input.name() + ": more than " + DATA_BYTES_MAX + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw Failure.of(GetExit.READ, input.name(), e);
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
