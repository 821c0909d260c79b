package dev.coffer.cli;

import dev.coffer.cli.certificate.OcspFile;
import dev.coffer.cli.certificate.Passphrases;
import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.UnusableKeysException;
import dev.coffer.memory.MemoryLimitException;
import dev.coffer.memory.ProtectionException;
import dev.coffer.tls.ServerIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// The certificates that a server shows, each with its key and, where there is one, a response of its authority; the first one for clients that name no host, or one that
/// none is for. While the server runs each pair of files is read again for itself: one that cannot be used stays as it was, and the others are new; what the machine refused
/// (no descriptor, no permission, no memory to lock) is remembered as what lacks. Their user's lock is held by whoever calls.
final class Certificates implements AutoCloseable {
    /// Files of one.
    ///
    /// @param certificate  null where the key's file, of PKCS#12, holds it too
    record Pair(Path certificate, Path key) {}

    /// @param signing  the identity of these keys, as which loops sign
    private record Shown(ServerKeys keys, ServerIdentity signing) {}

    private static final Object WHOLE = "all of them";

    private final UnaryOperator<ServerIdentity> signing;
    private final List<Path> responses;
    private final Map<Path, Long> untilSeconds = new HashMap<>();  // of responses that are sent, since 1970; once that is over, and told, none
    private final List<String> told = new ArrayList<>();           // of responses at the start
    private final Map<Object, String> lacking = new HashMap<>();   // a pair's index, a response's file or WHOLE, and what was told of it
    private List<Shown> shown = List.of();

    private Certificates(UnaryOperator<ServerIdentity> signing, List<Path> responses) {
        this.signing = signing;
        this.responses = List.copyOf(responses);
    }

    /// {@return those of the files}
    ///
    /// @param pairs      none: the development certificate
    /// @param signing    gives the form of an identity that signs
    /// @param responses  of authorities, each about one of the certificates
    /// @throws Failure  one cannot be read, two do not belong together, or two are for one name; nothing is held
    static Certificates open(List<Pair> pairs, ServerKeys.RsaMaker rsa, Passphrases passphrases, UnaryOperator<ServerIdentity> signing, List<Path> responses) {
        Certificates opened = new Certificates(signing, responses);
        boolean whole = false;
        try {
            opened.read(pairs, rsa, passphrases);
            checkNames(opened.shown);
            Set<ServerIdentity> stapled = new HashSet<>();
            for (Path response : opened.responses) {
                opened.told.add(opened.staple(response, opened.shown, stapled));
            }
            whole = true;
            return opened;
        } catch (UnusableKeysException e) {
            throw failure(e);
        } catch (CertificateException e) {
            throw new Failure(ExitCode.WRONG_FORMAT, e.getMessage(), e);
        } finally {
            if (!whole) {
                opened.close();
            }
        }
    }

    /// Reads all keys before the first is to sign: one of RSA decides how much memory there is for who signs.
    private void read(List<Pair> pairs, ServerKeys.RsaMaker rsa, Passphrases passphrases) throws UnusableKeysException {
        List<ServerKeys> read = new ArrayList<>();
        boolean kept = false;
        try {
            for (Pair pair : pairs) {
                read.add(ServerKeys.of(pair.certificate, pair.key, rsa, passphrases));
            }
            if (pairs.isEmpty()) {
                read.add(ServerKeys.development());
            }
            shown = read.stream().map(keys -> new Shown(keys, signing.apply(keys.identity()))).toList();
            kept = true;
        } finally {
            if (!kept) {
                read.forEach(ServerKeys::close);
            }
        }
    }

    private static Failure failure(UnusableKeysException e) {
        return new Failure(switch (e.fault()) {
            case MACHINE -> ExitCode.FAILED;
            case FORMAT -> ExitCode.WRONG_FORMAT;
            case PASSPHRASE -> ExitCode.WRONG_KEY;
        }, e.getMessage(), e);
    }

