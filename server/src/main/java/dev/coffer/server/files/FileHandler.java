package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Method;
import dev.coffer.http.RequestHead;
import dev.coffer.http.Status;
import dev.coffer.memory.SlotAccount;
import dev.coffer.server.Answer;
import dev.coffer.server.Exchange;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.time.Now;
import dev.coffer.server.time.Timer;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Answers with files: finds what is asked for, decides the status, and gives the exchange a [FileAnswer] from a few made at
/// start. One loop's; 0 heap bytes on [LinuxFolder].
final class FileHandler implements Handler {
    private static final Ascii ALLOWED = Ascii.of("GET, HEAD, OPTIONS");
    private static final Ascii VARY_CODING = Ascii.of("Accept-Encoding");
    private static final Ascii VARY_PAGE = Ascii.of("Accept");
    private static final Ascii VARY_BOTH = Ascii.of("Accept, Accept-Encoding");
    private static final int RETRY_SECONDS = 1;

    private final FileTable table;
    private final ServingRules rules;
    private final byte @Nullable [] notFound;      // names of pages, or null
    private final byte @Nullable [] fallback;
    private final Listing[] listings;   // those that are free first
    private int freeListings;
    private final Negotiation negotiation = new Negotiation();
    private final Now now;
    private final Timer sweep;
    private final FileAnswer[] free;
    private int freeCount;

    /// @throws IOException  a page is not there
    FileHandler(FileTable table, ServingRules rules, Place place) throws IOException {
        this.table = table;
        this.rules = rules;
        this.now = place.now();
        this.sweep = place.timer(this::sweep);
        this.free = new FileAnswer[place.exchanges()];
        for (int i = 0; i < free.length; i++) {
            free[freeCount++] = new FileAnswer(this, table, place.config().http().sentHeadBytesMax() - rules.fields().bytes());
        }
        listings = rules.listed() == 0 ? new Listing[0] : listings(place);
        freeListings = listings.length;
        notFound = page(rules.notFound());
        fallback = page(rules.fallback());
        if (notFound != null || fallback != null) {
            sweep.arm(table.deadline());
        }
    }

    private Listing[] listings(Place place) {
        SlotAccount account = Listing.account(rules.listings(), rules.listed());
        place.account(account);
        MemorySegment memory = place.carve(Listing.plan(rules.listings(), rules.listed()).totalBytes());
        return Listing.of(this, table.folder(), account, memory, rules.listings(), rules.listed(), place);
    }

    private byte @Nullable [] page(@Nullable String name) throws IOException {
        if (name == null) {
            return null;
        }
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        OpenFile file = table.findNamed(bytes, now.nanos(), now.epochSeconds());
        boolean folder = file != null && file.isFolder();
        if (file != null) {
            table.release(file);
        }
        if (file == null || folder) {
            throw new FileNotFoundException("page " + name + ": " + (folder ? "a folder" : table.status() == Status.NOT_FOUND ? "no such file"
                    : "cannot be read"));
        }
        return bytes;
    }

    @Override
    public void handle(Exchange exchange) {
        RequestHead request = exchange.request();
        exchange.fields(rules.fields());
        Method method = request.method();
        if (method != Method.GET && method != Method.HEAD) {
            other(exchange, method);
            return;
        }
        long before = table.deadline();
        try {
            OpenFile file = forPart(request,
                    table.find(request.segment(), exchange.pathAt(), exchange.pathLength(), now.nanos(), now.epochSeconds()));
            if (file != null) {
                serve(exchange, file, null);
            } else if (table.status() == Status.NOT_FOUND) {
                if (listings.length == 0 || !table.wasFolderAsked() || !list(exchange)) {
                    missing(exchange);
                }
            } else {
                refuse(exchange, table.status());
            }
        } finally {
            if (table.deadline() != before) {
                sweep.arm(table.deadline());
            }
        }
    }

    /// {@return the file, or what its name means at this moment where a part is asked for; held. Null: [FileTable#status]}
    private @Nullable OpenFile forPart(RequestHead request, @Nullable OpenFile file) {
        return file == null || request.find(FieldName.RANGE) < 0 ? file : table.anew(file, now.nanos(), now.epochSeconds());
    }

    private static void other(Exchange exchange, Method method) {
        if (method == Method.OTHER || method == Method.CONNECT) {  // of a protocol that nobody speaks here (RFC 9220, section 3)
            exchange.respond(Status.NOT_IMPLEMENTED);
            return;
        }
        exchange.field(FieldName.ALLOW, ALLOWED)
                .respond(method == Method.OPTIONS ? Status.NO_CONTENT : Status.METHOD_NOT_ALLOWED);
    }

