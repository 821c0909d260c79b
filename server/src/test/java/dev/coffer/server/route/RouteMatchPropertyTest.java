package dev.coffer.server.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Method;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The tree of patterns beside a plain restatement of its rules: a list, looked through from the front.
class RouteMatchPropertyTest {
    private static final String[] PARTS = {"", "a", "b", "ab", "%61", "%2f", "%C3%A9", "{p}", "{p}", "{p}", "{p*}"};
    private static final String[] SENT = {"", "a", "b", "ab", "%61", "a%62", "%2F", "%2f", "%c3%a9", "A", "...", "a%2e", "%25"};
    private static final Method[] METHODS = {null, Method.GET, Method.HEAD, Method.POST};
    private static final Method[] ASKED = {Method.GET, Method.HEAD, Method.POST, Method.PUT, Method.OTHER};

    @Test
    void aTreeFindsWhatAListFinds() {
        int[] found = new int[2];
        Seeds.forEach(1, 3000, random -> {
            List<Route> routes = routes(random);
            for (int i = 0; i < 40; i++) {
                StringBuilder path = new StringBuilder();
                for (int left = 1 + random.nextInt(4); left > 0; left--) {
                    path.append('/').append(SENT[random.nextInt(SENT.length)]);
                }
                Method method = ASKED[random.nextInt(ASKED.length)];
                String expected = expected(routes, method, path.toString());
                assertEquals(expected, found(routes, method, path.toString()), method + " " + path + " of " + routes);
                found[expected.startsWith("none") ? 0 : 1]++;
            }
        });
        assertTrue(Math.min(found[0], found[1]) > 5000 || System.getProperty("coffer.seed") != null, "both happen");
    }

    /// As many of some random routes as go together.
    private static List<Route> routes(SplittableRandom random) {
        List<Route> routes = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            StringBuilder text = new StringBuilder();
            for (int left = 1 + random.nextInt(4), part = 0; left > 0 && text.indexOf("*") < 0; left--, part++) {
                text.append('/').append(PARTS[random.nextInt(PARTS.length)].replace("p", "p" + part));
            }
            List<Route> more = new ArrayList<>(routes);
            more.add(random.nextInt(more.size() + 1),
                    Route.of(METHODS[random.nextInt(METHODS.length)], text.toString(), exchange -> {}));
            try {
                Router.of(more);
                routes = more;
            } catch (IllegalArgumentException clash) {
                // does not go with them
            }
        }
        return routes;
    }

    /// {@return whether a path fits a pattern: segment by segment, over whole texts}
    static boolean fits(String pattern, String path) {
        return values(pattern, path) != null;
    }

    /// {@return the values of the parameters, null where the path does not fit}
    private static List<String> values(String pattern, String path) {
        List<String> values = new ArrayList<>();
        String[] wanted = pattern.substring(1).split("/", -1);
        String[] sent = path.substring(1).split("/", -1);
        for (int i = 0; i < wanted.length; i++) {
            if (i == sent.length) {
                return null;
            }
            if (wanted[i].endsWith("*}")) {
                values.add(String.join("/", List.of(sent).subList(i, sent.length)));
                return values;
            }
            if (wanted[i].startsWith("{") ? sent[i].isEmpty() : !decoded(wanted[i]).equals(decoded(sent[i]))) {
                return null;
            }
            if (wanted[i].startsWith("{")) {
                values.add(sent[i]);
            }
        }
        return wanted.length == sent.length ? values : null;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
    }

    /// {@return by how little a pattern is more than its paths: `l` before `p` before `r`, segment by segment}
    private static String rank(Route route) {
        StringBuilder rank = new StringBuilder();
        for (String segment : route.pattern().toString().substring(1).split("/", -1)) {
            rank.append(segment.endsWith("*}") ? 'r' : segment.startsWith("{") ? 'p' : 'l');
        }
        return rank.toString();
    }

    private static int preference(Route route, Method method) {
        return route.method() == method ? 0 : route.method() == Method.GET && method == Method.HEAD ? 1 : route.method() == null ? 2 : 3;
    }

    private static String expected(List<Route> routes, Method method, String path) {
        List<Route> fitting = routes.stream().filter(route -> fits(route.pattern().toString(), path))
                .sorted(Comparator.comparing(RouteMatchPropertyTest::rank).thenComparing(route -> preference(route, method))).toList();
        for (Route route : fitting) {
            if (preference(route, method) < 3) {
                return route.pattern() + values(route.pattern().toString(), path).stream().map(value -> " " + value)
                        .collect(Collectors.joining());
            }
        }
        int bits = fitting.stream().mapToInt(route -> 1 << route.method().ordinal()).reduce(0, (a, b) -> a | b);
        return "none" + (bits == 0 ? "" : " " + Integer.toBinaryString(bits));
    }

    static String found(List<Route> routes, Method method, String path) {
        RouteMatch match = Router.of(routes).match();
        byte[] bytes = ("xx" + path + "?y").getBytes(StandardCharsets.US_ASCII);
        MemorySegment memory = MemorySegment.ofArray(bytes);
        assertTrue(RouteMatch.isWellFormed(memory, 2, path.length()), path);
        int found = match.find(method, memory, 2, path.length());
        if (found == PathNode.NONE) {
            return "none" + (match.methods() == 0 ? "" : " " + Integer.toBinaryString(match.methods()));
        }
        StringJoiner text = new StringJoiner(" ");
        text.add(routes.get(found).pattern().toString());
        for (int i = 0; i < routes.get(found).pattern().parameters().size(); i++) {
            byte[] value = new byte[match.parameterLength(i)];
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, match.parameterAt(i), value, 0, value.length);
            text.add(new String(value, StandardCharsets.US_ASCII));
        }
        return text.toString();
    }

    /// Whatever lies behind a path in memory is not of it: there digits that would make an escape whole.
    @Test
    void anEscapeThatThePathsEndCutsIsNone() {
        MemorySegment memory = MemorySegment.ofArray("xx/a%4141".getBytes(StandardCharsets.US_ASCII));
        boolean[] wellFormed = {true, true, true, false, false, true, true};
        for (int length = 0; length < wellFormed.length; length++) {
            assertEquals(wellFormed[length], RouteMatch.isWellFormed(memory, 2, length), length + " octets");
        }
    }
}
