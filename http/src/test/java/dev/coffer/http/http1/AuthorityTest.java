package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.http.Ascii;
import dev.coffer.http.internal.Authority;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {
    // RFC 3986, appendix A, rule by rule.
    private static final String H16 = "[0-9A-Fa-f]{1,4}";
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9][0-9]|[0-9])";
    private static final String IPV4 = "(" + OCTET + "\\." + OCTET + "\\." + OCTET + "\\." + OCTET + ")";
    private static final String LS32 = "(" + H16 + ":" + H16 + "|" + IPV4 + ")";
    private static final String G = "(" + H16 + ":)";
    private static final String IPV6 = "(" + G + "{6}" + LS32 + "|::" + G + "{5}" + LS32 + "|(" + H16 + ")?::" + G + "{4}"
            + LS32 + "|(" + G + "{0,1}" + H16 + ")?::" + G + "{3}" + LS32 + "|(" + G + "{0,2}" + H16 + ")?::" + G + "{2}"
            + LS32 + "|(" + G + "{0,3}" + H16 + ")?::" + G + LS32 + "|(" + G + "{0,4}" + H16 + ")?::" + LS32 + "|(" + G
            + "{0,5}" + H16 + ")?::" + H16 + "|(" + G + "{0,6}" + H16 + ")?::)";
    private static final String SUB = "!$&'()*+,;=";
    private static final String FUTURE = "[vV][0-9A-Fa-f]+\\.[-A-Za-z0-9._~" + SUB + ":]+";
    private static final String NAME = "([-A-Za-z0-9._~" + SUB + "]|%[0-9A-Fa-f]{2})+";
    private static final Pattern AUTHORITY =
            Pattern.compile("|(\\[(" + IPV6 + "|" + FUTURE + ")\\]|" + NAME + ")(:[0-9]*)?");

    private static boolean is(String text) {
        byte[] bytes = ("x" + text + "x").getBytes(StandardCharsets.ISO_8859_1);
        return Authority.is(MemorySegment.ofArray(bytes), 1, bytes.length - 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "example.com", "example.com:80", "a:", "a%20b", "%41:1",
            "127.0.0.1", "999.1.1.1:1", "[::]", "[::1]:8080", "[1:2:3:4:5:6:7:8]", "[1::8]", "[1:2:3:4:5:6:7::]",
            "[::2:3:4:5:6:7:8]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]:0", "[v1.a:b]", "[VF.-]", "a,b;c=d", "a_b~",
            "[ABCD:ef01::]", "a:99999999999"})
    void isHostAndPort(String text) {
        assertEquals(true, is(text), text);
        assertEquals(true, Authority.is(Ascii.of(text)), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%zz", "a%4", "a%", "%", "a%4g", ":80", ":", "a:b", "a:80:80", "a:8 0", "a b", " a", "a/b", "a?b",
            "a#b", "u@a", "a\\b", "a\"b", "<a>", "a|b", "{a}", "a^b", "`a`", "[", "]", "[]", "[]:80", "a[::1]", "[::1]a", "[::1]]",
            "[::1", "::1", "1:2:3:4:5:6:7:8", "[:1]", "[1:]", "[:::]", "[1::2::3]", "[12345::]", "[g::]", "[1:2:3:4:5:6:7]",
            "[1:2:3:4:5:6:7:8:9]", "[1:2:3:4:5:6:7:8::]", "[1::2:3:4:5:6:7:8]", "[1.2.3.4]", "[::1.2.3]", "[::1.2.3.256]", "[::01.2.3.4]",
            "[::1.2.3.4.5]", "[::1.2.3.4:5]", "[1:2:3:4:5:6:7:1.2.3.4]", "[1:2:3:4:5::6:1.2.3.4]", "[fe80::1%25eth0]", "[v1.]", "[v.a]",
            "[v1]", "[vg.a]", "[v1.a b]", "[v1.%41]", "[::1]:a", "[::1]8080", "\u00e9", "a\u0000"})
    void isNot(String text) {
        assertEquals(false, is(text), text);
    }

    @Test
    void agreesWithTheGrammarOfTheStandard() {
        String letters = "[]:::.%vV0123459afgzA-_~!@/ ";
        String[] parts = {"::", "1", "ffff", "1.2.3.4", "[", "]", ":", "%41", "25", "256", "v1.", "abc", ":80"};
        Seeds.forEach(11, 200_000, random -> {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "[" : "");
            for (int i = random.nextInt(10); i > 0; i--) {
                if (random.nextInt(3) == 0) {
                    text.append(letters.charAt(random.nextInt(letters.length())));
                } else {
                    text.append(parts[random.nextInt(parts.length)]).append(random.nextInt(2) == 0 ? ":" : "");
                }
            }
            if (text.length() > 0 && random.nextBoolean()) {
                if (text.charAt(text.length() - 1) == ':') {
                    text.setLength(text.length() - 1);
                }
                text.append(']');
            }
            assertEquals(AUTHORITY.matcher(text).matches(), is(text.toString()), text.toString());
        });
    }
}
