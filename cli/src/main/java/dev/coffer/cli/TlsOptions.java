package dev.coffer.cli;

import dev.coffer.cli.certificate.FileWatch;
import dev.coffer.cli.certificate.KeyLogFile;
import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.ServerTickets;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.ClientAuthentication;
import dev.coffer.tls.ClientVerifier;
import dev.coffer.tls.JdkClientVerifier;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.SignatureScheme;
import dev.coffer.tls.TicketConfig;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// The options of `serve` and `plan` that decide whether TLS is spoken, and as whom.
final class TlsOptions {
    private static final int EARLY_BYTES_MAX = 1 << 14;
    private static final int PADDING_BYTES_MAX = 1 << 14;
    private static final int DAY_SECONDS = 24 * 3600;
    private static final int HSTS_SECONDS_MAX = 2 * 365 * DAY_SECONDS;

    @Option(names = "--tls", description = "Speak TLS 1.3: https. Without --cert as a development certificate for localhost, made on first use and "
            + "kept in the user's configuration folder.")
    private boolean tls;

    @Option(names = "--cert", paramLabel = "FILE", description = "With --tls: the certificates, PEM, the server's own first; or, without --key, "
            + "a PKCS#12 file with both. Again, each with its --key in the same order, for other names: a client is shown the certificate of the host that it asks for "
            + "(exactly, else by a name with a star), and the first one where none is.")
    private List<Path> certificates = new ArrayList<>();

    @Option(names = "--key", paramLabel = "FILE", description = "With --tls: the private key of the first certificate, PEM, as keygen writes it: "
            + "P-256, Ed25519, ML-DSA, or, where the system's libcrypto 3 is there, RSA of 2,048 to 4,096 bits; also under a passphrase (PBES2 with AES, as "
            + "OpenSSL 3 writes it), and in PKCS#12, where without --cert its certificates are taken too. It is read into locked memory. One for each --cert.")
    private List<Path> keys = new ArrayList<>();

    @Mixin
    private KeyPassphrase passphrase = new KeyPassphrase();

    @Option(names = "--ticket-keys", paramLabel = "FILE", description = "With --tls: the keys that session tickets are sealed with, shared by all servers "
            + "that read this file, and made where it is not there (coffer ticket-keys). Default: keys of this process alone, turned by age.")
    private Path ticketKeys;

    @Option(names = "--ticket-seconds", paramLabel = "N", defaultValue = "21600", description = "With --tls: how long a client may resume a session by "
            + "a ticket, 1 to 604800; 0: never. Default: ${DEFAULT-VALUE}.")
    private int ticketSeconds;

    @Option(names = "--early-data", paramLabel = "BYTES", defaultValue = "0",
            description = "With --tls: let a client that resumes a session say so many bytes of its "
                    + "request with its first message, up to 16384 (0-RTT). Who listens can send them again: this process takes them once, but not what was said to another "
                    + "server with the same --ticket-keys, nor by itself before it was started; GET, HEAD and OPTIONS alone are served before the client has proven "
                    + "that it is there, others hear 425. Default: 0, none.")
    private int earlyBytes;

    @Mixin
    private CryptoOptions crypto = new CryptoOptions();

    @Option(names = "--client-ca", paramLabel = "FILE",
            description = "With --tls: ask clients for certificates, and trust those that these authorities vouch for, "
                    + "PEM.")
    private Path clientAuthorities;

    @Option(names = "--client-auth", paramLabel = "MODE", defaultValue = "required", description = "With --client-ca: required, or optional, which lets in "
            + "who has no certificate. Default: ${DEFAULT-VALUE}.")
    private ClientMode clientMode;

    @Option(names = "--hsts", paramLabel = "SECONDS", description = "With --tls: tell browsers to come by https alone for so long "
            + "(Strict-Transport-Security, RFC 6797): 1 to 63072000, two years; 0: to forget what they were told. They obey only a certificate that "
            + "they trust. Default: nothing is said.")
    private Integer hstsSeconds;

    @Option(names = "--tls-padding", paramLabel = "N", defaultValue = "0",
            description = "With --tls: fill each record up to a multiple of N bytes, so that its length tells less of "
                    + "what is in it (RFC 8446, section 5.4); at the cost of that many bytes on the wire, and in each output. Up to 16384. Default: 0, none.")
    private int padding;

