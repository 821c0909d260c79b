package dev.coffer.server.route;

import dev.coffer.http.FieldName;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The router of one loop. 0 heap bytes.
final class Routing implements Handler {
    private static final byte[] SEPARATOR = {',', ' '};
    private static final Method[] METHODS = Method.values();

    private final Route[] routes;
    private final Handler[] handlers;       // by route
    private final RouteMatch match;
    private final int methods;              // of all routes, bits by ordinal
    private final MemorySegment allow;      // [Router#ALLOW_BYTES] for the text of that field

    Routing(Route[] routes, Handler[] handlers, RouteMatch match, int methods, MemorySegment allow) {
        this.routes = routes;
        this.handlers = handlers;
        this.match = match;
        this.methods = methods;
        this.allow = allow;
    }

    @Override
    public void handle(Exchange exchange) {
        RequestHead request = exchange.request();
        MemorySegment path = request.segment();
        long at = exchange.pathAt();
        int length = exchange.pathLength();
        if (!RouteMatch.isWellFormed(path, at, length)) {
            malformed(exchange, request);
            return;
        }
        Method method = routed(request);
        int found = match.find(method, path, at, length);
        if (found == PathNode.NONE) {
            refuse(exchange, method, match.methods());
            return;
        }
        Route route = routes[found];
        int parameters = route.parameters();
        for (int i = 0; i < parameters; i++) {
            exchange.addParameter(route.pattern().name(i), match.parameterAt(i), match.parameterLength(i));
        }
        if (route.mounted()) {
            exchange.skipPath((int) (Math.max(match.parameterAt(parameters) - 1, at) - at));
        }
        if (isWithin(exchange, route)) {
            handlers[found].handle(exchange);
        }
    }

    /// {@return the method by which a request is routed: an extended CONNECT (RFC 8441) asks for what GET with Upgrade asks for in HTTP/1.1, so that a
    /// route for GET serves WebSocket in every version. Who answers it as a GET is not heard: [Exchange#respond]}
    private static Method routed(RequestHead request) {
        return request.method() == Method.CONNECT && request.protocolLength() >= 0 ? Method.GET : request.method();
    }

    /// Sets what the route says; what it leaves unsaid stays as the mount around it has it, or the server.
    private static boolean isWithin(Exchange exchange, Route route) {
        if (route.nanosMax() != 0) {
            exchange.limitTime(route.nanosMax());
        }
        return route.bytesMax() == Long.MAX_VALUE || exchange.limitContent(route.bytesMax());
    }

    private void malformed(Exchange exchange, RequestHead request) {
        if (request.method() == Method.OPTIONS && request.pathLength() == 1) {  // of `*`
            refuse(exchange, Method.OPTIONS, methods | 1 << Method.OPTIONS.ordinal());
        } else {
            exchange.respond(Status.BAD_REQUEST);
        }
    }

    /// No route has the method at this path; others may.
    private void refuse(Exchange exchange, Method method, int others) {
        if (others == 0) {
            exchange.respond(Status.NOT_FOUND);
        } else if (method == Method.OTHER) {
            exchange.respond(Status.NOT_IMPLEMENTED);
        } else {
            int all = others | 1 << Method.OPTIONS.ordinal();
            all |= (others & 1 << Method.GET.ordinal()) != 0 ? 1 << Method.HEAD.ordinal() : 0;
            exchange.field(FieldName.ALLOW, allow, 0, writeAllow(all));
            exchange.respond(method == Method.OPTIONS ? Status.NO_CONTENT : Status.METHOD_NOT_ALLOWED);
        }
    }

    private int writeAllow(int bits) {
        int length = 0;
        for (int i = 0; i < PathNode.ANY; i++) {
            if ((bits & 1 << i) != 0) {
                if (length > 0) {
                    MemorySegment.copy(SEPARATOR, 0, allow, ValueLayout.JAVA_BYTE, length, SEPARATOR.length);
                    length += SEPARATOR.length;
                }
                METHODS[i].text().write(allow, length);
                length += METHODS[i].text().length();
            }
        }
        return length;
    }
}
