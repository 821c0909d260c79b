package dev.coffer.server.route;

import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;

/// Brings each request to one of many handlers, by its method and its path.
///
/// ```java
/// Site site = Router.of(
///         Route.get("/users/{id}", users),
///         Route.post("/users", newUser).withLimits(4096, 2_000_000_000L),
///         Route.under("/static/", FileSite.of(folder, 64)));
/// ```
///
/// Where several patterns fit, the one whose paths all fit the other ones too is taken, whatever their order; of one pattern the
/// route for the very method, before GET for HEAD, before the one for any. A pattern that has no route for the method leaves the request
/// to the next one.
///
/// | the request | is answered |
/// |---|---|
/// | path that can be read in two ways: `%` without digits, `%00`, a segment `.` or `..`, encoded or not | 400 |
/// | path that no pattern fits | 404 |
/// | method that no route has at this path | 405 with Allow; 501 for an unknown one |
/// | OPTIONS without a route | 204 with Allow; `*` means all routes |
/// | HEAD without a route | as GET, without the content |
/// | past the route's limits | 413, 408 or 503 ([Exchange#limit]) |
///
/// Stands anywhere: a router below a mount routes what is left of the path, and the limits of its routes take the place of the mount's. Immutable. 0 heap bytes a request.
public final class Router extends Site {
    static final long ALLOW_BYTES = 64;     // "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH, TRACE" and some

    private final List<Route> routes;
    private final List<Site> sites;         // each once
    private final PathNode root = new PathNode();
    private final int methods;              // of all routes, bits by ordinal

    private Router(List<Route> routes) {
        this.routes = routes;
        IdentityHashMap<Site, Integer> seen = new IdentityHashMap<>();
        List<Site> all = new ArrayList<>();
        int bits = 0;
        for (int i = 0; i < routes.size(); i++) {
            Route route = routes.get(i);
            root.add(route.pattern(), route.method(), i);
            if (seen.put(route.site(), i) == null) {
                all.add(route.site());
            }
            bits |= route.method() == null ? 0 : 1 << route.method().ordinal();
        }
        sites = List.copyOf(all);
        methods = bits;
    }

    /// {@return the router of those routes, in whatever order}
    ///
    /// @throws IllegalArgumentException  two routes for the same method and paths; two for which there are paths that fit both, and
    ///                                   none is the more specific: `/{a}/x` and `/x/{b}`; routers, or other sites, below each other that could note
    ///                                   more parameters than an exchange has (caller's fault)
    public static Router of(Route... routes) {
        return of(List.of(routes));
    }

    /// {@return the router of those routes}
    ///
    /// @throws IllegalArgumentException  as of [#of(Route...)]
    public static Router of(List<Route> routes) {
        for (int i = 0; i < routes.size(); i++) {
            for (int j = 0; j < i; j++) {
                check(routes.get(j), routes.get(i));
            }
        }
        Router router = new Router(List.copyOf(routes));
        if (router.parameters() > Exchange.PARAMETERS_MAX) {
            throw new IllegalArgumentException("routes: " + router.parameters() + " parameters below each other, at most "
                    + Exchange.PARAMETERS_MAX);
        }
        return router;
    }

    private static void check(Route one, Route other) {
        PathPattern.Relation relation = one.pattern().to(other.pattern());
        if (relation == PathPattern.Relation.EQUAL && one.method() == other.method()) {
            throw new IllegalArgumentException("routes " + one + " and " + other + " are for the same requests");
        }
        if (relation == PathPattern.Relation.CROSSING && one.meets(other)) {
            throw new IllegalArgumentException("routes " + one + " and " + other
                    + " fit the same paths, and neither is the more specific");
        }
    }

    @Override
    public int parameters() {
        int most = 0;
        for (Route route : routes) {
            most = Math.max(most, route.parameters() + route.site().parameters());
        }
        return most;
    }

