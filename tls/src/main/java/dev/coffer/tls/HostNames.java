package dev.coffer.tls;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Names and addresses of hosts in certificates (RFC 9525, section 6.3).
final class HostNames {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_GROUPS = 8;

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

    /// {@return whether a host is written as an address: no name is meant by such a one}
    static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || !host.isEmpty() && host.chars().allMatch(c -> c >= '0' && c <= '9' || c == '.');
    }

    /// {@return whether two texts are the same address, however they spell it}
    static boolean isSameAddress(String one, String other) {
        int[] a = octets(one);
        return a != null && Arrays.equals(a, octets(other));
    }

    /// {@return an IPv6 address as a URL has it, in brackets, its longest run of zeros left out (RFC 5952, section 4.2)}
    ///
    /// @param groups  all eight, in lower case and without leading zeros
    static String literal(String groups) {
        String shortest = groups;
        for (int zeros = IPV6_GROUPS; zeros > 1 && shortest.equals(groups); zeros--) {
            shortest = groups.replaceFirst("(^|:)0(:0){" + (zeros - 1) + "}(:|$)", "::");
        }
        return "[" + shortest + "]";
    }

    private static int @Nullable [] octets(String address) {
        return address.indexOf(':') >= 0 ? six(address) : four(address);
    }

    private static int @Nullable [] four(String address) {
        String[] parts = address.split("\\.", -1);
        int[] octets = new int[IPV4_BYTES];
        if (parts.length != IPV4_BYTES) {
            return null;
        }
        for (int i = 0; i < IPV4_BYTES; i++) {
            if (!parts[i].matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(parts[i]) > 255) {
                return null;
            }
            octets[i] = Integer.parseInt(parts[i]);
        }
        return octets;
    }

    /// Eight groups of sixteen bits, two colons for those that are zero, once (RFC 4291, section 2.2); not with an IPv4 address at its end.
    private static int @Nullable [] six(String address) {
        int gap = address.indexOf("::");
        String[] before = groups(gap < 0 ? address : address.substring(0, gap));
        String[] after = gap < 0 ? new String[0] : groups(address.substring(gap + 2));
        int zeros = IPV6_GROUPS - before.length - after.length;
        if (gap < 0 ? zeros != 0 : zeros < 1) {
            return null;
        }
        int[] read = new int[IPV6_GROUPS];
        for (int i = 0; i < before.length + after.length; i++) {
            String group = i < before.length ? before[i] : after[i - before.length];
            if (!group.matches("[0-9a-fA-F]{1,4}")) {
                return null;
            }
            read[i < before.length ? i : i + zeros] = Integer.parseInt(group, 16);
        }
        return read;
    }

    private static String[] groups(String text) {
        return text.isEmpty() ? new String[0] : text.split(":", -1);
    }
}
