package dev.coffer.tls;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Handshake messages after the handshake (RFC 8446, section 4.6): KeyUpdate of either side, and tickets of a server. They may come in
/// pieces; nothing of them is kept here. A ticket that comes in one piece, as every server's does in a record, is shown to whom it is for; one in several
/// piece by piece. The connection's thread alone; 0 heap bytes.
final class LateMessages {
    /// Whom tickets are for.
    interface TicketHearer {
        /// A message with a ticket came, whole.
        ///
        /// @param at  of its body
        /// @return null, or why the connection fails
        @Nullable
        Alert onTicket(MemorySegment from, long at, int length);

        /// A piece of one came that does not come whole.
        ///
        /// @param before  bytes of its body that came before
        /// @param total   all of them
        /// @return null, or why the connection fails
        @Nullable
        Alert onPiece(MemorySegment from, long at, int length, int before, int total);
    }

    /// Bytes of a KeyUpdate (section 4.6.3).
    static final int KEY_UPDATE_BYTES = Wire.MESSAGE_HEADER_BYTES + 1;

    /// Updates of the peer's key without a byte of content between them: more are a way to make us work.
    private static final int UPDATES_MAX = 32;
    /// Bytes of tickets without a byte of content between them.
    private static final int TICKETS_BYTES_MAX = 1 << 18;

    private final @Nullable RecordKeys keys;       // null where keys are not updated by messages (RFC 9001, section 6)
    private final @Nullable TicketHearer tickets;  // null where none may come
    private int header;             // of the message under way
    private int seen;               // bytes of it
    private int updates;            // in a row
    private int ticketBytes;        // in a row
    private int updatesDue;         // of our key, one for each that the peer has asked for

    LateMessages(@Nullable RecordKeys keys, @Nullable TicketHearer tickets) {
        this.keys = keys;
        this.tickets = tickets;
    }

    void begin() {
        header = 0;
        seen = 0;
        updates = 0;
        ticketBytes = 0;
        updatesDue = 0;
    }

    /// Content came.
    void content(int bytes) {
        if (bytes > 0) {
            updates = 0;
            ticketBytes = 0;
        }
    }

    /// {@return whether a message has begun and not ended: nothing else may come between its records (section 5.1)}
    boolean isMidMessage() {
        return seen > 0;
    }

    /// {@return whether our key is to be updated: each wish of the peer's is answered by an update of its own, though one may answer several (section 4.6.3), since there are peers that
    /// count}
    boolean isUpdateDue() {
        return updatesDue > 0;
    }

    void updateNow() {
        updatesDue = Math.max(1, updatesDue);
    }

    void updated() {
        updatesDue = Math.max(0, updatesDue - 1);
    }

    /// Takes a record's content.
    ///
    /// @return null, or why the connection fails
    @Nullable
    Alert take(MemorySegment from, long at, int bytes) {
        for (int i = 0; i < bytes;) {
            if (seen < Wire.MESSAGE_HEADER_BYTES) {
                header = header << 8 | Wire.u8(from, at + i++);
                seen++;
                Alert refused = seen == 1 || seen == Wire.MESSAGE_HEADER_BYTES ? checkHeader() : null;
                if (refused != null) {
                    return refused;
                }
                continue;
            }
            if (keys != null && type() == Wire.KEY_UPDATE) {
                return onUpdate(Wire.u8(from, at + i), i + 1 == bytes);
            }
            int part = Math.min(bytes - i, left());
            Alert refused = tickets == null ? null : hear(tickets, from, at + i, part);
            if (refused != null) {
                return refused;
            }
            i += part;
            seen += part;
            if (left() == 0) {
                end();
            }
        }
        return null;
    }

    private @Nullable Alert hear(TicketHearer hearer, MemorySegment from, long at, int length) {
        int before = seen - Wire.MESSAGE_HEADER_BYTES;
        return before == 0 && length == left() ? hearer.onTicket(from, at, length) : hearer.onPiece(from, at, length, before, before + left());
    }

    /// {@return the type of the message under way, or of one that was refused}
    int type() {
        return seen < Wire.MESSAGE_HEADER_BYTES ? header >>> 8 * (seen - 1) & 0xff : header >>> 24;
    }

    private int left() {
        return Wire.MESSAGE_HEADER_BYTES + (header & 0xffffff) - seen;
    }

    private void end() {
        header = 0;
        seen = 0;
    }

    private @Nullable Alert checkHeader() {
        boolean update = keys != null && type() == Wire.KEY_UPDATE;
        if (!update && !(tickets != null && type() == Wire.NEW_SESSION_TICKET)) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        if (seen < Wire.MESSAGE_HEADER_BYTES) {
            return null;
        }
        if (update) {
            return left() == 1 ? null : Alert.DECODE_ERROR;
        }
        ticketBytes += Wire.MESSAGE_HEADER_BYTES + left();
        if (left() == 0) {
            return Alert.DECODE_ERROR;
        }
        return ticketBytes > TICKETS_BYTES_MAX ? Alert.UNEXPECTED_MESSAGE : null;
    }

    /// @param last  of its record: what follows is under another key (section 5.1)
    private @Nullable Alert onUpdate(int request, boolean last) {
        end();
        if (request > 1) {
            return Alert.ILLEGAL_PARAMETER;
        }
        if (!last || ++updates > UPDATES_MAX) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        if (keys != null) {
            keys.updateRead();
        }
        updatesDue = Math.min(UPDATES_MAX, updatesDue + request);  // past which one answers several
        return null;
    }
}
