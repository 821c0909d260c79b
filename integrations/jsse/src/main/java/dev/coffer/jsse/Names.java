package dev.coffer.jsse;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.TlsServerConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What JSSE calls the things that TLS numbers. Stateless.
final class Names {
    /// The one version that is spoken.
    static final String PROTOCOL = "TLSv1.3";
    private static final Set<String> OLDER = Set.of("TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3", "SSLv2Hello");
    /// Of a session that is none yet.
    static final String NO_SUITE = "TLS_NULL_WITH_NULL_NULL";

    private static final Map<String, CipherSuite> SUITES = new LinkedHashMap<>();
    private static final Map<String, NamedGroup> GROUPS = new LinkedHashMap<>();
    private static final Map<String, Integer> SCHEMES = new LinkedHashMap<>();
    // What JSSE's interfaces call them: of the JCA.
    private static final Map<Integer, String> ALGORITHMS = new LinkedHashMap<>();

    static {
        for (CipherSuite suite : TlsServerConfig.defaults().suites()) {
            SUITES.put(name(suite), suite);
        }
        GROUPS.put("X25519MLKEM768", NamedGroup.X25519MLKEM768);
        GROUPS.put("SecP256r1MLKEM768", NamedGroup.SECP256R1MLKEM768);
        GROUPS.put("x25519", NamedGroup.X25519);
        GROUPS.put("secp256r1", NamedGroup.SECP256R1);
        scheme("ecdsa_secp256r1_sha256", 0x0403, "SHA256withECDSA");
        scheme("ed25519", 0x0807, "Ed25519");
        scheme("ecdsa_secp384r1_sha384", 0x0503, "SHA384withECDSA");
        scheme("rsa_pss_rsae_sha256", 0x0804, "RSASSA-PSS");
        scheme("rsa_pss_rsae_sha384", 0x0805, "RSASSA-PSS");
        scheme("rsa_pss_rsae_sha512", 0x0806, "RSASSA-PSS");
        scheme("mldsa44", 0x0904, "ML-DSA-44");
        scheme("mldsa65", 0x0905, "ML-DSA-65");
        scheme("mldsa87", 0x0906, "ML-DSA-87");
        scheme("rsa_pkcs1_sha256", 0x0401, "SHA256withRSA");
        scheme("rsa_pkcs1_sha384", 0x0501, "SHA384withRSA");
        scheme("rsa_pkcs1_sha512", 0x0601, "SHA512withRSA");
    }

    private Names() {}

    private static void scheme(String name, int code, String algorithm) {
        SCHEMES.put(name, code);
        ALGORITHMS.put(code, algorithm);
    }

    static String name(CipherSuite suite) {
        return switch (suite.code()) {
            case 0x1301 -> "TLS_AES_128_GCM_SHA256";
            case 0x1302 -> "TLS_AES_256_GCM_SHA384";
            default -> "TLS_CHACHA20_POLY1305_SHA256";
        };
    }

    /// {@return the suites' names, in the order of preference of [TlsServerConfig#defaults]}
    static String[] suites() {
        return SUITES.keySet().toArray(String[]::new);
    }

    static String[] groups() {
        return GROUPS.keySet().toArray(String[]::new);
    }

    /// {@return a list that is one}
    ///
    /// @throws IllegalArgumentException  null (caller's fault)
    static String[] given(String @Nullable [] names, String what) {
        if (names == null) {
            throw new IllegalArgumentException(what + ": null");
        }
        return names;
    }

    /// {@return those of the names that are had here; older versions' suites beside them are passed over, as a program that asks for both goes on}
    ///
    /// @throws IllegalArgumentException  none of them is, or one is no name of a suite (caller's fault)
    static String[] checkedSuites(String[] names) {
        return had(names, SUITES.keySet(), name -> name.startsWith("TLS_") || name.startsWith("SSL_"), "cipher suite");
    }

    /// {@return TLS 1.3, where it is among the names; older versions beside it are passed over: the JDK's `HttpClient` always asks for 1.2 too}
    ///
    /// @throws IllegalArgumentException  it is not, or one is no name of a version (caller's fault)
    static String[] checkedProtocols(String[] names) {
        return had(names, Set.of(PROTOCOL), OLDER::contains, "protocol");
    }

    private static String[] had(String[] names, Set<String> had, Predicate<String> known, String what) {
        List<String> found = new ArrayList<>();
        for (String name : names) {
            if (name == null || !had.contains(name) && !known.test(name)) {
                throw new IllegalArgumentException(what + " " + name + " (expected some of " + had + ")");
            }
            if (had.contains(name)) {
                found.add(name);
            }
        }
        if (found.isEmpty() && names.length > 0) {
            throw new IllegalArgumentException(what + "s " + List.of(names) + ", of which none is had here (expected some of " + had + ")");
        }
        return found.toArray(String[]::new);
    }

    static List<CipherSuite> suites(String[] names) {
        List<CipherSuite> found = new ArrayList<>();
        for (String name : names) {
            CipherSuite suite = SUITES.get(name);
            if (suite != null && !found.contains(suite)) {
                found.add(suite);
            }
        }
        return found;
    }

    /// {@return the groups of those names; others are passed over, as `SSLParameters` says}
    static List<NamedGroup> groups(String[] names) {
        List<NamedGroup> found = new ArrayList<>();
        for (String name : names) {
            for (Map.Entry<String, NamedGroup> each : GROUPS.entrySet()) {
                if (each.getKey().equalsIgnoreCase(name) && !found.contains(each.getValue())) {
                    found.add(each.getValue());
                }
            }
        }
        return found;
    }

    /// {@return the names of all schemes, in the order in which they are preferred}
    static String[] schemes() {
        return SCHEMES.keySet().toArray(String[]::new);
    }

    /// {@return the numbers of those schemes that are in a list of names, in its order}
    static int[] schemes(int[] all, String[] names) {
        List<Integer> found = new ArrayList<>();
        for (String name : names) {
            Integer code = SCHEMES.get(name);
            for (int each : all) {
                if (code != null && each == code && !found.contains(code)) {
                    found.add(code);
                }
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    /// {@return what the JCA calls the algorithms of those schemes}
    static String[] algorithms(int[] schemes) {
        List<String> found = new ArrayList<>();
        for (int code : schemes) {
            String algorithm = ALGORITHMS.get(code);
            if (algorithm != null && !found.contains(algorithm)) {
                found.add(algorithm);
            }
        }
        return found.toArray(String[]::new);
    }
}
