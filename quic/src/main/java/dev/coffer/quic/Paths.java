package dev.coffer.quic;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.engine.DatagramHeader;
import dev.coffer.memory.engine.NetworkPath;
import dev.coffer.memory.layout.LittleEndian;
import dev.coffer.quic.frame.FrameType;
import java.lang.foreign.MemorySegment;

/// The path of a connection changes (RFC 9000, sections 8.2 and 9): a server follows its client to where an authentic packet came from and asks whether it is
/// there, a client asks on a path before it moves to it. Stateless; 0 heap bytes.
///
/// What is known of a change lies in one block, lent while something about it is open: the other path, which is the one before, or the one that is asked; and
/// what was asked on both. **Without a block** no path changes, as if what came was lost.
///
/// ```
///   server   packet from a new place, not a probe, the newest --> in use, other = the one before; asked on both
///            answer from the one in use --> stays, window and round trip begin anew where more than the port is new
///            none --> back to the one before
///   client   migrate --> asked on the other --> answer --> in use
/// ```
///
/// Until a path has answered, it has three times what came from it.
final class Paths {
    // The block.
    private static final long OTHER = 0;                             // NetworkPath
    private static final long ASKED = OTHER + NetworkPath.BYTES;     // 2 x 8 bytes of PATH_CHALLENGE: on the path in use, on the other
    private static final long RESPONSE = ASKED + 2 * Long.BYTES;     // 8 bytes of the peer's PATH_CHALLENGE that came on the other
    private static final long AGAIN = RESPONSE + Long.BYTES;         // i64, when they are asked again
    private static final long EXPIRES = AGAIN + Long.BYTES;          // i64, when nothing is hoped for any more
    private static final long RECEIVED = EXPIRES + Long.BYTES;       // i64, bytes on the other while it is not validated
    private static final long SENT = RECEIVED + Long.BYTES;          // i64
    private static final long OTHER_ID = SENT + Long.BYTES;          // i64, number of the peer's ID for the other; -1 for that in use
    private static final long FLAGS = OTHER_ID + Long.BYTES;         // u16
    private static final long TRIES = FLAGS + 2;                     // u16, rounds of asking so far, and above them those since what is asked was drawn
    private static final long RESPOND_AT = TRIES + 2;                // i64, when the next answer on the other may go
    static final long BYTES = RESPOND_AT + Long.BYTES;
    private static final int FRAME_BYTES = 1 + Long.BYTES;           // of PATH_CHALLENGE and PATH_RESPONSE

    // Flags. Those of asking stand at 1 << 0 for the path in use and at 1 << 1 for the other.
    private static final int IS_ASKED = 1;
    private static final int OTHER_IS_ASKED = IS_ASKED << 1;
    private static final int DUE = 1 << 2;                           // a challenge is to go
    private static final int OTHER_DUE = DUE << 1;
    private static final int RESPONSE_DUE = 1 << 4;                  // an answer on the other
    private static final int VALIDATED = 1 << 5;                     // the other is
    private static final int HEARD = 1 << 6;                         // the other has answered since it is the other
    private static final int MIGRATES = 1 << 7;                      // a client's: the other is to be used
    private static final int SMALL = 1 << 8;                         // what was asked on the path in use went in a small datagram
    private static final int PROBED = 1 << 9;                        // the peer probes the other, and may move to it

    /// Where a datagram came from.
    static final int IN_USE = 0;
    static final int ON_OTHER = 1;
    static final int ELSEWHERE = 2;

    private static final int ROUNDS = 3;    // of asking, before a path is given up
    private static final int ROUND_MAX = 255;

    private Paths() {}

    private static boolean has(Connection c, int flags) {
        return c.paths != Blocks.NONE && (flags(c) & flags) != 0;
    }

    private static MemorySegment in(Connection c) {
        return c.blocks().memory();
    }

    private static long at(Connection c) {
        return c.blocks().content(c.paths);
    }

    private static int flags(Connection c) {
        return LittleEndian.u16(in(c), at(c) + FLAGS);
    }

    private static void set(Connection c, int flags) {
        LittleEndian.u16(in(c), at(c) + FLAGS, flags(c) | flags);
    }

    private static void clear(Connection c, int flags) {
        LittleEndian.u16(in(c), at(c) + FLAGS, flags(c) & ~flags);
    }

    private static long current(Connection c) {
        return c.core + ConnectionLayout.PATH;
    }

    // What comes.

