package dev.coffer.server.route;

import dev.coffer.http.Method;
import dev.coffer.server.Exchange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Looks a path up in a tree of patterns, and remembers where its parameters lie. One a loop; 0 heap bytes.
///
/// At each segment a literal is tried first, then a parameter, then a rest; where that way leads to no route for the method,
/// the next one is. Each node of the tree is looked at once at most, whatever the path.
final class RouteMatch {
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private final PathNode root;
    private final long[] parameterAt = new long[Exchange.PARAMETERS_MAX + 1];    // and what is below a mount
    private final int[] parameterLength = new int[Exchange.PARAMETERS_MAX + 1];
    private MemorySegment path = MemorySegment.NULL;
    private long end;
    private @Nullable Method method;
    private int methods;        // bits by ordinal: of all routes whose pattern fits

    RouteMatch(PathNode root) {
        this.root = root;
    }

    private Method method() {
        return Objects.requireNonNull(method, "asked");
    }

    /// {@return the number of the route for that method and path, [PathNode#NONE] where there is none}
    ///
    /// @param at      offset of the path; well-formed, see [#isWellFormed]
    /// @param length  bytes of it; 0 is the same as `/` (RFC 9110, section 4.2.3)
    int find(Method newMethod, MemorySegment newPath, long at, int length) {
        path = newPath;
        end = at + length;
        method = newMethod;
        methods = 0;
        int route = walk(root, Math.min(at + 1, end), 0);
        path = MemorySegment.NULL;
        return route;
    }

    /// {@return the methods of all routes whose pattern fits the path, one bit for each ordinal; only where [#find] found none}
    int methods() {
        return methods;
    }

    long parameterAt(int index) {
        return parameterAt[index];
    }

    int parameterLength(int index) {
        return parameterLength[index];
    }

    private int walk(PathNode node, long at, int parameters) {
        long stop = at;
        while (stop < end && path.get(U8, stop) != '/') {
            stop++;
        }
        PathNode literal = node.behind(path, at, stop);
        int route = literal == null ? PathNode.NONE : next(literal, stop, parameters);
        if (route == PathNode.NONE && node.parameter() != null && stop > at) {
            note(parameters, at, stop);
            route = next(node.parameter(), stop, parameters + 1);
        }
        if (route == PathNode.NONE && node.rest() != null) {
            note(parameters, at, end);
            route = of(node.rest());
        }
        return route;
    }

    private int next(PathNode node, long stop, int parameters) {
        return stop == end ? node.end() == null ? PathNode.NONE : of(node.end()) : walk(node, stop + 1, parameters);
    }

    private void note(int index, long at, long stop) {
        if (index < parameterAt.length) {  // a pattern with more is no route's
            parameterAt[index] = at;
            parameterLength[index] = (int) (stop - at);
        }
    }

    /// {@return of the routes of one pattern the one for the method}
    private int of(int[] routes) {
        int route = routes[method().ordinal()];
        if (route == PathNode.NONE && method == Method.HEAD) {
            route = routes[Method.GET.ordinal()];
        }
        if (route == PathNode.NONE) {
            route = routes[PathNode.ANY];
        }
        if (route == PathNode.NONE) {
            for (int i = 0; i < PathNode.ANY; i++) {
                methods |= routes[i] == PathNode.NONE ? 0 : 1 << i;
            }
        }
        return route;
    }

    /// {@return whether a path can be read in one way only: it begins with `/` or is empty, each `%` has its digits, none of them
    /// says NUL, and no segment is `.` or `..`, encoded or not, which clients resolve before they send (RFC 3986, section 5.2.4)}
    static boolean isWellFormed(MemorySegment path, long at, int length) {
        if (length > 0 && path.get(U8, at) != '/') {
            return false;
        }
        int dots = 0;       // octets of the segment so far, all of them dots; -1 where another one was there
        long end = at + length;
        for (long next = Math.min(at + 1, end); next < end;) {
            byte sent = path.get(U8, next);
            int octet = Percent.octet(path, next, end - next);
            if (octet <= 0) {
                return false;
            }
            if (sent == '/') {
                if (dots == 1 || dots == 2) {
                    return false;
                }
                dots = 0;
            } else {
                dots = octet == '.' && dots >= 0 ? dots + 1 : -1;
            }
            next += sent == '%' ? 3 : 1;
        }
        return dots != 1 && dots != 2;
    }
}
