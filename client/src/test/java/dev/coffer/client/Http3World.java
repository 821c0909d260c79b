package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.HttpEngine;
import dev.coffer.http.HttpEvent;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import dev.coffer.http.Refusal;
import dev.coffer.http.RequestHead;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.quic.packet.Version;
import dev.coffer.testkit.simulation.Actor;
import dev.coffer.testkit.simulation.Conditions;
import dev.coffer.testkit.simulation.DatagramDriver;
import dev.coffer.testkit.simulation.DatagramPort;
import dev.coffer.testkit.simulation.DatagramPort.Address;
import dev.coffer.testkit.simulation.Simulation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// One seed's connection of HTTP/3: a client that asks, a server that answers, and what each does wrong or late.
final class Http3World implements Actor {
    /// What becomes of a call.
    enum Kind {
        /// It is answered when its content is whole.
        WHOLE,
        /// It is answered before its content is read, which nobody reads.
        EARLY,
        /// The server gives its answer up half way.
        FAILS,
        /// The client gives it up when its head has come.
        GIVEN_UP
    }

    /// How often what happened.
    static final class Totals {
        int answered;
        int reset;
        int givenUp;
        int leftOut;
        int rejected;
        int goneAway;
        int updates;
        int trailers;
    }

    private static final Address SERVER = new Address(0x0a000001, 443);
    private static final Address CLIENT = new Address(0x0a000002, 5000);
    private static final int STEPS_MAX = 3_000_000;
    private static final Ascii HOST = Ascii.of("coffer.test");
    private static final Ascii SUM = Ascii.of("x-sum");

    private final Http3Ends ends;
    private final SplittableRandom random;
    private final Totals totals;
    private final Simulation world;
    private final Deque<Asked3> pending = new ArrayDeque<>();
    private final Map<Long, Asked3> asked = new HashMap<>();
    private final Map<Long, Served> served = new HashMap<>();
    private final Deque<Held> held = new ArrayDeque<>();
    private final boolean goesAway;
    private final int goneAfter;    // calls
    private int done;
    private boolean gone;           // the server is going away
    private boolean shut;

    Http3World(Http3Ends ends, SplittableRandom random, Totals totals, int calls, int bytesMax) {
        this.ends = ends;
        this.random = random;
        this.totals = totals;
        this.world = new Simulation(random);
        this.goesAway = random.nextInt(4) == 0;
        this.goneAfter = random.nextInt(calls);
        for (int i = 0; i < calls; i++) {
            Kind kind = random.nextInt(3) == 0 ? Kind.values()[random.nextInt(Kind.values().length)] : Kind.WHOLE;
            pending.add(new Asked3(i, random.nextBoolean() ? 0 : random.nextInt(bytesMax), random.nextInt(8) == 0 ? 0 : random.nextInt(bytesMax), kind,
                    random.nextInt(3) == 0, random.nextInt(3) == 0));
        }
    }

    private static byte at(int number, long offset) {
        return (byte) (number * 17 + offset * 31 + (offset >>> 8) * 7);
    }

    private static void fill(int number, long from, MemorySegment output, long at, long bytes) {
        for (long i = 0; i < bytes; i++) {
            output.set(ValueLayout.JAVA_BYTE, at + i, at(number, from + i));
        }
    }

    /// Content that was left where it lies for a while.
    private record Held(HttpEngine engine, long stream, Said said, long until) {}

    /// A message that comes, of either side.
    private abstract static class Said implements MessageSource {
        final int number;
        long got;
        boolean over;

        Said(int number) {
            this.number = number;
        }

        void take(HttpEngine engine, long stream, long bytes) {
            long at = engine.dataAt(stream);
            for (long i = 0; i < bytes; i++) {
                assertEquals(at(number, got + i), engine.dataSegment(stream).get(ValueLayout.JAVA_BYTE, at + i), "call " + number);
            }
            engine.consume(stream, bytes);
            got += bytes;
        }
    }

    /// A client's call.
    private static final class Asked3 extends Said {
        final int upload;
        final int download;
        final Kind kind;
        final boolean uploadUnknown;
        final boolean downloadUnknown;
        int status;
        int trailers;
        private int given;

        Asked3(int number, int upload, int download, Kind kind, boolean uploadUnknown, boolean downloadUnknown) {
            super(number);
            this.upload = upload;
            this.download = download;
            this.kind = download == 0 && kind == Kind.FAILS ? Kind.WHOLE : kind;
            this.uploadUnknown = uploadUnknown;
            this.downloadUnknown = downloadUnknown && this.kind != Kind.FAILS;
        }