    @Option(names = "--redirect", paramLabel = "PORT", description = "With --tls: send who comes to that port in the clear to the same path over https, "
            + "where a name of the certificate was asked for; 0 for a free one. Default: nobody listens there.")
    private Integer redirect;

    @Option(names = "--ocsp", paramLabel = "FILE",
            description = "With --cert: send this response of its authority that the certificate is good (OCSP, DER) to clients "
                    + "that ask for one, until it is over. Again for other certificates.")
    private List<Path> ocsp = new ArrayList<>();

    @Option(names = "--key-log", paramLabel = "FILE", description = "With --tls, for debugging alone: append the secrets of every connection to this file, its "
            + "owner's alone, in the SSLKEYLOGFILE format, so that Wireshark reads what it captured. Whoever has the file reads all that is said.")
    private Path keyLog;

    @Option(names = "--watch-seconds", paramLabel = "N", defaultValue = "5",
            description = "With --tls: how often to look whether a file of certificates, keys, "
                    + "authorities or a response has changed; all are read again once they stay the same from one look to the next, as on SIGHUP; what the machine refused is tried again at each look. "
                    + "1 to 86400; 0: never. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int watchSeconds;

    /// As users write it.
    enum ClientMode {
        required, optional
    }

    private Certificates shown;
    private boolean apart;                                                 // from all that this command writes
    private ServerTickets tickets;
    private KeyLogFile secretsLog;
    private FileWatch watch;
    private final Map<Path, String> lacking = new HashMap<>();  // authorities and tickets' keys that the machine refused, and what was told of them
    private boolean losing;  // secrets that were to be written were lost, up to the look before
    private boolean closed;

    /// {@return whether TLS was asked for}
    ///
    /// @throws Failure  what was asked for makes no sense: exit code 2
    boolean isOn() {
        if (!tls && !keyFiles().isEmpty()) {
            throw new Failure(2, (certificates.isEmpty() ? "--key" : "--cert") + " without --tls");
        }
        if (!certificates.isEmpty() && !keys.isEmpty() && certificates.size() != keys.size()) {
            throw new Failure(2, "--cert " + certificates.size() + " times and --key " + keys.size()
                    + " times: the first certificate's key is the first, and so on (name a file of PKCS#12 as both)");
        }
        if (!tls && ticketKeys != null || ticketKeys != null && ticketSeconds == 0) {
            throw new Failure(2, "--ticket-keys " + (tls ? "and no tickets" : "without --tls"));
        }
        if (!tls && clientAuthorities != null) {
            throw new Failure(2, "--client-ca without --tls");
        }
        if (!ocsp.isEmpty() && keyFiles().isEmpty()) {
            throw new Failure(2, "--ocsp without --cert: it is about that certificate");
        }
        if (!tls && keyLog != null) {
            throw new Failure(2, "--key-log without --tls: there are no secrets");
        }
        if (!tls && hstsSeconds != null) {
            throw new Failure(2, "--hsts without --tls: browsers pass over it in the clear");
        }
        if (hstsSeconds != null && (hstsSeconds < 0 || hstsSeconds > HSTS_SECONDS_MAX)) {
            throw new Failure(2, "--hsts " + hstsSeconds + " (expected 0.." + HSTS_SECONDS_MAX + ")");
        }
        if (!tls && redirect != null) {
            throw new Failure(2, "--redirect without --tls: there is no https to go to");
        }
        if (ticketSeconds < 0 || ticketSeconds > TicketKeys.LIFETIME_SECONDS_MAX) {
            throw new Failure(2, "--ticket-seconds: 0 to " + TicketKeys.LIFETIME_SECONDS_MAX);
        }
        checkEarly();
        if (padding != 0 && !tls) {
            throw new Failure(2, "--tls-padding without --tls: there are no records");
        }
        if (padding < 0 || padding > PADDING_BYTES_MAX) {
            throw new Failure(2, "--tls-padding " + padding + " (expected 0.." + PADDING_BYTES_MAX + ")");
        }
        if (watchSeconds < 0 || watchSeconds > DAY_SECONDS) {
            throw new Failure(2, "--watch-seconds " + watchSeconds + " (expected 0.." + DAY_SECONDS + ")");
        }
        if (passphrase.isNamed() && keyFiles().isEmpty()) {
            throw new Failure(2, "--passphrase-file without --key: there is nothing to open with it");
        }
        return tls;
    }

    /// {@return the files of keys, which may be those with the certificates; none for the development certificate's}
    private List<Path> keyFiles() {
        return keys.isEmpty() ? certificates : keys;
    }

    private List<Certificates.Pair> pairs() {
        return IntStream.range(0, keyFiles().size())
                .mapToObj(i -> new Certificates.Pair(keys.isEmpty() || certificates.isEmpty() ? null : certificates.get(i), keyFiles().get(i))).toList();
    }

    private void checkEarly() {
        if (earlyBytes < 0 || earlyBytes > EARLY_BYTES_MAX) {
            throw new Failure(2, "--early-data: 0 to " + EARLY_BYTES_MAX);
        }
        if (earlyBytes > 0 && (!tls || ticketSeconds == 0)) {
            throw new Failure(2, "--early-data " + (tls ? "and no tickets" : "without --tls"));
        }
    }

    /// {@return what is spoken, as nobody yet}
    ///
    /// @param http2  whether HTTP/2 is offered, before HTTP/1.1
    /// @param http3  whether HTTP/3 is, over QUIC
    /// @param tight  as little memory as goes: no keys of ML-DSA
    private TlsServerConfig config(boolean tight, boolean http2, boolean http3) {
        TlsServerConfig base = tight ? TlsServerConfig.tight()
                : TlsServerConfig.defaults().withSchemes(SignatureScheme.values()).withLongHelloBytesMax(TlsServerConfig.HELLO_BYTES_MAX);
        TlsServerConfig spoken = http2 ? base.withProtocols("h2", "http/1.1") : base.withProtocols("http/1.1");
        spoken = http3 ? spoken.withQuicProtocols("h3") : spoken;
        return spoken.withPaddingBytes(padding).withSuites(crypto.suites()).withGroups(crypto.groups())
                .withClientAuthentication(clientAuthorities == null ? ClientAuthentication.NONE
                        : clientMode == ClientMode.optional ? ClientAuthentication.OPTIONAL : ClientAuthentication.REQUIRED)
                .withTickets(ticketSeconds == 0 ? TicketConfig.none() : new TicketConfig(TicketConfig.defaults().count(), ticketSeconds, earlyBytes));
    }

    /// {@return whether clients are asked for certificates}
    boolean asksClients() {
        return clientAuthorities != null;
    }

    /// Notes all that is read, and made where it is not there, which comes before the first of it is read.
    ///
    /// @throws Failure  an output is among it, or a stream is named twice
    void readElsewhere(CommandFiles command) {
        ReadStreams.refuseSecondReaders(files().stream());
        files().forEach(command::readElsewhere);
        if (tls && keyFiles().isEmpty()) {
            ServerKeys.developmentFiles().forEach(command::readElsewhere);
        }
        apart = true;
    }

    /// {@return the files that are read, keys and certificates; not the development certificate's, which nobody names}
    private List<Path> files() {
        return Stream.of(passphrase.files(), certificates.stream(), keys.stream(), Stream.of(ticketKeys, clientAuthorities).filter(Objects::nonNull),
                ocsp.stream()).flatMap(each -> each).toList();
    }

    /// {@return those of them that hold secrets, the development certificate's key too}
    List<Path> secrets() {
        return tls ? Stream.of(passphrase.files(), keyFiles().isEmpty() ? Stream.of(ServerKeys.developmentKey()) : keyFiles().stream(),
                Stream.of(ticketKeys, keyLog).filter(Objects::nonNull)).flatMap(each -> each).toList() : List.of();
    }

    /// {@return a plan with all that stands beside it: the key, tickets' keys and who remembers early data, a passphrase, the log of secrets, the library}
    MemoryPlan planned(MemoryPlan plan) {
        if (!tls) {
            return plan;
        }
        List<MemoryPlan> all = new ArrayList<>(List.of(plan, ServerKeys.plan().times(Math.max(1, keyFiles().size()))));
        if (ticketSeconds > 0) {
            all.add(ServerTickets.plan(earlyBytes > 0));
        }
        if (passphrase.count() > 0) {
            all.add(Passphrase.plan().times(passphrase.count()));
        }
        if (keyLog != null) {
            all.add(KeyLogFile.plan());
        }
        return crypto.planned(MemoryPlan.group("serve and its secrets", all.toArray(MemoryPlan[]::new)));
    }

    /// {@return for a plan alone: TLS as nobody; a key is looked at all the same, as one of RSA takes memory of the library}
    ///
    /// @throws Failure  as of [#open]
    Tls planned(CommandSpec spec, boolean tight, boolean http2, boolean http3, int loops) {
        if (!isOn()) {
            return null;
        }
        if (!keyFiles().isEmpty()) {
            certificates(spec, loops).close();
        }
        return Tls.of(config(tight, http2, http3));
    }

    /// {@return TLS as whom the files say; null where it was not asked for}
    ///
    /// @param loops  that sign
    /// @throws Failure  a file cannot be read, or they do not belong together
    Tls open(CommandSpec spec, boolean tight, boolean http2, boolean http3, int loops) {
        if (!isOn()) {
            return null;
        }
        watch = new FileWatch(files());  // before they are read
        ClientVerifier clients = clients();
        boolean open = false;
        try {
            shown = certificates(spec, loops);
            passphrase.asksNobody();
            TlsServerConfig spoken = config(tight, http2, http3);
            for (ServerIdentity identity : shown.identities()) {
                if (identity.schemes().stream().noneMatch(spoken.schemes()::contains)) {
                    throw new Failure(ExitCode.USAGE,
                            "--profile tight: a key that signs with " + identity.schemes() + " (expected one of Ed25519, P-256 or RSA; the standard"
                                    + " profile has memory for all)");
                }
            }
            tickets = ticketSeconds == 0 ? null : ServerTickets.of(ticketKeys, ticketSeconds, earlyBytes > 0);
            secretsLog = openKeyLog(keyLog);
            Tls tls = Tls.of(spoken, shown.identities().toArray(ServerIdentity[]::new)).ticketKeys(tickets == null ? null : tickets.keys())
                    .replayGuard(tickets == null ? null : tickets.guard()).keyLog(secretsLog).resetKey(tickets == null ? null : tickets.resetKey());
            open = true;
            return clients == null ? tls : tls.withClients(clients);
        } catch (IOException e) {
            throw new Failure(ExitCode.FAILED, ticketKeys + ": " + Failure.reason(e), e);
        } finally {
            if (!open) {
                close();
            }
        }
    }

    private Certificates certificates(CommandSpec spec, int loops) {
        if (!apart) {
            throw new IllegalStateException("read before it was known that nothing is written there (expected readElsewhere first)");
        }
        return Certificates.open(pairs(), crypto.rsa(Math.max(1, keyFiles().size()), loops), passphrase.of(spec), crypto::signing, ocsp);
    }

    /// {@return what there is to tell of responses that are sent}
    List<String> stapled() {
        return shown.stapled();
    }

    /// {@return the file for secrets that was asked for, if one was}
    ///
    /// @throws Failure  it cannot be written, or is not its owner's alone
    static KeyLogFile openKeyLog(Path file) {
        try {
            return file == null ? null : KeyLogFile.open(file);
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, file.toString(), e);
        }
    }

