package dev.coffer.tls;

import java.util.Locale;

/// Names of hosts in certificates (RFC 9525, section 6.3).
final class HostNames {
    private HostNames() {}

    /// {@return whether a name in a certificate is for a host: letters of either case are the same, and a star stands for one whole label, the
    /// first of three or more}
    static boolean matches(String name, String host) {
        String pattern = plain(name);
        String wanted = plain(host);
        if (!pattern.startsWith("*.")) {
            return pattern.equals(wanted);
        }
        int dot = wanted.indexOf('.');
        return dot > 0 && pattern.indexOf('.', 2) > 0 && wanted.substring(dot).equals(pattern.substring(1));
    }

    private static String plain(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