        Asked3 again() {
            return new Asked3(number, upload, download, kind, uploadUnknown, downloadUnknown);
        }

        @Override
        public void head(HeadWriter head) {
            head.request(upload > 0 ? Method.PUT : Method.GET, HOST,
                    Ascii.of("/" + number + "/" + upload + "/" + download + "/" + kind + "/" + downloadUnknown));
            head.field(FieldName.USER_AGENT, HOST).field(SUM, Ascii.of("n" + number % 3));
            if (upload > 0 && uploadUnknown) {
                head.contentOfUnknownLength();
            } else if (upload > 0) {
                head.content(upload);
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            long bytes = Math.min(room, upload - given);
            if (bytes == 0) {
                return END;
            }
            fill(number, given, output, at, bytes);
            given += (int) bytes;
            return bytes;
        }
    }

    /// A server's answer.
    private static final class Served extends Said {
        final int upload;
        final int download;
        final Kind kind;
        final boolean unknown;
        private int given;

        Served(String[] parts) {
            super(Integer.parseInt(parts[1]));
            this.upload = Integer.parseInt(parts[2]);
            this.download = Integer.parseInt(parts[3]);
            this.kind = Kind.valueOf(parts[4]);
            this.unknown = Boolean.parseBoolean(parts[5]);
        }

        @Override
        public void head(HeadWriter head) {
            head.status(200).field(FieldName.CONTENT_TYPE, HOST).field(FieldName.ETAG, number);
            if (unknown) {
                head.contentOfUnknownLength();
            } else {
                head.content(download);
            }
        }

        @Override
        public long body(MemorySegment output, long at, long room) {
            int whole = kind == Kind.FAILS ? download / 2 : download;
            if (kind == Kind.FAILS && given == whole) {
                return FAILED;
            }
            long bytes = Math.min(room, whole - given);
            if (bytes == 0) {
                return END;
            }
            fill(number, given, output, at, bytes);
            given += (int) bytes;
            return bytes;
        }

        @Override
        public void trailers(HeadWriter trailers) {
            trailers.field(SUM, Ascii.of("n" + number));
        }
    }

    void run(Conditions up, Conditions down) {
        ends.seed(random.nextLong());
        DatagramPort serverPort = world.network().datagrams(SERVER, down);
        DatagramPort clientPort = world.network().datagrams(CLIENT, up);
        long now = world.clock().nanos();
        ends.serverEnd.reset(now);
        ends.clientEnd.reset(now);
        MemorySegment path = Arena.ofAuto().allocate(NetworkPath.BYTES);
        DatagramPort.path(path, 0, SERVER, CLIENT);
        assertTrue(ends.clientEnd.quic.connect("coffer.test", Version.V1, path, 0, now));
        world.add(new DatagramDriver<>("client", ends.clientEnd, clientPort, random.split(), this::asks));
        world.add(new DatagramDriver<>("server", ends.serverEnd, serverPort, random.split(), this::serves));
        world.add(this);
        world.run(STEPS_MAX, () -> ends.clientEnd.isEnded() && ends.serverEnd.isEnded());
        assertTrue(asked.isEmpty() && served.isEmpty(), () -> asked.size() + " asked, " + served.size() + " served have no end");
        assertTrue(gone || pending.isEmpty(), "not all were asked");
        assertEquals(0, ends.held(), "lent at the end");
        totals.goneAway += gone ? 1 : 0;
    }

    // What happens beside the connection.

    @Override
    public boolean turn(long now) {
        boolean moved = false;
        while (!pending.isEmpty() && ends.clientEnd.quic.isConnected() && ends.client.canRequest()) {
            Asked3 next = pending.remove();
            long stream = ends.client.request(next);
            assertTrue(stream >= 0);
            asked.put(stream, next);
            moved = true;
        }
        while (!held.isEmpty() && held.getFirst().until <= now) {
            Held next = held.removeFirst();
            if (!next.said.over && next.engine.dataLength(next.stream) > 0) {
                next.said.take(next.engine, next.stream, next.engine.dataLength(next.stream));
            }
            moved = true;
        }
        if (goesAway && !gone && done >= goneAfter && ends.serverEnd.quic.isConnected()) {
            gone = true;
            ends.server.shutdown(now);
            moved = true;
        }
        if (!shut && pending.isEmpty() && asked.isEmpty() && ends.clientEnd.quic.isConnected()) {
            shut = true;
            ends.client.shutdown(now);
            moved = true;
        }
        if (random.nextInt(200) == 0 && (random.nextBoolean() ? ends.clientEnd : ends.serverEnd).quic.updateKeys()) {
            totals.updates++;
        }
        return moved;
    }