    /// {@return where secrets are written, or null}
    Path keyLog() {
        return keyLog;
    }

    private ClientVerifier clients() {
        try {
            return clientAuthorities == null ? null : JdkClientVerifier.of(clientAuthorities);
        } catch (IOException e) {
            throw Failure.of(ExitCode.FAILED, clientAuthorities.toString(), e);
        } catch (GeneralSecurityException e) {
            throw new Failure(ExitCode.WRONG_FORMAT, Certificates.none(clientAuthorities, e), e);
        }
    }

    /// Reads the files again and puts what they hold in the place of what is used, from each loop's next turn on. One after another: each
    /// signal comes on a thread of its own, and of two at once the one could wipe the key that the other has just put to use. What the machine
    /// refused is due again at the next look.
    ///
    /// @return what to tell
    String reload(Tls running) {
        return again(running, true);
    }

    /// @param all  or what could not be read before alone
    /// @return what to tell; nothing where that was told already
    private synchronized String again(Tls running, boolean all) {
        if (closed) {
            return all ? "nothing read again: the server ends" : "";
        }
        if (all) {
            watch.read();
        }
        Map<Path, String> before = all ? Map.of() : Map.copyOf(lacking);
        lacking.clear();
        List<String> told = new ArrayList<>(List.of(all ? shown.again(running::identities) : shown.rest(running::identities)));
        for (Path file : Stream.of(clientAuthorities, ticketKeys).filter(Objects::nonNull).toList()) {
            if (all || before.containsKey(file)) {
                String words = file.equals(clientAuthorities) ? clientsAgain(running) : ticketsAgain();
                told.add(words.equals(before.get(file)) ? "" : words);
            }
        }
        if (shown.lacks() || !lacking.isEmpty()) {
            watch.lacks();
        }
        return told.stream().filter(words -> !words.isEmpty()).collect(Collectors.joining("; "));
    }

