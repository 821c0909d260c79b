package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;

/// Answers with files: finds what is asked for, decides the status, and gives the exchange a [FileAnswer] from a few made at
/// start. One loop's; 0 heap bytes on [LinuxFolder].
final class FileHandler implements Handler {
    private static final Ascii ALLOWED = Ascii.of("GET, HEAD, OPTIONS");
    private static final int RETRY_SECONDS = 1;

    private final FileTable table;
    private final Now now;
    private final Timer sweep;
    private final FileAnswer[] free;
    private int freeCount;

    FileHandler(FileTable table, Place place) {
        this.table = table;
        this.now = place.now();
        this.sweep = place.timer(this::sweep);
        this.free = new FileAnswer[place.exchanges()];
        for (int i = 0; i < free.length; i++) {
            free[freeCount++] = new FileAnswer(this, table, place.config().http().sentHeadBytesMax());
        }
    }

    @Override
    public void handle(Exchange exchange) {
        RequestHead request = exchange.request();
        Method method = request.method();
        if (method != Method.GET && method != Method.HEAD) {
            other(exchange, method);
            return;
        }
        long before = table.deadline();
        OpenFile file = table.find(request.segment(), exchange.pathAt(), exchange.pathLength(), now.nanos(), now.epochSeconds());
        if (table.deadline() != before) {
            sweep.arm(table.deadline());
        }
        if (file == null) {
            refuse(exchange, table.status());
            return;
        }
        FileAnswer answer = free[--freeCount];
        int status = answer.plan(request, file, now.year());
        exchange.respond(status, answer);
    }

    private static void other(Exchange exchange, Method method) {
        if (method == Method.OTHER) {
            exchange.respond(Status.NOT_IMPLEMENTED);
            return;
        }
        exchange.field(FieldName.ALLOW, ALLOWED)
                .respond(method == Method.OPTIONS ? Status.NO_CONTENT : Status.METHOD_NOT_ALLOWED);
    }

    private static void refuse(Exchange exchange, int status) {
        if (status == Status.SERVICE_UNAVAILABLE) {
            exchange.field(FieldName.RETRY_AFTER, RETRY_SECONDS);
        }
        exchange.respond(status);
    }

    private void sweep() {
        table.sweep(now.nanos());
        sweep.arm(table.deadline());
    }

    /// An answer is not used any more.
    void giveBack(FileAnswer answer) {
        free[freeCount++] = answer;
    }
}
