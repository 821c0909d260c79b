package dev.coffer.server;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.ServerIdentity;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Sends every request to the same path and query at the same host over https, at the port of the server that this site is an [Annex] of: 308
/// (RFC 9110, section 15.4.9), which leaves method and content as they are, for every method. No path is an exception.
///
/// | request | answer |
/// |---|---|
/// | names a host that one of the server's certificates of this moment is for | 308 |
/// | names another one: who reads it shall not be sent there by us | 421 (section 15.5.20) |
/// | names none, as HTTP/1.0 may | 400 |
/// | whose Location would not fit in a head of the configuration | 414 |
///
/// Where the server has no certificates, any host goes. A port in Host counts for nothing: it is that of this site. The target of an `OPTIONS *`
/// has no path (section 7.1). What the client sent is in Location alone, as sent, and no field of TLS is said here: browsers pass over
/// Strict-Transport-Security in the clear (RFC 6797, section 8.1).
///
/// Makes no object for a request; no test counts that.
public final class HttpsRedirect extends Site {
    /// Bytes of a head beside path and query, at most: `https://`, a host of 255 and a port 270, status line 33, the field's name and end 12,
    /// Content-Type 41, Content-Length 20, Date 37, Connection 24, the end 2; rounded up.
    static final int HEAD_BYTES = 448;

    private static final Ascii HTTPS = Ascii.of("https://");
    private static final Ascii QUESTION = Ascii.of("?");
    private static final Ascii NO_PORT = Ascii.of("");
    private static final int HTTPS_PORT = 443;
    private static final int HOST_BYTES_MAX = 255;

    /// A site that sends on whoever comes.
    public HttpsRedirect() {
    }

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return MemoryPlan.group("https redirect")
                .withHeap(exchanges * HeapLayout.instance(Redirection.class) + HeapLayout.array(Redirection.class, exchanges));
    }

    @Override
    public Handler open(Place place) {
        Redirections all = new Redirections(place.exchanges(), place.config().http().sentHeadBytesMax() - HEAD_BYTES);
        place.whenReady(all::ready);
        return all;
    }

    @Override
    public Script rehearsal() {
        return new Script(this, List.of("GET /a?b HTTP/1.1\r\nHost: localhost:80\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: [::1]\r\n\r\n",
                "POST http://localhost/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "GET / HTTP/1.0\r\n\r\n"));
    }

    /// The handler of one loop.
    private static final class Redirections implements Handler {
        private final int targetBytesMax;
        private final Redirection[] free;
        private int freeCount;
        private @Nullable Tls tls;  // null: of a rehearsal, or a server without TLS
        private Ascii port = NO_PORT;  // with its colon; empty for that of https

        Redirections(int exchanges, int targetBytesMax) {
            this.targetBytesMax = targetBytesMax;
            this.free = new Redirection[exchanges];
            while (freeCount < exchanges) {
                free[freeCount++] = new Redirection(this);
            }
        }

        void ready(Overview server) {
            tls = server.config().tls();
            int at = server.address().getPort();
            port = at == HTTPS_PORT ? NO_PORT : Ascii.of(":" + at);
        }

        @Override
        public void handle(Exchange exchange) {
            RequestHead request = exchange.request();
            int host = hostBytes(request);
            if (host <= 0) {
                exchange.respond(Status.BAD_REQUEST);
            } else if (host > HOST_BYTES_MAX || !isOurs(request, host)) {
                exchange.respond(Status.MISDIRECTED_REQUEST);
            } else if (request.pathLength() + 1 + Math.max(request.queryLength(), 0) > targetBytesMax) {
                exchange.respond(Status.URI_TOO_LONG);
            } else {
                redirect(exchange, request, host);
            }
        }

        private void redirect(Exchange exchange, RequestHead request, int host) {
            Redirection answer = free[--freeCount];
            answer.plan(request, host);
            boolean given = false;
            try {
                exchange.respond(Status.PERMANENT_REDIRECT, answer);
                given = true;
            } finally {
                if (!given) {
                    answer.ended(false);
                }
            }
        }

        /// {@return bytes of the host, up to its port; those of an IPv6 address with its brackets; 0 or less for none}
        private static int hostBytes(RequestHead request) {
            int length = request.authorityLength();
            int end = length;
            while (end > 0 && isDigit(octet(request, end - 1))) {
                end--;
            }
            return end > 0 && octet(request, end - 1) == ':' ? end - 1 : length;
        }

        private static byte octet(RequestHead request, int index) {
            return request.segment().get(ValueLayout.JAVA_BYTE, request.authorityAt() + index);
        }

        private static boolean isDigit(byte c) {
            return c >= '0' && c <= '9';
        }

        private boolean isOurs(RequestHead request, int host) {
            if (tls == null) {
                return true;
            }
            List<ServerIdentity> identities = tls.identities();
            for (int i = 0; i < identities.size(); i++) {
                if (identities.get(i).isForHost(request.segment(), request.authorityAt(), host)) {
                    return true;
                }
            }
            return identities.isEmpty();
        }
    }

    /// The answer of one exchange.
    private static final class Redirection implements Answer {
        private final Redirections owner;
        private @Nullable RequestHead request;  // valid until the exchange ends
        private int hostBytes;
        private int from;             // of the status' words: next byte to send

        Redirection(Redirections owner) {
            this.owner = owner;
        }

        void plan(RequestHead newRequest, int newHostBytes) {
            request = newRequest;
            hostBytes = newHostBytes;
            from = 0;
        }

        @Override
        public void head(HeadWriter head) {
            RequestHead asked = Objects.requireNonNull(request, "planned");
            MemorySegment segment = asked.segment();
            head.begin(FieldName.LOCATION).text(HTTPS).text(segment, asked.authorityAt(), hostBytes).text(owner.port);
            boolean hasPath = asked.pathLength() > 0 && segment.get(ValueLayout.JAVA_BYTE, asked.pathAt()) == '/';
            if (hasPath) {
                head.text(segment, asked.pathAt(), asked.pathLength());
            }
            if (asked.queryLength() >= 0) {
                head.text(QUESTION).text(segment, asked.queryAt(), asked.queryLength());
            }
            head.end().field(FieldName.CONTENT_TYPE, MediaType.TEXT).content(Status.wordsLength(Status.PERMANENT_REDIRECT));
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            int bytes = (int) Math.min(room, Status.wordsLength(Status.PERMANENT_REDIRECT) - from);
            Status.writeWords(Status.PERMANENT_REDIRECT, from, output, at, bytes);
            from += bytes;
            return bytes;
        }

        @Override
        public void ended(boolean complete) {
            request = null;
            owner.free[owner.freeCount++] = this;
        }
    }
}