    /// Each name is one certificate's among those whose keys sign alike: clients choose between kinds of keys, and nobody between two of one kind.
    private static void checkNames(List<Shown> all) throws CertificateException {
        for (int i = 1; i < all.size(); i++) {
            Shown one = all.get(i);
            if (one.signing.names().isEmpty()) {
                throw new CertificateException(
                        one.keys.certificate() + ": a certificate for no name of a host (subjectAltName), which nobody would be shown behind "
                                + "the first (expected a name, or it as the first)");
            }
            for (Shown other : all.subList(0, i)) {
                List<String> both = one.signing.names().stream().filter(other.signing.names()::contains).toList();
                if (!both.isEmpty() && one.signing.schemes().equals(other.signing.schemes())) {
                    throw new CertificateException(one.keys.certificate() + ": a certificate for " + String.join(", ", both) + ", as that of "
                            + other.keys.certificate() + " is (expected one for each name, or keys of two kinds)");
                }
            }
        }
    }

    /// Has the certificate that a response is about send it.
    ///
    /// @param done  that have one
    /// @return what to tell
    private String staple(Path file, List<Shown> among, Set<ServerIdentity> done) throws UnusableKeysException, CertificateException {
        OcspFile read = OcspFile.readAmong(file, among.stream().map(one -> one.signing.chain()).toList());
        ServerIdentity about = among.get(read.about()).signing;
        if (!done.add(about)) {
            throw new CertificateException(file + ": a second response about the certificate of " + among.get(read.about()).keys.certificate());
        }
        Instant until = Instant.ofEpochSecond(read.untilSeconds());
        try {
            about.staple(read.isOver() ? new byte[0] : read.response(), read.untilSeconds());
        } catch (CertificateException e) {
            throw new CertificateException(file + ": " + e.getMessage(), e);
        }
        if (read.isOver()) {
            untilSeconds.remove(file);
            return "OCSP response is over and not sent: " + file + ", until " + until;
        }
        untilSeconds.put(file, read.untilSeconds());
        return "OCSP response " + file + " is sent until " + until;
    }

    /// {@return what there is to tell of responses that are sent}
    List<String> stapled() {
        return told;
    }

    /// {@return what there is to tell once of responses whose time has ended: they are not sent any more}
    List<String> stale() {
        long now = Instant.now().getEpochSecond();
        List<String> over = new ArrayList<>();
        for (Path file : responses) {
            Long until = untilSeconds.get(file);
            if (until != null && now >= until) {
                untilSeconds.remove(file);
                over.add("OCSP response is over and not sent any more: " + file + ", until " + Instant.ofEpochSecond(until));
            }
        }
        return over;
    }

    /// Reads the files again, and puts what they hold in the place of what was shown.
    ///
    /// @param use  takes the identities that are shown from here on; where it throws, or two would be for one name, all stays as it was
    /// @return what to tell
    String again(Consumer<List<ServerIdentity>> use) {
        lacking.clear();
        return read(use, Map.of(), true);
    }

    /// {@return whether there is what the machine refused}
    boolean lacks() {
        return !lacking.isEmpty();
    }

    /// Reads what the machine refused the last time again, and responses of what is new.
    ///
    /// @param use  as of [#again]; not asked where nothing is new
    /// @return what to tell that was not told before; may be nothing
    String rest(Consumer<List<ServerIdentity>> use) {
        Map<Object, String> before = Map.copyOf(lacking);
        lacking.clear();
        return read(use, before, before.containsKey(WHOLE));
    }

