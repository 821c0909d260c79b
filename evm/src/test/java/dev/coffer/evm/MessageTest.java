package dev.coffer.evm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.jcajce.provider.digest.Keccak;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The outermost message: a creation, a call of a precompile, a call of nothing; what each leaves in the world, in the outcome and of its
/// gas. Account 0xca11e4 sends, with balance 100.
class MessageTest {
    private static final long GAS = 1_000_000;
    private static final WorldStateConfig SMALL = new WorldStateConfig(64, 64, 1 << 17, 1 << 16, 16, 1 << 12);

    private final WorldState state = new WorldState(SMALL);
    private final long[] w = new long[40];

    /// Sends from an account with this nonce.
    private Outcome run(Fork fork, Precompiles precompiles, long nonce, Message message) {
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(fork), state, precompiles)) {
            state.clear();
            word(0, 0xca11e4);
            word(4, 100);
            assertTrue(state.account(w, 0, w, 4, nonce));
            state.beginTransaction();
            Outcome outcome = machine.run(message.caller(w, 0));
            output = outcome.output();                     // while its memory is there
            return outcome;
        }
    }

    private byte[] output = new byte[0];

    private void word(int at, long value) {
        Word.set(w, at, BigInteger.valueOf(value));
    }

    private long balance(int address) {
        state.balance(w, address, w, 36);
        return w[36];
    }

    private static Message creation(String initcode, long gas) {
        byte[] bytes = HexFormat.of().parseHex(initcode);
        return new Message().create().gas(gas).input(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /// Initcode that returns its `length` bytes of zeros after one `first` byte.
    private static String returning(String first, int length) {
        return "60" + first + "5f5362" + String.format("%06x", length) + "5ff3";
    }

    private static byte[] created(long nonce) {
        byte[] number = nonce == 0 ? new byte[0] : BigInteger.valueOf(nonce).toByteArray();
        number = number.length > 1 && number[0] == 0 ? Arrays.copyOfRange(number, 1, number.length) : number;
        byte[] list = HexFormat.of().parseHex("9400000000000000000000000000000000" + "00ca11e4"
                + (nonce == 0 ? "80" : nonce < 0x80 ? HexFormat.of().formatHex(number) : "8" + number.length + HexFormat.of().formatHex(number)));
        byte[] rlp = new byte[list.length + 1];
        rlp[0] = (byte) (0xc0 + list.length);
        System.arraycopy(list, 0, rlp, 1, list.length);
        return Arrays.copyOfRange(new Keccak.Digest256().digest(rlp), 12, 32);
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "127", "128", "255", "256", "65535", "65536", "4294967296"})
    void aCreationLiesWhereSenderAndNonceSay(long nonce) {
        word(8, 7);
        Outcome outcome = run(Fork.CANCUN, null, nonce, creation("600160005360016000f3", GAS).value(w, 8));
        assertEquals(Status.SUCCESS, outcome.status());
        outcome.created(w, 12);
        assertEquals(new BigInteger(1, created(nonce)), Word.toBigInteger(w, 12));
        assertEquals(1, state.codeLength(w, 12));
        assertEquals(1, state.nonce(w, 12));
        assertEquals(nonce + 1, state.nonce(w, 0));
        assertEquals(7, balance(12));
        assertEquals(93, balance(0));
        assertEquals(Host.WARM, state.accessAccount(w, 12));
        assertArrayEquals(new byte[] {1}, output);
    }

    /// Of zero bytes nothing is deployed; a first byte 0xef is reserved from London, a length of 24,576 the last from Spurious Dragon.
    @ParameterizedTest
    @CsvSource({"BERLIN, ef, 1, SUCCESS", "LONDON, ef, 1, CODE_PREFIX_RESERVED", "LONDON, ee, 1, SUCCESS", "LONDON, ef, 0, SUCCESS",
            "CANCUN, 00, 24576, SUCCESS", "CANCUN, 00, 24577, CODE_TOO_LONG", "HOMESTEAD, 00, 24577, SUCCESS"})
    void whatInitcodeReturnsIsDeployedOrRefused(Fork fork, String first, int length, Status status) {
        String code = returning(first, length).replace("5f53", "600053").replace("5ff3", "6000f3");  // no PUSH0 before Shanghai
        Outcome outcome = run(fork, null, 1, creation(code, 6_000_000));
        assertEquals(status, outcome.status());
        outcome.created(w, 12);
        if (status == Status.SUCCESS) {
            assertEquals(length, state.codeLength(w, 12));
            assertEquals(length, output.length);
            assertTrue(outcome.gasLeft() > 0);
        } else {
            assertTrue(Word.isZero(w, 12), "nothing was created");
            assertEquals(0, outcome.gasLeft());
            assertEquals(0, output.length);
        }
    }

    /// 200 a byte (Yellow Paper, appendix G). Frontier makes the account all the same, without code, and keeps the gas.
    @ParameterizedTest
    @CsvSource({"FRONTIER, 0, SUCCESS, 1, 0", "FRONTIER, 1, SUCCESS, 0, 199", "HOMESTEAD, 0, SUCCESS, 1, 0", "HOMESTEAD, 1, OUT_OF_GAS, 0, 0"})
    void codeThatIsNotPaidForIsNotDeployed(Fork fork, int less, Status status, int length, long left) {
        long runs = 3 + 3 + 3 + 3 + 3 + 3;                   // two pushes, MSTORE8 and its word of memory, two pushes
        Outcome outcome = run(fork, null, 1, creation("600160005360016000f3", runs + 200 - less));
        assertEquals(status, outcome.status());
        assertEquals(left, outcome.gasLeft());
        outcome.created(w, 12);
        assertEquals(length, state.codeLength(w, 12));
        assertEquals(status == Status.SUCCESS, !Word.isZero(w, 12));
        assertEquals(length, output.length);
    }

    @Test
    void aCreationWhereSomethingStandsIsRefusedWithAllItsGas() {
        Word.set(w, 16, new BigInteger(1, created(5)));
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            for (int what = 0; what < 4; what++) {
                state.clear();
                word(0, 0xca11e4);
                word(4, 100);
                state.account(w, 0, w, 4, 5);
                switch (what) {
                    case 0 -> state.account(w, 16, w, 4, 0);              // a balance alone hinders nobody
                    case 1 -> state.account(w, 16, w, 4, 1);
                    case 2 -> state.setCode(w, 16, MemorySegment.ofArray(new byte[1]), 0, 1);
                    default -> state.store(w, 16, w, 4, w, 4);
                }
                state.beginTransaction();
                Outcome outcome = machine.run(creation("00", GAS).caller(w, 0));
                assertEquals(what == 0 ? Status.SUCCESS : Status.CREATE_COLLISION, outcome.status());
                assertEquals(what == 0 ? GAS : 0, outcome.gasLeft());
                assertEquals(6, state.nonce(w, 0), "the nonce is used up");
                assertEquals(what == 0 ? 1 : what == 1 ? 1 : 0, state.nonce(w, 16));
            }
        }
    }

    @Test
    void initcodeOf49152BytesIsTakenAndOneMoreRefusedFromShanghai() {
        for (Fork fork : new Fork[] {Fork.PARIS, Fork.SHANGHAI}) {
            for (int more = 0; more <= 1; more++) {
                boolean refused = fork == Fork.SHANGHAI && more == 1;
                Outcome outcome = run(fork, null, 1, creation("00".repeat(49152 + more), GAS));
                assertEquals(refused ? Status.INITCODE_TOO_LONG : Status.SUCCESS, outcome.status());
                assertEquals(refused ? 1 : 2, state.nonce(w, 0));
                assertEquals(refused ? 0 : GAS, outcome.gasLeft());
            }
        }
    }

    @Test
    void whoHasTooLittleSendsNothing() {
        for (int more = 0; more <= 1; more++) {
            word(8, 100 + more);
            word(20, 0xabcd);
            Outcome created = run(Fork.CANCUN, null, 1, creation("00", GAS).value(w, 8));
            assertEquals(more == 0 ? Status.SUCCESS : Status.BALANCE_TOO_LOW, created.status());
            assertEquals(more == 0 ? 0 : 100, balance(0));
            Outcome called = run(Fork.CANCUN, null, 1, new Message().to(w, 20).value(w, 8).gas(GAS));
            assertEquals(more == 0 ? Status.SUCCESS : Status.BALANCE_TOO_LOW, called.status());
            assertEquals(more == 0 ? 100 : 0, balance(20));
            assertEquals(more == 0 ? GAS : 0, called.gasLeft());
            Outcome moved = run(Fork.CANCUN, null, 1, new Message().to(w, 20).value(w, 8).gas(GAS).movesValue(false));
            assertEquals(Status.SUCCESS, moved.status(), "moved by another");
            assertEquals(0, balance(20));
        }
    }

    /// Number 3 in the state of the test: writes how long its input is, twice; refuses an input that begins with 0xff.
    private static final class Doubling implements Precompiles {
        @Override
        public boolean has(int number, Fork fork) {
            return number == 3 || number == 9 || number == 17;
        }

        @Override
        public long outputBytesMax(int number, MemorySegment input, long at, long length) {
            return 2;
        }

        @Override
        public long run(int number, Fork fork, MemorySegment input, long at, long length, MemorySegment to, long toAt) {
            if (length > 0 && input.get(ValueLayout.JAVA_BYTE, at) == -1) {
                return FAILED;
            }
            to.set(ValueLayout.JAVA_BYTE, toAt, (byte) length);
            to.set(ValueLayout.JAVA_BYTE, toAt + 1, (byte) length);
            return 2;
        }
    }

    private Outcome precompile(Fork fork, long number, byte[] input, long gas, Precompiles precompiles) {
        word(20, number);
        word(8, 3);
        return run(fork, precompiles, 1, new Message().to(w, 20).value(w, 8).gas(gas).input(MemorySegment.ofArray(input), 0, input.length));
    }

    @Test
    void aPrecompileOfTheCallersIsCalledWhereTheForkHasIt() {
        Outcome done = precompile(Fork.CANCUN, 3, new byte[5], 721, new Doubling());
        assertEquals(Status.SUCCESS, done.status());
        assertEquals(1, done.gasLeft());
        assertArrayEquals(new byte[] {5, 5}, output);
        assertEquals(3, balance(20));
        assertEquals(Status.SUCCESS, precompile(Fork.PRAGUE, 17, new byte[0], 23800, new Doubling()).status());
        assertArrayEquals(new byte[] {0, 0}, output);
        assertEquals(5, precompile(Fork.CANCUN, 17, new byte[0], 5, new Doubling()).gasLeft(), "not before Prague");
        Outcome none = precompile(Fork.HOMESTEAD, 5, new byte[5], 151, new Doubling());
        assertEquals(151, none.gasLeft(), "before Byzantium an account like any other");
        assertEquals(0, output.length);
        assertEquals(5, precompile(Fork.PRAGUE, 0x100, new byte[0], 5, null).gasLeft(), "not before Osaka");
        assertEquals(Status.PRECOMPILE_MISSING, precompile(Fork.CANCUN, 5, new byte[0], 6000, new Doubling()).status());
        assertEquals(Status.PRECOMPILE_MISSING, precompile(Fork.CANCUN, 3, new byte[0], 6000, null).status());
        assertEquals(0, balance(20), "and the value is back");
        assertEquals(Status.SUCCESS, precompile(Fork.CANCUN, 4, new byte[] {9}, 18, null).status(), "what the house has needs none");
        assertArrayEquals(new byte[] {9}, output);
    }

    @Test
    void aSignatureOnP256IsCheckedFor6900Gas() {
        Outcome valid = precompile(Fork.OSAKA, 0x100, CorePrecompilesTest.SIGNED, 6901, null);
        assertEquals(Status.SUCCESS, valid.status());
        assertEquals(1, valid.gasLeft());
        assertEquals(BigInteger.ONE, new BigInteger(1, output));
        assertEquals(32, output.length);
        byte[] changed = CorePrecompilesTest.SIGNED.clone();
        changed[0] ^= 1;
        Outcome other = precompile(Fork.OSAKA, 0x100, changed, 6900, null);
        assertEquals(Status.SUCCESS, other.status(), "a call that says no has not failed");
        assertEquals(0, output.length);
        assertEquals(3, balance(20));
        assertEquals(Status.OUT_OF_GAS, precompile(Fork.OSAKA, 0x100, CorePrecompilesTest.SIGNED, 6899, null).status());
    }

    @Test
    void aPrecompileThatRefusesOrIsNotPaidForTakesAllGasAndGivesTheValueBack() {
        Outcome refused = precompile(Fork.CANCUN, 3, new byte[] {-1}, 721, new Doubling());
        assertEquals(Status.PRECOMPILE_FAILED, refused.status());
        assertEquals(0, refused.gasLeft());
        assertEquals(0, output.length);
        assertEquals(0, balance(20));
        assertEquals(Status.PRECOMPILE_FAILED, precompile(Fork.CANCUN, 9, new byte[212], Long.MAX_VALUE, new Doubling()).status(), "no gas is enough");
        assertEquals(Status.OUT_OF_GAS, precompile(Fork.CANCUN, 3, new byte[] {1}, 719, new Doubling()).status());
        assertEquals(100, balance(0));
        assertEquals(Status.SUCCESS, precompile(Fork.CANCUN, 3, new byte[] {1}, 720, new Doubling()).status());
        assertEquals(97, balance(0));
    }

    /// A host of its own may have moved the value already; what may change nothing creates nothing (EIP-214).
    @Test
    void aCreationMovesNoValueAndChangesNothingWhereItMayNot() {
        word(8, 101);                                          // more than there is
        assertEquals(Status.SUCCESS, run(Fork.CANCUN, null, 0, creation("00", GAS).value(w, 8).movesValue(false)).status());
        assertEquals(100, balance(0));
        assertEquals(Status.STATIC_VIOLATION, run(Fork.CANCUN, null, 0, creation("00", GAS).isStatic(true)).status());
        assertEquals(0, state.nonce(w, 0));
    }

    /// Initcode and code as long as the machine keeps, and a byte longer: by message, by instruction.
    @Test
    void codeThatDoesNotFitEndsTheRunAndIsAsIfNothingHadRun() {
        WorldState world = new WorldState(SMALL.withCodeBytesMax(1 << 18));
        int most = 1 << 16;
        long[] v = {0xca11e4, 0, 0, 0, 100, 0, 0, 0, 0xc0de, 0, 0, 0, 0xb16, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0};
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PARIS).withCodeBytesMax(most), world, null)) {
            Status[] seen = new Status[8];
            for (int kind = 0; kind < 8; kind++) {
                boolean fits = kind < 4;
                int length = fits ? most - 2048 : most + 1;
                MemorySegment code = MemorySegment.ofArray(new byte[length]);
                String size = String.format("%06x", length);
                byte[] creates = HexFormat.of().parseHex("62" + size + "600060" + "00f0" + "600055");      // CREATE of zeros, slot 0 is its address
                byte[] calls = HexFormat.of().parseHex("60016000556000600060006000600061" + "0b16" + "5af1" + "600055");
                world.clear();
                world.account(v, 0, v, 4, 5);
                world.account(v, 8, v, 4, 6);
                world.account(v, 12, v, 4, 1);
                world.setCode(v, 12, code, 0, length);
                byte[] runs = kind % 4 == 2 ? creates : calls;
                world.setCode(v, 8, MemorySegment.ofArray(runs), 0, runs.length);
                world.beginTransaction();
                Message message = new Message().caller(v, 0).value(v, 16).gas(30_000_000);
                Outcome outcome = machine.run(switch (kind % 4) {
                    case 0 -> message.create().input(code, 0, length);
                    case 1 -> message.to(v, 12);
                    default -> message.to(v, 8);
                });
                seen[kind] = outcome.status();
                if (!fits) {
                    assertEquals(5, world.nonce(v, 0), "kind " + kind);
                    assertEquals(6, world.nonce(v, 8));
                    world.balance(v, 0, v, 20);
                    assertEquals(100, v[20]);
                    assertEquals(0, world.snapshot());
                    assertEquals(0, outcome.gasLeft());
                }
            }
            Status[] expected = new Status[8];
            Arrays.fill(expected, 0, 4, Status.SUCCESS);
            Arrays.fill(expected, 4, 8, Status.CODE_LIMIT);
            assertArrayEquals(expected, seen);
        }
    }

    /// A world with room for ever fewer changes: each run ends well, or with the host's limit and the world as it was.
    @Test
    void aWorldWithoutRoomEndsTheRunAndIsAsItWas() {
        // calls 0xabcd with 1 wei, creates, logs, stores, stores for the transaction, destroys itself in favour of 0xbeef
        String code = "5f5f5f5f600161abcd5af1" + "505f5f5ff050" + "5f5fa0" + "60015f55" + "60015f5d" + "61beefff";
        byte[] bytes = HexFormat.of().parseHex(code);
        int[] ended = new int[2];
        for (int undos = 4; undos < 44; undos++) {
            for (int room = 0; room < (undos == 43 ? 4 : 1); room++) {
                WorldState world = new WorldState(new WorldStateConfig(room == 1 ? 3 : 16, room == 2 ? 1 : 4, 1 << 10, 16, room == 3 ? 1 : 4, undos));
                long[] v = {0xca11e4, 0, 0, 0, 100, 0, 0, 0, 0xc0de, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
                world.account(v, 0, v, 4, 1);
                world.account(v, 8, v, 4, 1);
                if (!world.setCode(v, 8, MemorySegment.ofArray(bytes), 0, bytes.length)) {
                    continue;
                }
                world.beginTransaction();
                try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), world, null)) {
                    for (int create = 0; create <= 1; create++) {
                        Message message = new Message().caller(v, 0).value(v, 12).gas(GAS);
                        Outcome outcome = machine.run(create == 0 ? message.to(v, 8) : message.create().input(MemorySegment.ofArray(bytes), 0, bytes.length));
                        boolean limited = outcome.status() == Status.HOST_LIMIT;
                        assertTrue(limited || outcome.status() == Status.SUCCESS, outcome::toString);
                        ended[limited ? 0 : 1]++;
                        if (!limited) {
                            break;
                        }
                        world.balance(v, 0, v, 16);
                        assertEquals(100, v[16]);
                        world.balance(v, 8, v, 16);
                        assertEquals(100, v[16]);
                        assertEquals(1, world.nonce(v, 0));
                        assertEquals(1, world.nonce(v, 8));
                        assertEquals(0, world.logs().count());
                        assertEquals(0, world.snapshot());
                        assertEquals(0, outcome.gasLeft());
                    }
                }
            }
        }
        assertTrue(ended[0] > 0 && ended[1] > 0, ended[0] + " limited, " + ended[1] + " not");
    }

    private void contract(int at, String hex) {
        byte[] code = HexFormat.of().parseHex(hex);
        state.account(w, at, w, 32, 1);
        state.setCode(w, at, MemorySegment.ofArray(code), 0, code.length);
    }

    private Outcome message(Message message) {
        word(0, 0xca11e4);
        state.beginTransaction();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
            Outcome outcome = machine.run(message.caller(w, 0).gas(GAS));
            output = outcome.output();
            return outcome;
        }
    }

    private long slot(int address, int key) {
        word(36, key);
        state.load(w, address, w, 36, w, 28);
        return w[28];
    }

    @Test
    void aStaticMessageChangesNothing() {
        word(4, 0xc0de);
        word(8, 1);
        contract(4, "600160005500");
        Message message = new Message().to(w, 4);
        assertEquals(Status.SUCCESS, message(message).status());
        assertEquals(1, slot(4, 0));
        contract(4, "600260005500");
        assertEquals(Status.STATIC_VIOLATION, message(message.isStatic(true)).status());
        assertEquals(1, slot(4, 0));
        contract(4, "5f5f5f5f5f305af15f5260205ff3");                           // who is called by it may not, either, and reads all the same
        assertEquals(Status.SUCCESS, message(message).status());
        state.account(w, 0, w, 8, 0);
        assertEquals(Status.STATIC_VIOLATION, message(message.value(w, 8)).status(), "a value is a change");
        assertEquals(Status.SUCCESS, message(message.movesValue(false)).status(), "unless it stays where it is");
    }

    /// As DELEGATECALL: another one's code on the receiver's storage and balance.
    @Test
    void aMessageBorrowsCode() {
        word(4, 0xc0de);
        word(8, 0xbeef);
        word(12, 77);
        contract(4, "fe");
        contract(8, "346000553060015533600255" + "00");
        Message message = new Message().to(w, 4).codeOf(w, 8).value(w, 12).movesValue(false);
        assertEquals(Status.SUCCESS, message(message).status());
        assertEquals(77, slot(4, 0));
        assertEquals(0xc0de, slot(4, 1));
        assertEquals(0xca11e4, slot(4, 2));
        assertEquals(0, slot(8, 0));
        contract(8, "5a61beef31505a03" + "5f5260205ff3");
        message(message);
        assertEquals(-(3 + 100 + 2 + 2), new BigInteger(output).intValue(), "whose code it is is warm");
        word(12, 4);
        byte[] data = {1, 2, 3};
        message(new Message().to(w, 8).codeOf(w, 12).input(MemorySegment.ofArray(data), 0, 3));
        assertArrayEquals(data, output, "a precompile's: the identity");
        assertEquals(Status.UNDEFINED_INSTRUCTION, message(message.to(w, 4)).status(), "its own again");
    }

    @Test
    void aMessageRunsCodeThatNoAccountHas() {
        word(4, 0xc0de);
        contract(4, "fe");
        byte[] code = HexFormat.of().parseHex("00" + "600760005530" + "5f5260205ff3");
        Message message = new Message().to(w, 4).code(MemorySegment.ofArray(code), 1, code.length - 1);
        assertEquals(Status.SUCCESS, message(message).status());
        assertEquals(7, slot(4, 0));
        assertEquals(0xc0de, new BigInteger(1, output).intValue());
        assertEquals(1, state.codeLength(w, 4), "the state has nothing of it");
        assertEquals(Status.SUCCESS, message(message.code(MemorySegment.ofArray(code), 0, 0)).status(), "nothing is code that stops");
        word(8, 2);
        assertEquals(Status.SUCCESS, message(new Message().to(w, 8).code(MemorySegment.ofArray(code), 1, code.length - 1)).status());
        assertEquals(2, new BigInteger(1, output).intValue(), "in the place of a precompile");
        assertEquals(Status.UNDEFINED_INSTRUCTION, message(message.to(w, 4)).status(), "its own again");
    }

    /// EIP-1014's examples 0 and 5, in which 0x00000000000000000000000000000000deadbeef creates.
    @Test
    void aCreationLiesWhereItsSaltSays() {
        String[][] examples = {{"00", "00", "4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38"},
                {"deadbeef", "00", "b928f69bb1d91cd65274e3c79d8986362984fda3"}};
        for (String[] example : examples) {
            state.clear();
            long[] creator = new long[4];
            Word.setHex(creator, 0, example[0]);
            byte[] initcode = HexFormat.of().parseHex(example[1]);
            state.beginTransaction();
            try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN), state, null)) {
                Outcome outcome = machine.run(new Message().create2(new long[4], 0).caller(creator, 0).gas(GAS)
                        .input(MemorySegment.ofArray(initcode), 0, initcode.length));
                assertEquals(Status.SUCCESS, outcome.status());
                outcome.created(w, 12);
                assertEquals(1, state.nonce(creator, 0), "counted as CREATE is");
            }
            if (example[0].equals("00")) {
                assertEquals(example[2], Word.toHex(w, 12).substring(26));
            }
            assertEquals(1, state.nonce(w, 12));
        }
    }
}
