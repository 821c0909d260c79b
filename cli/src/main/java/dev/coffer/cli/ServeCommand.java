package dev.coffer.cli;

import dev.coffer.cli.certificate.KeyLogFile;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.server.Annex;
import dev.coffer.server.HttpsRedirect;
import dev.coffer.server.LoopStatistics.Count;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.log.AccessLog;
import dev.coffer.server.tls.Tls;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `coffer serve`: serves a folder until it is told to stop (SIGTERM, SIGINT), then finishes the answers in flight, wipes
/// its memory and says what it did.
@Command(name = "serve", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Serve the files of a folder over HTTP/2 and HTTP/1.1, with --tls over TLS 1.3 and as HTTP/3 over QUIC.",
        footer = {"", "With --pages PORT, http://127.0.0.1:PORT/-/ledger.json answers what is held, live; `coffer ledger` prints it as a table."})
final class ServeCommand implements Callable<Integer> {
    private static final int GROUPS = 8;  // of an IPv6 address, 16 bits each

    @Mixin
    private ServeOptions options;

    @Option(names = "--check",
            description = "Do all but serve: reserve, listen, run every path once, say what is held, and stop.")
    private boolean check;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ServerConfig config = options.config();
        Site site = options.site();
        PrintWriter out = options.logsToOutput() ? spec.commandLine().getErr() : spec.commandLine().getOut();
        List<Annex> annexes = options.annexes();
        keepApart(site);
        if (options.tls().keyLog() != null) {
            spec.commandLine().getErr().println("serve: " + KeyLogFile.warning(options.tls().keyLog()));
            spec.commandLine().getErr().flush();
        }
        Tls tls = options.tls().open(spec, options.isTight(), options.speaksHttp2(), options.speaksHttp3(), config.loops());
        Server server = opened(options.secured(config, tls), site, annexes);
        if (check) {
            announce(server, site, annexes, out);
            server.close();
            options.tls().close();
            return 0;
        }
        server.start();
        boolean heard = (tls != null || site instanceof AccessLog) && Signals.handle(Signals.HANGUP, () -> hangup(site, tls));
        if (tls != null) {
            options.tls().watch(tls, this::tell);
        }
        if (!heard) {
            deaf(tls != null && !options.tls().watches());
        }
        Runtime runtime = Runtime.getRuntime();
        long heapAtStart = runtime.totalMemory() - runtime.freeMemory();
        try {
            runtime.addShutdownHook(new Thread(() -> stop(server, heapAtStart, out), "coffer-stop"));
        } catch (IllegalStateException e) {  // told to stop before we could ask for a word
            stop(server, heapAtStart, out);
            return 0;
        }
        Signals.handle(Signals.TERMINATE, server::stop);  // else the JVM says 143, which a supervisor takes for a failure
        announce(server, site, annexes, out);
        server.join();
        return server.hasFailed() ? 1 : 0;
    }

    /// Says what nobody can ask for.
    ///
    /// @param certificates  that nothing else has read again either
    private void deaf(boolean certificates) {
        String ignored = "serve: SIGHUP is ignored here (nohup does that): ";
        if (options.log() != null) {
            spec.commandLine().getErr().println(ignored + "the access log is not opened anew");
        }
        if (certificates) {
            spec.commandLine().getErr().println(ignored + "certificates and keys are not read again");
        }
    }

    /// Refuses to write where keys and certificates are read, and to serve what is secret.
    private void keepApart(Site site) {
        options.keepApart(spec);
        for (Path secret : options.tls().secrets()) {
            if (site.serves(secret)) {
                throw new Failure(ExitCode.USAGE, secret + ": a secret that would be served with " + options.folder()
                        + " (expected in another folder, or under a name that begins with a dot)");
            }
        }
    }

    /// Whoever has renamed the log, or put another certificate in the place of the one before, says so.
    private void hangup(Site site, Tls tls) {
        if (site instanceof AccessLog log) {
            log.reopen();
        }
        if (tls != null) {
            tell(options.tls().reload(tls));
        }
    }

    private void tell(String news) {
        spec.commandLine().getErr().println("serve: " + news);
        spec.commandLine().getErr().flush();
    }

    private Server opened(ServerConfig config, Site site, List<Annex> annexes) {
        boolean open = false;
        try {
            Server server = open(config, site, annexes);
            open = true;
            return server;
        } finally {
            if (!open) {
                options.tls().close();
            }
        }
    }

    private Server open(ServerConfig config, Site site, List<Annex> annexes) {
        try {
            return Server.open(config, site, annexes.toArray(Annex[]::new));
        } catch (Annex.AddressException e) {
            throw new Failure(text(e.annex().address()) + ": " + e.getMessage() + (redirects(e.annex()) ? " (--redirect)" : " (--pages)"));
        } catch (IOException e) {
            throw new Failure(e instanceof AccessLog.LogException ? e.getMessage() : where(config, e) + ": " + e.getMessage());
        }
    }

    /// {@return the thing that an opening failed on}
    private String where(ServerConfig config, IOException e) {
        return e instanceof FileSite.FolderException ? options.folder().toString() : text(config.address());
    }

    private static boolean redirects(Annex annex) {
        return annex.site() instanceof HttpsRedirect;
    }

    private void announce(Server server, Site asked, List<Annex> annexes, PrintWriter out) {
        for (int i = 0; i < annexes.size(); i++) {  // first: whoever waits for the next line has read all
            String at = "http://" + text(server.annexAddress(i));
            out.println(redirects(annexes.get(i)) ? "sending who comes to " + at + "/ on to https" : "ledger, health and metrics at " + at + "/-/");
        }
        boolean secure = server.config().tls() != null;
        if (secure && options.tls().advice() != null) {
            out.println(options.tls().advice());
        }
        if (secure) {
            options.tls().stapled().forEach(out::println);
        }
        if (secure && options.tls().crypto().advice() != null) {
            out.println(options.tls().crypto().advice());
        }
        out.println("serving " + options.folder() + " at " + (secure ? "https://" : "http://") + text(server.address()) + "/");
        out.printf(Locale.ROOT, "plan %,d bytes off heap, %,d bytes of objects; %d connections, %d of them active, %d "
                + "loop%s%n",
                server.plan().totalBytes(), server.plan().heapBytes(), server.config().connections(),
                server.config().active(), server.config().loops(), server.config().loops() == 1 ? "" : "s");
        if (server.config().commit() == RegionConfig.Commit.ON_TOUCH) {
            out.println("committed when touched, and given back when nobody uses it");
        }
        int fewer = asked.descriptors() - server.site().descriptors();
        if (fewer > 0) {
            out.printf(Locale.ROOT, "%,d files fewer kept open by each loop: file descriptors are short, raise them with ulimit -n%n", fewer);
        }
        Region region = server.regions().getFirst();
        if (region.portable()) {
            out.println("no protection in force: " + region.protections().stream().map(Protection.Status::detail)
                    .filter(why -> !why.isEmpty()).findFirst().orElse("none was asked for"));
        } else {
            for (Protection.Status status : region.protections()) {
                if (status.level() != Protection.Level.OFF) {
                    out.println("  " + status);
                }
            }
        }
        out.flush();
    }

    /// Runs while the process ends: the loops finish, the memory is wiped.
    private void stop(Server server, long heapAtStart, PrintWriter out) {
        server.close();
        options.tls().lost().forEach(this::tell);
        options.tls().close();
        Runtime runtime = Runtime.getRuntime();
        out.printf(Locale.ROOT, "stopped after %,d requests on %,d connections (%,d turned away, %,d refused, %,d broken)%n",
                server.count(Count.REQUESTS), server.count(Count.ACCEPTED), server.count(Count.TURNED_AWAY),
                server.count(Count.REFUSED), server.count(Count.BROKEN));
        if (server.count(Count.UNLOGGED) > 0) {
            out.printf(Locale.ROOT, "%,d requests are not in the access log%n", server.count(Count.UNLOGGED));
        }
        out.printf(Locale.ROOT, "heap in use %,d bytes at start, %,d now; memory wiped%n", heapAtStart,
                runtime.totalMemory() - runtime.freeMemory());
        out.flush();
    }

    /// {@return host and port as a URL has them: an IPv6 address in brackets and without its zeros (RFC 5952)}
    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address six ? "[" + text(six) + "]" : host) + ":" + address.getPort();
    }

    private static String text(Inet6Address address) {
        byte[] bytes = address.getAddress();
        int from = 0;
        int longest = 1;  // one group of zeros is written as it is
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && bytes[2 * end] == 0 && bytes[2 * end + 1] == 0) {
                end++;
            }
            if (end - i > longest) {
                from = i;
                longest = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (longest > 1 && i == from) {
                text.append("::");
                i += longest - 1;
                continue;
            }
            text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                    .append(Integer.toHexString((bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff));
        }
        return text.toString();
    }
}