    /// {@return whether files are looked at without a signal}
    boolean watches() {
        return watchSeconds > 0;
    }

    /// Reads the files again when they change, and says so, and when a response is over, until this is closed.
    void watch(Tls running, Consumer<String> tell) {
        if (watches()) {
            watch.start(Duration.ofSeconds(watchSeconds), () -> tell.accept(reload(running)),
                    () -> Stream.of(again(running, false)).filter(words -> !words.isEmpty()).forEach(tell), () -> stale().forEach(tell),
                    thrown -> tell.accept("files were not looked at, and will be again: " + Certificates.words(thrown)));
        }
    }

    /// {@return what there is to tell at a look besides}
    private synchronized List<String> stale() {
        List<String> words = new ArrayList<>(shown.stale());
        IOException lost = secretsLog == null ? null : secretsLog.lost();
        if (lost == null) {
            losing = false;
        } else if (!losing) {
            losing = true;
            words.add(lost(keyLog, lost));
        }
        return words;
    }

    /// {@return what to tell where lines of a file of secrets are lost}
    static String lost(Path file, IOException why) {
        return "secrets not written, and lost: " + file + ": " + Failure.reason(why);
    }

    /// {@return what there is to tell at the end of secrets that were lost since a look at the files, or where there are no looks}
    List<String> lost() {
        IOException lost = secretsLog == null ? null : secretsLog.lost();
        return lost == null || losing ? List.of() : List.of(lost(keyLog, lost));
    }