    /// {@return the routes}
    public List<Route> routes() {
        return routes;
    }

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        List<MemoryPlan> rows = new ArrayList<>(List.of(MemoryPlan.block("allow", ALLOW_BYTES, 1, "text of that field")));
        for (int i = 0; i < sites.size(); i++) {
            MemoryPlan row = row(i, config, exchanges);
            if (row.totalBytes() > 0 || row.heapBytes() > 0) {
                rows.add(row);
            }
        }
        return MemoryPlan.group("router", rows.toArray(MemoryPlan[]::new));
    }

    private MemoryPlan row(int site, ServerConfig config, int exchanges) {
        MemoryPlan plan = sites.get(site).plan(config, exchanges);
        return plan.named("site " + (site + 1) + " " + plan.name());
    }

    @Override
    public boolean serves(Path file) {
        return sites.stream().anyMatch(site -> site.serves(file));
    }

    @Override
    public int timers() {
        return sites.stream().mapToInt(Site::timers).sum();
    }

    @Override
    public int resting() {
        return sites.stream().mapToInt(Site::resting).sum();
    }

    @Override
    public int descriptors() {
        return sites.stream().mapToInt(Site::descriptors).sum();
    }

    @Override
    public int descriptorsMin() {
        return sites.stream().mapToInt(Site::descriptorsMin).sum();
    }

    /// Each site keeps the fewest that it can do with; what is left goes to the first ones first.
    @Override
    public Site withDescriptors(int count) {
        int left = count - descriptorsMin();
        IdentityHashMap<Site, Site> fitted = new IdentityHashMap<>();
        for (Site site : sites) {
            int more = Math.min(left, site.descriptors() - site.descriptorsMin());
            left -= more;
            boolean whole = site.descriptorsMin() + more == site.descriptors();
            fitted.put(site, whole ? site : site.withDescriptors(site.descriptorsMin() + more));
        }
        return new Router(routes.stream().map(route -> route.withSite(Objects.requireNonNull(fitted.get(route.site()), "of this router"))).toList());
    }

    @Override
    public Handler open(Place place) throws IOException {
        MemorySegment allow = place.carve(ALLOW_BYTES);
        IdentityHashMap<Site, Handler> opened = new IdentityHashMap<>();
        for (int i = 0; i < sites.size(); i++) {
            opened.put(sites.get(i), place.open(sites.get(i), row(i, place.config(), place.exchanges())));
        }
        Handler[] handlers = routes.stream().map(route -> opened.get(route.site())).toArray(Handler[]::new);
        return new Routing(routes.toArray(Route[]::new), handlers, match(), methods, allow);
    }

    /// {@return what looks routes up, for one thread}
    RouteMatch match() {
        return new RouteMatch(root);
    }

    @Override
    public Script rehearsal() {
        String end = " HTTP/1.1\r\nHost: a\r\n\r\n";
        List<Route> stage = new ArrayList<>(List.of(Route.get("/~r/{a}/{b*}", exchange -> exchange.respond(Status.OK)),
                Route.post("/~r/a", exchange -> exchange.respond(Status.OK)).withLimits(1, 1_000_000_000L)));
        List<String> requests = new ArrayList<>(List.of("GET /~r/x/y/z" + end, "HEAD /~r/x/" + end, "GET /~r/%61/%2f" + end,
                "GET /~r/%" + end, "GET /~none" + end, "PUT /~r/a/b" + end, "BREW /~r/a/b" + end, "OPTIONS /~r/a/b" + end,
                "OPTIONS *" + end, "POST /~r/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"));
        for (int i = 0; i < sites.size(); i++) {
            Script script = sites.get(i).rehearsal();
            if (script != null) {
                String prefix = "/~" + i + "/";
                stage.add(Route.under(prefix, script.stage()));
                script.requests().forEach(text -> requests.add(text.replaceAll("(?m)^([A-Z]+) /", "$1 " + prefix)));
            }
        }
        return new Script(new Router(stage), requests);
    }
}
