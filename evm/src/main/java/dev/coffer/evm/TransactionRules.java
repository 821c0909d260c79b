package dev.coffer.evm;

import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What a transaction costs before its first instruction, and what may be said of it without looking at the state (Yellow Paper, section 6.2 and
/// appendix G; EIP-2, EIP-2028, EIP-2718, EIP-2930, EIP-3860, EIP-4844, EIP-7594, EIP-7623, EIP-7691, EIP-7702, EIP-7825). Stateless, thread-safe.
final class TransactionRules {
    static final long BLOB_GAS = 1 << 17;                // EIP-4844: of each
    private static final long TRANSACTION = 21000;
    private static final long CREATION = 32000;          // EIP-2
    private static final long ZERO_BYTE = 4;
    private static final long ACCESS_ADDRESS = 2400;     // EIP-2930
    private static final long ACCESS_KEY = 1900;
    private static final long TOKENS_A_BYTE = 4;         // EIP-7623: of one that is not zero
    private static final long FLOOR_TOKEN = 10;
    static final long GAS_CAP = 1 << 24;                 // EIP-7825
    static final int BLOBS_OF_TRANSACTION = 6;           // EIP-7594
    private static final int BLOB_VERSION = 1;

    private TransactionRules() {}

    /// {@return gas that it costs before its first instruction}
    static long intrinsicGas(Transaction t, Fork fork, long zeros) {
        long other = t.dataLength - zeros;
        long gas = TRANSACTION + ZERO_BYTE * zeros + (fork.atLeast(Fork.ISTANBUL) ? 16 : 68) * other;
        if (t.isCreate) {
            gas += fork.atLeast(Fork.HOMESTEAD) ? CREATION : 0;
            gas += fork.atLeast(Fork.SHANGHAI) ? GasSchedule.INITCODE_WORD * GasSchedule.words(t.dataLength) : 0;
        }
        gas += Delegations.AUTHORIZATION * t.authorizationCount;
        return gas + ACCESS_KEY * t.accessKeys + ACCESS_ADDRESS * (t.accessCount - t.accessKeys);
    }

    /// {@return gas that is paid for at the least, 0 before Prague}
    static long floorGas(Transaction t, Fork fork, long zeros) {
        return fork.atLeast(Fork.PRAGUE) ? TRANSACTION + FLOOR_TOKEN * (zeros + TOKENS_A_BYTE * (t.dataLength - zeros)) : 0;
    }

    static long zeros(MemorySegment data, long at, long length) {
        long zeros = 0;
        for (long i = at; i < at + length; i++) {
            zeros += data.get(ValueLayout.JAVA_BYTE, i) == 0 ? 1 : 0;
        }
        return zeros;
    }

    /// {@return whether the fork knows a type}
    static boolean knows(Fork fork, int type) {
        return switch (type) {
            case Transaction.LEGACY -> true;
            case Transaction.ACCESS_LIST -> fork.atLeast(Fork.BERLIN);
            case Transaction.DYNAMIC_FEE -> fork.atLeast(Fork.LONDON);
            case Transaction.BLOBS -> fork.atLeast(Fork.CANCUN);
            case Transaction.SET_CODE -> fork.atLeast(Fork.PRAGUE);
            default -> false;
        };
    }

    /// {@return blobs of a transaction at the most, by the main network's schedule}
    static int blobsMax(Fork fork) {
        return fork.atLeast(Fork.PRAGUE) && !fork.atLeast(Fork.OSAKA) ? 9 : BLOBS_OF_TRANSACTION;
    }

    /// {@return what is wrong with it whatever the state is, or NONE}
    static Rejection shape(Transaction t, Fork fork, int blobsMax) {
        if (!knows(fork, t.type)) {
            return Rejection.TYPE_UNKNOWN;
        }
        if (t.nonce == -1L) {
            return Rejection.NONCE_AT_END;
        }
        if (t.isCreate && t.dataLength > GasSchedule.of(fork).initcodeBytesMax) {
            return Rejection.INITCODE_TOO_LONG;
        }
        if (hasOthersFields(t)) {
            return Rejection.FIELD_OF_ANOTHER_TYPE;
        }
        return t.type == Transaction.BLOBS ? blobs(t, blobsMax) : t.type == Transaction.SET_CODE ? authorizations(t) : Rejection.NONE;
    }

    /// A list, or a fee of its own for the author, that its encoding has no place for.
    private static boolean hasOthersFields(Transaction t) {
        return t.accessCount != 0 && t.type == Transaction.LEGACY || t.blobCount != 0 && t.type != Transaction.BLOBS
                || t.authorizationCount != 0 && t.type != Transaction.SET_CODE
                || t.type <= Transaction.ACCESS_LIST && !Word.equal(t.words, Transaction.FEE_MAX, t.words, Transaction.TIP_MAX);
    }

    private static Rejection authorizations(Transaction t) {
        return t.isCreate ? Rejection.MAY_NOT_CREATE : t.authorizationCount == 0 ? Rejection.NO_AUTHORIZATIONS : Rejection.NONE;
    }

    private static Rejection blobs(Transaction t, int blobsMax) {
        if (t.isCreate) {
            return Rejection.MAY_NOT_CREATE;
        }
        if (t.blobCount == 0) {
            return Rejection.NO_BLOBS;
        }
        if (t.blobCount > blobsMax) {
            return Rejection.TOO_MANY_BLOBS;
        }
        for (int i = 0; i < t.blobCount; i++) {
            if (t.blobs[4 * i + 3] >>> 56 != BLOB_VERSION) {
                return Rejection.BLOB_VERSION_UNKNOWN;
            }
        }
        return Rejection.NONE;
    }
}
