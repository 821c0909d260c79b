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

    private void same(Interpreter machine, byte[] code, long gas) {
        assertEquals(run(machine, code, gas, true), run(machine, code, gas, false), () -> "gas " + gas + ", code " + HexFormat.of().formatHex(code));
    }

    /// All words of the stack, and what GAS says, go to memory, from the top down, and out.
    private static final String TELLS = "5a5f52" + "602052" + "604052" + "606052" + "60606000f3";

    private static byte[] code(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /// One of each kind and width.
    private static final String[] ALL =
            {"600556fe5b", "60065661fefe5b", "600057", "61000057", "15600057", "1561000057", "1515600057", "151561000057", "6007" + "01",
                    "0151", "8152", "5050", "9050", "9150", "9250", "9350", "8001", "8101", "8201", "8301", "8401", "8501", "8601", "8701", "8080", "8181",
                    "8280", "8084", "8785", "8787"};

    @Test
    void eachFailsWhereItsInstructionsDo() {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            for (String each : ALL) {
                for (int words : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1021, 1022, 1023, 1024}) {
                    byte[] code = code("5f".repeat(words) + each + "00");
                    for (long gas = 2L * words; gas < 2L * words + 40; gas++) {
                        same(machine, code, gas);
                    }
                }
            }
        }
    }

    /// What makes an instruction fused, so that the others of these tests say something.
    @Test
    void eachKindIsMet() {
        BitSet met = new BitSet();
        for (String each : ALL) {
            byte[] code = new byte[100];
            byte[] bytes = code(each);
            System.arraycopy(bytes, 0, code, 0, bytes.length);
            int fused = Fused.at(code, 0);
            assertTrue(fused >= Fused.JUMP && fused <= Fused.LAST, each + " is " + fused);
            met.set(fused);
        }
        assertEquals(Fused.DUP_DUP - Fused.JUMP, met.get(Fused.JUMP, Fused.DUP_DUP).cardinality() + 1, met.toString());
        for (int opcode = Fused.JUMP; opcode <= Fused.LAST; opcode++) {
            byte[] undefined = new byte[100];
            undefined[0] = (byte) opcode;
            assertEquals(Opcode.INVALID, Fused.at(undefined, 0), "an undefined instruction stays one");
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
            String each = ALL[random.nextInt(ALL.length)];
            int at = out.size();
            if (each.contains("57") || each.contains("56")) {      // a jump ahead over some of what is none
                String conditional = each.contains("57") ? each.substring(0, each.indexOf('6')) : "";
                boolean wide = random.nextBoolean();
                String between = ALL[8 + random.nextInt(ALL.length - 8)];
                int to = at + conditional.length() / 2 + (wide ? 4 : 3) + between.length() / 2;
                int wrong = random.nextInt(20) == 0 ? 1 : 0;
                each = conditional + (wide ? String.format("61%04x", to + wrong) : String.format("60%02x", to + wrong & 0xff))
                        + (each.contains("57") ? "57" : "56") + between + "5b";
            } else if (random.nextInt(4) == 0) {
                each = "61" + String.format("%04x", random.nextInt(2000)) + "81" + "52";   // a place that memory has
            }
            out.writeBytes(code(each));
        }
        out.writeBytes(code(TELLS));
        byte[] code = out.toByteArray();
        same(machine, code, 1_000_000);
        for (int i = 0; i < 30; i++) {
            same(machine, code, random.nextInt(600));
        }
    }
}
