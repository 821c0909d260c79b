package dev.coffer.jsse;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.tls.ClientAuthentication;
import dev.coffer.tls.JdkCertificates;
import dev.coffer.tls.NamedGroup;
import java.security.AlgorithmConstraints;
import java.security.CryptoPrimitive;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// What one engine was told to do: an `SSLParameters`, and what that does not hold. Under its engine's lock.
final class Settings {
    private SSLParameters parameters = standard();
    private boolean createsSessions = true;
    private @Nullable BiFunction<SSLEngine, List<String>, String> selector;

    /// {@return all that is had here, in the order of preference}
    static SSLParameters standard() {
        SSLParameters standard = new SSLParameters(Names.suites(), new String[] {Names.PROTOCOL});
        standard.setNamedGroups(Names.groups());
        return standard;
    }

    /// {@return a copy}
    SSLParameters parameters() {
        return copy(parameters);
    }

    private static SSLParameters copy(SSLParameters from) {
        SSLParameters to = new SSLParameters(from.getCipherSuites(), from.getProtocols());
        if (from.getNeedClientAuth()) {
            to.setNeedClientAuth(true);
        } else {
            to.setWantClientAuth(from.getWantClientAuth());
        }
        to.setAlgorithmConstraints(from.getAlgorithmConstraints());
        to.setEndpointIdentificationAlgorithm(from.getEndpointIdentificationAlgorithm());
        to.setServerNames(from.getServerNames());
        to.setSNIMatchers(from.getSNIMatchers());
        to.setUseCipherSuitesOrder(from.getUseCipherSuitesOrder());
        to.setApplicationProtocols(from.getApplicationProtocols());
        to.setSignatureSchemes(from.getSignatureSchemes());
        to.setNamedGroups(from.getNamedGroups());
        to.setMaximumPacketSize(from.getMaximumPacketSize());
        to.setEnableRetransmissions(from.getEnableRetransmissions());
        return to;
    }

    /// Takes what is said in the place of what was; what is null says nothing.
    ///
    /// @throws IllegalArgumentException  a suite or a version that is not had here (caller's fault); nothing changes
    void take(SSLParameters from) {
        SSLParameters next = copy(from);
        next.setCipherSuites(from.getCipherSuites() == null ? parameters.getCipherSuites() : Names.checkedSuites(from.getCipherSuites()));
        next.setProtocols(from.getProtocols() == null ? parameters.getProtocols() : Names.checkedProtocols(from.getProtocols()));
        if (from.getAlgorithmConstraints() == null) {
            next.setAlgorithmConstraints(parameters.getAlgorithmConstraints());
        }
        if (from.getEndpointIdentificationAlgorithm() == null) {
            next.setEndpointIdentificationAlgorithm(parameters.getEndpointIdentificationAlgorithm());
        }
        if (from.getServerNames() == null) {
            next.setServerNames(parameters.getServerNames());
        }
        if (from.getSNIMatchers() == null) {
            next.setSNIMatchers(parameters.getSNIMatchers());
        }
        if (from.getNamedGroups() == null) {
            next.setNamedGroups(parameters.getNamedGroups());
        }
        parameters = next;
    }

    void suites(String[] names) {
        parameters.setCipherSuites(Names.checkedSuites(names));
    }

    void protocols(String[] names) {
        parameters.setProtocols(Names.checkedProtocols(names));
    }

    void needClientAuth(boolean need) {
        parameters.setWantClientAuth(false);
        parameters.setNeedClientAuth(need);
    }

    void wantClientAuth(boolean want) {
        parameters.setNeedClientAuth(false);
        parameters.setWantClientAuth(want);
    }

    boolean createsSessions() {
        return createsSessions;
    }

    void createsSessions(boolean creates) {
        createsSessions = creates;
    }

    @Nullable
    BiFunction<SSLEngine, List<String>, String> selector() {
        return selector;
    }

    void selector(@Nullable BiFunction<SSLEngine, List<String>, String> of) {
        selector = of;
    }

    /// {@return the suites that are enabled; none where TLS 1.3 is not}
    List<CipherSuite> cipherSuites() {
        String[] names = parameters.getProtocols().length == 0 ? new String[0] : parameters.getCipherSuites();
        return Names.suites(permitted(CryptoPrimitive.KEY_AGREEMENT, names));
    }

    /// {@return the same for a server, in the order that counts: its own, or the client's where it was told so}
    ///
    /// @param offered  numbers of the client's, in its order
    List<CipherSuite> cipherSuites(int[] offered) {
        List<CipherSuite> own = cipherSuites();
        if (parameters.getUseCipherSuitesOrder()) {
            return own;
        }
        List<CipherSuite> ordered = new ArrayList<>();
        for (int code : offered) {
            own.stream().filter(suite -> suite.code() == code && !ordered.contains(suite)).forEach(ordered::add);
        }
        return ordered.isEmpty() ? own : ordered;
    }

    List<NamedGroup> groups() {
        return Names.groups(permitted(CryptoPrimitive.KEY_AGREEMENT, parameters.getNamedGroups()));
    }

    /// {@return numbers of the schemes that are verified}
    int[] schemes() {
        String[] names = parameters.getSignatureSchemes();
        if (names == null && parameters.getAlgorithmConstraints() == null) {
            return JdkCertificates.schemes();
        }
        return Names.schemes(JdkCertificates.schemes(), permitted(CryptoPrimitive.SIGNATURE, names == null ? Names.schemes() : names));
    }

    /// {@return those of the names that the constraints permit; the managers ask them for keys and certificates}
    private String[] permitted(CryptoPrimitive to, String[] names) {
        AlgorithmConstraints constraints = parameters.getAlgorithmConstraints();
        return constraints == null ? names
                : Arrays.stream(names).filter(name -> constraints.permits(Set.of(to), name, null)).toArray(String[]::new);
    }

    String[] applicationProtocols() {
        return parameters.getApplicationProtocols();
    }

    ClientAuthentication clientAuthentication() {
        return parameters.getNeedClientAuth() ? ClientAuthentication.REQUIRED
                : parameters.getWantClientAuth() ? ClientAuthentication.OPTIONAL : ClientAuthentication.NONE;
    }

    /// {@return whether a server of ours is whom a client asks for}
    boolean accepts(List<SNIServerName> asked) {
        Collection<SNIMatcher> matchers = parameters.getSNIMatchers();
        if (matchers == null || matchers.isEmpty() || asked.isEmpty()) {
            return true;
        }
        for (SNIServerName name : asked) {
            for (SNIMatcher matcher : matchers) {
                if (matcher.getType() == name.getType() && matcher.matches(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// {@return the names that a client asks for: those it was given, else the host that it was made for, if that is a name with a dot}
    List<SNIServerName> names(@Nullable String host) {
        List<SNIServerName> given = parameters.getServerNames();
        if (given != null) {
            return given;
        }
        List<SNIServerName> names = new ArrayList<>();
        String plain = host == null ? "" : host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        if (plain.indexOf('.') > 0 && plain.indexOf(':') < 0 && !plain.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9')) {
            try {
                names.add(new SNIHostName(plain.toLowerCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                // no name that could be asked for
            }
        }
        return names;
    }
}
