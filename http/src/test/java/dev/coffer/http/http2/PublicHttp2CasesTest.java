package dev.coffer.http.http2;

import static dev.coffer.http.http2.Http2Peer.ints;
import static dev.coffer.http.http2.Http2Peer.setting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The cases of h2spec, each under its number there: what it writes, and what it takes for an answer. Its writes come one by one, each answered before
/// the next is there; all at once, before any is answered; and octet by octet; to an application that answers a request at its head and to one
/// that waits for its end. Which race a server is in is not its client's to choose, so each has to be answered in all of them.
class PublicHttp2CasesTest {
    private static final int END = Frame.END_STREAM;
    private static final int WHOLE = Frame.END_HEADERS;
    private static final int BOTH = END | WHOLE;
    private static final byte[] TEST = "test".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OPAQUE = "h2spec\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WEIGHT_256 = {0, 0, 0, 0, (byte) 255};
    /// How long it waits for an answer.
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    record Case(String number, Predicate<Talk> wants, Consumer<Talk> says) {
        @Override
        public String toString() {
            return number;
        }
    }

    enum Pace { EACH, AT_ONCE, OCTETS }

    /// What it writes in one case.
    static final class Talk {
        final Http2Peer peer = new Http2Peer(Http2Config.defaults().withStreamsMax(4), 8, 4);
        private final Pace pace;
        private final String path;
        private final ByteArrayOutputStream held = new ByteArrayOutputStream();
        private int from;       // of what was seen

        Talk(Pace pace, String path) {
            this.pace = pace;
            this.path = path;
        }

        Talk raw(byte... bytes) {
            if (pace == Pace.AT_ONCE) {
                held.writeBytes(bytes);
            } else {
                peer.piece = pace == Pace.OCTETS ? 1 : Integer.MAX_VALUE;
                peer.send(bytes);
            }
            return this;
        }

        Talk hex(String octets) {
            return raw(HexFormat.of().parseHex(octets.replace(" ", "")));
        }

        Talk frame(int type, int flags, int stream, byte... payload) {
            return raw(Http2Peer.frameBytes(type, flags, stream, payload.length, payload));
        }

        /// Waits for what has been asked for.
        Talk heard() {
            if (held.size() > 0) {
                byte[] all = held.toByteArray();
                held.reset();
                peer.send(all);
            }
            return this;
        }

        /// And looks at what comes behind it.
        Talk then() {
            heard();
            from = peer.seen.size();
            return this;
        }

        Talk hello() {
            return raw(Http2Server.preface()).frame(Frame.SETTINGS, 0, 0, setting(4, 65_535)).heard().frame(Frame.SETTINGS, Frame.ACK, 0).then();
        }

        byte[] fields(String method, String... more) {
            String[] all = new String[8 + more.length];
            System.arraycopy(new String[] {":method", method, ":scheme", "http", ":path", path, ":authority", "a"}, 0, all, 0, 8);
            System.arraycopy(more, 0, all, 8, more.length);
            return peer.encoded(all);
        }

        byte[] dummies(int count) {
            String[] all = new String[2 * count];
            for (int i = 0; i < count; i++) {
                all[2 * i] = "x-dummy" + i;
                all[2 * i + 1] = "x".repeat(4000);
            }
            return peer.encoded(all);
        }

        Talk headers(int stream, int flags, byte... block) {
            return frame(Frame.HEADERS, flags, stream, block);
        }

        Talk get(int stream) {
            return headers(stream, BOTH, fields("GET"));
        }

        /// A request that goes on.
        Talk open(String method, String... more) {
            return headers(1, WHOLE, fields(method, more));
        }

        Talk data(int flags) {
            return frame(Frame.DATA, flags, 1, TEST);
        }

        Talk reset() {
            return frame(Frame.RST_STREAM, 0, 1, ints(8));
        }

        Talk update(int stream, int bytes) {
            return frame(Frame.WINDOW_UPDATE, 0, stream, ints(bytes));
        }

