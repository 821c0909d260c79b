package dev.coffer.server.log;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.memory.Wipe;
import dev.coffer.server.Ending;
import dev.coffer.server.Exchange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// One request's line: what it asked for is written down when it comes, as nobody may look at it later, and the rest when the exchange
/// is over. Made at start, used for one exchange after another; 0 heap bytes.
final class LogEntry implements Ending {
    /// Bytes of a request's target, escaped, at most; of its method; of Referer and User-Agent, each.
    static final int TARGET_BYTES_MAX = 1024;
    static final int METHOD_BYTES_MAX = 64;
    static final int FIELD_BYTES_MAX = 384;
    /// Bytes of memory: these, and 192 for a peer's address, a time and the words between.
    static final int BYTES = TARGET_BYTES_MAX + METHOD_BYTES_MAX + 2 * FIELD_BYTES_MAX + 192;
    /// Bytes that are written when it is over, at most: two numbers of 20 digits, a status, the words.
    static final int ENDING_BYTES_MAX = 128;

    private static final Ascii ZONE = Ascii.of(" +0000");
    private static final Ascii IDENTITIES = Ascii.of(" - - [");
    private static final Ascii REQUEST = Ascii.of("] \"");
    private static final Ascii PROTOCOL = Ascii.of(" HTTP/");
    private static final Ascii NEXT = Ascii.of("\" \"");
    private static final Ascii TIME_KEY = Ascii.of("{\"time\":\"");
    private static final Ascii PEER_KEY = Ascii.of("\",\"peer\":\"");
    private static final Ascii METHOD_KEY = Ascii.of("\",\"method\":\"");
    private static final Ascii TARGET_KEY = Ascii.of("\",\"target\":\"");
    private static final Ascii PROTOCOL_KEY = Ascii.of("\",\"protocol\":\"HTTP/");
    private static final Ascii REFERER_KEY = Ascii.of("\",\"referer\":");
    private static final Ascii AGENT_KEY = Ascii.of(",\"userAgent\":");
    private static final Ascii STATUS_KEY = Ascii.of(",\"status\":");
    private static final Ascii BYTES_KEY = Ascii.of(",\"bytes\":");
    private static final Ascii COMPLETE = Ascii.of(",\"complete\":true,\"micros\":");
    private static final Ascii CUT = Ascii.of(",\"complete\":false,\"micros\":");
    private static final Ascii END = Ascii.of("}\n");
    private static final Ascii NULL = Ascii.of("null");
    private static final long MICRO = 1000;

    private final LoopLog log;
    private final MemorySegment memory;
    private final long base;
    private final boolean json;
    private long headEnd;       // of what stands before the status
    private long tailEnd;       // of what stands behind the bytes
    private long began;

    /// @param memory  [#BYTES] at `base`, zero
    LogEntry(LoopLog log, MemorySegment memory, long base) {
        this.log = log;
        this.memory = memory;
        this.base = base;
        this.json = log.format() == LogFormat.JSON;
    }

    /// Writes down what is asked for.
    void begin(Exchange exchange) {
        began = exchange.beganNanos();
        LogText text = log.text().from(base);
        RequestHead request = exchange.request();
        if (json) {
            text.text(TIME_KEY).timestamp(exchange.epochSeconds()).text(PEER_KEY);
            peer(exchange, text);
            line(request, text.text(METHOD_KEY), TARGET_KEY, PROTOCOL_KEY);
            field(request, FieldName.REFERER, text.text(REFERER_KEY));
            field(request, FieldName.USER_AGENT, text.text(AGENT_KEY));
            headEnd = text.at();
        } else {
            peer(exchange, text);
            text.text(IDENTITIES).commonTime(exchange.epochSeconds(), ZONE).text(REQUEST);
            line(request, text, null, PROTOCOL);
            headEnd = text.put('"').put(' ').at();
            if (log.format() == LogFormat.COMBINED) {
                text.put(' ').put('"');
                commonField(request, FieldName.REFERER, text);
                commonField(request, FieldName.USER_AGENT, text.text(NEXT));
                text.put('"');
            }
        }
        tailEnd = text.at();
    }

    private void peer(Exchange exchange, LogText text) {
        int length = exchange.peer(memory, text.at());
        if (length == 0) {
            text.put('-');
        } else {
            text.skip(length);
        }
    }

    /// Method, target and version.
    ///
    /// @param beforeTarget  null for a space
    private void line(RequestHead request, LogText text, @Nullable Ascii beforeTarget, Ascii beforeVersion) {
        Method method = request.method();
        if (method == Method.OTHER) {
            text.escaped(request.segment(), request.methodAt(), request.methodLength(), METHOD_BYTES_MAX, json);
        } else {
            text.text(method.text());
        }
        if (beforeTarget == null) {
            text.put(' ');
        } else {
            text.text(beforeTarget);
        }
        int query = request.queryLength();
        int length = query < 0 ? request.pathLength() : (int) (request.queryAt() + query - request.pathAt());
        text.escaped(request.segment(), request.pathAt(), length, TARGET_BYTES_MAX, json);
        int version = request.version();
        text.text(beforeVersion).put('0' + version / 10);
        if (version < 20) {
            text.put('.').put('0' + version % 10);
        }
    }

    private void field(RequestHead request, FieldName name, LogText text) {
        int index = request.find(name);
        if (index < 0) {
            text.text(NULL);
            return;
        }
        text.put('"').escaped(request.segment(), request.valueAt(index), request.valueLength(index), FIELD_BYTES_MAX, json).put('"');
    }

    private void commonField(RequestHead request, FieldName name, LogText text) {
        int index = request.find(name);
        if (index < 0) {
            text.put('-');
        } else {
            text.escaped(request.segment(), request.valueAt(index), request.valueLength(index), FIELD_BYTES_MAX, json);
        }
    }

    @Override
    public void ended(Exchange exchange, boolean complete) {
        LogText ending = log.endingText();
        int status = exchange.isBegun() ? exchange.status() : 0;
        if (json) {
            ending.text(STATUS_KEY);
            (status == 0 ? ending.text(NULL) : ending.decimal(status)).text(BYTES_KEY).decimal(exchange.contentBytes())
                    .text(complete ? COMPLETE : CUT).decimal(Math.max(exchange.nowNanos() - began, 0) / MICRO).text(END);
            log.append(memory, base, headEnd, tailEnd);
        } else {
            (status == 0 ? ending.put('-') : ending.decimal(status)).put(' ').decimal(exchange.contentBytes());
            memory.set(ValueLayout.JAVA_BYTE, tailEnd, (byte) '\n');
            tailEnd++;
            log.append(memory, base, headEnd, tailEnd);
        }
        Wipe.bytes(memory, base, tailEnd - base);
        log.giveBack(this);
    }
}