    /// @param before  what lacked, and what was told of it
    /// @param all     whether that is not all that is read
    private String read(Consumer<List<ServerIdentity>> use, Map<Object, String> before, boolean all) {
        List<String> words = new ArrayList<>();
        List<Shown> next = new ArrayList<>(shown);
        List<ServerKeys> fresh = new ArrayList<>();
        List<ServerKeys> old = new ArrayList<>();
        boolean used = false;
        try {
            for (int i = 0; i < next.size(); i++) {
                if (all || before.containsKey(i)) {
                    tell(words, again(next, i, fresh, old), before.get(i));
                }
            }
            checkNames(next);
            Set<ServerIdentity> stapled = new HashSet<>();
            for (Path response : responses) {
                if (all || !fresh.isEmpty() || before.containsKey(response)) {
                    tell(words, again(response, next, stapled), before.get(response));
                }
            }
            List<Shown> whole = List.copyOf(next);
            if (all || !fresh.isEmpty()) {
                use.accept(whole.stream().map(Shown::signing).toList());
            }
            shown = whole;
            used = true;
        } catch (CertificateException e) {
            words.clear();
            String told = "certificates not read again, the old ones stay: " + e.getMessage();
            tell(words, lacking.isEmpty() ? told : lacks(WHOLE, told), before.get(WHOLE));
        } catch (RuntimeException | Error e) {
            words.clear();
            tell(words, lacks(WHOLE, "certificates not read again, the old ones stay: " + words(e)), before.get(WHOLE));
        } finally {
            if (used) {
                old.forEach(ServerKeys::closeLater);
            } else {
                fresh.forEach(ServerKeys::close);
            }
        }
        return String.join("; ", words);
    }

    private static void tell(List<String> words, String news, String told) {
        if (!news.equals(told)) {
            words.add(news);
        }
    }

    private String lacks(Object what, String told) {
        lacking.put(what, told);
        return told;
    }

    private String again(List<Shown> next, int index, List<ServerKeys> fresh, List<ServerKeys> old) {
        ServerKeys before = next.get(index).keys;
        try {
            ServerKeys read = before.again();
            boolean kept = false;
            try {
                Shown now = new Shown(read, signing.apply(read.identity()));
                old.add(before);
                fresh.add(read);
                next.set(index, now);
                kept = true;
            } finally {
                if (!kept) {
                    old.remove(before);
                    fresh.remove(read);
                    read.close();
                }
            }
            return "certificate read again: " + read.certificate();
        } catch (UnusableKeysException e) {
            String told = "certificate not read again, the old one stays: " + e.getMessage();
            return e.fault() == UnusableKeysException.Fault.MACHINE ? lacks(index, told) : told;
        } catch (Failure e) {  // of its passphrase
            String told = "certificate not read again, the old one stays: " + before.certificate() + ": " + e.getMessage();
            return e.exitCode() == ExitCode.FAILED ? lacks(index, told) : told;
        } catch (RuntimeException | Error e) {  // a file of whoever it may be: it neither ends nor changes the server
            return lacks(index, "certificate not read again, the old one stays: " + before.certificate() + ": " + words(e));
        }
    }

    private String again(Path response, List<Shown> among, Set<ServerIdentity> stapled) {
        try {
            ServerKeys.refuseStream(response);
            return staple(response, among, stapled);
        } catch (IOException e) {
            return lacks(response, "OCSP response not read again: " + response + ": " + Failure.reason(e));
        } catch (UnusableKeysException e) {
            String told = "OCSP response not read again: " + e.getMessage();
            return e.fault() == UnusableKeysException.Fault.MACHINE ? lacks(response, told) : told;
        } catch (CertificateException e) {
            return "OCSP response not read again: " + e.getMessage();
        } catch (RuntimeException | Error e) {
            return lacks(response, "OCSP response not read again: " + response + ": " + words(e));
        }
    }

    /// {@return in words that a file holds none, and what it is instead where it says so}
    static String none(Path file, GeneralSecurityException e) {
        String none = "no certificates in it";
        return file + ": " + (e.getMessage() != null && e.getMessage().startsWith(none) ? e.getMessage() : none);
    }

    /// {@return one line about what nobody foresaw: of a message only where it is the machine's, since another's may quote what was read}
    static String words(Throwable thrown) {
        return thrown instanceof ProtectionException || thrown instanceof MemoryLimitException ? thrown.getMessage()
                : thrown.getClass().getSimpleName();
    }

    /// {@return who the server is, of keys that are not to be wiped yet}
    List<ServerIdentity> identities() {
        return shown.stream().map(Shown::signing).toList();
    }

    /// {@return the file of the development certificate, or null where it is none}
    Path development() {
        return shown.getFirst().keys.isDevelopment() ? shown.getFirst().keys.certificate() : null;
    }

    /// The keys are wiped.
    @Override
    public void close() {
        shown.forEach(one -> one.keys.close());
    }
}
