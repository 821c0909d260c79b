package dev.coffer.evm.vectors;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/// Random message calls, each decided by its seed: four contracts that call one another, most statements well formed so
/// that programs get far, a few that are not. Every fork; gas from too little to plenty. One in 32 is a chain of calls as
/// deep as its gas goes, up to the limit of 1,024.
final class ProgramGenerator {
    static final int CONTRACTS = 4;
    static final long FIRST = 0xc0de0;
    private static final String CALLER = address(0x1000L);
    private static final List<Integer> TWO = List.of(0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b, 0x10, 0x11,
            0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d);
    private static final List<Integer> NONE = List.of(0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43,
            0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x58, 0x59, 0x5a);
    private static final List<Integer> ONE = List.of(0x15, 0x19, 0x1e, 0x31, 0x35, 0x3b, 0x3f, 0x40, 0x49);

    private final SplittableRandom random;
    /// All but Constantinople, so that a seed makes what it made before that was one; what it alone has, EIP-1283, the state tests hold.
    private static final Fork[] FORKS = java.util.Arrays.stream(Fork.values()).filter(fork -> fork != Fork.CONSTANTINOPLE).toArray(Fork[]::new);

    private final Fork fork;
    private final boolean deep;

    private ProgramGenerator(long seed) {
        random = new SplittableRandom(seed);
        fork = random.nextInt(10) < 6 ? Fork.CANCUN : FORKS[random.nextInt(FORKS.length)];
        deep = random.nextInt(32) == 0;
    }

    private ProgramGenerator(long seed, Fork fork) {
        random = new SplittableRandom(seed);
        this.fork = fork;
        deep = false;
    }

    /// {@return a program of a fork, which calls accounts from [#FIRST] on}
    static byte[] code(long seed, Fork fork) {
        ProgramGenerator generator = new ProgramGenerator(seed, fork);
        return generator.program(generator.random.nextInt(4, 40), 0);
    }

    /// {@return initcode that deploys a program of a fork}
    static byte[] initcode(long seed, Fork fork) {
        ProgramGenerator generator = new ProgramGenerator(seed, fork);
        byte[] program = generator.program(generator.random.nextInt(1, 10), 1);
        return generator.random.nextInt(4) == 0 ? program : generator.returning(program);
    }

    /// {@return a case of format 1, without what to expect}
    static String line(long seed) {
        return new ProgramGenerator(seed).line();
    }

