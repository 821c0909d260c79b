package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Frames whose code lies in no cache together (decision 0105): initcode of 49,152 bytes that creates again, until the gas left is better spent on calls, each of another contract of 24,576 bytes that the
/// access list has made warm, one of them by delegation. Whose code is gone when it goes on has it again.
class CodeRoomTest {
    private static final int CONTRACTS = 400;
    private static final int CONTRACT_BYTES = 24_576;
    private static final int INITCODE_BYTES = 49_152;
    private static final int LAST = 24_500;                // where each contract goes on after its call
    private static final long FIRST = 0x100000;
    private static final long DELEGATING = FIRST + 200;
    private static final long DELEGATE = FIRST + 0xffff;
    private static final long SENDER = 0x5e4d;

    private final WorldState state = new WorldState(new WorldStateConfig(1024, 16, 11 << 20, 1 << 14, 512, 1 << 13));

    private static void set(byte[] bytes, int at, String hex) {
        byte[] part = HexFormat.of().parseHex(hex);
        System.arraycopy(part, 0, bytes, at, part.length);
    }

    private static String address(long who) {
        return String.format("%06x", who);
    }

    private void deploy(long address, byte[] code) {
        long[] who = {address, 0, 0, 0};
        assertTrue(state.account(who, 0, new long[4], 0, 1) && state.setCode(who, 0, MemorySegment.ofArray(code), 0, code.length));
    }

    /// Calls the next one, then jumps to its end and adds its number to what that has returned.
    private static byte[] contract(int number) {
        byte[] code = new byte[CONTRACT_BYTES];
        set(code, 0, "60205f5f5f" + "62" + address(FIRST + number + 1) + "5afa50" + "61" + String.format("%04x", LAST) + "56");
        set(code, LAST, "5b" + "5f51" + "61" + String.format("%04x", number) + "01" + "5f52" + "60205ff3");
        return code;
    }

    private String run(Interpreter machine, long gas, boolean creates) {
        state.clear();
        for (int i = 0; i < CONTRACTS; i++) {
            boolean delegates = FIRST + i == DELEGATING;
            deploy(delegates ? DELEGATE : FIRST + i, contract(i));
            if (delegates) {
                byte[] designator = new byte[23];
                set(designator, 0, "ef0100");
                set(designator, 20, address(DELEGATE));
                deploy(DELEGATING, designator);
            }
        }
        state.beginTransaction();
        for (int i = 0; i <= CONTRACTS; i++) {
            state.accessAccount(new long[] {FIRST + i, 0, 0, 0}, 0);
        }
        Message message = new Message().caller(new long[] {SENDER, 0, 0, 0}, 0).gas(gas);
        if (creates) {
            // gas left below a number? then call; else its own head again, and zeros, create, and log what that has made.
            String head = "62" + String.format("%06x", gas / 5) + "5a10" + "6016" + "57" + "6022" + "5f5f39" + "385f5f" + "f0" + "5f5fa1" + "00" + "5b"
                    + "5f5f5f5f" + "62" + address(FIRST) + "5afa" + "00";
            assertEquals(0x22, head.length() / 2);
            byte[] initcode = new byte[INITCODE_BYTES];
            set(initcode, 0, head);
            message.create().input(MemorySegment.ofArray(initcode), 0, initcode.length);
        } else {
            byte[] code = contract(1000);                          // of no account
            set(code, 6, address(FIRST));
            message.to(new long[] {0xabcd, 0, 0, 0}, 0).code(MemorySegment.ofArray(code), 0, code.length);
        }
        Outcome outcome = machine.run(message);
        assertEquals(Status.SUCCESS, outcome.status());
        StringBuilder told = new StringBuilder().append(outcome.gasUsed()).append(' ').append(outcome.frames()).append(' ')
                .append(HexFormat.of().formatHex(outcome.output()));
        if (creates) {
            assertTrue(state.logs().count() > 40 && outcome.frames() > 300, state.logs().count() + " creations, " + outcome.frames() + " frames");
        } else {
            assertTrue(outcome.frames() > 200, outcome.frames() + " frames");
            long[] sum = new long[Word.LONGS];
            Word.load(MemorySegment.ofArray(outcome.output()), 0, sum, 0);
            long called = outcome.frames() - 1;                     // the innermost of them lacked gas before its own call was worth any
            assertTrue(sum[0] == 1000 + called * (called - 1) / 2 && called == CONTRACTS, sum[0] + " by " + called);
        }
        long[] topic = new long[Word.LONGS];
        for (int i = 0; i < state.logs().count(); i++) {
            state.logs().topic(i, 0, topic, 0);
            told.append(' ').append(Arrays.toString(topic));
        }
        return told.toString();
    }

