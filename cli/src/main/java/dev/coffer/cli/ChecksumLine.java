package dev.coffer.cli;

import java.util.HexFormat;

/// A line of a list of digests, as `sha256sum` of GNU coreutils writes and reads it:
///
/// ```
///   DIGEST ' ' (' ' | '*') NAME         and with --tag    ALGORITHM ' (' NAME ') = ' DIGEST
/// ```
///
/// A line that begins with a backslash has a name in which `\\`, `\n` and `\r` stand for a backslash and line ends.
///
/// @param digest  as hexadecimal digits
/// @param name    of the file
record ChecksumLine(String digest, String name) {
    /// {@return the line that says a file's digest, with its end}
    ///
    /// @param tag   name of the algorithm for the form with it, or null
    /// @param zero  whether the line ends with NUL, and the name is as it is
    static String text(String digest, String name, String tag, boolean zero) {
        boolean escaped = !zero && needsEscape(name);
        String shown = escaped ? escape(name) : name;
        return (escaped ? "\\" : "") + (tag == null ? digest + "  " + shown : tag + " (" + shown + ") = " + digest)
                + (zero ? "\0" : "\n");
    }

    /// {@return the name as `--check` prints it: escaped, and marked so, only where it would be two lines otherwise}
    static String shown(String name) {
        return name.indexOf('\n') >= 0 ? "\\" + escape(name) : name;
    }

    private static boolean needsEscape(String name) {
        return name.indexOf('\\') >= 0 || name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0;
    }

    private static String escape(String name) {
        return name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    /// Reads lines of one list: the first that is of neither known form decides that `DIGEST NAME` of old BSD systems is
    /// meant, with one blank.
    static final class Reader {
        private final String tag;
        private final int digits;
        private Boolean reversed;  // null until a line decides

        /// @param tag     name of the algorithm in lines of the form with it
        /// @param digits  of a digest
        Reader(String tag, int digits) {
            this.tag = tag;
            this.digits = digits;
        }

        /// {@return what a line says, without its end; or null where it says nothing}
        ChecksumLine read(String line) {
            int at = blanks(line, 0);
            boolean escaped = line.startsWith("\\", at);
            at += escaped ? 1 : 0;
            if (line.startsWith(tag, at)) {
                int from = at + tag.length();
                from += line.startsWith(" ", from) ? 1 : 0;
                return line.startsWith("(", from) ? tagged(line.substring(from + 1), escaped) : null;
            }
            int end = at + digits;
            if (line.length() - at < digits + 2 || !isBlank(line.charAt(end)) || !isDigest(line.substring(at, end))) {
                return null;
            }
            String digest = line.substring(at, end++);
            if (line.length() - end == 1 || line.charAt(end) != ' ' && line.charAt(end) != '*') {
                if (Boolean.FALSE.equals(reversed)) {
                    return null;
                }
                reversed = true;
            } else if (!Boolean.TRUE.equals(reversed)) {
                reversed = false;
                end++;
            }
            return of(digest, line.substring(end), escaped);
        }

        private ChecksumLine tagged(String rest, boolean escaped) {
            int close = rest.lastIndexOf(')');
            if (close < 0) {
                return null;
            }
            int at = blanks(rest, close + 1);
            if (!rest.startsWith("=", at)) {
                return null;
            }
            String digest = rest.substring(blanks(rest, at + 1));
            return digest.length() == digits && isDigest(digest) ? of(digest, rest.substring(0, close), escaped) : null;
        }

        private static ChecksumLine of(String digest, String name, boolean escaped) {
            String plain = escaped ? unescape(name) : name;
            return plain == null || plain.indexOf('\0') >= 0 ? null : new ChecksumLine(digest, plain);
        }

        private static String unescape(String name) {
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                if (c == '\\') {
                    if (++i == name.length()) {
                        return null;
                    }
                    switch (name.charAt(i)) {
                        case 'n' -> out.append('\n');
                        case 'r' -> out.append('\r');
                        case '\\' -> out.append('\\');
                        default -> {
                            return null;
                        }
                    }
                } else {
                    out.append(c);
                }
            }
            return out.toString();
        }

        private static int blanks(String line, int from) {
            int at = from;
            while (at < line.length() && isBlank(line.charAt(at))) {
                at++;
            }
            return at;
        }

        private static boolean isBlank(char c) {
            return c == ' ' || c == '\t';
        }

        private static boolean isDigest(String text) {
            return text.chars().allMatch(HexFormat::isHexDigit);
        }
    }
}
