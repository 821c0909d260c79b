package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.Ascii;
import dev.coffer.http.Fields;
import dev.coffer.http.HeadWriter;
import dev.coffer.http.MessageSource;
import dev.coffer.http.Method;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// One message: a path or a status, one field, content and a way to frame it; and what was seen of it.
final class Message implements MessageSource {
    static final Ascii HOST = Ascii.of("[::1]:8443");
    private static final Ascii NAME = Ascii.of("x-value");

    final boolean isRequest;
    final Method method;
    final int status;
    final Ascii path;
    final Ascii value;
    final byte[] content;
    final boolean chunked;
    final boolean trailer;
    final boolean expects;
    final SplittableRandom random;
    int at;
    boolean stalled;

    Message(SplittableRandom random, boolean isRequest, Method method) {
        this.random = random.split();
        this.isRequest = isRequest;
        this.method = method;
        status = new int[] {200, 201, 204, 304, 404, 500}[random.nextInt(6)];
        path = Ascii.of("/" + text(random, random.nextInt(200)));
        value = Ascii.of("v" + text(random, random.nextInt(100)));
        boolean bodiless = isRequest ? method == Method.GET || method == Method.HEAD : status == 204;
        content = new byte[bodiless ? 0 : random.nextInt(random.nextBoolean() ? 20 : 5000)];
        random.nextBytes(content);
        chunked = !bodiless && random.nextBoolean();
        trailer = chunked && random.nextBoolean();
        expects = isRequest && content.length > 0 && random.nextBoolean();
    }

    private static String text(SplittableRandom random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('$' + random.nextInt('~' - '$')));
        }
        return text.toString();
    }

    @Override
    public void head(HeadWriter head) {
        if (isRequest) {
            head.request(method, HOST, path);
        } else {
            head.status(status);
        }
        head.field(NAME, value);
        if (chunked) {
            head.contentOfUnknownLength();
        } else if (content.length > 0 || random.nextBoolean()) {
            head.content(content.length);
        }
        if (expects) {
            head.expectContinue();
        }
    }

    @Override
    public long body(MemorySegment output, long offset, long room) {
        if (at == content.length) {
            return END;
        }
        if (random.nextInt(4) == 0) {
            stalled = true;
            return 0;
        }
        int length = 1 + random.nextInt((int) Math.min(room, content.length - at));
        MemorySegment.copy(content, at, output, ValueLayout.JAVA_BYTE, offset, length);
        at += length;
        return length;
    }

    @Override
    public void trailers(HeadWriter trailers) {
        if (trailer) {
            trailers.field(NAME, value);
        }
    }

    /// The one field, in a head or in trailers.
    void check(Fields fields) {
        int index = fields.find(NAME);
        assertTrue(index >= 0 && fields.valueIs(index, value), "field of " + path);
    }
}
