package dev.coffer.server.route;

import dev.coffer.http.Method;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Patterns that are the same up to some segment: what may come next. Built at start, then only read.
final class PathNode {
    /// Routes of one pattern by method: its ordinal, and behind them the one for any method.
    static final int ANY = Method.values().length;
    static final int NONE = -1;

    private byte[][] literals = {};
    private PathNode[] behind = {};     // each literal
    private @Nullable PathNode parameter;  // behind a parameter; null where there is none
    private int @Nullable [] rest;       // routes whose rest begins here, by method; null where there are none
    private int @Nullable [] end;        // routes that end here

    /// Adds a route to the tree of which this is the root.
    void add(PathPattern pattern, @Nullable Method method, int route) {
        PathNode node = this;
        for (int i = 0; i < pattern.segments(); i++) {
            if (pattern.isRest(i)) {
                node.rest = put(node.rest, method, route);
                return;
            }
            node = node.child(pattern.literal(i));
        }
        node.end = put(node.end, method, route);
    }

    private PathNode child(byte @Nullable [] literal) {
        if (literal == null) {
            parameter = parameter == null ? new PathNode() : parameter;
            return parameter;
        }
        for (int i = 0; i < literals.length; i++) {
            if (Arrays.equals(literals[i], literal)) {
                return behind[i];
            }
        }
        literals = Arrays.copyOf(literals, literals.length + 1);
        behind = Arrays.copyOf(behind, literals.length);
        literals[literals.length - 1] = literal;
        return behind[literals.length - 1] = new PathNode();
    }

    private static int[] put(int @Nullable [] routes, @Nullable Method method, int route) {
        int[] all = routes;
        if (all == null) {
            all = new int[ANY + 1];
            Arrays.fill(all, NONE);
        }
        all[method == null ? ANY : method.ordinal()] = route;
        return all;
    }

    /// {@return what stands behind that literal, null where none does}
    @Nullable
    PathNode behind(MemorySegment path, long at, long stop) {
        for (int i = 0; i < literals.length; i++) {
            if (matches(literals[i], path, at, stop)) {
                return behind[i];
            }
        }
        return null;
    }

    /// {@return whether a segment of a path, decoded, is that literal}
    private static boolean matches(byte[] literal, MemorySegment path, long at, long stop) {
        if (stop - at < literal.length) {
            return false;
        }
        long next = at;
        for (int i = 0; i < literal.length; i++) {
            if (next >= stop || Percent.octet(path, next, stop - next) != (literal[i] & 0xff)) {
                return false;
            }
            next += path.get(ValueLayout.JAVA_BYTE, next) == '%' ? 3 : 1;
        }
        return next == stop;
    }

    @Nullable
    PathNode parameter() {
        return parameter;
    }

    int @Nullable [] rest() {
        return rest;
    }

    int @Nullable [] end() {
        return end;
    }
}
