package dev.coffer.server.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.http.Method;
import dev.coffer.server.Handler;
import dev.coffer.server.LedgerPage;
import dev.coffer.server.Site;
import dev.coffer.server.StatusPages;
import dev.coffer.server.route.PathPattern.Relation;
import dev.coffer.testkit.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Patterns as they are written, and how two of them lie to each other.
class PathPatternTest {
    private static final Handler NOBODY = exchange -> {};

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "/{}", "/{*}", "/a{b}", "/{a}b", "/{a", "/a}", "/{a}/{a}", "/{a}/{a*}", "/{a*}/b", "/{a{b}}", "/{a*b}",
            "/a?b", "/a#b", "/a b", "/a\tb", "/%", "/%4", "/%zz", "/.", "/..", "/a/../b", "/%2e%2E", "/*", "/{a**}", "/a\0", "/\u007f"})
    void aPatternThatMeansNothingIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> PathPattern.of(text));
    }

    @Test
    void aPatternHasAsManySegmentsAsItMayAndNotOneMore() {
        assertEquals(PathPattern.SEGMENTS_MAX, PathPattern.of("/a".repeat(PathPattern.SEGMENTS_MAX)).segments());
        assertThrows(IllegalArgumentException.class, () -> PathPattern.of("/a".repeat(PathPattern.SEGMENTS_MAX + 1)));
        StringBuilder eight = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            eight.append("/{p").append(i).append('}');
        }
        Route.get(eight.toString(), NOBODY);
        Route.under(eight + "/", NOBODY);
        assertThrows(IllegalArgumentException.class, () -> Route.get(eight + "/{q}", NOBODY));
        assertThrows(IllegalArgumentException.class, () -> Router.of(Route.under("/{q}/", Router.of(Route.get(eight.toString(), NOBODY)))));
        Site behind = StatusPages.before(LedgerPage.before(Router.of(Route.get(eight.toString(), NOBODY))));
        assertEquals(8, behind.parameters());
        assertThrows(IllegalArgumentException.class, () -> Router.of(Route.under("/{q}/", behind)));
        Router.of(Route.under("/q/", behind));
    }

    @Test
    void routesThatAreWrongAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Route.of(Method.CONNECT, "/", NOBODY));
        assertThrows(IllegalArgumentException.class, () -> Route.of(Method.OTHER, "/", NOBODY));
        assertThrows(IllegalArgumentException.class, () -> Route.under("/a", NOBODY));
        assertThrows(IllegalArgumentException.class, () -> Route.get("/", NOBODY).withLimits(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> Route.get("/", NOBODY).withLimits(0, -1));
        assertThrows(NullPointerException.class, () -> Route.get("/", (Site) null));
    }

    /// The relation says what lists of all paths of three segments say.
    @Test
    void theRelationOfTwoPatternsIsThatOfTheirPaths() {
        List<String> paths = new ArrayList<>();
        String[] segments = {"", "a", "b", "cc"};
        for (String one : segments) {
            paths.add("/" + one);
            for (String two : segments) {
                paths.add("/" + one + "/" + two);
                for (String three : segments) {
                    paths.add("/" + one + "/" + two + "/" + three);
                }
            }
        }
        List<String> patterns = new ArrayList<>();
        String[] parts = {"", "a", "b", "{x}", "{x*}"};
        for (String one : parts) {
            patterns.add("/" + one);
            for (String two : parts) {
                if (!one.endsWith("*}")) {
                    patterns.add("/" + one + "/" + two.replace('x', 'y'));
                }
            }
        }
        for (String one : patterns) {
            for (String other : patterns) {
                assertEquals(relation(fitting(one, paths), fitting(other, paths)), PathPattern.of(one).to(PathPattern.of(other)),
                        one + " to " + other);
            }
        }
    }

    private static Set<String> fitting(String pattern, List<String> paths) {
        Set<String> all = new HashSet<>();
        for (String path : paths) {
            if (RouteMatchPropertyTest.fits(pattern, path)) {
                all.add(path);
            }
        }
        return all;
    }

    private static Relation relation(Set<String> mine, Set<String> its) {
        Set<String> both = new HashSet<>(mine);
        both.retainAll(its);
        return both.isEmpty() ? Relation.APART : mine.equals(its) ? Relation.EQUAL : both.equals(mine) ? Relation.WITHIN
                : both.equals(its) ? Relation.AROUND : Relation.CROSSING;
    }

    @Test
    void routesThatFitTheSameRequestsAreRefusedInWhateverOrder() {
        String[][] clashes = {{"/a", "/a"}, {"/{a}", "/{b}"}, {"/a/{r*}", "/a/{s*}"}, {"/{a}/x", "/x/{b}"}, {"/a/{b}/c", "/a/b/{c}"},
                {"/{a}/b/{r*}", "/x/{c}/y"}, {"/a%62", "/ab"}};
        for (String[] clash : clashes) {
            for (int order = 0; order < 2; order++) {
                String one = clash[order];
                String other = clash[1 - order];
                assertThrows(IllegalArgumentException.class, () -> Router.of(Route.get(one, NOBODY), Route.get(other, NOBODY)), one);
                Router.of(Route.get(one, NOBODY), Route.post(other, NOBODY));  // no request is for both
            }
        }
        for (int order = 0; order < 2; order++) {
            String one = order == 0 ? "/{a}/x" : "/x/{b}";
            String other = order == 0 ? "/x/{b}" : "/{a}/x";
            assertThrows(IllegalArgumentException.class, () -> Router.of(Route.get(one, NOBODY), Route.of(Method.HEAD, other, NOBODY)));
            assertThrows(IllegalArgumentException.class, () -> Router.of(Route.of(null, one, NOBODY), Route.post(other, NOBODY)));
        }
        Router.of(Route.get("/a/{b}", NOBODY), Route.of(null, "/a/{c}", NOBODY), Route.of(Method.HEAD, "/a/{d}", NOBODY),
                Route.get("/{r*}", NOBODY), Route.under("/a/", NOBODY), Route.get("/a/b", NOBODY));
    }

    @Test
    void theOrderOfRoutesDoesNotMatter() {
        List<Route> routes = new ArrayList<>(List.of(Route.get("/a/b", NOBODY), Route.get("/a/{b}", NOBODY), Route.get("/{r*}", NOBODY)));
        Seeds.forEach(1, 20, random -> {
            Collections.shuffle(routes, Random.from(random));
            assertEquals("/a/b", RouteMatchPropertyTest.found(routes, Method.GET, "/a/b"));
            assertEquals("/a/{b} c", RouteMatchPropertyTest.found(routes, Method.GET, "/a/c"));
            assertEquals("/{r*} a/b/c", RouteMatchPropertyTest.found(routes, Method.HEAD, "/a/b/c"));
            assertEquals("none", RouteMatchPropertyTest.found(routes, Method.POST, "/a/b").substring(0, 4));
        });
    }
}
