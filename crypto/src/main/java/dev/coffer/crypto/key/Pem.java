package dev.coffer.crypto.key;

import dev.coffer.crypto.key.KeyFormatException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The textual form of keys (RFC 7468), decoded in place and encoded from memory to memory. Stateless, thread-safe.
///
/// Letters are turned into bits and back by arithmetic on all four ranges of the alphabet: no branch and no table index
/// depends on
/// one. Where line ends and padding stand is not secret.
final class Pem {
    static final String PRIVATE = "PRIVATE KEY";
    static final String PUBLIC = "PUBLIC KEY";
    private static final String EC_PRIVATE = "EC PRIVATE KEY";
    private static final String RSA_PRIVATE = "RSA PRIVATE KEY";
    private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";
    private static final String[] KEYS = {PRIVATE, PUBLIC, EC_PRIVATE, ENCRYPTED};
    private static final String[] RSA_KEYS = {PRIVATE, RSA_PRIVATE};
    /// What lies in one file with a key, before it too, and holds none: a server's chain, what was asked for, the curve.
    private static final Set<Reason> PASSED = EnumSet.of(Reason.CERTIFICATE, Reason.REQUEST, Reason.REVOCATIONS, Reason.ATTRIBUTES, Reason.CMS,
            Reason.PARAMETERS);

    /// A label of what is no key that is read here, and what it is.
    private record Foreign(String label, Reason reason) {}

    /// The first one that a label begins with counts: of OpenSSL's pem.h, RFC 7468, RFC 9580 (section 6.2) and OpenSSH.
    private static final Foreign[] FOREIGN = {new Foreign("OPENSSH PRIVATE KEY", Reason.OPENSSH),
            new Foreign("CERTIFICATE REQUEST", Reason.REQUEST), new Foreign("NEW CERTIFICATE REQUEST", Reason.REQUEST),
            new Foreign("CERTIFICATE", Reason.CERTIFICATE), new Foreign("TRUSTED CERTIFICATE", Reason.CERTIFICATE),
            new Foreign("X509 CERTIFICATE", Reason.CERTIFICATE), new Foreign("X509 CRL", Reason.REVOCATIONS),
            new Foreign("ATTRIBUTE CERTIFICATE", Reason.ATTRIBUTES), new Foreign("PKCS7", Reason.CMS), new Foreign("PKCS #7", Reason.CMS),
            new Foreign("CMS", Reason.CMS), new Foreign("RSA ", Reason.RSA), new Foreign("DSA PARAMETERS", Reason.PARAMETERS),
            new Foreign("DSA ", Reason.DSA), new Foreign("DH PARAMETERS", Reason.PARAMETERS), new Foreign("X9.42 DH PARAMETERS", Reason.PARAMETERS),
            new Foreign("EC PARAMETERS", Reason.PARAMETERS), new Foreign("PARAMETERS", Reason.PARAMETERS),
            new Foreign("SSL SESSION PARAMETERS", Reason.TLS_SESSION), new Foreign("PGP ", Reason.OPENPGP)};
    /// How the lines of OpenSSH's public keys begin, and those of RFC 4716.
    private static final byte[][] OPENSSH = {ascii("ssh-"), ascii("ecdsa-sha2-"), ascii("sk-ssh-"), ascii("sk-ecdsa-"), ascii("---- BEGIN SSH2 PUBLIC KEY")};
    private static final byte[] PROC_TYPE = ascii("Proc-Type:");
    private static final byte[] BEGIN = ascii("-----BEGIN ");
    private static final byte[] END = ascii("-----END ");
    private static final byte[] DASHES = ascii("-----");
    /// Letters of a line (RFC 7468 section 2).
    private static final int LINE = 64;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private Pem() {}

