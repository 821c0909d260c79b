package dev.coffer.http.internal;

import dev.coffer.http.FieldName;
import dev.coffer.http.Fields;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A priority as the field `priority` and the frame PRIORITY_UPDATE say it (RFC 9218, sections 4, 7.1, 7.2): a dictionary of RFC 9651 with
/// `u`, 0..7, and `i`. Of a member twice the last one counts, one of another type or size says nothing, and what is no dictionary is not there, all of it. As a number: the urgency,
/// and 8 where it is incremental.
public final class Priority {
    /// Urgency where nothing is said (section 4.1).
    public static final int URGENCY = 3;
    /// From [#read] and [#field]: nothing is said that is a dictionary.
    public static final int NONE = -1;
    private static final int URGENCY_MAX = 7;
    private static final int INCREMENTAL = 8;

    private Priority() {}

    /// {@return the urgency of a priority, 0..7}
    public static int urgency(int priority) {
        return priority & URGENCY_MAX;
    }

    /// {@return whether it asks to be sent bit by bit beside others}
    public static boolean isIncremental(int priority) {
        return (priority & INCREMENTAL) != 0;
    }

    /// {@return the priority that is said there, or [#NONE]}
    public static int read(MemorySegment segment, long at, int length) {
        return read(segment, at, length, URGENCY);
    }

    /// {@return the priority that a head says, in one field or several (RFC 9651, section 4.2), or [#NONE]}
    public static int field(Fields head) {
        int index = head.find(FieldName.PRIORITY);
        int priority = index < 0 ? NONE : URGENCY;
        for (; index >= 0 && priority != NONE; index = head.find(FieldName.PRIORITY, index + 1)) {
            priority = read(head.segment(), head.valueAt(index), head.valueLength(index), priority);
        }
        return priority;
    }

    /// @param before  what was said before
    private static int read(MemorySegment segment, long at, int length, int before) {
        int priority = before;
        int from = Dictionary.spaces(segment, at, 0, length);
        while (from < length) {
            int behind = Dictionary.key(segment, at, from, length);
            long member = behind == from ? Dictionary.FAULT : Dictionary.member(segment, at, behind, length);
            if (member == Dictionary.FAULT) {
                return NONE;
            }
            priority = behind == from + 1 ? said(priority, segment.get(ValueLayout.JAVA_BYTE, at + from), Dictionary.what(member)) : priority;
            from = Dictionary.blanks(segment, at, Dictionary.end(member), length);
            if (from < length) {
                int next = Dictionary.blanks(segment, at, from + 1, length);
                if (segment.get(ValueLayout.JAVA_BYTE, at + from) != ',' || next == length) {
                    return NONE;  // something else behind a member, or a comma behind the last
                }
                from = next;
            }
        }
        return priority;
    }

    /// {@return the priority with a member of one letter more}
    private static int said(int priority, int key, int what) {
        return switch (key) {
            case 'u' -> priority & INCREMENTAL | (what <= URGENCY_MAX ? what : URGENCY);
            case 'i' -> urgency(priority) | (what == Dictionary.TRUE ? INCREMENTAL : 0);
            default -> priority;
        };
    }
}
