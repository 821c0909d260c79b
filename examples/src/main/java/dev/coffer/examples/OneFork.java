package dev.coffer.examples;

import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.Message;
import dev.coffer.evm.WorldOrigin;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.math.BigInteger;
import java.util.HexFormat;

/// A fork of a state that is held elsewhere: what a run looks at is asked for once, what it changes stays here. The origin below has one contract, which counts its
/// calls in slot 0; yours would ask a node or a database.
public final class OneFork {
    private OneFork() {}

    private static final class Elsewhere implements WorldOrigin {
        private static final long COUNTER = 0xc0de;
        private int questions;

        private boolean isCounter(long[] s, int address) {
            questions++;
            return s[address] == COUNTER && Word.isLong(s, address);
        }

        @Override
        public void balance(long[] s, int address, long[] to, int r) {
            Word.set(to, r, isCounter(s, address) ? 5 : 0);
        }

        @Override
        public long nonce(long[] s, int address) {
            return isCounter(s, address) ? 1 : 0;
        }

        @Override
        public byte[] code(long[] s, int address) {
            return isCounter(s, address) ? HexFormat.of().parseHex("5f54600101805f555f5260205ff3") : new byte[0];
        }

        @Override
        public void slot(long[] s, int address, long[] k, int key, long[] to, int r) {
            Word.set(to, r, isCounter(s, address) && Word.isZero(k, key) ? 41 : 0);
        }
    }

    public static void main(String[] arguments) {
        Elsewhere elsewhere = new Elsewhere();
        WorldState world = new WorldState(WorldStateConfig.defaults(), elsewhere);
        long[] caller = Word.of(BigInteger.valueOf(0x5e4d));
        long[] counter = Word.of(BigInteger.valueOf(Elsewhere.COUNTER));
        Message message = new Message().caller(caller, 0).to(counter, 0).gas(100_000);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.OSAKA), world, null)) {
            for (int call = 0; call < 3; call++) {
                world.beginTransaction();
                System.out.println(new BigInteger(1, machine.run(message).output()) + " after " + elsewhere.questions + " questions");
                world.endTransaction();
            }
        }
    }
}
