package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Instructions that are executed as one, beside the same ones executed plainly, as a tracer has them: whatever the gas, the depth of the stack and the operands.
class FusedTest {
    private final WorldState state = new WorldState(new WorldStateConfig(16, 16, 1 << 14, 1 << 10, 16, 1 << 8));
    private final long[] who = {0xc0de, 0, 0, 0};
    private static final Tracer NOBODY = new Tracer() {
        @Override
        public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {}

        @Override
        public void end(Frame frame, Status status) {}
    };

    private String run(Interpreter machine, byte[] code, long gas, boolean plainly) {
        machine.trace(plainly ? NOBODY : null);
        state.beginTransaction();
        Outcome outcome = machine.run(new Message().caller(who, 0).to(who, 0).gas(gas).code(MemorySegment.ofArray(code), 0, code.length));
        return outcome.status() + " " + outcome.gasUsed() + " " + HexFormat.of().formatHex(outcome.output());
    }

    private void same(Interpreter machine, byte[] code, long gas, boolean hasJump) {
        machine.codes.patience(0);                                 // analysed, and so fused, before it runs
        String plainly = run(machine, code, gas, true);
        assertEquals(plainly, run(machine, code, gas, false), () -> "gas " + gas + ", code " + HexFormat.of().formatHex(code));
        if (!hasJump) {
            return;
        }
        machine.codes.patience(1);                                 // or in the midst of it
        assertEquals(plainly, run(machine, code, gas, false), () -> "in the midst: gas " + gas + ", code " + HexFormat.of().formatHex(code));
    }

    /// What GAS says and three words of the stack go to memory, from the top down, and out.
    private static final String TELLS = "5a5f52" + "602052" + "604052" + "606052" + "60806000f3";

    private static byte[] code(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /// JUMP, JUMPI, behind one ISZERO, behind two; each with a target of one byte and of two.
    private static final int JUMPS = 8;

    /// One of each other kind.
    private static final String[] OTHERS =
            {"6007" + "01", "5050", "9050", "9150", "9250", "9350", "8001", "8101", "8201", "8301", "8401", "8501", "8601", "8701", "8080",
                    "8181", "8280", "8084", "8785", "8787"};

    /// {@return a jump at that place over what stands between it and its JUMPDEST}
    private static String jump(int which, int at, String between, int wrong) {
        int kind = which >> 1;
        boolean wide = (which & 1) != 0;
        String conditional = "15".repeat(Math.max(0, kind - 1));
        int to = at + conditional.length() / 2 + (wide ? 4 : 3) + between.length() / 2 + wrong;
        return conditional + (wide ? String.format("61%04x", to) : String.format("60%02x", to & 0xff)) + (kind == 0 ? "56" : "57") + between + "5b";
    }

    private static String each(int which, int at) {
        return which < JUMPS ? jump(which, at, "00", 0) : OTHERS[which - JUMPS];
    }

    /// The word on top is 0 or, by PC at the same price, none: of each two conditional jumps one lands.
    @Test
    void eachFailsWhereItsInstructionsDo() {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            for (int which = 0; which < JUMPS + OTHERS.length; which++) {
                for (int words : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1021, 1022, 1023, 1024}) {
                    for (String top : new String[] {"5f", "58"}) {
                        byte[] code = code("5f".repeat(Math.max(0, words - 1)) + (words == 0 ? "" : top) + each(which, words) + "5a5f525f5000");
                        for (long gas = 2L * words; gas < 2L * words + 40; gas++) {
                            same(machine, code, gas, which < JUMPS);
                        }
                    }
                }
            }
        }
    }

    /// What makes an instruction fused, so that the others of these tests say something.
    @Test
    void eachKindIsMet() {
        BitSet met = new BitSet();
        for (int which = 0; which < JUMPS + OTHERS.length; which++) {
            byte[] code = new byte[100];
            String each = each(which, 0);
            byte[] bytes = code(each);
            System.arraycopy(bytes, 0, code, 0, bytes.length);
            int fused = Fused.at(code, 0);
            assertTrue(fused >= Fused.JUMP && fused <= Fused.LAST, each + " is " + fused);
            met.set(fused);
        }
        assertEquals(Fused.DUP_DUP - Fused.JUMP, met.get(Fused.JUMP, Fused.DUP_DUP).cardinality(), met.toString());
        for (int opcode = Fused.JUMP; opcode <= Fused.LAST; opcode++) {
            byte[] undefined = new byte[100];
            undefined[0] = (byte) opcode;
            assertEquals(Opcode.INVALID, Fused.at(undefined, 0), "an undefined instruction stays one");
        }
    }

    @Test
    void theirOpcodesAreNoInstructionsWhateverTheCodesForm() {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            for (int opcode = Fused.JUMP; opcode <= Fused.LAST; opcode++) {
                for (int patience = 0; patience < 3; patience++) {
                    machine.codes.patience(patience);
                    String told = run(machine, code("5f".repeat(10) + Integer.toHexString(opcode) + "000000"), 100, false);
                    assertEquals("UNDEFINED_INSTRUCTION 100 ", told, Integer.toHexString(opcode));
                }
            }
        }
    }

    @Test
    void randomProgramsDoTheSameWithAnyGas() {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            Seeds.forEach(1, 300, random -> program(machine, random));
        }
    }

    private void program(Interpreter machine, SplittableRandom random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 10; i++) {
            out.writeBytes(code("7f" + HexFormat.of().toHexDigits(random.nextLong() >> random.nextInt(64)).repeat(4)));
        }
        int count = 5 + random.nextInt(30);
        for (int i = 0; i < count; i++) {
            int which = random.nextInt(JUMPS + OTHERS.length);
            String each;
            if (which < JUMPS) {                                   // ahead over some of what is none
                each = jump(which, out.size(), OTHERS[random.nextInt(OTHERS.length)], random.nextInt(20) == 0 ? 1 : 0);
            } else if (random.nextInt(4) == 0) {
                each = "61" + String.format("%04x", random.nextInt(2000)) + "81" + "52";   // a place that memory has
            } else {
                each = OTHERS[which - JUMPS];
            }
            out.writeBytes(code(each));
        }
        out.writeBytes(code(TELLS));
        byte[] code = out.toByteArray();
        same(machine, code, 1_000_000, true);
        for (int i = 0; i < 30; i++) {
            same(machine, code, random.nextInt(600), i % 2 == 0);
        }
    }
}
