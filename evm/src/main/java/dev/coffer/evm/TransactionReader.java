package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads signed transactions of all types as they stand in blocks and travel between nodes, and finds who sent them (Yellow Paper, section 4.3 and appendix F;
/// EIP-2, EIP-155, EIP-2718, EIP-2930, EIP-1559, EIP-4844 without its blobs, EIP-7702). Takes the one right form only.
///
/// Makes no object after its constructor. One thread at a time.
public final class TransactionReader {
    /// Bytes of the workspace.
    public static final long WORKSPACE_BYTES =
            SignerRecovery.WORKSPACE_BYTES + Hash.STATE_BYTES_MAX + Word.BYTES + RlpReader.SCRATCH_BYTES;

    private static final long HASHING = SignerRecovery.WORKSPACE_BYTES;
    private static final long DIGEST = HASHING + Hash.STATE_BYTES_MAX;
    private static final long SCRATCH = DIGEST + Word.BYTES;
    private static final int V_EVEN = 27;
    private static final int V_PROTECTED = 35;               // EIP-155: and twice the chain
    private static final int PARITY_MAX = 255;               // EIP-7702
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    // Words of [#w], by the index of their first long.
    private static final int R = 4;
    private static final int S = 8;
    private static final int V = 12;
    private static final int CHAIN = 16;
    private static final int LISTED = 20;                    // an item of a list: four words
    private static final int WORDS = LISTED + 4 * Word.LONGS;

    /// Why bytes are no transaction. Constants, so that a refusal makes no object.
    public enum Refusal {
        /// They are one.
        NONE,
        /// Not the one right form of what a transaction of its type is written as, or something follows.
        MALFORMED,
        /// A type that the fork does not know (EIP-2718).
        TYPE_UNKNOWN,
        /// A number that does not fit what it is of: nonce and gas 64 bits, gas below 2^63, others 256.
        TOO_LARGE,
        /// For another chain (EIP-155).
        OTHER_CHAIN,
        /// No signature: v, r or s out of their range, an s above half the group's order (EIP-2), or no key that would have made it.
        NOT_SIGNED,
        /// The [Transaction] that was given has no place for all that is listed.
        NO_PLACE
    }

    private final Fork fork;
    private final long chain;
    private final MemorySegment workspace;
    private final long workspaceAt;
    private final SignerRecovery recovery;
    private final RlpReader in;
    private final long[] w = new long[WORDS];

    /// @param chain      the number of the chain, 1 or more
    /// @param workspace  writable memory of [#WORKSPACE_BYTES] from `at`, a multiple of 8, off the heap
    /// @throws IllegalArgumentException  a chain below 1, or of more than 62 bits (caller's fault)
    public TransactionReader(Fork fork, long chain, MemorySegment workspace, long at) {
        if (chain < 1 || chain > 1L << 62) {
            throw new IllegalArgumentException("chain " + chain + " (expected 1..2^62)");
        }
        java.util.Objects.checkFromIndexSize(at, WORKSPACE_BYTES, workspace.byteSize());
        this.fork = fork;
        this.chain = chain;
        this.workspace = workspace;
        this.workspaceAt = at;
        this.recovery = new SignerRecovery(workspace, at);
        this.in = new RlpReader(workspace, at + SCRATCH);
    }

    /// Reads a transaction. Its data are borrowed from the bytes until it has been executed.
    ///
    /// @param t  becomes it, whatever it was; after a refusal it means nothing
    /// @throws IndexOutOfBoundsException  the bytes do not lie in the segment (caller's fault)
    public Refusal read(MemorySegment bytes, long at, long length, Transaction t) {
        java.util.Objects.checkFromIndexSize(at, length, bytes.byteSize());
        t.clear();
        if (length == 0) {
            return Refusal.MALFORMED;
        }
        int first = bytes.get(BYTE, at) & 0xff;
        boolean legacy = first >= RlpWriter.LIST;
        if (!legacy && (first > Transaction.SET_CODE || first == Transaction.LEGACY || !TransactionRules.knows(fork, first))) {
            return first < RlpWriter.STRING ? Refusal.TYPE_UNKNOWN : Refusal.MALFORMED;
        }
        t.type(legacy ? Transaction.LEGACY : first);
        long from = legacy ? at : at + 1;
        in.open(bytes, from, at + length);
        long end = in.list();
        if (end != at + length) {
            return Refusal.MALFORMED;
        }
        long fields = in.at();
        boolean listed = legacy ? legacy(bytes, t) : typed(bytes, t);
        long signed = in.at();
        in.number(w, V);
        in.number(w, R);
        in.number(w, S);
        if (in.failed() || in.at() != end) {
            return in.tooLarge() ? Refusal.TOO_LARGE : Refusal.MALFORMED;
        }
        if (!listed) {
            return Refusal.NO_PLACE;
        }
        return sender(bytes, fields, signed, t);
    }

    // --- fields -----------------------------------------------------------------------------------------------------

    private boolean legacy(MemorySegment bytes, Transaction t) {
        t.nonce(in.counter());
        in.number(w, 0);
        t.gasPrice(w, 0);
        gasToData(bytes, t);
        return true;
    }

    private void gasToData(MemorySegment bytes, Transaction t) {
        t.gas(in.units());
        if (in.address(w, 0)) {
            t.to(w, 0);
        } else {
            t.create();
        }
        in.number(w, 0);
        t.value(w, 0);
        long length = in.bytes();
        if (!in.failed()) {
            t.data(bytes, in.at() - length, length);
        }
    }

    /// {@return whether what it lists has its place}
    private boolean typed(MemorySegment bytes, Transaction t) {
        in.number(w, CHAIN);
        t.nonce(in.counter());
        in.number(w, 0);
        if (t.type == Transaction.ACCESS_LIST) {
            t.gasPrice(w, 0);
        } else {
            in.number(w, 4);
            t.fees(w, 4, 0);
        }
        gasToData(bytes, t);
        boolean placed = accesses(t);
        if (t.type == Transaction.BLOBS) {
            in.number(w, 0);
            t.blobFee(w, 0);
            placed &= blobs(t);
        }
        if (t.type == Transaction.SET_CODE) {
            placed &= authorizations(t);
        }
        return placed;
    }

    private boolean accesses(Transaction t) {
        boolean placed = true;
        long end = in.list();
        while (!in.failed() && in.at() < end) {
            long entryEnd = in.list();
            in.wholeAddress(w, LISTED);
            placed &= in.failed() || t.access(w, LISTED);
            long keysEnd = in.list();
            while (!in.failed() && in.at() < keysEnd) {
                in.word(w, LISTED);
                placed = placed && (in.failed() || t.accessKey(w, LISTED));
            }
            in.expect(keysEnd);
            in.expect(entryEnd);
        }
        in.expect(end);
        return placed;
    }

    private boolean blobs(Transaction t) {
        boolean placed = true;
        long end = in.list();
        while (!in.failed() && in.at() < end) {
            in.word(w, LISTED);
            placed &= in.failed() || t.blob(w, LISTED);
        }
        in.expect(end);
        return placed;
    }

    private boolean authorizations(Transaction t) {
        boolean placed = true;
        long end = in.list();
        while (!in.failed() && in.at() < end) {
            long entryEnd = in.list();
            in.number(w, LISTED);
            in.wholeAddress(w, LISTED + 4);
            long nonce = in.counter();
            long parity = in.counter();
            in.number(w, LISTED + 8);
            in.number(w, LISTED + 12);
            in.expect(entryEnd);
            if (Long.compareUnsigned(parity, PARITY_MAX) > 0) {
                in.refuseSize();
            }
            placed &= in.failed() || t.authorization(w, LISTED, LISTED + 4, nonce, (int) parity, LISTED + 8, LISTED + 12);
        }
        in.expect(end);
        return placed;
    }

    // --- who signed -------------------------------------------------------------------------------------------------

    /// What is signed is the same list without the signature: its bytes stand there, only its head is another; a legacy transaction may name its chain.
    private Refusal sender(MemorySegment bytes, long fields, long end, Transaction t) {
        if (!Word.isLong(w, V)) {
            return Refusal.NOT_SIGNED;
        }
        long odd = w[V];
        boolean names = false;
        if (t.type != Transaction.LEGACY) {
            if (!Word.isLong(w, CHAIN) || w[CHAIN] != chain) {
                return Refusal.OTHER_CHAIN;
            }
        } else if (w[V] == V_EVEN || w[V] == V_EVEN + 1) {
            odd -= V_EVEN;
        } else if (fork.atLeast(Fork.SPURIOUS_DRAGON) && Long.compareUnsigned(w[V], V_PROTECTED) >= 0) {
            if (w[V] - V_PROTECTED >>> 1 != chain) {
                return Refusal.OTHER_CHAIN;
            }
            odd = w[V] - V_PROTECTED & 1;
            names = true;
        } else {
            return Refusal.NOT_SIGNED;
        }
        if (odd != 0 && odd != 1 || fork.atLeast(Fork.HOMESTEAD) && !SignerRecovery.isLow(w, S)) {
            return Refusal.NOT_SIGNED;
        }
        digest(bytes, fields, end - fields, t.type, names);
        return recovery.address(w, 0, R, S, odd == 1, t.words, Transaction.SENDER) ? Refusal.NONE : Refusal.NOT_SIGNED;
    }

    private void digest(MemorySegment bytes, long at, long length, int type, boolean names) {
        MemorySegment to = workspace;
        long state = workspaceAt + HASHING;
        long head = workspaceAt + SCRATCH;
        long tail = head + 1 + RlpWriter.HEAD_BYTES_MAX;
        long tailEnd = tail;
        if (names) {
            Word.set(w, CHAIN, chain);
            tailEnd = RlpWriter.number(w, CHAIN, to, tail);
            to.set(BYTE, tailEnd++, (byte) RlpWriter.STRING);
            to.set(BYTE, tailEnd++, (byte) RlpWriter.STRING);
        }
        long headAt = head;
        if (type != Transaction.LEGACY) {
            to.set(BYTE, headAt++, (byte) type);
        }
        long headEnd = RlpWriter.list(length + (tailEnd - tail), to, headAt);
        Hash.KECCAK_256.init(to, state);
        Hash.KECCAK_256.update(to, state, to, head, headEnd - head);
        Hash.KECCAK_256.update(to, state, bytes, at, length);
        Hash.KECCAK_256.update(to, state, to, tail, tailEnd - tail);
        Hash.KECCAK_256.digest(to, state, to, workspaceAt + DIGEST);
        Word.load(to, workspaceAt + DIGEST, w, 0);
    }
}
