package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;

/// Which code a frame runs, and that it is ready to: an account's, that of the one to which it delegates (EIP-7702), or code that is no account's.
final class Codes {
    static final int NONE = -2;

    private Codes() {}

    /// Finds what a frame runs for an account.
    ///
    /// @return the entry of the account's code, or of its delegate's; [#NONE], or [CodeCache#FULL]
    static int of(Interpreter m, Frame f, long[] s, int address) {
        f.unnamed = null;
        int entry = followed(m, s, address);
        Word.copy(m.scratch, 0, f.words, Frame.CODE_HASH);
        return entry;
    }

    private static int followed(Interpreter m, long[] s, int address) {
        // One step and no more: the designator of a delegate is code that halts, and a precompile has none (EIP-7702).
        return Delegations.read(m, s, address, m.delegate, 0) ? own(m, m.delegate, 0) : own(m, s, address);
    }

    /// Leaves the hash of the code in the machine's scratch.

    private static int own(Interpreter m, long[] s, int address) {
        long length = m.host.codeLength(s, address);
        if (length == 0) {
            return NONE;
        }
        m.host.codeHash(s, address, m.scratch, 0);
        CodeCache codes = m.codes;
        int known = codes.find(m.scratch, 0);
        if (known != CodeCache.FULL && codes.holds(known)) {
            codes.enters(known);
            return known;
        }
        int at = codes.room(length);
        if (at == CodeCache.FULL) {
            return CodeCache.FULL;
        }
        m.host.copyCode(s, address, 0, codes.segment, at, length);   // may throw: nobody knows the bytes yet
        return codes.named(known, m.scratch, 0);
    }

    /// Takes initcode, or what a message brings, for a frame. It stays where it lies while the frame runs.
    ///
    /// @return the entry, or [CodeCache#FULL]
    static int unnamed(Interpreter m, Frame f, MemorySegment from, long at, long length) {
        f.unnamed = from;
        f.unnamedAt = at;
        int to = m.codes.room(length);
        if (to == CodeCache.FULL) {
            return CodeCache.FULL;
        }
        MemorySegment.copy(from, at, m.codes.segment, to, length);
        return m.codes.unnamed();
    }

    /// Gives a frame its code: where it lies, and how the loop may run it.
    static void assign(Interpreter m, Frame f, int entry) {
        f.code = entry;
        f.codePlace = m.codes.place(entry);
        f.codes = m.codes.segment;
        f.codeAt = m.codes.at(entry);
        f.codeLength = m.codes.length(entry);
        f.isAnalysed = m.codes.isAnalysed(entry);
    }

    /// Gets the code of a frame that goes on ready again, where that of the frames above it has taken its place.
    ///
    /// @throws IllegalStateException  the host has other code for the account than when it began to run (host's fault)
    static void again(Interpreter m, Frame f) {
        if (m.codes.holds(f.code, f.codePlace)) {
            f.isAnalysed = m.codes.isAnalysed(f.code);
            return;
        }
        assign(m, f, f.unnamed != null ? unnamed(m, f, f.unnamed, f.unnamedAt, f.codeLength) : again(m, f, m.codes.find(f.words, Frame.CODE_HASH)));
    }

    private static int again(Interpreter m, Frame f, int known) {
        if (known != CodeCache.FULL && m.codes.holds(known)) {
            return known;
        }
        int entry = followed(m, f.words, Frame.CODE);
        if (entry < 0 || !Word.equal(m.scratch, 0, f.words, Frame.CODE_HASH)) {
            throw new IllegalStateException("host: the code of " + f + ", " + f.codeLength + " bytes, is another while it runs");
        }
        return entry;
    }

    /// Looks where a jump of a frame leads whose destinations are not all known yet, so that the loop finds the one that it needs.
    static void look(Interpreter m, Frame f, int opcode) {
        long[] s = m.stack;
        int to = f.sp - Word.LONGS;
        if (opcode == Opcode.JUMPI && Word.isZero(s, to - Word.LONGS) || !Word.isLong(s, to) || Long.compareUnsigned(s[to], f.codeLength) >= 0) {
            return;
        }
        if (!m.codes.isAnalysed(f.code) && m.codes.leads(f.code, (int) s[to]) && m.codes.isAnalysed(f.code)) {
            m.interrupt();                       // at the JUMPDEST the loop is left, and comes back with the other form
        }
    }
}