    /// {@return where a datagram came from: [#IN_USE], [#ON_OTHER] or [#ELSEWHERE]}
    static int from(Connection c, MemorySegment header, long headerAt) {
        long path = headerAt + DatagramHeader.PATH;
        if (PathEnds.isSame(c.memory, current(c), header, path)) {
            return IN_USE;
        }
        return c.paths != Blocks.NONE && PathEnds.isSame(in(c), at(c) + OTHER, header, path) ? ON_OTHER : ELSEWHERE;
    }

    /// {@return whether anything is taken that came from there: a client hears its server alone (section 9), a server's client moves when the handshake is
    /// confirmed}
    static boolean mayCome(Connection c, int from) {
        return from != ELSEWHERE || !c.client && c.phase == Connection.OPEN && c.confirmed;
    }

    /// An authentic packet came from elsewhere than the path in use, and its frames were taken.
    ///
    /// @param moves  whether it is the newest and does more than probe: then the peer has moved (section 9.3)
    static void look(Connection c, MemorySegment header, long headerAt, long datagramBytes, boolean moves, long nowNanos) {
        int from = from(c, header, headerAt);  // it may have been let in, or be in use by now
        if (from == ON_OTHER) {
            LittleEndian.i64(in(c), at(c) + RECEIVED, LittleEndian.i64(in(c), at(c) + RECEIVED) + datagramBytes);
        }
        if (moves) {
            follow(c, from, header, headerAt, datagramBytes, nowNanos);
        }
    }

    /// PATH_CHALLENGE came (section 8.2.2): it is answered on its path.
    ///
    /// @return whether it can be
    static boolean onChallenge(Connection c, long data, MemorySegment header, long headerAt, long nowNanos) {
        int from = from(c, header, headerAt);  // as it is now: a frame before may have moved us
        if (from == IN_USE) {
            c.challenge = data;
            c.challengeDue = true;
            return true;
        }
        if (from == ELSEWHERE && (c.client || !admit(c, header, headerAt, nowNanos))) {
            return c.client;  // of a path that it has left: of no interest
        }
        LittleEndian.i64(in(c), at(c) + RESPONSE, data);
        set(c, RESPONSE_DUE);
        return true;
    }

    /// The peer probes a path that we do not know: it becomes the other one, and is asked too.
    private static boolean admit(Connection c, MemorySegment header, long headerAt, long nowNanos) {
        if (has(c, IS_ASKED | OTHER_IS_ASKED) || !lend(c)) {
            return false;  // one change at a time
        }
        NetworkPath.copy(header, headerAt + DatagramHeader.PATH, in(c), at(c) + OTHER);
        LittleEndian.i64(in(c), at(c) + OTHER_ID, PeerIds.spare(c));
        set(c, PROBED);
        ask(c, OTHER_IS_ASKED, nowNanos);
        return true;
    }

    /// Lends the block, or makes the one that is held new.
    private static boolean lend(Connection c) {
        if (c.paths == Blocks.NONE) {
            c.paths = c.blocks().tryTake(Blocks.ORDER);
            if (c.paths == Blocks.NONE) {
                return false;
            }
        } else {
            forgetId(c);
            Wipe.bytes(in(c), at(c), BYTES);
        }
        LittleEndian.i64(in(c), at(c) + AGAIN, Connection.NEVER);
        LittleEndian.i64(in(c), at(c) + EXPIRES, Connection.NEVER);
        LittleEndian.i64(in(c), at(c) + OTHER_ID, -1);
        LittleEndian.i64(in(c), at(c) + RESPOND_AT, Long.MIN_VALUE);
        return true;
    }

    private static void ask(Connection c, int which, long nowNanos) {
        draw(c, which);
        LittleEndian.u16(in(c), at(c) + TRIES, round(c) << Byte.SIZE);
        long probe = Timers.probeNanos(c);
        LittleEndian.i64(in(c), at(c) + AGAIN, nowNanos + probe);
        LittleEndian.i64(in(c), at(c) + EXPIRES, nowNanos + ROUNDS * 3 * Math.max(probe, RoundTrip.firstProbeNanos()));  // section 8.2.4
    }

    /// Draws what is asked, which goes next.
    private static void draw(Connection c, int which) {
        c.loop.entropy.fill(c.memory, c.loop.secretAt, 2 * Long.BYTES);
        for (int i = 0; i < 2; i++) {
            if ((which & IS_ASKED << i) != 0) {
                LittleEndian.i64(in(c), at(c) + ASKED + i * (long) Long.BYTES, LittleEndian.i64(c.memory, c.loop.secretAt + i * (long) Long.BYTES));
            }
        }
        Wipe.bytes(c.memory, c.loop.secretAt, 2 * Long.BYTES);
        set(c, which | which * DUE);
    }

