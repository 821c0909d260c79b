package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// A frame whose code another's has come over goes on with its own (decision 0105), whatever happened to the account meanwhile. The code of two contracts does not lie in the cache together: each call of
/// the large one drives out whoever calls it.
class CodesTest {
    private static final long SENDER = 0x5e4d;
    private static final long GOES_ON = 0xc0de;
    private static final long LARGE = 0x1a46e;
    private static final int CACHE_BYTES = 1 << 16;
    private static final int LARGE_BYTES = CACHE_BYTES - 64;
    private static final int FAR = 300;                            // behind two marks
    /// Calls the large one with 1,000,000 gas and no input.
    private static final String CALLS = "5f5f5f5f5f" + "6201a46e" + "620f4240" + "f150";
    private static final String JUMPS = "61012c56";

    private final WorldState state = new WorldState(new WorldStateConfig(64, 64, 1 << 18, 1 << 10, 16, 1 << 8));
    private final Message message = new Message().caller(word(SENDER), 0).to(word(GOES_ON), 0).gas(10_000_000);

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    /// Code of that length: a head, and a tail at [#FAR]; a JUMPDEST that is an operand stands before it.
    private static byte[] code(int length, String head, String tail) {
        byte[] code = new byte[length];
        put(code, 0, head);
        put(code, FAR - 2, "605b" + tail);
        return code;
    }

    private static void put(byte[] code, int at, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        System.arraycopy(bytes, 0, code, at, bytes.length);
    }

    private void deploy(long address, byte[] code) {
        assertTrue(state.account(word(address), 0, word(1_000), 0, 1) && state.setCode(word(address), 0, MemorySegment.ofArray(code), 0, code.length));
    }

    /// {@return a machine in whose cache the large one's code and another have no room together}
    private Interpreter open(Fork fork) {
        return Interpreter.open(InterpreterConfig.of(fork).withCodeBytesMax(CACHE_BYTES), state, null);
    }

    private String run(Interpreter machine) {
        state.beginTransaction();
        Outcome outcome = machine.run(message);
        return outcome.status() + " " + HexFormat.of().formatHex(outcome.output());
    }

    private static String returned(int number) {
        return "SUCCESS " + "0".repeat(62) + String.format("%02x", number);
    }

    /// {@return a tail that returns a number}
    private static String returns(int number) {
        return "5b" + "60" + String.format("%02x", number) + "5f5260205ff3";
    }

    /// The operand of a PUSH is no destination for who goes on either, nor is what lies behind the code or past a word.
    @Test
    void whoGoesOnJumpsWhereItsOwnCodeSays() {
        deploy(LARGE, new byte[LARGE_BYTES]);
        for (boolean delegates : new boolean[] {false, true}) {
            byte[] designator = HexFormat.of().parseHex("ef0100" + "00".repeat(17) + "00dede");
            for (String to : new String[] {JUMPS, "600161012c57", "61012b56", "61015e56", "6201000056", "680100000000" + "0000012c56", "67ffffffffffffffff56",
                    "67800000008000000056"}) {
                byte[] code = code(350, CALLS + to, returns(7));
                deploy(delegates ? 0xdede : GOES_ON, code);
                if (delegates) {
                    deploy(GOES_ON, designator);
                }
                try (Interpreter machine = open(Fork.OSAKA)) {
                    assertEquals(to.contains("61012c5") ? returned(7) : "BAD_JUMP ", run(machine), to);
                    assertFalse(machine.codes.holds(machine.codes.find(hash(LARGE), 0)), "who went on came over the large one");
                }
            }
        }
    }

    private long[] hash(long address) {
        long[] hash = new long[4];
        state.codeHash(word(address), 0, hash, 0);
        return hash;
    }

    /// It is called back meanwhile, and destroys itself then, or is destroyed by who borrows its code: the code is there until the transaction ends (Yellow Paper, section 6.2).
    @Test
    void whoDestroysItselfMeanwhileGoesOn() {
        for (Fork fork : new Fork[] {Fork.FRONTIER, Fork.LONDON, Fork.OSAKA}) {
            // With input it destroys itself; else it calls the large one, which calls it with input.
            String zero = "6000";
            String head = "36" + "6040" + "57" + zero.repeat(5) + "6201a46e" + "620f4240" + "f150" + JUMPS;
            byte[] code = code(400, head, returns(9).replace("5f", zero));
            put(code, 0x40, "5b" + "6000ff");
            deploy(GOES_ON, code);
            byte[] large = new byte[LARGE_BYTES];
            put(large, 0, zero.repeat(2) + "6020" + zero.repeat(2) + "61c0de" + "61c350" + "f1" + "6000" + "52" + "6020" + zero + "f3");
            deploy(LARGE, large);
            try (Interpreter machine = open(fork)) {
                assertEquals(returned(9), run(machine), fork::toString);
                assertEquals(3, machine.outcome().frames(), "it was called back");
            }
        }
    }

