package dev.coffer.evm;

import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.word.Word;

/// SSTORE: its gas and refunds are a subject of their own (Yellow Paper, appendix G; EIP-2200, EIP-2929, EIP-3529).
final class Storage {
    private static final int CURRENT = 0;    // words of the machine's scratch
    private static final int ORIGINAL = 4;

    private static final long STORE_CHANGE_FRONTIER = 5000;

    private Storage() {}

    static Status store(Interpreter m, Frame f) {
        if (f.isStatic) {
            return Status.STATIC_VIOLATION;
        }
        GasSchedule schedule = m.schedule;
        if (f.gas <= schedule.storeSentry) {
            return Status.OUT_OF_GAS;
        }
        f.sp -= 8;
        long[] s = m.stack;
        int key = f.sp + 4;
        int value = f.sp;
        long gas = 0;
        if (schedule.coldAccess) {
            int access = m.host.accessSlot(f.words, Frame.ADDRESS, s, key);
            if (access == Host.FULL) {
                return Status.HOST_LIMIT;
            }
            gas = access == Host.COLD ? GasSchedule.COLD_SLOT : 0;
        }
        long[] w = m.scratch;
        m.host.load(f.words, Frame.ADDRESS, s, key, w, CURRENT);
        m.host.original(f.words, Frame.ADDRESS, s, key, w, ORIGINAL);
        boolean toZero = Word.isZero(s, value);
        boolean fromZero = Word.isZero(w, CURRENT);
        boolean same = Word.equal(w, CURRENT, s, value);
        gas += schedule.netStore ? netCost(schedule, w, same) : fromZero && !toZero ? GasSchedule.STORE_FILL
                : STORE_CHANGE_FRONTIER;
        f.gas -= gas;
        if (f.gas < 0) {
            return Status.OUT_OF_GAS;
        }
        if (!schedule.netStore) {
            m.refund += !fromZero && toZero ? schedule.clearRefund : 0;
        } else if (!same) {
            m.refund += netRefund(schedule, w, s, value, fromZero, toZero);
        }
        if (!same && !m.host.store(f.words, Frame.ADDRESS, s, key, s, value)) {
            return Status.HOST_LIMIT;
        }
        if (m.isTraced()) {
            m.tracer().stored(f, s, key, w, CURRENT, s, value);
        }
        return null;
    }

    private static long netCost(GasSchedule schedule, long[] w, boolean same) {
        if (same || !Word.equal(w, ORIGINAL, w, CURRENT)) {
            return schedule.storeAgain;
        }
        return Word.isZero(w, ORIGINAL) ? GasSchedule.STORE_FILL : schedule.storeChange;
    }

    private static long netRefund(GasSchedule schedule, long[] w, long[] s, int value, boolean fromZero, boolean toZero) {
        boolean originalZero = Word.isZero(w, ORIGINAL);
        if (Word.equal(w, ORIGINAL, w, CURRENT)) {
            return toZero && !originalZero ? schedule.clearRefund : 0;
        }
        long refund = 0;
        if (!originalZero) {
            refund += fromZero ? -schedule.clearRefund : toZero ? schedule.clearRefund : 0;
        }
        if (Word.equal(w, ORIGINAL, s, value)) {
            refund += (originalZero ? GasSchedule.STORE_FILL : schedule.storeChange) - schedule.storeAgain;
        }
        return refund;
    }
}
