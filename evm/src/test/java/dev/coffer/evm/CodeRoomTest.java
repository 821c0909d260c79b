package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The most code that a transaction can nest (decision 0097): initcode of 49,152 bytes that creates again, until the gas left is better spent on calls, each of
/// another contract of 24,576 bytes that the access list has made warm.
class CodeRoomTest {
    private static final int CONTRACTS = 400;
    private static final int CONTRACT_BYTES = 24_576;
    private static final int INITCODE_BYTES = 49_152;
    private static final long FIRST = 0x100000;
    private static final long SENDER = 0x5e4d;

    private final WorldState state = new WorldState(new WorldStateConfig(1024, 16, 11 << 20, 16, 16, 1 << 12));

    /// Sums what the frames in progress hold, in the code cache's measure.
    private static final class Room implements Tracer {
        private long held;
        private long most;
        private boolean hasCreated;

        private static long bytes(Frame frame) {
            return frame.codeLength() + 33 + 63 & -64;
        }

        @Override
        public void begin(Frame frame) {
            held += bytes(frame);
            most = Math.max(most, held);
        }

        @Override
        public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

        @Override
        public void end(Frame frame, Status status) {
            held -= frame.opcode() == 0xf0 ? INITCODE_BYTES + 64 : bytes(frame);
            hasCreated |= frame.opcode() == 0xf0;
        }
    }

    private static String call(long to) {
        return "5f5f5f5f" + "62" + String.format("%06x", to) + "5afa" + "00";   // STATICCALL with all gas
    }

    private void set(byte[] bytes, String hex) {
        byte[] head = HexFormat.of().parseHex(hex);
        System.arraycopy(head, 0, bytes, 0, head.length);
    }

    private Outcome run(Interpreter machine, long gas, long createsAbove) {
        state.clear();
        for (int i = 0; i < CONTRACTS; i++) {
            byte[] code = new byte[CONTRACT_BYTES];
            set(code, call(FIRST + i + 1));
            long[] who = {FIRST + i, 0, 0, 0};
            assertTrue(state.account(who, 0, new long[4], 0, 1) && state.setCode(who, 0, MemorySegment.ofArray(code), 0, code.length));
        }
        state.beginTransaction();
        for (int i = 0; i <= CONTRACTS; i++) {
            state.accessAccount(new long[] {FIRST + i, 0, 0, 0}, 0);
        }
        // gas left below a number? then call; else its own head again, and zeros, create.
        String head = "62" + String.format("%06x", createsAbove) + "5a10" + "6016" + "57" + "6022" + "5f5f39" + "385f5f" + "f0" + "00" + "000000" + "5b"
                + call(FIRST);
        byte[] initcode = new byte[INITCODE_BYTES];
        set(initcode, head);
        assertEquals(0x22, head.length() / 2);
        return machine.run(new Message().create().caller(new long[] {SENDER, 0, 0, 0}, 0).gas(gas - 21_000 - 2_400L * 380)
                .input(MemorySegment.ofArray(initcode), 0, initcode.length));
    }

    /// The outermost creation's own price is not taken off, so it is a little more than any transaction can. Of the room found 64 bytes less do not suffice.
    @ParameterizedTest
    @CsvSource({"16777216, 3400000, 12.4, 12.6", "60000000, 3000000, 15.9, 16.2"})
    void theDefaultMachineHasRoomForWhatATransactionNests(long gas, long createsAbove, double least, double most) {
        Room room = new Room();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.OSAKA), state, null)) {
            machine.trace(room);
            assertEquals(Status.SUCCESS, run(machine, gas, createsAbove).status());
            double mebibytes = room.most / 0x1p20;
            assertTrue(room.hasCreated && least <= mebibytes && mebibytes <= most, "MiB: " + mebibytes);
        }
        edge(gas, createsAbove, (int) room.most);
    }

    private void edge(long gas, long createsAbove, int need) {
        for (int lacks : new int[] {0, 64}) {
            InterpreterConfig config = InterpreterConfig.of(Fork.OSAKA).withCodeBytesMax(need - lacks);
            try (Interpreter machine = Interpreter.open(config, state, null)) {
                assertEquals(lacks == 0 ? Status.SUCCESS : Status.CODE_LIMIT, run(machine, gas, createsAbove).status());
            }
        }
    }
}
