package dev.coffer.http.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A priority as the field `priority` and the frame PRIORITY_UPDATE say it (RFC 9218, sections 4, 7.1, 7.2): a dictionary of RFC 9651 with
/// `u`, 0..7, and `i`. What is not understood is passed by, as the standard wants. As a number: the urgency, and 8 where it is incremental.
public final class Priority {
    /// Urgency where nothing is said (section 4.1).
    public static final int URGENCY = 3;
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

    /// {@return the priority that is said there}
    public static int read(MemorySegment segment, long at, int length) {
        int urgency = URGENCY;
        boolean incremental = false;
        for (int i = 0; i < length;) {
            int end = i;
            while (end < length && segment.get(ValueLayout.JAVA_BYTE, at + end) != ',') {
                end++;
            }
            while (i < end && segment.get(ValueLayout.JAVA_BYTE, at + i) == ' ') {
                i++;
            }
            int key = i < end ? segment.get(ValueLayout.JAVA_BYTE, at + i) : 0;
            int sign = i + 1 < end ? segment.get(ValueLayout.JAVA_BYTE, at + i + 1) : 0;
            if (key == 'u' && sign == '=' && i + 2 < end) {
                int digit = segment.get(ValueLayout.JAVA_BYTE, at + i + 2) - '0';
                urgency = digit >= 0 && digit <= URGENCY_MAX && isEnd(segment, at, i + 3, end) ? digit : urgency;
            } else if (key == 'i' && isEnd(segment, at, i + 1, end)) {
                incremental = true;
            } else if (key == 'i' && sign == '=' && i + 3 < end && segment.get(ValueLayout.JAVA_BYTE, at + i + 2) == '?') {
                incremental = segment.get(ValueLayout.JAVA_BYTE, at + i + 3) == '1';
            }
            i = end + 1;
        }
        return urgency | (incremental ? INCREMENTAL : 0);
    }

    /// {@return whether a member ends there: nothing follows but white space or a parameter}
    private static boolean isEnd(MemorySegment segment, long at, int from, int end) {
        byte b = from < end ? segment.get(ValueLayout.JAVA_BYTE, at + from) : (byte) ' ';
        return b == ' ' || b == '\t' || b == ';';
    }
}