    private String line() {
        StringBuilder pre = new StringBuilder(account(CALLER, "0xffffffffffffff", 1, new byte[0]));
        for (int i = 0; i < CONTRACTS; i++) {
            pre.append(',').append(account(address(FIRST + i), random.nextInt(3) == 0 ? "0x0" : "0xf4240", 1,
                    deep && i == 0 ? chain() : program(random.nextInt(4, 48), 0)));
        }
        byte[] input = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(100)];
        random.nextBytes(input);
        long gas = deep ? 1L << random.nextInt(18, 41)
                : random.nextInt(12) == 0 ? random.nextInt(40, 20_000)
                        : (long) Math.exp(random.nextDouble(Math.log(50_000), Math.log(4_000_000)));
        return "{\"id\":\"fuzz\",\"fork\":\"" + fork.name().toLowerCase(java.util.Locale.ROOT).replace("_", "")
                + "\",\"env\":{\"number\":1000,\"timestamp\":1700000000,\"gasLimit\":30000000,\"coinbase\":\""
                + address(0xc0ffeeL) + "\",\"prevRandao\":\"0x" + "ab".repeat(32)
                + "\",\"baseFee\":7,\"gasPrice\":10,\"origin\":\"" + CALLER
                + "\",\"chainId\":1,\"blobBaseFee\":1},\"exec\":{\"caller\":\"" + CALLER + "\",\"to\":\""
                + address(FIRST) + "\",\"value\":\"" + (random.nextInt(4) == 0 ? "0x7" : "0x0") + "\",\"gas\":" + gas
                + ",\"data\":\"" + hex(input) + "\"},\"pre\":{" + pre + "}}";
    }

    private String account(String address, String balance, int nonce, byte[] code) {
        StringBuilder slots = new StringBuilder();
        for (int key = 0; code.length > 0 && key < 3; key++) {
            if (random.nextBoolean()) {
                slots.append(slots.isEmpty() ? "" : ",").append(String.format("\"0x%064x\":\"0x%064x\"", key,
                        random.nextInt(1, 5)));
            }
        }
        return "\"" + address + "\":{\"balance\":\"" + balance + "\",\"nonce\":\"0x" + nonce + "\",\"code\":\""
                + hex(code) + "\",\"storage\":{" + slots + "}}";
    }

    private static String address(long number) {
        return String.format("0x%040x", number);
    }

    private static String hex(byte[] bytes) {
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    // --- programs ---------------------------------------------------------------------------------------------------

    /// Calls itself with all gas, then looks at what came back, at every depth.
    private byte[] chain() {
        CodeWriter w = new CodeWriter(fork);
        int memory = random.nextInt(1, 6);
        for (int i = 0; i < memory; i++) {
            w.op(Opcode.GAS).push(random.nextInt(0, 200)).op(Opcode.MSTORE);
        }
        call(w, random.nextInt(4) == 0 ? Opcode.CALLCODE : Opcode.CALL, FIRST, true);
        w.push(random.nextInt(0, 300)).op(Opcode.MSTORE);
        if (random.nextBoolean()) {
            w.push(1).push(0).op(Opcode.SLOAD).op(Opcode.ADD).push(0).op(Opcode.SSTORE);
        }
        w.push(random.nextInt(0, 400)).push(random.nextInt(0, 40))
                .op(random.nextInt(8) == 0 && Opcode.in(Opcode.REVERT, fork) ? Opcode.REVERT : Opcode.RETURN);
        return w.code();
    }

    private byte[] program(int statements, int nesting) {
        CodeWriter w = new CodeWriter(fork);
        block(w, statements, 0, nesting);
        end(w);
        return w.code();
    }

    /// Statements that leave the words below `floor` alone.
    private void block(CodeWriter w, int statements, int floor, int nesting) {
        for (int i = 0; i < statements && w.size() < 4000; i++) {
            statement(w, floor, nesting);
        }
    }

    private void statement(CodeWriter w, int floor, int nesting) {
        switch (random.nextInt(nesting < 2 ? 32 : 26)) {
            case 0, 1, 2 -> w.push(edge());
            case 3, 4, 5, 6 -> arithmetic(w, floor);
            case 7, 8, 9, 10, 11 -> memory(w, floor);
            case 12, 13 -> copy(w);
            case 14 -> simple(w, floor, NONE, 0);
            case 15 -> simple(w, floor, ONE, 1);
            case 16, 17 -> storage(w, floor);
            case 18, 19 -> shuffle(w, floor);
            case 20 -> log(w);
            case 21 -> result(w, floor, random.nextInt(300));
            case 22, 23, 24 -> anyCall(w, floor);
            case 25 -> odd(w, nesting);
            case 26, 27, 28 -> branch(w, nesting);
            case 29 -> loop(w, nesting);
            default -> create(w, floor, nesting);
        }
    }

    private boolean has(int opcode) {
        return Opcode.in(opcode, fork) || random.nextInt(200) == 0;
    }

    private BigInteger edge() {
        return switch (random.nextInt(9)) {
            case 0 -> BigInteger.ZERO;
            case 1 -> BigInteger.ONE;
            case 2 -> BigInteger.valueOf(random.nextInt(256));
            case 3 -> BigInteger.valueOf(random.nextInt(1 << 16));
            case 4 -> BigInteger.ONE.shiftLeft(random.nextInt(256));
            case 5 -> BigInteger.ONE.shiftLeft(random.nextInt(1, 257)).subtract(BigInteger.ONE);
            case 6 -> BigInteger.ONE.shiftLeft(256).subtract(BigInteger.valueOf(random.nextInt(1, 260)));
            case 7 -> new BigInteger(64 * random.nextInt(1, 5), new java.util.Random(random.nextLong()));
            default -> new BigInteger(256, new java.util.Random(random.nextLong()));
        };
    }

    /// Sees that there are words above the floor to take; now and then they are the ones that lie there.
    private void operands(CodeWriter w, int floor, int count) {
        int there = random.nextBoolean() ? Math.max(0, Math.min(count, w.height - floor)) : 0;
        for (int i = there; i < count; i++) {
            w.push(edge());
        }
    }

    private void simple(CodeWriter w, int floor, List<Integer> from, int operands) {
        int opcode = from.get(random.nextInt(from.size()));
        if (has(opcode)) {
            operands(w, floor, operands);
            w.op(opcode);
        }
    }

    private void arithmetic(CodeWriter w, int floor) {
        if (random.nextInt(6) == 0) {
            operands(w, floor, 3);
            w.op(random.nextBoolean() ? Opcode.ADDMOD : Opcode.MULMOD);
        } else {
            simple(w, floor, TWO, 2);
        }
    }

    /// An offset or a size: mostly small, seldom far, hardly ever absurd.
    private BigInteger offset(int small) {
        int kind = random.nextInt(500);
        return kind < 485 ? BigInteger.valueOf(random.nextInt(small))
                : kind < 499 ? BigInteger.valueOf(random.nextInt(20_000)) : edge();
    }

    /// Pushes a size and, above it, an offset; a size of 0 goes with any offset.
    private void range(CodeWriter w) {
        boolean empty = random.nextInt(6) == 0;
        w.push(empty ? BigInteger.ZERO : offset(120)).push(empty ? edge() : offset(300));
    }

    private void memory(CodeWriter w, int floor) {
        switch (random.nextInt(5)) {
            case 0 -> w.push(offset(300)).op(Opcode.MLOAD);
            case 1 -> {
                operands(w, floor, 1);
                w.push(offset(300)).op(Opcode.MSTORE8);
            }
            case 2 -> {
                range(w);
                w.op(Opcode.KECCAK256);
            }
            default -> {
                operands(w, floor, 1);
                w.push(offset(300)).op(Opcode.MSTORE);
            }
        }
    }

    private void copy(CodeWriter w) {
        int[] kinds = {Opcode.CALLDATACOPY, Opcode.CODECOPY, Opcode.EXTCODECOPY, Opcode.MCOPY, Opcode.MCOPY,
                Opcode.RETURNDATACOPY, Opcode.RETURNDATACOPY};
        int opcode = kinds[random.nextInt(kinds.length)];
        if (!has(opcode)) {
            return;
        }
        if (opcode == Opcode.RETURNDATACOPY && random.nextInt(8) != 0) {
            w.op(Opcode.RETURNDATASIZE).push(0).push(offset(200)).op(opcode);   // all of it
            return;
        }
        boolean empty = random.nextInt(8) == 0;
        w.push(empty ? BigInteger.ZERO : offset(150)).push(random.nextInt(6) == 0 ? edge() : offset(200));
        w.push(empty ? edge() : offset(300));
        if (opcode == Opcode.EXTCODECOPY) {
            w.push(someone());
        }
        w.op(opcode);
    }

    private void storage(CodeWriter w, int floor) {
        boolean isTransient = random.nextInt(4) == 0 && has(Opcode.TLOAD);
        if (random.nextBoolean()) {
            w.push(random.nextInt(5)).op(isTransient ? Opcode.TLOAD : Opcode.SLOAD);
        } else if (random.nextBoolean()) {
            w.push(random.nextInt(3)).push(random.nextInt(5)).op(isTransient ? Opcode.TSTORE : Opcode.SSTORE);
        } else {
            result(w, floor, -1);
        }
    }

    /// Keeps the top word where a difference in it shows: in storage, or in memory.
    private void result(CodeWriter w, int floor, int offset) {
        operands(w, floor, 1);
        if (offset < 0) {
            w.push(random.nextInt(5)).op(Opcode.SSTORE);
        } else {
            w.push(offset).op(Opcode.MSTORE);
        }
    }

    private void shuffle(CodeWriter w, int floor) {
        int depth = w.height - floor;
        if (depth < 2) {
            w.push(edge());
        } else if (random.nextInt(4) == 0) {
            w.op(Opcode.POP);
        } else if (random.nextBoolean()) {
            w.raw(0x80 + random.nextInt(Math.min(16, depth)));                  // DUP1...
            w.height++;
        } else {
            w.raw(0x90 + random.nextInt(Math.min(16, depth - 1)));              // SWAP1...
        }
    }

    private void log(CodeWriter w) {
        int topics = random.nextInt(5);
        for (int i = 0; i < topics; i++) {
            w.push(edge());
        }
        range(w);
        w.op(0xa0 + topics);
    }

    // --- control ----------------------------------------------------------------------------------------------------

    private void branch(CodeWriter w, int nesting) {
        if (random.nextInt(3) == 0) {
            w.push(edge());
        } else {
            w.push(random.nextInt(2));
        }
        int label = w.pushLabel();
        w.op(Opcode.JUMPI);
        neutral(w, random.nextInt(1, 5), nesting + 1);
        w.land(label);
    }

    private void loop(CodeWriter w, int nesting) {
        w.push(random.nextInt(1, 12));
        int start = w.size();
        w.op(Opcode.JUMPDEST);
        neutral(w, random.nextInt(1, 5), nesting + 1);
        w.push(1).raw(0x90).op(Opcode.SUB).raw(0x80);                           // SWAP1, SUB, DUP1
        w.height++;
        w.push(start).op(Opcode.JUMPI).op(Opcode.POP);
    }

    /// Statements after which the stack is as high as before.
    private void neutral(CodeWriter w, int statements, int nesting) {
        int floor = w.height;
        block(w, statements, floor, nesting);
        while (w.height > floor) {
            w.op(Opcode.POP);
        }
        while (w.height < floor) {
            w.push(1);
        }
    }

    /// What well-formed programs do not do.
    private void odd(CodeWriter w, int nesting) {
        switch (random.nextInt(nesting > 0 ? 60 : 16)) {
            case 0 -> w.push(random.nextInt(w.size() + 20)).op(Opcode.JUMP);
            case 1 -> w.raw(random.nextInt(256));
            case 2 -> w.raw(0xfe);
            case 3 -> {
                for (int i = 0; i <= w.height; i++) {
                    w.raw(Opcode.POP);
                }
            }
            case 4 -> {
                int start = w.size();                                           // until gas or stack is out
                w.op(Opcode.JUMPDEST).push(edge()).push(start).op(Opcode.JUMP);
            }
            case 5 -> w.push(someone()).op(Opcode.SELFDESTRUCT);
            default -> w.push(edge());
        }
    }

    private void end(CodeWriter w) {
        switch (random.nextInt(12)) {
            case 0 -> w.op(Opcode.STOP);
            case 1 -> {}
            case 2, 3 -> {
                range(w);
                w.op(has(Opcode.REVERT) ? Opcode.REVERT : Opcode.RETURN);
            }
            case 4 -> w.push(someone()).op(Opcode.SELFDESTRUCT);
            case 5, 6, 7 -> {
                range(w);
                w.op(Opcode.RETURN);
            }
            default -> w.op(Opcode.MSIZE).push(0).op(Opcode.RETURN);            // every byte
        }
    }

    // --- calls and creations ----------------------------------------------------------------------------------------

    /// An address: a contract of ours, a precompile that the module has, the caller, nobody.
    private long someone() {
        return switch (random.nextInt(12)) {
            case 0 -> 2;
            case 1 -> 4;
            case 2 -> 0x1000;
            case 3 -> 0xdead00 + random.nextInt(3);
            case 4 -> 0xc0ffee;
            default -> FIRST + random.nextInt(CONTRACTS);
        };
    }

    private void anyCall(CodeWriter w, int floor) {
        int[] kinds = {Opcode.CALL, Opcode.CALL, Opcode.CALLCODE, Opcode.DELEGATECALL, Opcode.STATICCALL};
        int opcode = kinds[random.nextInt(kinds.length)];
        if (!has(opcode)) {
            return;
        }
        call(w, opcode, someone(), false);
        result(w, floor, random.nextInt(3) == 0 ? -1 : random.nextInt(200));
    }

    private void call(CodeWriter w, int opcode, long to, boolean small) {
        if (small) {
            w.push(random.nextInt(80)).push(random.nextInt(200)).push(random.nextInt(80)).push(random.nextInt(200));
        } else {
            range(w);
            range(w);
        }
        if (opcode == Opcode.CALL || opcode == Opcode.CALLCODE) {
            w.push(!small && random.nextInt(20) == 0 ? edge() : BigInteger.valueOf(random.nextInt(6) / 5 * 3L));
        }
        w.push(to);
        if (!fork.atLeast(Fork.TANGERINE_WHISTLE) && random.nextInt(10) != 0) {
            w.push(small ? 1000 : 20_000).op(Opcode.GAS).op(Opcode.SUB);       // before EIP-150 it must be there
        } else if (small || random.nextInt(3) != 0) {
            w.op(Opcode.GAS);
        } else {
            w.push(random.nextInt(8) == 0 ? edge() : BigInteger.valueOf(random.nextInt(60_000)));
        }
        w.op(opcode);
    }

    private void create(CodeWriter w, int floor, int nesting) {
        boolean salted = random.nextBoolean() && has(Opcode.CREATE2);
        byte[] code = random.nextInt(8) == 0 ? bytes(random.nextInt(1, 40)) : program(random.nextInt(1, 8), nesting + 2);
        byte[] initcode = random.nextInt(4) == 0 ? code : returning(code);
        int at = random.nextInt(100);
        w.push(initcode.length).pushData(initcode).push(at).op(Opcode.CODECOPY);
        if (salted) {
            w.push(random.nextInt(3));
        }
        w.push(initcode.length).push(at).push(random.nextInt(8) == 0 ? edge() : BigInteger.ZERO);
        w.op(salted ? Opcode.CREATE2 : Opcode.CREATE);
        if (random.nextBoolean()) {
            int to = random.nextInt(200);
            w.push(to).op(Opcode.MSTORE);
            w.push(32).push(0).push(0).push(0).push(0).push(to).op(Opcode.MLOAD).push(random.nextInt(100_000))
                    .op(Opcode.CALL);
        }
        result(w, floor, -1);
    }

    /// Initcode that stores something and deploys `code`, now and then with a first byte that EIP-3541 refuses.
    private byte[] returning(byte[] code) {
        CodeWriter w = new CodeWriter(fork);
        if (random.nextBoolean()) {
            w.push(random.nextInt(1, 4)).push(random.nextInt(4)).op(Opcode.SSTORE);
        }
        byte[] deployed = code.clone();
        if (random.nextInt(16) == 0 && deployed.length > 0) {
            deployed[0] = (byte) 0xef;
        }
        w.push(deployed.length).pushData(deployed).push(0).op(Opcode.CODECOPY);
        w.push(deployed.length).push(0).op(Opcode.RETURN);
        return w.code();
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