    private void same(long gas, boolean creates) {
        String told = null;
        for (int bytesMax : new int[] {64 << 20, 1 << 16, 1 << 20}) {
            InterpreterConfig config = InterpreterConfig.of(Fork.OSAKA).withCodeBytesMax(bytesMax).withCodesMax(1026);
            try (Interpreter machine = Interpreter.open(config, state, null)) {
                String now = run(machine, gas, creates);
                assertEquals(told == null ? now : told, now, bytesMax + " bytes");
                told = now;
            }
        }
    }

    @Test
    void initcodeThatCreatesAgainGoesOnWhereverItsCodeLies() {
        same(15_800_000, true);
    }

    @Test
    void contractsGoOnWhereverTheirCodeLies() {
        same(60_000_000, false);
    }

    /// Contracts that are called in turn, and which the cache does not hold together: no byte is looked at where none jumps; where each jumps, each code is looked at once, and then a part of it for each jump.
    @Test
    void codeThatIsNotKeptIsLookedAtOnce() {
        int contracts = 100;
        int rounds = 30;
        for (boolean jumps : new boolean[] {false, true}) {
            state.clear();
            for (int i = 0; i < contracts; i++) {
                byte[] code = new byte[CONTRACT_BYTES];
                for (int at = 0; at < code.length; at += 2) {
                    code[at] = 0x60;                               // a PUSH1 at every second byte
                }
                set(code, 0, jumps ? "615ffe56" : "61" + String.format("%04x", i) + "00");
                set(code, 4, String.format("%04x", i));            // each another
                set(code, 6, "5b");
                set(code, 0x5ffe, "5b00");
                deploy(FIRST + i, code);
            }
            // for each round, for each contract: STATICCALL
            byte[] caller = HexFormat.of()
                    .parseHex("60" + String.format("%02x", rounds) + "5b" + "60" + String.format("%02x", contracts) + "5b" + "60019003" + "5f5f5f5f" + "84"
                            + "62" + address(FIRST) + "01"
                            + "61ffff" + "fa" + "15" + "602a" + "57" + "80" + "6005" + "57" + "50" + "60019003" + "80" + "6002" + "57" + "00" + "5bfe");
            assertEquals(0x2a, caller.length - 2);
            state.beginTransaction();
            InterpreterConfig config = InterpreterConfig.of(Fork.PRAGUE).withCodeBytesMax(1 << 20);
            try (Interpreter machine = Interpreter.open(config, state, null)) {
                Outcome outcome = machine.run(new Message().gas(10_000_000).code(MemorySegment.ofArray(caller), 0, caller.length));
                assertEquals(Status.SUCCESS, outcome.status());
                assertEquals(1 + rounds * contracts, outcome.frames());
                long own = 4L * caller.length * (1 + rounds * contracts / 40);   // the caller's own, which goes each time all is full
                long most = jumps ? (long) contracts * CONTRACT_BYTES + (long) rounds * contracts * (1 << CodeCache.PART_BITS_MIN) : 0;
                assertTrue(machine.codes.examined() <= own + most, machine.codes.examined() + " bytes looked at, of " + own + " and " + most);
                assertTrue(!jumps || machine.codes.examined() >= (long) contracts * CONTRACT_BYTES, "the codes do not stay");
            }
        }
    }
}