    /// The peer has moved, or its NAT has.
    private static void follow(Connection c, int from, MemorySegment header, long headerAt, long datagramBytes, long nowNanos) {
        if (c.client || from == IN_USE) {
            return;
        }
        if (from == ON_OTHER) {
            boolean back = c.validated;
            swap(c);
            if (!back) {
                clear(c, IS_ASKED | DUE | OTHER_IS_ASKED | OTHER_DUE | SMALL | RESPONSE_DUE);  // where it was never answered: nobody is there
                settle(c);
            } else if (!c.validated) {
                ask(c, IS_ASKED | OTHER_IS_ASKED, nowNanos);
            } else {
                moved(c);
                settle(c);
            }
            return;
        }
        boolean first = c.validated;
        if (first) {
            if (!lend(c)) {
                return;
            }
            NetworkPath.copy(c.memory, current(c), in(c), at(c) + OTHER);
            set(c, VALIDATED);
            turnAnswers(c);
            long spare = PeerIds.spare(c);
            if (spare >= 0) {
                LittleEndian.i64(in(c), at(c) + OTHER_ID, PeerIds.current(c));
                PeerIds.use(c, spare);
            }
        }
        NetworkPath.copy(header, headerAt + DatagramHeader.PATH, c.memory, current(c));
        c.validated = false;
        c.receivedBytes = datagramBytes;
        c.sentBytes = 0;
        clear(c, SMALL);
        if (first) {
            ask(c, IS_ASKED | OTHER_IS_ASKED, nowNanos);
        } else {
            c.challengeDue = false;  // of a path that nobody was ever known to be on
            c.respondAt = Long.MIN_VALUE;
            draw(c, IS_ASKED);  // ever new addresses, each for a small packet, ask the path before no more often, and have no more time
        }
    }

    /// Path in use and other change places, with all that is known of them.
    private static void swap(Connection c) {
        MemorySegment in = in(c);
        long at = at(c);
        for (long i = 0; i < NetworkPath.BYTES; i += Long.BYTES) {
            long was = LittleEndian.i64(c.memory, current(c) + i);
            LittleEndian.i64(c.memory, current(c) + i, LittleEndian.i64(in, at + OTHER + i));
            LittleEndian.i64(in, at + OTHER + i, was);
        }
        long received = c.receivedBytes;
        long sent = c.sentBytes;
        c.receivedBytes = LittleEndian.i64(in, at + RECEIVED);
        c.sentBytes = LittleEndian.i64(in, at + SENT);
        LittleEndian.i64(in, at + RECEIVED, received);
        LittleEndian.i64(in, at + SENT, sent);
        long asked = LittleEndian.i64(in, at + ASKED);
        LittleEndian.i64(in, at + ASKED, LittleEndian.i64(in, at + ASKED + Long.BYTES));
        LittleEndian.i64(in, at + ASKED + Long.BYTES, asked);
        boolean validated = c.validated;
        c.validated = (flags(c) & VALIDATED) != 0;
        turnAnswers(c);
        int flags = flags(c);
        int turned = (flags & (IS_ASKED | DUE)) << 1 | (flags & (OTHER_IS_ASKED | OTHER_DUE)) >>> 1;
        LittleEndian.u16(in, at + FLAGS, turned | flags & RESPONSE_DUE | (validated ? VALIDATED : 0));
        long id = LittleEndian.i64(in, at + OTHER_ID);
        if (id >= 0 && id != PeerIds.current(c)) {
            LittleEndian.i64(in, at + OTHER_ID, PeerIds.current(c));
            PeerIds.use(c, id);
        }
    }

    /// Path in use and other change places: what the peer has asked on each is answered there (section 8.2.2), and each has its own time for that.
    private static void turnAnswers(Connection c) {
        MemorySegment in = in(c);
        long at = at(c);
        long challenge = c.challenge;
        boolean due = c.challengeDue;
        long respondAt = c.respondAt;
        c.challenge = LittleEndian.i64(in, at + RESPONSE);
        c.challengeDue = has(c, RESPONSE_DUE);
        c.respondAt = LittleEndian.i64(in, at + RESPOND_AT);
        LittleEndian.i64(in, at + RESPONSE, challenge);
        LittleEndian.i64(in, at + RESPOND_AT, respondAt);
        clear(c, RESPONSE_DUE);
        set(c, due ? RESPONSE_DUE : 0);
    }