    /// Initcode calls, and so is driven out; then it returns itself, jumps and all, by CODECOPY: what is deployed is what the creator's memory has.
    @Test
    void initcodeGoesOnAndReadsItself() {
        deploy(LARGE, new byte[LARGE_BYTES]);
        byte[] initcode = code(400, CALLS + JUMPS, "5b" + "6101905f5f39" + "6101905ff3");
        byte[] creator = new byte[1000];
        // its code from 500 on to memory at 32; CREATE; EXTCODECOPY of what it made to 0; return
        put(creator, 0, "6101906101f4602039" + "61019060205ff0" + "6101905f5f83" + "3c" + "6101905ff3");
        System.arraycopy(initcode, 0, creator, 500, initcode.length);
        deploy(GOES_ON, creator);
        String itself = "SUCCESS " + HexFormat.of().formatHex(initcode);
        try (Interpreter machine = open(Fork.OSAKA)) {
            assertEquals(itself, run(machine));
            assertEquals(3, machine.outcome().frames());
            state.clear();
            deploy(LARGE, new byte[LARGE_BYTES]);
            message.create().input(MemorySegment.ofArray(creator), 500, initcode.length);
            assertEquals(itself, run(machine), "the outermost creates");
            message.to(word(0xabcd), 0).code(MemorySegment.ofArray(creator), 500, initcode.length);
            assertEquals(itself, run(machine), "code that a message brings");
            deploy(GOES_ON, code(400, CALLS + JUMPS, returns(7)));
            message.to(word(GOES_ON), 0);
            assertEquals(returned(7), run(machine), "and then an account's");
        }
    }

    /// One between calls the large one, and then who waits: that one's code is in the cache again when it goes on, but elsewhere. And it runs for who borrows it, whose own code is another.
    @Test
    void whoIsCalledAgainOrBorrowedGoesOn() {
        deploy(LARGE, new byte[LARGE_BYTES]);
        String again = "5f5f60205f5f" + "61c0de" + "620f4240" + "f150";
        deploy(0xbbbb, code(400, CALLS + again + JUMPS, "5b00"));
        byte[] code = code(400, "36" + "6040" + "57" + "5f5f5f5f5f" + "61bbbb" + "623d0900" + "f150" + JUMPS, returns(5));
        put(code, 0x40, "5b00");
        deploy(GOES_ON, code);
        String borrows = "60205f5f5f" + "61dddd" + "623d0900" + "f450" + "60205ff3";
        deploy(0xdddd, code(400, CALLS + JUMPS, returns(6)));
        deploy(0xeeee, HexFormat.of().parseHex(borrows));
        try (Interpreter machine = open(Fork.OSAKA)) {
            assertEquals(returned(5), run(machine));
            assertEquals(4, machine.outcome().frames());
            message.to(word(0xeeee), 0);
            assertEquals(returned(6), run(machine));
            assertEquals(3, machine.outcome().frames());
        }
    }

    /// Where nothing came over initcode it is not written again behind a call, and gives its room back at its end, be it undone.
    @Test
    void initcodeThatStaysIsWrittenOnce() {
        byte[] initcode = code(400, CALLS + CALLS + JUMPS, "5b00");
        byte[] creator = new byte[1000];
        put(creator, 0, "6101906101f45f39" + "6101905f5ff0" + "6101905f5ff0" + "6101905f5ff000");
        System.arraycopy(initcode, 0, creator, 500, initcode.length);
        deploy(LARGE, new byte[20]);
        deploy(GOES_ON, creator);
        try (Interpreter machine = open(Fork.OSAKA)) {
            for (int i = 0; i < 3; i++) {
                int before = machine.codes.room(0);
                assertEquals("SUCCESS ", run(machine));
                assertEquals(1 + 3 * 3, machine.outcome().frames());
                // the creator's code once, the first initcode's room, which the callee's lies behind, and the callee's
                int more = i > 0 ? 0 : 1088 + 448 + 64;
                assertEquals(before + 64 + more, machine.codes.room(0), "round " + i);
            }
        }
    }

