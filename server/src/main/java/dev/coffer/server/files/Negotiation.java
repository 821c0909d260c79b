package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// What a client would rather have, by its `Accept-Encoding` (RFC 9110, section 12.5.3) and `Accept` (12.5.1) with their weights
/// (12.4.2). A member of a list that breaks the grammar is passed over, as if it were not there; save that a coding whose weight or
/// parameters do (`gzip;q =0`, `br;q`, `br;x=y`) is not sent because of a `*` either, as nginx does: who names it has something to say
/// of it, and identity harms nobody. One thread at a time; 0 heap bytes.
final class Negotiation {
    /// From [#coding]: as it is.
    static final int IDENTITY = -1;
    /// From [#coding]: nothing that is there is acceptable.
    static final int NONE = -2;

    /// Weights are thousandths.
    private static final int WHOLE = 1000;
    private static final int UNSET = -1;
    private static final int IDENTITY_INDEX = Coding.COUNT;
    private static final int ANY_INDEX = IDENTITY_INDEX + 1;
    private static final Ascii IDENTITY_NAME = Ascii.of("identity");
    private static final Ascii GZIP_ALIAS = Ascii.of("x-gzip");     // RFC 9110, section 8.4.1.3
    private static final Ascii HTML = Ascii.of("text/html");
    private static final Ascii XHTML = Ascii.of("application/xhtml+xml");
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;

    private final int[] weights = new int[ANY_INDEX + 1];
    private MemorySegment segment = MemorySegment.NULL;  // of the field in hand
    private long at;                    // of the next member
    private long end;                   // of the field
    private long nameAt;                // of the member in hand
    private int nameLength;
    private int weight;                 // UNSET where it breaks the grammar
    private boolean hasParameters;      // other than a weight

    /// {@return index of the coding to answer with: the one of the greatest weight, of equal ones the smallest in bytes as a rule;
    /// or [#IDENTITY], also where nothing is said; or [#NONE]}
    ///
    /// @param available  bit `i` for the coding of index `i`
    int coding(Fields request, int available) {
        int first = request.find(FieldName.ACCEPT_ENCODING);
        if (first < 0) {
            return IDENTITY;  // anything would do (12.5.3, rule 1); some clients that say nothing can do nothing
        }
        Arrays.fill(weights, UNSET);
        for (int i = first; i >= 0; i = request.find(FieldName.ACCEPT_ENCODING, i + 1)) {
            begin(request, i);
            while (next()) {
                int index = index();
                boolean broken = weight == UNSET || hasParameters;  // a coding has none (12.5.3)
                if (index >= 0 && (!broken || index < Coding.COUNT)) {
                    weights[index] = Math.max(weights[index], broken ? 0 : weight);
                }
            }
        }
        int best = IDENTITY;
        int bestWeight = 0;
        for (int i = 0; i < Coding.COUNT; i++) {
            int mine = weights[i] != UNSET ? weights[i] : Math.max(weights[ANY_INDEX], 0);
            if ((available >> i & 1) != 0 && mine > bestWeight) {
                best = i;
                bestWeight = mine;
            }
        }
        int identity = weights[IDENTITY_INDEX];
        if (best == IDENTITY) {
            boolean excluded = identity == 0 || identity == UNSET && weights[ANY_INDEX] == 0;
            return excluded ? NONE : IDENTITY;
        }
        return identity > bestWeight ? IDENTITY : best;
    }

    /// {@return whether a page of HTML is asked for by name, as browsers do when they go somewhere and scripts do not}
    boolean wantsHtml(Fields request) {
        for (int i = request.find(FieldName.ACCEPT); i >= 0; i = request.find(FieldName.ACCEPT, i + 1)) {
            begin(request, i);
            while (next()) {
                if (weight > 0 && (HTML.matchesAnyCase(segment, nameAt, nameLength) || XHTML.matchesAnyCase(segment, nameAt, nameLength))) {
                    return true;
                }
            }
        }
        return false;
    }

    private int index() {
        for (int i = 0; i < Coding.COUNT; i++) {
            if (Coding.token(i).matchesAnyCase(segment, nameAt, nameLength)) {
                return i;
            }
        }
        if (GZIP_ALIAS.matchesAnyCase(segment, nameAt, nameLength)) {
            return Coding.GZIP;
        }
        if (IDENTITY_NAME.matchesAnyCase(segment, nameAt, nameLength)) {
            return IDENTITY_INDEX;
        }
        return nameLength == 1 && segment.get(U8, nameAt) == '*' ? ANY_INDEX : UNSET;
    }

    private void begin(Fields request, int field) {
        segment = request.segment();
        at = request.valueAt(field);
        end = at + request.valueLength(field);
    }

    /// Takes the next member, its weight below zero where that is none.
    ///
    /// @return whether there was one
    private boolean next() {
        while (at < end && (isSpace(at) || segment.get(U8, at) == ',')) {
            at++;
        }
        if (at == end) {
            return false;
        }
        nameAt = at;
        long nameEnd = part();
        nameLength = (int) (nameEnd - nameAt);
        weight = WHOLE;
        hasParameters = false;
        boolean isWeighed = false;
        while (at < end && segment.get(U8, at) == ';') {
            at++;
            while (at < end && isSpace(at)) {
                at++;
            }
            long from = at;
            long to = part();
            if (isWeight(from, to)) {
                weight = isWeighed ? UNSET : weight(from + 1, to);  // one, and no two
                isWeighed = true;
            } else {
                hasParameters |= to > from;
            }
        }
        return true;
    }

    /// {@return whether a parameter is named `q`, whatever follows}
    private boolean isWeight(long from, long to) {
        if (from == to || Ascii.lower(segment.get(U8, from)) != 'q') {
            return false;
        }
        byte behind = from + 1 < to ? segment.get(U8, from + 1) : (byte) ' ';
        return behind == '=' || behind == ' ' || behind == '\t';
    }

    /// Goes on to the next `,` or `;` that is in no quotes.
    ///
    /// @return where the part ends, spaces aside
    private long part() {
        long from = at;
        boolean quoted = false;
        for (byte c; at < end && (quoted || (c = segment.get(U8, at)) != ',' && c != ';'); at++) {
            byte b = segment.get(U8, at);
            if (b == '"') {
                quoted = !quoted;
            } else if (quoted && b == '\\' && at + 1 < end) {
                at++;
            }
        }
        long to = at;
        while (to > from && isSpace(to - 1)) {
            to--;
        }
        return to;
    }

    private boolean isSpace(long where) {
        byte c = segment.get(U8, where);
        return c == ' ' || c == '\t';
    }

    /// {@return a weight in thousandths: `=`, `0` or `1` and up to three digits behind a point, of which 1 has zeros alone; or -1. No
    /// space stands around the `=`}
    private int weight(long equalsAt, long to) {
        if (equalsAt == to || segment.get(U8, equalsAt) != '=') {
            return UNSET;
        }
        long from = equalsAt + 1;
        long length = to - from;
        if (length < 1 || length > 5 || length > 1 && segment.get(U8, from + 1) != '.') {
            return UNSET;
        }
        int value = 0;
        int unit = WHOLE;
        for (long i = from; i < to; i++) {
            if (i == from + 1) {
                continue;
            }
            int digit = segment.get(U8, i) - '0';
            if (digit < 0 || digit > (i == from ? 1 : 9)) {
                return UNSET;
            }
            value += digit * unit;
            unit /= 10;
        }
        return value > WHOLE ? UNSET : value;
    }
}
