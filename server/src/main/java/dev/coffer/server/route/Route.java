package dev.coffer.server.route;

import dev.coffer.http.Method;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Site;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One row of a [Router]: for which requests, who answers, within which limits.
///
/// A handler finds the parameters of the path in its [Exchange]: [Exchange#parameter] by name, as sent; [Percent#decode] copies one
/// decoded, into [Exchange#scratch] for instance.
///
/// @param method    which one; null for any, the unknown ones too. GET serves HEAD where no route does
/// @param pattern   which paths
/// @param site      who answers; a site in several routes is opened once a loop
/// @param mounted   whether the last segment of the pattern, a rest, is the path that the site sees ([Exchange#pathAt])
/// @param bytesMax  of the request's content; past it 413. `Long.MAX_VALUE` for those of a mount around it and of the server
/// @param nanosMax  from the request's head to the answer, past it 408 or 503; 0 for that of a mount around it, or else the server's
@SuppressWarnings("exports")  // annotations that users need not have
public record Route(@Nullable Method method, PathPattern pattern, Site site, boolean mounted, long bytesMax, long nanosMax) {
    private static final String MOUNTED = "{what is below*}";

    /// Checks ranges and relations.
    ///
    /// @throws IllegalArgumentException  a number out of its range, CONNECT or OTHER as a method, more parameters than an exchange
    ///                                   has ([Exchange#PARAMETERS_MAX]), a mount without a rest (caller's fault)
    public Route {
        Objects.requireNonNull(site);
        if (method == Method.CONNECT || method == Method.OTHER) {
            throw new IllegalArgumentException("route " + pattern + ": " + method + " is not routed");
        }
        if (bytesMax < 0 || nanosMax < 0) {
            throw new IllegalArgumentException("route " + pattern + ": limits of " + bytesMax + " bytes, " + nanosMax + " ns");
        }
        if (mounted && !pattern.hasRest()) {
            throw new IllegalArgumentException("route " + pattern + ": a mount ends with a rest");
        }
        if (pattern.parameterCount() - (mounted ? 1 : 0) > Exchange.PARAMETERS_MAX) {
            throw new IllegalArgumentException("route " + pattern + ": " + pattern.parameterCount()
                    + " parameters, at most " + Exchange.PARAMETERS_MAX);
        }
    }

    /// {@return a route without limits of its own}
    ///
    /// @param method   see above
    /// @param pattern  see [PathPattern]
    /// @throws IllegalArgumentException  as of [PathPattern#of] and the constructor (caller's fault)
    public static Route of(Method method, String pattern, Site site) {
        return new Route(method, PathPattern.of(pattern), site, false, Long.MAX_VALUE, 0);
    }

    /// {@return a route to a handler that holds nothing, shared by all loops}
    ///
    /// @throws IllegalArgumentException  as of [#of(Method, String, Site)]
    public static Route of(Method method, String pattern, Handler handler) {
        return of(method, pattern, Site.of(handler));
    }

    /// {@return a route for GET and HEAD}
    public static Route get(String pattern, Handler handler) {
        return of(Method.GET, pattern, handler);
    }

    /// {@return a route for GET and HEAD}
    public static Route get(String pattern, Site site) {
        return of(Method.GET, pattern, site);
    }

    /// {@return a route for POST}
    public static Route post(String pattern, Handler handler) {
        return of(Method.POST, pattern, handler);
    }

    /// {@return a route for POST}
    public static Route post(String pattern, Site site) {
        return of(Method.POST, pattern, site);
    }

    /// {@return a route for PUT}
    public static Route put(String pattern, Handler handler) {
        return of(Method.PUT, pattern, handler);
    }

    /// {@return a route for PUT}
    public static Route put(String pattern, Site site) {
        return of(Method.PUT, pattern, site);
    }

    /// {@return a route for DELETE}
    public static Route delete(String pattern, Handler handler) {
        return of(Method.DELETE, pattern, handler);
    }

    /// {@return a route for DELETE}
    public static Route delete(String pattern, Site site) {
        return of(Method.DELETE, pattern, site);
    }

    /// {@return a site below a prefix, for every method: what asks for `/static/a.txt` asks a site below `/static/` for `/a.txt`}
    ///
    /// @param prefix  a pattern that ends with `/`; its parameters are noted, what is below is not
    /// @throws IllegalArgumentException  another prefix; as of [#of(Method, String, Site)] (caller's fault)
    public static Route under(String prefix, Site site) {
        if (!prefix.endsWith("/")) {
            throw new IllegalArgumentException("mount " + prefix + ": expected a prefix that ends with /");
        }
        return new Route(null, PathPattern.of(prefix + MOUNTED), site, true, Long.MAX_VALUE, 0);
    }

    /// {@return a handler below a prefix, as [#under(String, Site)]}
    public static Route under(String prefix, Handler handler) {
        return under(prefix, Site.of(handler));
    }

    /// {@return this route with limits of its own, see [Exchange#limit]}. Below a mount that has some too, the smaller limit of the
    /// content counts, and of the time the inner one; what is not said here stays as it is there.
    ///
    /// @param bytes  of the request's content; `Long.MAX_VALUE` says nothing
    /// @param nanos  from the request's head to the answer; 0 says nothing
    /// @throws IllegalArgumentException  a number below zero (caller's fault)
    public Route withLimits(long bytes, long nanos) {
        return new Route(method, pattern, site, mounted, bytes, nanos);
    }

    /// {@return this route to another site}
    Route withSite(Site other) {
        return new Route(method, pattern, other, mounted, bytesMax, nanosMax);
    }

    /// {@return parameters that it notes}
    int parameters() {
        return pattern.parameterCount() - (mounted ? 1 : 0);  // asked for each request: makes no object
    }

    /// {@return whether there is a method that both serve}
    boolean meets(Route other) {
        return method == null || other.method == null || method == other.method || isHead(method, other.method)
                || isHead(other.method, method);
    }

    private static boolean isHead(Method get, Method head) {
        return get == Method.GET && head == Method.HEAD;
    }

    /// {@return the route in words, without who answers}
    @Override
    public String toString() {
        return (method == null ? "any" : method.name()) + " " + (mounted ? pattern.toString().replace(MOUNTED, "") : pattern);
    }
}