    /// Before it is analysed and after, by a JUMPI: the destination 0 is one, and no condition. Who is analysed in the midst of a loop goes on in the other form; a tracer sees each instruction once.
    @Test
    void aLoopMayBeginAtTheFirstByte() {
        deploy(GOES_ON, HexFormat.of().parseHex("5b5f51600101805f52" + "6003115f57" + "60205ff3"));
        int[] steps = new int[1];
        Tracer counts = new Tracer() {
            @Override
            public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
                steps[0]++;
            }

            @Override
            public void end(Frame frame, Status status) {}
        };
        for (int patience = 0; patience < 5; patience++) {
            try (Interpreter machine = open(Fork.OSAKA)) {
                machine.codes.patience(patience);
                assertEquals(returned(3), run(machine));
                assertEquals(patience < 4, machine.frames[0].isAnalysed, "looked at 32 bytes twice, of 18");
            }
            try (Interpreter machine = open(Fork.OSAKA)) {
                machine.codes.patience(patience);
                machine.stop();                                    // nothing is under way
                machine.trace(counts);
                steps[0] = 0;
                assertEquals(returned(3), run(machine));
                assertEquals(3 * 12 + 3, steps[0], "patience " + patience);
            }
        }
    }

    /// Each time that code which is held is entered counts as 1,024 bytes of it looked at: at twice its bytes it is analysed, though it never jumps.
    @Test
    void codeThatIsEnteredOftenIsAnalysed() {
        deploy(GOES_ON, new byte[2048]);
        try (Interpreter machine = open(Fork.OSAKA)) {
            for (int i = 0; i <= 4; i++) {
                run(machine);
                assertEquals(i == 4, machine.codes.isAnalysed(machine.codes.find(hash(GOES_ON), 0)), "entered again " + i + " times");
            }
            assertEquals(2048, machine.codes.examined());
            run(machine);
            assertEquals(2048, machine.codes.examined(), "once");
            // calls itself, and is analysed in the second run's inner frame: the outer one goes on in that form
            byte[] code = new byte[1536];
            put(code, 0, "36" + "6020" + "57" + "5f5f60015f5f" + "61c0de" + "61ffff" + "f100");
            put(code, 0x20, "5b00");
            deploy(GOES_ON, code);
            run(machine);
            assertFalse(machine.frames[0].isAnalysed);
            run(machine);
            assertTrue(machine.frames[1].isAnalysed && machine.frames[0].isAnalysed);
        }
    }

    /// A host that has other code for the account, or none, when a frame of it goes on: the frame never runs that, be it as long; where its own is still in the cache nobody is asked.
    @Test
    void aHostThatHasOtherCodeMeanwhileIsAtFault() {
        for (int largeBytes : new int[] {LARGE_BYTES, 100}) {
            for (int length : new int[] {350, 351, 0, 23}) {
                state.clear();
                deploy(LARGE, new byte[largeBytes]);
                deploy(GOES_ON, code(350, CALLS + JUMPS, returns(7)));
                byte[] other = length == 23 ? HexFormat.of().parseHex("ef0100" + "00".repeat(17) + "01a46e") : new byte[length];
                try (Interpreter machine = open(Fork.OSAKA)) {
                    machine.trace(new Tracer() {
                        @Override
                        public void begin(Frame frame) {
                            if (frame.depth() == 1) {
                                state.setCode(word(GOES_ON), 0, MemorySegment.ofArray(other), 0, other.length);
                            }
                        }

                        @Override
                        public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

                        @Override
                        public void end(Frame frame, Status status) {}
                    });
                    if (largeBytes == LARGE_BYTES) {
                        String said = assertThrows(IllegalStateException.class, () -> run(machine)).getMessage();
                        assertTrue(said.startsWith("host: the code of Frame[depth 0") && said.contains("350 bytes"), said);
                        assertEquals(350, state.codeLength(word(GOES_ON), 0), "the run has not been");
                    } else {
                        assertEquals(returned(7), run(machine), "no one asks");
                    }
                    machine.trace(null);
                }
            }
        }
    }

    /// Wherever a stop comes in a code that is analysed while it runs, the run ends, and the next one does not.
    @Test
    void aStopIsHeardWhateverFormTheCodeHas() {
        // as many times as the first byte of the input says: asks for a balance, and jumps
        deploy(GOES_ON, HexFormat.of().parseHex("5f355f1a" + "5b" + "61abcd3150" + "6001" + "9003" + "80" + "6004" + "57" + "605f5f55"));
        byte[] rounds = new byte[32];
        rounds[0] = 40;
        message.input(MemorySegment.ofArray(rounds), 0, rounds.length);
        int[] asked = new int[1];
        int[] stopAt = {Integer.MAX_VALUE};
        Interpreter[] stopped = new Interpreter[1];
        Host host = (Host) java.lang.reflect.Proxy.newProxyInstance(Host.class.getClassLoader(), new Class<?>[] {Host.class}, (_, method, arguments) -> {
            if (method.getName().equals("balance") && ++asked[0] == stopAt[0]) {
                stopped[0].stop();
            }
            return method.invoke(state, arguments);
        });
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.OSAKA), host, null)) {
            stopped[0] = machine;
            int analysedAt = 0;
            for (int patience = 1; patience < 30; patience += 9) {
                machine.codes.patience(patience);
                for (stopAt[0] = 1; stopAt[0] < 40; stopAt[0]++) {
                    machine.codes.room(InterpreterConfig.of(Fork.OSAKA).codeBytesMax() - 64);   // the code is gone, and comes again unanalysed
                    asked[0] = 0;
                    assertEquals("STOPPED ", run(machine), "at " + stopAt[0]);
                    assertEquals(stopAt[0], asked[0], "nothing after it");
                    analysedAt += machine.codes.isAnalysed(machine.codes.find(hash(GOES_ON), 0)) ? 1 : 0;
                }
                stopAt[0] = Integer.MAX_VALUE;
                assertEquals("SUCCESS ", run(machine));
            }
            assertTrue(analysedAt > 20 && analysedAt < 4 * 39, analysedAt + " analysed");
        }
    }
}
