package dev.coffer.client;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where origins have said that they speak HTTP/3 (RFC 7838), and where that came to nothing. A row an origin; when all are in use the one that was of no use for the
/// longest makes room. Alternatives on another host than the origin's are passed over.
///
/// An origin at which QUIC did not come about is left alone for five minutes, then for twice as long each time, up to two days; one that names another port, five minutes at most. On the client's thread; 0 heap bytes,
/// save for the name of an alternative that is new.
final class AltServices {
    /// {@link #port}: HTTP/3 is not spoken there, as far as is known.
    static final int NONE = 0;
    private static final long SECOND = 1_000_000_000L;
    private static final long PAUSE_NANOS = 300 * SECOND;
    private static final int PAUSES_MAX = 9;            // doublings: 43 hours
    private static final long AGE_SECONDS_MAX = 30 * 86_400L;

    private static final class Row {
        @Nullable
        Origin origin;          // null for a free row
        int port;               // NONE where nothing was announced
        long until;             // that is believed
        @Nullable
        Ascii authority;        // what requests by it say, null where it is the origin's own
        int failures;           // one after another
        long brokenUntil;
        long used;              // when it was looked at last
    }

    private final Row[] rows;
    private final AltSvcField field = new AltSvcField();

    AltServices(int origins) {
        rows = new Row[origins];
        for (int i = 0; i < origins; i++) {
            rows[i] = new Row();
        }
    }

    static MemoryPlan plan(int origins) {
        return MemoryPlan.block("alternatives", 0, origins, "origins that have said where they speak it, or where it came to nothing")
                .withHeap(HeapLayout.array(Row.class, origins) + origins * HeapLayout.instance(Row.class) + HeapLayout.instance(AltServices.class)
                        + HeapLayout.instance(AltSvcField.class));
    }

    private @Nullable Row find(Origin origin) {
        for (Row row : rows) {
            if (row.origin != null && row.origin.equals(origin)) {
                return row;
            }
        }
        return null;
    }

    private Row taken(Origin origin, long now) {
        Row row = find(origin);
        if (row == null) {
            row = rows[0];
            for (Row other : rows) {
                if (row.origin != null && (other.origin == null || other.used < row.used)) {
                    row = other;
                }
            }
            row.origin = origin;
            row.port = NONE;
            row.until = now;
            row.authority = null;
            row.failures = 0;
            row.brokenUntil = now;
        }
        row.used = now;
        return row;
    }

    /// {@return the port at which an origin is to be asked over HTTP/3, [#NONE] for none}
    ///
    /// @param unasked  what to say of one that has announced nothing, [#NONE] or a port
    /// @param again    whether also where it came to nothing
    int port(Origin origin, int unasked, boolean again, long now) {
        Row row = find(origin);
        if (row == null) {
            return unasked;
        }
        row.used = now;
        if (!again && row.failures > 0 && now < row.brokenUntil) {
            return NONE;
        }
        return row.port != NONE && now < row.until ? row.port : unasked;
    }

    /// {@return what a request to that port says of where it goes (Alt-Used, section 5)}
    Ascii authority(Origin origin) {
        Row row = find(origin);
        return row == null || row.authority == null ? origin.authority() : row.authority;
    }

    /// {@return whether the origin is asked at an alternative that it has announced}
    boolean isAnnounced(Origin origin, long now) {
        Row row = find(origin);
        return row != null && row.port != NONE && now < row.until;
    }

    /// An answer of an origin has come, by a connection that has proven whose it is: its last word counts.
    ///
    /// @return whether something is known that was not
    boolean heard(Origin origin, Fields fields, long now) {
        int at = fields.find(FieldName.ALT_SVC);
        if (at < 0) {
            return false;
        }
        int port = NONE;
        long seconds = 0;
        for (; at >= 0; at = fields.find(FieldName.ALT_SVC, at + 1)) {
            AltSvcField.Found found = field.read(fields.segment(), fields.valueAt(at), fields.valueLength(at), origin);
            if (found == AltSvcField.Found.MALFORMED) {
                return false;
            }
            if (found == AltSvcField.Found.CLEAR) {
                port = NONE;
                break;
            }
            if (found == AltSvcField.Found.HTTP_3 && port == NONE) {
                port = field.port();
                seconds = Math.min(Math.max(0, field.seconds() - age(fields)), AGE_SECONDS_MAX);
            }
        }
        if (port == NONE || seconds == 0) {
            forget(origin);
            return false;
        }
        Row row = taken(origin, now);
        boolean fresh = row.port != port || now >= row.until;
        if (row.port != port) {
            row.port = port;
            row.authority = port == origin.port() ? null : Ascii.of(host(origin) + ":" + port);
            row.brokenUntil = Math.min(row.brokenUntil, now + PAUSE_NANOS);  // it may be better there; what came to nothing so far still counts if it is not
        }
        row.until = now + seconds * SECOND;
        return fresh;
    }

    /// {@return seconds that an answer is old (RFC 9111, section 5.1), which are taken off what it says of others (RFC 7838, section 3.1); 0 where that is not said}
    private static long age(Fields fields) {
        int at = fields.find(FieldName.AGE);
        long age = 0;
        for (long i = 0; at >= 0 && i < fields.valueLength(at); i++) {
            int digit = fields.segment().get(ValueLayout.JAVA_BYTE, fields.valueAt(at) + i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            age = Math.min(age * 10 + digit, AGE_SECONDS_MAX);
        }
        return age;
    }

    /// What an origin has announced is asked no more: it has said that it is not the origin's.
    void forget(Origin origin) {
        Row row = find(origin);
        if (row != null) {
            row.port = NONE;
        }
    }

    private static String host(Origin origin) {
        return origin.host().indexOf(':') >= 0 ? "[" + origin.host() + "]" : origin.host();
    }

    /// HTTP/3 came to nothing at an origin.
    void broken(Origin origin, long now) {
        Row row = taken(Objects.requireNonNull(origin), now);
        row.brokenUntil = now + (PAUSE_NANOS << Math.min(row.failures, PAUSES_MAX));
        row.failures++;
    }

    /// It has come about.
    void works(Origin origin) {
        Row row = find(origin);
        if (row != null) {
            row.failures = 0;
        }
    }
}