    /// {@return bytes of the PEM form of `length` bytes under a label}
    static int bytes(String label, int length) {
        int letters = (length + 2) / 3 * 4;
        int lineEnds = (letters + LINE - 1) / LINE;
        return BEGIN.length + END.length + 2 * (label.length() + DASHES.length + 1) + letters + lineEnds;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// {@return whether there is a PEM block; in DER the eleven bytes of its start do not occur but by chance of 2^-80}
    static boolean isPem(MemorySegment s, long at, long end) {
        return find(s, at, end, BEGIN) >= 0;
    }

    /// {@return what this is in words, where it is a text of something that is no key read here; else null}
    static @Nullable Reason foreignText(MemorySegment s, long at, long end) {
        for (byte[] start : OPENSSH) {
            if (startsWith(s, at, end, start)) {
                return Reason.OPENSSH_PUBLIC;
            }
        }
        Reason passed = null;
        for (long begin = find(s, at, end, BEGIN); begin >= 0; begin = find(s, begin + BEGIN.length, end, BEGIN)) {
            Reason foreign = foreign(s, begin + BEGIN.length, end);
            if (foreign == null || !PASSED.contains(foreign)) {
                return foreign;
            }
            passed = passed == null ? foreign : passed;
        }
        return passed;
    }

    /// {@return whether the first block, what goes with a key aside, says that it is encrypted}
    static boolean isEncrypted(MemorySegment s, long at, long end) {
        long begin = find(s, at, end, BEGIN);
        while (begin >= 0 && isPassed(s, begin + BEGIN.length, end)) {
            begin = find(s, begin + BEGIN.length, end, BEGIN);
        }
        return begin >= 0 && startsWith(s, begin + BEGIN.length, end, label(ENCRYPTED));
    }

    private static boolean isPassed(MemorySegment s, long label, long end) {
        Reason foreign = foreign(s, label, end);
        return foreign != null && PASSED.contains(foreign);
    }

    private static @Nullable Reason foreign(MemorySegment s, long label, long end) {
        for (Foreign known : FOREIGN) {
            if (startsWith(s, label, end, ascii(known.label))) {
                return isEncryptedBlock(s, label, end) ? Reason.ENCRYPTED : known.reason;
            }
        }
        return null;
    }

    /// {@return whether a block has the header of RFC 1421 (section 4.6.1.1) that says so}
    private static boolean isEncryptedBlock(MemorySegment s, long label, long end) {
        long close = find(s, label, end, END);
        return close >= 0 && find(s, label, close, PROC_TYPE) >= 0;
    }

    /// Decodes the first block with a key, in place, past what goes with one: the bytes lie at `at` afterwards.
    ///
    /// @return bytes decoded
    static long decode(MemorySegment s, long at, long end) {
        return decode(s, at, end, KEYS);
    }

    /// The same, of a block that may hold an RSA private key.
    static long decodeRsa(MemorySegment s, long at, long end) {
        return decode(s, at, end, RSA_KEYS);
    }

    private static long decode(MemorySegment s, long at, long end, String[] labels) {
        long from = at;
        Reason passed = null;
        while (true) {
            long begin = find(s, from, end, BEGIN);
            if (begin < 0) {  // what was passed over is all
                throw new KeyFormatException(passed == null ? Reason.BAD_PEM : passed);
            }
            long label = begin + BEGIN.length;
            for (String known : labels) {
                if (startsWith(s, label, end, label(known))) {
                    long body = label + label(known).length;
                    long close = find(s, body, end, END);
                    if (close < 0 || !startsWith(s, close + END.length, end, label(known))) {
                        throw new KeyFormatException(Reason.BAD_PEM);
                    }
                    if (find(s, body, close, PROC_TYPE) >= 0) {  // RFC 1421, section 4.6.1.1
                        throw new KeyFormatException(Reason.ENCRYPTED);
                    }
                    return base64(s, body, close, at);
                }
            }
            Reason other = other(s, label, end);
            passed = passed == null ? other : passed;
            from = label;
        }
    }

    /// {@return what a block is that a key may stand behind}
    private static Reason other(MemorySegment s, long label, long end) {
        Reason foreign = foreign(s, label, end);
        if (foreign == null || !PASSED.contains(foreign)) {
            throw new KeyFormatException(foreign == null ? Reason.BAD_PEM : foreign);
        }
        return foreign;
    }

    private static byte[] label(String label) {
        return ascii(label + "-----");
    }

    private static long find(MemorySegment s, long at, long end, byte[] what) {
        for (long i = at; i <= end - what.length; i++) {
            if (startsWith(s, i, end, what)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean startsWith(MemorySegment s, long at, long end, byte[] what) {
        if (end - at < what.length) {
            return false;
        }
        for (int i = 0; i < what.length; i++) {
            if (s.get(BYTE, at + i) != what[i]) {
                return false;
            }
        }
        return true;
    }

    /// Decodes letters, with white space between them, to `out`, which lies before them.
    private static long base64(MemorySegment s, long from, long to, long out) {
        int bits = 0;
        int held = 0;
        int padding = 0;
        int bad = 0;
        long count = 0;
        long written = 0;
        for (long i = from; i < to; i++) {
            int c = s.get(BYTE, i);
            if (c == '\n' || c == '\r' || c == ' ' || c == '\t') {
                continue;
            }
            count++;
            if (c == '=') {
                padding++;
                continue;
            }
            int value = value(c);
            bad |= value | -padding;  // negative where it is no letter, or stands behind padding
            bits = bits << 6 | value & 63;
            held += 6;
            if (held >= 8) {
                held -= 8;
                s.set(BYTE, out + written++, (byte) (bits >> held));
                bits &= (1 << held) - 1;
            }
        }
        if (bad < 0 || bits != 0 || padding > 2 || (count & 3) != 0 || padding != (int) (-written % 3 + 3) % 3) {
            throw new KeyFormatException(Reason.BAD_BASE64);
        }
        return written;
    }

    /// {@return 0..63, or a negative number where the byte is no letter of the alphabet}
    private static int value(int c) {
        int upper = within(c, 'A', 'Z');
        int lower = within(c, 'a', 'z');
        int digit = within(c, '0', '9');
        int plus = within(c, '+', '+');
        int slash = within(c, '/', '/');
        int value = upper & c - 'A' | lower & c - 'a' + 26 | digit & c - '0' + 52 | plus & 62 | slash & 63;
        return value | ~(upper | lower | digit | plus | slash);
    }

    /// {@return all ones where low <= c <= high, else 0}
    private static int within(int c, int low, int high) {
        return ~((c - low | high - c) >> 31);
    }

    /// Encodes bytes as one block; the ranges do not overlap.
    ///
    /// @return bytes written: [#bytes]
    static int encode(String label, MemorySegment source, long at, int length, MemorySegment target, long targetAt) {
        long out = put(target, targetAt, BEGIN, label);
        for (int i = 0; i < length; i += 3) {
            int rest = length - i;
            int bits = u8(source, at + i) << 16 | (rest > 1 ? u8(source, at + i + 1) << 8 : 0)
                    | (rest > 2 ? u8(source, at + i + 2) : 0);
            target.set(BYTE, out, letter(bits >> 18));
            target.set(BYTE, out + 1, letter(bits >> 12 & 63));
            target.set(BYTE, out + 2, rest > 1 ? letter(bits >> 6 & 63) : (byte) '=');
            target.set(BYTE, out + 3, rest > 2 ? letter(bits & 63) : (byte) '=');
            out += 4;
            if ((i + 3) % (LINE / 4 * 3) == 0 || rest <= 3) {
                target.set(BYTE, out++, (byte) '\n');
            }
        }
        return (int) (put(target, out, END, label) - targetAt);
    }

    private static long put(MemorySegment target, long at, byte[] marker, String label) {
        byte[] line = ascii(new String(marker, StandardCharsets.US_ASCII) + label + "-----\n");
        MemorySegment.copy(line, 0, target, BYTE, at, line.length);
        return at + line.length;
    }

    private static int u8(MemorySegment segment, long at) {
        return Byte.toUnsignedInt(segment.get(BYTE, at));
    }

    private static byte letter(int value) {
        int c = value + 'A';
        c += 25 - value >> 31 & 'a' - 26 - 'A';
        c -= 51 - value >> 31 & 'a' - 26 - ('0' - 52);
        c -= 61 - value >> 31 & '0' - 52 - ('+' - 62);
        c += 62 - value >> 31 & '/' - 63 - ('+' - 62);
        return (byte) c;
    }
}