    /// Answers with a file, or with the sibling of it that the client would rather have.
    ///
    /// @param file  held
    /// @param vary  the field that it was chosen by, or null
    private void serve(Exchange exchange, OpenFile file, @Nullable Ascii vary) {
        FileAnswer answer = lend(file);
        boolean given = false;
        try {
            RequestHead request = exchange.request();
            int available = rules.precompressed() && !file.isFolder() ? table.siblings(file) : 0;
            int coding = rules.precompressed() && !file.isFolder() ? negotiation.coding(request, available) : Negotiation.IDENTITY;
            if (coding == Negotiation.NONE) {
                exchange.field(FieldName.VARY, VARY_CODING).respond(Status.NOT_ACCEPTABLE);
                return;
            }
            describe(answer, request, file, coding, available == 0 ? vary : vary == null ? VARY_CODING : VARY_BOTH);
            exchange.respond(answer.plan(request, now.year(), now.nanos()), answer);
            given = true;
        } finally {
            giveBackUnless(given, answer);
        }
    }

    /// {@return an answer that holds a file from here on: whatever throws before it is given to an exchange, both come back}
    private FileAnswer lend(OpenFile file) {
        FileAnswer answer = free[--freeCount];
        answer.hold(file);
        return answer;
    }

    private static void giveBackUnless(boolean given, Answer answer) {
        if (!given) {
            answer.ended(false);
        }
    }

    /// Has the sibling sent, for which the file is let go, or the file itself, also where the sibling has gone.
    private void describe(FileAnswer answer, RequestHead request, OpenFile file, int coding, @Nullable Ascii vary) {
        OpenFile sibling = coding < 0 ? null : forPart(request, table.findSibling(file, coding, now.nanos(), now.epochSeconds()));
        answer.describe(file, sibling == null ? Negotiation.IDENTITY : coding, vary);
        if (sibling != null) {
            answer.hold(sibling);
            table.release(file);
        }
    }

    /// Answers with the list of the folder that was asked for.
    ///
    /// @return whether there is such a folder
    private boolean list(Exchange exchange) {
        if (freeListings == 0) {
            refuse(exchange, Status.SERVICE_UNAVAILABLE);
            return true;
        }
        Listing listing = listings[freeListings - 1];
        int code = listing.read(table);
        if (code == 0) {
            freeListings--;
            listing.given(exchange);
            boolean given = false;
            try {
                exchange.respond(Status.OK, listing);
                given = true;
            } finally {
                giveBackUnless(given, listing);
            }
        } else if (code != Folder.MISSING) {
            refuse(exchange, FileTable.status(code));
        }
        return code != Folder.MISSING;
    }

    private void missing(Exchange exchange) {
        RequestHead request = exchange.request();
        if (fallback != null && negotiation.wantsHtml(request)) {
            OpenFile file = forPart(request, table.findNamed(fallback, now.nanos(), now.epochSeconds()));
            if (file != null && !file.isFolder()) {
                serve(exchange, file, VARY_PAGE);
                return;
            }
            release(file);
        }
        Ascii vary = fallback == null ? null : VARY_PAGE;
        OpenFile file = notFound == null ? null : table.findNamed(notFound, now.nanos(), now.epochSeconds());
        if (file == null || file.isFolder()) {
            release(file);
            if (vary != null) {
                exchange.field(FieldName.VARY, vary);
            }
            exchange.respond(Status.NOT_FOUND);
            return;
        }
        FileAnswer answer = lend(file);
        boolean given = false;
        try {
            int available = rules.precompressed() ? table.siblings(file) : 0;
            describe(answer, request, file, available == 0 ? Negotiation.IDENTITY : negotiation.coding(request, available),
                    available == 0 ? vary : vary == null ? VARY_CODING : VARY_BOTH);
            answer.planPage(request, Status.NOT_FOUND);
            exchange.respond(Status.NOT_FOUND, answer);
            given = true;
        } finally {
            giveBackUnless(given, answer);
        }
    }

    private void release(@Nullable OpenFile file) {
        if (file != null) {
            table.release(file);
        }
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

    /// A listing is not used any more.
    void giveBack(Listing listing) {
        listings[freeListings++] = listing;
    }
}