    private String clientsAgain(Tls running) {
        try {
            ServerKeys.refuseStream(clientAuthorities);
            running.clients(clients());
            return "clients' authorities read again: " + clientAuthorities;
        } catch (IOException e) {
            return lacks(clientAuthorities, "clients' authorities not read again, the old ones stay: " + clientAuthorities + ": " + Failure.reason(e));
        } catch (Failure e) {
            String words = "clients' authorities not read again, the old ones stay: " + e.getMessage();
            return e.exitCode() == ExitCode.FAILED ? lacks(clientAuthorities, words) : words;
        } catch (RuntimeException | Error e) {
            return lacks(clientAuthorities, "clients' authorities not read again, the old ones stay: " + clientAuthorities + ": " + Certificates.words(e));
        }
    }

    private String ticketsAgain() {
        try {
            tickets.again();
            return "ticket keys read again: " + ticketKeys;
        } catch (IOException e) {
            return lacks(ticketKeys, "ticket keys not read again, the old ones stay: " + ticketKeys + ": " + Failure.reason(e));
        } catch (RuntimeException | Error e) {
            return lacks(ticketKeys, "ticket keys not read again, the old ones stay: " + ticketKeys + ": " + Certificates.words(e));
        }
    }

    private String lacks(Path file, String words) {
        lacking.put(file, words);
        return words;
    }

    /// {@return who the server is: of keys that are not to be wiped yet}
    synchronized List<ServerIdentity> identities() {
        return shown.identities();
    }

    /// {@return what a user of the development certificate has to know, else null}
    String advice() {
        Path made = shown.development();
        return made == null ? null : "development certificate " + made + " (curl --cacert " + made + " ...)";
    }

    /// {@return fields of every answer that belong to TLS, each `Name: value`}
    ///
    /// @throws Failure  as of [#isOn]
    List<String> headers() {
        return isOn() && hstsSeconds != null ? List.of("Strict-Transport-Security: max-age=" + hstsSeconds) : List.of();
    }

    /// {@return the port whose visitors are sent on, or null}
    ///
    /// @throws Failure  as of [#isOn]
    Integer redirect() {
        return isOn() ? redirect : null;
    }

    /// {@return what encrypts}
    CryptoOptions crypto() {
        return crypto;
    }

    /// The server has ended: its keys are wiped.
    synchronized void close() {
        closed = true;
        if (watch != null) {
            watch.close();
        }
        if (shown != null) {
            shown.close();
        }
        if (tickets != null) {
            tickets.close();
        }
        if (secretsLog != null) {
            secretsLog.close();
        }
        passphrase.close();
        crypto.close();
    }
}