    /// PATH_RESPONSE came, on whatever path (section 8.2.3).
    static void onResponse(Connection c, long data, long nowNanos) {
        if (has(c, IS_ASKED) && wasAsked(c, 0, data)) {
            boolean first = !c.validated;
            c.validated = true;
            clear(c, IS_ASKED | DUE);
            if (first) {
                moved(c);
            }
            if (has(c, SMALL)) {
                clear(c, SMALL);
                ask(c, IS_ASKED, nowNanos);  // whether a datagram of the least size arrives, too (section 8.2.1)
            }
        } else if (has(c, OTHER_IS_ASKED) && wasAsked(c, 1, data)) {
            clear(c, OTHER_IS_ASKED | OTHER_DUE);
            set(c, VALIDATED | HEARD);
            if (has(c, MIGRATES)) {
                swap(c);
                moved(c);
                c.peerStays = false;  // where it was said this is the preferred address, from which on it holds no more (section 18.2)
                PacketSpace.probes(c.memory, c.spaceAt(PacketSpace.APPLICATION), 1);  // something that is no probe, so that the server follows
            }
        }
        settle(c);
    }

    /// The path in use is another than the one before, and has answered: what was known of that counts no more, unless the port alone is new (section 9.4).
    private static void moved(Connection c) {
        MemorySegment in = in(c);
        if (!NetworkPath.isSameRemoteHost(c.memory, current(c), in, at(c) + OTHER) || !PathEnds.isSameLocalHost(c.memory, current(c), in, at(c) + OTHER)) {
            LossRecovery.move(c);
        }
    }

    /// Gives the block back where nothing is open.
    private static void settle(Connection c) {
        if (c.paths != Blocks.NONE && !has(c, IS_ASKED | RESPONSE_DUE | PROBED) && (c.validated || c.client)
                && (!has(c, OTHER_IS_ASKED) || has(c, VALIDATED))) {
            drop(c);
        }
    }

    private static void forgetId(Connection c) {
        long id = LittleEndian.i64(in(c), at(c) + OTHER_ID);
        if (id >= 0 && id != PeerIds.current(c)) {
            PeerIds.giveBack(c, id);  // used on one path, so never on another (section 9.5)
        }
    }

    /// It ends: the path that the peer was on, where the one that it is to have moved to has not answered, is what is told of it, and who hears of the end.
    static void backToValidated(Connection c) {
        if (!c.client && !c.validated && has(c, VALIDATED)) {
            swap(c);
        }
    }

    private static void drop(Connection c) {
        forgetId(c);
        release(c);
    }

    /// Forgets everything, and gives the block back.
    static void release(Connection c) {
        if (c.paths != Blocks.NONE) {
            c.blocks().releaseChain(c.paths);
            c.paths = Blocks.NONE;
        }
    }

    /// {@return whether a path begins at our end of the one in use: then a server that wants no active migration has offered its other end (section 9.6)}
    static boolean isFromHere(Connection c, MemorySegment path, long pathAt) {
        return PathEnds.isSameLocalHost(c.memory, current(c), path, pathAt)
                && NetworkPath.localPort(c.memory, current(c)) == NetworkPath.localPort(path, pathAt);
    }

    /// Begins a client's move.
    ///
    /// @return whether it is asked for; false where there is no block, no ID in reserve, or a change is open
    static boolean migrate(Connection c, MemorySegment path, long pathAt, long nowNanos) {
        long spare = PeerIds.spare(c);
        if (has(c, IS_ASKED | OTHER_IS_ASKED) || spare < 0 || !lend(c)) {
            return false;
        }
        NetworkPath.copy(path, pathAt, in(c), at(c) + OTHER);
        LittleEndian.i64(in(c), at(c) + OTHER_ID, spare);
        set(c, MIGRATES);
        ask(c, OTHER_IS_ASKED, nowNanos);
        return true;
    }

    // What goes.

    /// {@return whether a challenge is to go on the path in use}
    static boolean isDue(Connection c) {
        return has(c, DUE);
    }

    /// {@return what a path is asked in this round: in each something else (section 13.3), which tells its round by what it differs in, so that an answer counts in whatever round it comes}
    ///
    /// @param which  0 for the path in use, 1 for the other
    static long data(Connection c, int which) {
        return LittleEndian.i64(in(c), at(c) + ASKED + which * (long) Long.BYTES) ^ round(c);
    }

    private static boolean wasAsked(Connection c, int which, long data) {
        long round = LittleEndian.i64(in(c), at(c) + ASKED + which * (long) Long.BYTES) ^ data;
        return round >= 0 && round <= round(c);
    }

    /// It went.
    static void went(Connection c) {
        clear(c, DUE);
        if (Amplification.left(c) < QuicConfig.DATAGRAM_BYTES_MIN) {
            set(c, SMALL);
        }
    }