    @Override
    public long deadlineNanos() {
        return held.isEmpty() ? Long.MAX_VALUE : held.getFirst().until;
    }

    private void data(HttpEngine engine, long stream, Said said) {
        long length = engine.dataLength(stream);
        if (random.nextInt(8) != 0 || goesAway && engine == ends.client) {  // what is left there is lost with the connection (decision 0172)
            said.take(engine, stream, length);
            return;
        }
        said.take(engine, stream, random.nextLong(length));
        held.add(new Held(engine, stream, said, held.isEmpty() ? world.clock().nanos() + random.nextLong(300_000_000) : held.getLast().until));
    }

    private void asks(HttpEvent event) {
        long stream = ends.client.stream();
        Asked3 call = asked.get(stream);
        world.trace("client " + event + " " + (call == null ? "" : call.number));
        switch (event) {
            case RESPONSE -> {
                call.status = ends.client.response(stream).status();
                if (call.kind == Kind.GIVEN_UP) {
                    ends.client.abort(stream);
                }
            }
            case DATA -> data(ends.client, stream, call);
            case TRAILERS -> call.trailers += ends.client.trailers(stream).count();
            case END, SENT -> {
                call.over |= event == HttpEvent.END;
                if (call.over && isGone(stream)) {
                    whole(call);
                    ended(stream);
                }
            }
            case ABORTED -> {
                aborted(call, ends.client.refusal());
                ended(stream);
            }
            default -> {}
        }
    }

    private boolean isGone(long stream) {
        try {
            ends.client.dataLength(stream);
            return false;
        } catch (IllegalArgumentException e) {
            return true;  // both its ends were told
        }
    }

    private void ended(long stream) {
        asked.remove(stream).over = true;
        done++;
    }

    private void whole(Asked3 call) {
        assertEquals(200, call.status, "status of " + call.number);
        assertEquals(call.download, call.got, "content of " + call.number);
        assertEquals(call.downloadUnknown ? 1 : 0, call.trailers, "trailers of " + call.number);
        assertTrue(call.kind == Kind.WHOLE || call.kind == Kind.EARLY, () -> call.number + " was to be " + call.kind);
        totals.answered++;
        totals.trailers += call.trailers;
    }

    private void aborted(Asked3 call, Refusal why) {
        if (why == Refusal.NOT_TAKEN) {
            totals.leftOut += gone ? 1 : 0;
            totals.rejected += gone ? 0 : 1;    // no place for it was free
            if (!gone) {
                pending.add(call.again());
            }
        } else if (call.kind == Kind.FAILS) {
            assertEquals(Refusal.RESET, why);
            totals.reset++;
        } else {
            assertEquals(Kind.GIVEN_UP, call.kind, () -> "call " + call.number + " came to nothing: " + why);
            assertEquals(Refusal.LOCAL, why);
            totals.givenUp++;
        }
    }

    private void serves(HttpEvent event) {
        long stream = ends.server.stream();
        world.trace("server " + event + " " + stream);
        switch (event) {
            case REQUEST -> {
                RequestHead head = ends.server.request(stream);
                Served answer = new Served(new String(head.segment().asSlice(head.pathAt(), head.pathLength()).toArray(ValueLayout.JAVA_BYTE),
                        java.nio.charset.StandardCharsets.US_ASCII).split("/"));
                served.put(stream, answer);
                if (answer.kind == Kind.EARLY) {
                    ends.server.discard(stream);
                    ends.server.respond(stream, answer);
                }
            }
            case DATA -> data(ends.server, stream, served.get(stream));
            case END -> {
                Served answer = served.get(stream);
                assertEquals(answer.upload, answer.got, "uploaded by " + answer.number);
                ends.server.respond(stream, answer);
            }
            case SENT, ABORTED -> served.remove(stream).over = true;
            default -> {}
        }
    }

    @Override
    public String toString() {
        return pending.size() + " to be asked, " + asked.size() + " asked, " + served.size() + " served, " + done + " done, " + held.size() + " held";
    }
}
