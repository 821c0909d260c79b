package dev.coffer.server.files;

import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import dev.coffer.http.HttpDate;

/// The preconditions of a request for a file, in the order of RFC 9110, section 13.2.2. Stateless, thread-safe; 0 heap
/// bytes.
public final class Conditions {
    private Conditions() {}

    /// {@return the status that the preconditions of a GET or HEAD lead to: 200, 304 or 412}
    ///
    /// @param year  the present one, for dates with two digits
    public static int status(Fields fields, OpenFile file, int year) {
        int ifMatch = fields.find(FieldName.IF_MATCH);
        if (ifMatch >= 0) {
            if (!lists(fields, FieldName.IF_MATCH, ifMatch, file, true)) {
                return 412;
            }
        } else {
            long unmodifiedSince = date(fields, FieldName.IF_UNMODIFIED_SINCE, year);
            if (unmodifiedSince != HttpDate.NONE && file.modifiedSeconds() > unmodifiedSince) {
                return 412;
            }
        }
        int ifNoneMatch = fields.find(FieldName.IF_NONE_MATCH);
        if (ifNoneMatch >= 0) {
            return lists(fields, FieldName.IF_NONE_MATCH, ifNoneMatch, file, false) ? 304 : 200;
        }
        long modifiedSince = date(fields, FieldName.IF_MODIFIED_SINCE, year);
        return modifiedSince != HttpDate.NONE && file.modifiedSeconds() <= modifiedSince ? 304 : 200;
    }

    /// {@return whether a Range is to be honoured: there is no If-Range, or what it names is, strongly, what we have
    /// (section 13.1.5)}
    public static boolean rangeApplies(Fields fields, OpenFile file, int year) {
        int ifRange = fields.find(FieldName.IF_RANGE);
        if (ifRange < 0) {
            return true;
        }
        if (!file.isStrong()) {
            return false;
        }
        long date = date(fields, FieldName.IF_RANGE, year);
        if (date != HttpDate.NONE) {
            return date == file.modifiedSeconds();
        }
        // one tag, no list and no *: a list that holds ours is longer than it is
        return fields.valueLength(ifRange) == file.etagLength() && fields.find(FieldName.IF_RANGE, ifRange + 1) < 0
                && fields.valueLength(ifRange) > 1 && EntityTag.isListed(fields.segment(), fields.valueAt(ifRange), fields.valueLength(ifRange),
                        file.memory(), file.etagAt(), file.etagLength(), true);
    }

    private static boolean lists(Fields fields, FieldName name, int first, OpenFile file, boolean strongly) {
        for (int i = first; i >= 0; i = fields.find(name, i + 1)) {
            if (EntityTag.isListed(fields.segment(), fields.valueAt(i), fields.valueLength(i), file.memory(),
                    file.etagAt(), file.etagLength(), strongly)) {
                return true;
            }
        }
        return false;
    }

    private static long date(Fields fields, FieldName name, int year) {
        int index = fields.find(name);
        return index < 0 || fields.find(name, index + 1) >= 0 ? HttpDate.NONE  // twice is no date
                : HttpDate.parse(fields.segment(), fields.valueAt(index), fields.valueLength(index), year);
    }
}