        Talk priority(int stream, int on, int weight) {
            return frame(Frame.PRIORITY, 0, stream, joined(ints(on), new byte[] {(byte) weight}));
        }

        Talk window(int bytes) {
            return frame(Frame.SETTINGS, 0, 0, setting(4, bytes));
        }

        Talk more(int stream, boolean last) {
            return frame(Frame.CONTINUATION, last ? WHOLE : 0, stream, dummies(1));
        }

        Talk ping() {
            return frame(Frame.PING, 0, 0, OPAQUE);
        }

        boolean over() {
            return peer.engine.isEnded() && peer.engine.isOutputEnded();
        }

        /// {@return the first frame of a type behind what was waited for, or null}
        Http2Peer.Seen first(int type) {
            return peer.seen.stream().skip(from).filter(seen -> seen.type() == type).findFirst().orElse(null);
        }

        boolean says(int type, int code) {
            Http2Peer.Seen seen = first(type);
            return seen != null && seen.code(type == Frame.GOAWAY ? 4 : 0) == code;
        }

        boolean hasAny(int type, ErrorCode... codes) {
            return peer.seen.stream().skip(from).filter(seen -> seen.type() == type).anyMatch(
                    seen -> Arrays.stream(codes).anyMatch(code -> code.code() == seen.code(type == Frame.GOAWAY ? 4 : 0)));
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static final Predicate<Talk> CLOSES = Talk::over;
    private static final Predicate<Talk> HEADS = t -> t.first(Frame.HEADERS) != null && t.first(Frame.HEADERS).stream() == 1;
    private static final Predicate<Talk> PINGS = t -> {
        Http2Peer.Seen seen = t.first(Frame.PING);
        return seen != null && seen.flags() == Frame.ACK && Arrays.equals(OPAQUE, seen.payload());
    };
    private static final Predicate<Talk> PINGS_OR_CLOSES = t -> t.over()
            || t.peer.seen.stream().anyMatch(seen -> seen.type() == Frame.PING && seen.flags() == Frame.ACK && Arrays.equals(OPAQUE, seen.payload()));
    private static final Predicate<Talk> ACKS = t -> t.first(Frame.SETTINGS) != null && t.first(Frame.SETTINGS).flags() == Frame.ACK;
    private static final Predicate<Talk> CONTENT = t -> t.first(Frame.DATA) != null;
    private static final Predicate<Talk> AN_OCTET = t -> CONTENT.test(t) && t.first(Frame.DATA).payload().length == 1;

    /// An error of the connection, which it takes for said by the connection's end as well: ours is said, and then the end comes.
    private static Predicate<Talk> fails(ErrorCode... codes) {
        return t -> t.hasAny(Frame.GOAWAY, codes) && t.over();
    }

    /// An error of a stream, which may be one of the connection.
    private static Predicate<Talk> resets(ErrorCode... codes) {
        return t -> t.hasAny(Frame.RST_STREAM, codes) || fails(codes).test(t);
    }

    private static Case of(String number, Predicate<Talk> wants, Consumer<Talk> says) {
        return new Case(number, wants, says);
    }

    static Stream<Case> cases() {
        return Stream.of(generic(), genericFields(), start(), states(), frames(), flows(), continuations(), messages(), hpack()).flatMap(List::stream);
    }

    private static List<Case> generic() {
        return List.of(
                of("generic 1/1", t -> t.peer.seen.getFirst().text().equals("SETTINGS"), t -> t.raw(Http2Server.preface()).window(65_535)),
                of("generic 2/1", PINGS, t -> t.hello().frame(Frame.PRIORITY, 0, 1, WEIGHT_256).ping()),
                of("generic 2/2", CONTENT, t -> t.hello().window(0).get(1).update(1, 1)),
                of("generic 2/3", CONTENT, t -> t.hello().window(0).get(1).frame(Frame.PRIORITY, 0, 1, WEIGHT_256).update(1, 1)),
                of("generic 2/4", PINGS, t -> t.hello().get(1).reset().ping()),
                of("generic 2/5", PINGS, t -> t.hello().get(1).then().frame(Frame.PRIORITY, 0, 1, WEIGHT_256).ping()),
                of("generic 3.1/1", HEADS, t -> t.hello().open("POST").data(END)),
                of("generic 3.1/2", HEADS, t -> t.hello().open("POST").data(0).data(END)),
                of("generic 3.1/3", HEADS, t -> t.hello().open("POST").frame(Frame.DATA, END | Frame.PADDED, 1,
                        joined(new byte[] {6}, TEST, "padded".getBytes(StandardCharsets.US_ASCII)))),
                of("generic 3.2/1", HEADS, t -> t.hello().get(1)),
                of("generic 3.2/2", HEADS, t -> t.hello().headers(1, BOTH | Frame.PADDED, joined(new byte[] {8}, t.fields("GET"), new byte[8]))),
                of("generic 3.2/3", HEADS, t -> t.hello().headers(1, BOTH | Frame.PRIORITIZED, joined(WEIGHT_256, t.fields("GET")))),
                of("generic 3.3/1", HEADS, t -> t.hello().priority(1, 0, 0).get(1)),
                of("generic 3.3/2", HEADS, t -> t.hello().priority(1, 0, 255).get(1)),
                of("generic 3.3/3", HEADS, t -> t.hello().priority(3, 1, 0).get(1)),
                of("generic 3.3/4", HEADS, t -> t.hello().priority(1, Integer.MIN_VALUE, 0).get(1)),
                of("generic 3.3/5", HEADS, t -> t.hello().priority(3, 0, 255).get(1)),
                of("generic 3.4/1", PINGS_OR_CLOSES, t -> t.hello().open("GET").reset().ping()),
                of("generic 3.5/1", ACKS, t -> t.hello().frame(Frame.SETTINGS, 0, 0,
                        joined(setting(1, 4096), setting(2, 1), setting(3, 100), setting(4, 65_535), setting(5, 16_384), setting(6, 100)))),
                of("generic 3.7/1", PINGS, t -> t.hello().ping()),
                of("generic 3.8/1", PINGS_OR_CLOSES, t -> t.hello().frame(Frame.GOAWAY, 0, 0, joined(ints(0, 0), OPAQUE)).ping()),
                of("generic 3.9/1", PINGS, t -> t.hello().update(0, 1).ping()),
                of("generic 3.9/2", HEADS, t -> t.hello().get(1).update(1, 1)),
                of("generic 3.10/1", HEADS, t -> pieces(t, 3)), of("generic 3.10/2", HEADS, t -> pieces(t, 2, 5)),
                of("generic 4/1", HEADS, t -> t.hello().get(1)),
                of("generic 4/2", HEADS, t -> t.hello().headers(1, BOTH, t.fields("HEAD"))),
                of("generic 4/3", HEADS, t -> t.hello().open("POST").data(END)),
                of("generic 4/4", HEADS, t -> t.hello().open("POST", "trailer", "x-test").data(0).headers(1, BOTH, t.peer.encoded("x-test", "ok"))));
    }

    private static Talk pieces(Talk t, int... ends) {
        t.hello();
        byte[] block = t.fields("GET");
        int from = 0;
        for (int end : ends) {
            t.frame(from == 0 ? Frame.HEADERS : Frame.CONTINUATION, from == 0 ? END : 0, 1, Arrays.copyOfRange(block, from, end));
            from = end;
        }
        return t.frame(Frame.CONTINUATION, WHOLE, 1, Arrays.copyOfRange(block, from, block.length));
    }

    /// Representations of a field behind those of a request.
    private static List<Case> genericFields() {
        String agent = "0a 757365722d6167656e74";
        String agentHuffman = "87 b505b161cc5a93";
        String name = "06 782d74657374";
        String nameHuffman = "85 f2b24a84ff";
        String value = "06 683273706563";
        String valueHuffman = "84 9c48aca4";
        return List.of(
                fieldsOf("generic 5/1", "ba"), fieldsOf("generic 5/2", "40" + agentHuffman + valueHuffman), fieldsOf("generic 5/3", "40" + agent + value),
                fieldsOf("generic 5/4", "40" + name + value), fieldsOf("generic 5/5", "40" + nameHuffman + valueHuffman),
                fieldsOf("generic 5/6", "00" + agent + value), fieldsOf("generic 5/7", "00" + agentHuffman + valueHuffman),
                fieldsOf("generic 5/8", "00" + name + value), fieldsOf("generic 5/9", "00" + nameHuffman + valueHuffman),
                fieldsOf("generic 5/10", "10" + agent + value), fieldsOf("generic 5/11", "10" + agentHuffman + valueHuffman),
                fieldsOf("generic 5/12", "10" + nameHuffman + valueHuffman), fieldsOf("generic 5/13", "10" + nameHuffman + valueHuffman),
                of("generic 5/14", HEADS, t -> t.hello().headers(1, BOTH, joined(octets("20"), t.fields("GET")))),
                of("generic 5/15", HEADS, t -> t.hello().headers(1, BOTH, joined(octets("20 3fe11f"), t.fields("GET")))));
    }

    private static byte[] octets(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static Case fieldsOf(String number, String octets) {
        return of(number, HEADS, t -> t.hello().headers(1, BOTH, joined(t.fields("GET"), octets(octets))));
    }

    private static List<Case> start() {
        return List.of(
                of("3.5/1", t -> t.peer.seen.getFirst().text().equals("SETTINGS"), t -> t.raw(Http2Server.preface()).window(65_535)),
                of("3.5/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.raw("INVALID CONNECTION PREFACE\r\n\r\n".getBytes(StandardCharsets.US_ASCII))),
                of("4.1/1", PINGS, t -> t.hello().hex("000008 16 00 00000000").raw(new byte[8]).ping()),
                of("4.1/2", t -> t.says(Frame.PING, 0), t -> t.hello().hex("000008 06 16 00000000").raw(new byte[8])),
                of("4.1/3", t -> t.says(Frame.PING, 0), t -> t.hello().hex("000008 06 16 80000000").raw(new byte[8])),
                of("4.2/1", HEADS, t -> t.hello().open("POST").frame(Frame.DATA, END, 1, new byte[16_384])),
                of("4.2/2", resets(ErrorCode.FRAME_SIZE_ERROR), t -> t.hello().open("POST").frame(Frame.DATA, END, 1, new byte[16_385])),
                of("4.2/3", fails(ErrorCode.FRAME_SIZE_ERROR), t -> t.hello().headers(1, BOTH, joined(t.fields("GET"), t.dummies(5)))),
                of("4.3/1", fails(ErrorCode.COMPRESSION_ERROR), t -> t.hello().hex("000001 01 05 00000001 40")),
                of("4.3/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, 0, t.fields("GET")).frame(Frame.PRIORITY, 0, 1, WEIGHT_256).more(1,
                        true)),
                of("4.3/3", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, 0, t.fields("GET")).get(3).more(1, true)));
    }

    private static List<Case> states() {
        Predicate<Talk> closed = resets(ErrorCode.STREAM_CLOSED);
        return List.of(
                of("5.1/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().data(END)),
                of("5.1/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().reset()),
                of("5.1/3", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().update(1, 100)),
                of("5.1/4", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().frame(Frame.CONTINUATION, WHOLE, 1, t.fields("GET"))),
                of("5.1/5", closed, t -> t.hello().get(1).data(END)), of("5.1/6", closed, t -> t.hello().get(1).get(1)),
                of("5.1/7", resets(ErrorCode.STREAM_CLOSED, ErrorCode.PROTOCOL_ERROR), t -> t.hello().get(1).frame(Frame.CONTINUATION, WHOLE, 1,
                        t.fields("GET"))),
                of("5.1/8", closed, t -> t.hello().open("GET").reset().data(END)), of("5.1/9", closed, t -> t.hello().open("GET").reset().get(1)),
                of("5.1/10", resets(ErrorCode.STREAM_CLOSED, ErrorCode.PROTOCOL_ERROR), t -> t.hello().open("GET").reset().more(1, true)),
                of("5.1/11", closed, t -> t.hello().get(1).then().data(END)),
                of("5.1/12", fails(ErrorCode.STREAM_CLOSED), t -> t.hello().get(1).then().get(1)),
                of("5.1/13", fails(ErrorCode.STREAM_CLOSED, ErrorCode.PROTOCOL_ERROR), t -> t.hello().get(1).then().more(1, true)),
                of("5.1.1/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().get(2)),
                of("5.1.1/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().get(5).get(3)),
                of("5.1.1/3, later", closed, t -> t.hello().get(5).get(5)),
                of("5.1.2/1", resets(ErrorCode.PROTOCOL_ERROR, ErrorCode.REFUSED_STREAM), t -> {
                    t.hello().window(0);
                    for (int i = 0; i <= 4; i++) {
                        t.get(1 + 2 * i);
                    }
                }),
                of("5.3.1/1", resets(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, BOTH | Frame.PRIORITIZED,
                        joined(ints(1), new byte[] {-1}, t.fields("GET")))),
                of("5.3.1/2", resets(ErrorCode.PROTOCOL_ERROR), t -> t.hello().priority(1, 1, 255)),
                of("5.4.1/1", CLOSES, t -> t.hello().hex("000008 06 00 00000003").raw(new byte[8])),
                of("5.4.1/2, strict", t -> t.first(Frame.GOAWAY) != null, t -> t.hello().hex("000008 06 00 00000003").raw(new byte[8])),
                of("5.5/1", PINGS, t -> t.hello().hex("000008 16 00 00000000").raw(new byte[8]).ping()),
                of("5.5/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, END, t.fields("GET")).hex("000008 16 00 00000000").raw(new byte[8])));
    }

    private static List<Case> frames() {
        return List.of(
                of("6.1/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().frame(Frame.DATA, END, 0, TEST)),
                of("6.1/2", resets(ErrorCode.STREAM_CLOSED), t -> t.hello().headers(1, BOTH, t.fields("POST")).data(END)),
                of("6.1/3", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().open("POST", "content-length", "4").hex("000005 00 09 00000001").hex(
                        "06 54657374")),
                of("6.2/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, 0, t.fields("GET")).frame(Frame.PRIORITY, 0, 1, WEIGHT_256)),
                of("6.2/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, 0, t.fields("GET")).get(3)),
                of("6.2/3", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().get(0)),
                of("6.2/4", resets(ErrorCode.PROTOCOL_ERROR), t -> {
                    byte[] block = t.hello().fields("GET");
                    t.headers(1, BOTH | Frame.PADDED, joined(new byte[] {(byte) (block.length + 2)}, block));
                }),
                of("6.3/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().frame(Frame.PRIORITY, 0, 0, WEIGHT_256)),
                of("6.3/2", resets(ErrorCode.FRAME_SIZE_ERROR), t -> t.hello().get(1).hex("000004 02 00 00000001").hex("80000001")),
                of("6.4/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().frame(Frame.RST_STREAM, 0, 0, ints(8))),
                of("6.4/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().reset()),
                of("6.4/3", resets(ErrorCode.FRAME_SIZE_ERROR), t -> t.hello().get(1).hex("000003 03 00 00000001").hex("000000")),
                of("6.5/1", fails(ErrorCode.FRAME_SIZE_ERROR), t -> t.hello().hex("000001 04 01 00000000").hex("00")),
                of("6.5/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().hex("000006 04 00 00000001").hex("000300000064")),
                of("6.5/3", resets(ErrorCode.FRAME_SIZE_ERROR), t -> t.hello().hex("000009 04 00 00000000").hex("0003000000640002")),
                of("6.5.2/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().frame(Frame.SETTINGS, 0, 0, setting(2, 2))),
                of("6.5.2/2", fails(ErrorCode.FLOW_CONTROL_ERROR), t -> t.hello().window(Integer.MIN_VALUE)),
                of("6.5.2/3", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().frame(Frame.SETTINGS, 0, 0, setting(5, 16_383))),
                of("6.5.2/4", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().frame(Frame.SETTINGS, 0, 0, setting(5, 16_777_216))),
                of("6.5.2/5", PINGS, t -> t.hello().frame(Frame.SETTINGS, 0, 0, setting(0xff, 1)).ping()),
                of("6.5.3/1", AN_OCTET, t -> t.hello().frame(Frame.SETTINGS, 0, 0, joined(setting(4, 100), setting(4, 1))).then().get(1)),
                of("6.5.3/2", ACKS, t -> t.hello().frame(Frame.SETTINGS, 0, 0, setting(2, 0))),
                of("6.7/1", PINGS, t -> t.hello().ping()),
                of("6.7/2", PINGS, t -> t.hello().frame(Frame.PING, Frame.ACK, 0, "invalid\0".getBytes(StandardCharsets.US_ASCII)).ping()),
                of("6.7/3", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().hex("000008 06 00 00000001").raw(new byte[8])),
                of("6.7/4", fails(ErrorCode.FRAME_SIZE_ERROR), t -> t.hello().hex("000006 06 00 00000000").raw(new byte[6])),
                of("6.8/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().hex("000008 07 00 00000001").raw(new byte[8])),
                of("7/1", PINGS_OR_CLOSES, t -> t.hello().frame(Frame.GOAWAY, 0, 0, ints(0, 0xff)).ping()),
                of("7/2", PINGS, t -> t.hello().open("POST").frame(Frame.RST_STREAM, 0, 1, ints(0xff)).ping()));
    }

    private static List<Case> flows() {
        return List.of(
                of("6.9/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().update(0, 0)),
                of("6.9/2", resets(ErrorCode.PROTOCOL_ERROR), t -> t.hello().open("GET").update(1, 0)),
                of("6.9/3", fails(ErrorCode.FRAME_SIZE_ERROR), t -> t.hello().hex("000003 08 00 00000000").hex("000001")),
                of("6.9.1/1", AN_OCTET, t -> t.hello().window(1).then().get(1)),
                of("6.9.1/2", t -> t.says(Frame.GOAWAY, ErrorCode.FLOW_CONTROL_ERROR.code()), t -> t.hello().update(0, Integer.MAX_VALUE).update(0,
                        Integer.MAX_VALUE)),
                of("6.9.1/3", t -> t.says(Frame.RST_STREAM, ErrorCode.FLOW_CONTROL_ERROR.code()), t -> t.hello().open("GET").update(1, Integer.MAX_VALUE)
                        .update(1, Integer.MAX_VALUE)),
                of("6.9.2/1", AN_OCTET, t -> t.hello().window(0).then().get(1).window(1)),
                of("6.9.2/2", AN_OCTET, t -> t.hello().window(3).then().get(1).then().window(2).then().update(1, 2)),
                of("6.9.2/3", fails(ErrorCode.FLOW_CONTROL_ERROR), t -> t.hello().hex("000006 04 00 00000000").hex("000480000000")));
    }

    private static List<Case> continuations() {
        return List.of(
                of("6.10/1", HEADS, t -> t.hello().headers(1, END, t.fields("GET")).more(1, false).more(1, true)),
                of("6.10/2", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, 0, t.fields("POST")).more(1, false).data(END)),
                of("6.10/3", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, END, t.fields("GET")).more(0, true)),
                of("6.10/4", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().get(1).more(1, true)),
                of("6.10/5", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, END, t.fields("GET")).more(1, true).more(1, true)),
                of("6.10/6", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, 0, t.fields("POST")).data(END).more(1, false).more(0, true)));
    }

    private static Case malformed(String number, String... fields) {
        return of(number, resets(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, BOTH, t.peer.encoded(fields)));
    }

    private static Case alsoWith(String number, String name, String value) {
        return of(number, resets(ErrorCode.PROTOCOL_ERROR), t -> t.hello().headers(1, BOTH, t.fields("GET", name, value)));
    }

    private static List<Case> messages() {
        Predicate<Talk> malformed = resets(ErrorCode.PROTOCOL_ERROR);
        return List.of(
                of("8.1/1", malformed, t -> t.hello().open("POST").data(0).headers(1, WHOLE, t.peer.encoded("x-test", "ok"))),
                alsoWith("8.1.2/1", "X-TEST", "ok"), alsoWith("8.1.2.1/1", ":test", "ok"), alsoWith("8.1.2.1/2", ":status", "200"),
                of("8.1.2.1/3", malformed, t -> t.hello().open("POST").data(0).headers(1, WHOLE, t.peer.encoded(":method", "POST"))),
                of("8.1.2.1/3, ended", malformed, t -> t.hello().open("POST").data(0).headers(1, BOTH, t.peer.encoded(":method", "POST"))),
                malformed("8.1.2.1/4", "x-test", "ok", ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a"),
                alsoWith("8.1.2.2/1", "connection", "keep-alive"),
                of("8.1.2.2/2", malformed, t -> t.hello().headers(1, BOTH, t.fields("GET", "trailers", "test", "te", "trailers, deflate"))),
                malformed("8.1.2.3/1", ":method", "GET", ":scheme", "http", ":path", "", ":authority", "a"),
                malformed("8.1.2.3/2", ":path", "/", ":authority", "a"), malformed("8.1.2.3/3", ":method", "GET", ":path", "/", ":authority", "a"),
                malformed("8.1.2.3/4", ":method", "GET", ":scheme", "http", ":authority", "a"), alsoWith("8.1.2.3/5", ":method", "GET"),
                alsoWith("8.1.2.3/6", ":scheme", "http"), alsoWith("8.1.2.3/7", ":path", "/"), alsoWith("8.1.2.3/7, as written", ":method", "/"),
                of("8.1.2.6/1", malformed, t -> t.hello().open("POST", "content-length", "1").data(END)),
                of("8.1.2.6/2", malformed, t -> t.hello().open("POST", "content-length", "1").data(0).data(END)),
                of("8.2/1", fails(ErrorCode.PROTOCOL_ERROR), t -> t.hello().frame(Frame.PUSH_PROMISE, WHOLE, 1, joined(ints(3), t.fields("GET")))));
    }

    private static Case undecodable(String number, String octets) {
        return of(number, fails(ErrorCode.COMPRESSION_ERROR), t -> t.hello().headers(1, BOTH, joined(t.fields("GET"), octets(octets))));
    }

    private static List<Case> hpack() {
        return List.of(
                undecodable("hpack 2.3.3/1", "c6"), undecodable("hpack 2.3.3/2", "7f0700"), undecodable("hpack 4.2/1", "21"),
                undecodable("hpack 5.2/1", "00 85 f2b24a84ff 84 49509fff"), undecodable("hpack 5.2/2", "00 85 f2b24a84ff 83 495090"),
                undecodable("hpack 5.2/3", "00 85 f2b24a 87 fffffffd25427f"), undecodable("hpack 6.1/1", "80"),
                of("hpack 6.3/1", fails(ErrorCode.COMPRESSION_ERROR), t -> t.hello().headers(1, BOTH, joined(octets("3fe21f"), t.fields("GET")))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAnsweredInEveryRace(Case one) {
        for (Pace pace : Pace.values()) {
            for (String path : new String[] {"/", "/echo"}) {
                Talk talk = new Talk(pace, path);
                one.says.accept(talk);
                talk.heard();
                if (!one.wants.test(talk)) {
                    talk.peer.pass(PATIENCE_NANOS);
                }
                boolean hasContent = path.equals("/") || one.wants != AN_OCTET && one.wants != CONTENT;
                assertTrue(!hasContent || one.wants.test(talk), () -> pace + " " + path + ": " + talk.peer.said() + ", " + talk.peer.events);
            }
        }
    }

    /// 146 that it runs and the one of `--strict`, beside three that it has had in another form.
    @Test
    void allAreHere() {
        assertEquals(147 + 3, cases().count());
    }
}
