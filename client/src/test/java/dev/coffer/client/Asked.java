package dev.coffer.client;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.Method;
import dev.coffer.testkit.Eventually;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/// A request with its sink that keeps what it hears, for tests.
class Asked implements Request, ResponseSink {
    private final Origin origin;
    private final Ascii target;
    private final Method method;
    private final byte[] content;           // null for none
    private int sent;
    final CountDownLatch done = new CountDownLatch(1);
    final ByteArrayOutputStream got = new ByteArrayOutputStream();
    volatile int status;
    volatile Failure failure;
    volatile dev.coffer.http.Refusal refusal;
    volatile int ends;
    volatile int begins;
    volatile String type;
    volatile String trailers = "";
    volatile long ticket;

    Asked(Method method, String uri, String content) {
        URI parsed = URI.create(uri);
        this.origin = Origin.of(parsed);
        this.target = Ascii.of(parsed.getRawPath().isEmpty() ? "/" : parsed.getRawPath());
        this.method = method;
        this.content = content == null ? null : content.getBytes(StandardCharsets.UTF_8);
    }

    static Asked get(String uri) {
        return new Asked(Method.GET, uri, null);
    }

    Asked by(Client client) {
        ticket = client.ask(this, this);
        return this;
    }

    Asked await() {
        Eventually.open(done);
        return this;
    }

    String text() {
        return got.toString(StandardCharsets.UTF_8);
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public Method method() {
        return method;
    }

    @Override
    public Ascii target() {
        return target;
    }

    @Override
    public void begin() {
        sent = 0;
        begins++;
    }

    @Override
    public void head(HeadWriter head) {
        if (content != null) {
            head.content(content.length);
        }
    }

    @Override
    public long body(MemorySegment output, long at, long room) {
        int bytes = (int) Math.min(room, content.length - sent);
        MemorySegment.copy(content, sent, output, ValueLayout.JAVA_BYTE, at, bytes);
        sent += bytes;
        return bytes;
    }

    @Override
    public void head(Call call) {
        status = call.response().status();
        int at = call.response().find(FieldName.CONTENT_TYPE);
        type = at < 0 ? null : text(call.response(), at);
    }

    static String text(Fields fields, int index) {
        return new String(fields.segment().asSlice(fields.valueAt(index), fields.valueLength(index)).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.ISO_8859_1);
    }

    @Override
    public long take(Call call, MemorySegment segment, long at, long length) {
        got.writeBytes(segment.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
        return length;
    }

    @Override
    public void trailers(Call call, Fields fields) {
        for (int i = 0; i < fields.count(); i++) {
            trailers += text(fields, i) + ";";
        }
    }

    @Override
    public void end(Call call) {
        ends++;
        done.countDown();
    }

    @Override
    public void failed(Call call, Failure why) {
        failure = why;
        refusal = call.refusal();
        ends++;
        done.countDown();
    }
}