    /// {@return bytes of the frames that are to go on the other path now, 0 for none}
    static int otherDueBytes(Connection c, long nowNanos) {
        return (has(c, OTHER_DUE) ? FRAME_BYTES : 0) + (mayRespond(c, nowNanos) ? FRAME_BYTES : 0);
    }

    /// {@return whether an answer is to go on the other path, of which no window is known: one in the time of a probe, as on the path in use past its window ([Body#paths])}
    private static boolean mayRespond(Connection c, long nowNanos) {
        return has(c, RESPONSE_DUE) && nowNanos >= LittleEndian.i64(in(c), at(c) + RESPOND_AT);
    }

    /// {@return bytes that the other path may have}
    static long otherBudget(Connection c) {
        return c.client || has(c, VALIDATED) ? Long.MAX_VALUE
                : Amplification.FACTOR * LittleEndian.i64(in(c), at(c) + RECEIVED) - LittleEndian.i64(in(c), at(c) + SENT);
    }

    /// {@return whether the path that is not in use is known to be the peer's: one in use that is not will be left for it}
    static boolean isOtherValidated(Connection c) {
        return has(c, VALIDATED);
    }

    static void copyOther(Connection c, MemorySegment to, long toAt) {
        NetworkPath.copy(in(c), at(c) + OTHER, to, toAt);
    }

    /// {@return where the ID lies that packets on the other path are sent to}
    static long otherIdAt(Connection c) {
        return PeerIds.idAt(c, LittleEndian.i64(in(c), at(c) + OTHER_ID));
    }

    /// {@return when an answer on the other path may go that may not yet}
    static long respondNanos(Connection c, long nowNanos) {
        return has(c, RESPONSE_DUE) && !mayRespond(c, nowNanos) ? LittleEndian.i64(in(c), at(c) + RESPOND_AT) : Connection.NEVER;
    }

    /// Writes these frames, for which there is room.
    static void writeOther(Connection c, Body body, long nowNanos) {
        if (mayRespond(c, nowNanos) && body.path(FrameType.PATH_RESPONSE, LittleEndian.i64(in(c), at(c) + RESPONSE))) {
            clear(c, RESPONSE_DUE);
            LittleEndian.i64(in(c), at(c) + RESPOND_AT, nowNanos + Timers.probeNanos(c));
        }
        if (has(c, OTHER_DUE) && body.path(FrameType.PATH_CHALLENGE, data(c, 1))) {
            clear(c, OTHER_DUE);
        }
    }

    static void otherWent(Connection c, long bytes) {
        LittleEndian.i64(in(c), at(c) + SENT, LittleEndian.i64(in(c), at(c) + SENT) + bytes);
        settle(c);
    }

    // Time.

    /// {@return when [#onDeadline] is due}
    static long deadlineNanos(Connection c) {
        if (!has(c, IS_ASKED | OTHER_IS_ASKED)) {
            return has(c, PROBED) ? LittleEndian.i64(in(c), at(c) + EXPIRES) : Connection.NEVER;
        }
        return Math.min(LittleEndian.i64(in(c), at(c) + AGAIN), LittleEndian.i64(in(c), at(c) + EXPIRES));
    }

    static void onDeadline(Connection c, long nowNanos) {
        if (deadlineNanos(c) > nowNanos) {
            return;
        }
        if (LittleEndian.i64(in(c), at(c) + EXPIRES) <= nowNanos || has(c, IS_ASKED) && has(c, HEARD) && tries(c) >= ROUNDS) {
            giveUp(c);
            return;
        }
        int asked = flags(c) & (IS_ASKED | OTHER_IS_ASKED);
        set(c, asked * DUE);
        if (round(c) == ROUND_MAX) {
            draw(c, asked);
        }
        LittleEndian.u16(in(c), at(c) + TRIES, (round(c) + 1 & ROUND_MAX) << Byte.SIZE | Math.min(tries(c) + 1, ROUND_MAX));
        LittleEndian.i64(in(c), at(c) + AGAIN, nowNanos + (Timers.probeNanos(c) << Math.min(tries(c), ROUNDS)));
    }

    private static int tries(Connection c) {
        return LittleEndian.u16(in(c), at(c) + TRIES) & ROUND_MAX;
    }

    private static int round(Connection c) {
        return LittleEndian.u16(in(c), at(c) + TRIES) >>> Byte.SIZE;
    }

    /// Nobody has answered: a path that was not validated is left for the one before (section 9.3.2); who was to be moved to is forgotten.
    private static void giveUp(Connection c) {
        boolean back = has(c, IS_ASKED) && has(c, VALIDATED);
        if (back) {
            swap(c);
        }
        drop(c);
        if (!back && !c.client && !c.validated) {
            c.end();  // there is no path that was ever validated
        }
    }
}
