package dev.coffer.evm.opcode;

import java.util.Locale;

/// The instruction set: for each byte its mnemonic, what it takes from the stack and puts there, its tier of gas, and
/// the fork that brought it (Yellow Paper, appendix H.2, and the EIPs that [Fork] names). One table, read when a machine
/// is made. Stateless, thread-safe.
public final class Opcode {
    public static final int STOP = 0x00;
    public static final int ADD = 0x01;
    public static final int MUL = 0x02;
    public static final int SUB = 0x03;
    public static final int DIV = 0x04;
    public static final int SDIV = 0x05;
    public static final int MOD = 0x06;
    public static final int SMOD = 0x07;
    public static final int ADDMOD = 0x08;
    public static final int MULMOD = 0x09;
    public static final int EXP = 0x0a;
    public static final int SIGNEXTEND = 0x0b;
    public static final int LT = 0x10;
    public static final int GT = 0x11;
    public static final int SLT = 0x12;
    public static final int SGT = 0x13;
    public static final int EQ = 0x14;
    public static final int ISZERO = 0x15;
    public static final int AND = 0x16;
    public static final int OR = 0x17;
    public static final int XOR = 0x18;
    public static final int NOT = 0x19;
    public static final int BYTE = 0x1a;
    public static final int SHL = 0x1b;
    public static final int SHR = 0x1c;
    public static final int SAR = 0x1d;
    public static final int CLZ = 0x1e;
    public static final int KECCAK256 = 0x20;
    public static final int ADDRESS = 0x30;
    public static final int BALANCE = 0x31;
    public static final int ORIGIN = 0x32;
    public static final int CALLER = 0x33;
    public static final int CALLVALUE = 0x34;
    public static final int CALLDATALOAD = 0x35;
    public static final int CALLDATASIZE = 0x36;
    public static final int CALLDATACOPY = 0x37;
    public static final int CODESIZE = 0x38;
    public static final int CODECOPY = 0x39;
    public static final int GASPRICE = 0x3a;
    public static final int EXTCODESIZE = 0x3b;
    public static final int EXTCODECOPY = 0x3c;
    public static final int RETURNDATASIZE = 0x3d;
    public static final int RETURNDATACOPY = 0x3e;
    public static final int EXTCODEHASH = 0x3f;
    public static final int BLOCKHASH = 0x40;
    public static final int COINBASE = 0x41;
    public static final int TIMESTAMP = 0x42;
    public static final int NUMBER = 0x43;
    public static final int PREVRANDAO = 0x44;
    public static final int GASLIMIT = 0x45;
    public static final int CHAINID = 0x46;
    public static final int SELFBALANCE = 0x47;
    public static final int BASEFEE = 0x48;
    public static final int BLOBHASH = 0x49;
    public static final int BLOBBASEFEE = 0x4a;
    public static final int POP = 0x50;
    public static final int MLOAD = 0x51;
    public static final int MSTORE = 0x52;
    public static final int MSTORE8 = 0x53;
    public static final int SLOAD = 0x54;
    public static final int SSTORE = 0x55;
    public static final int JUMP = 0x56;
    public static final int JUMPI = 0x57;
    public static final int PC = 0x58;
    public static final int MSIZE = 0x59;
    public static final int GAS = 0x5a;
    public static final int JUMPDEST = 0x5b;
    public static final int TLOAD = 0x5c;
    public static final int TSTORE = 0x5d;
    public static final int MCOPY = 0x5e;
    public static final int PUSH0 = 0x5f;
    public static final int LOG0 = 0xa0;
    public static final int LOG1 = 0xa1;
    public static final int LOG2 = 0xa2;
    public static final int LOG3 = 0xa3;
    public static final int LOG4 = 0xa4;
    public static final int CREATE = 0xf0;
    public static final int CALL = 0xf1;
    public static final int CALLCODE = 0xf2;
    public static final int RETURN = 0xf3;
    public static final int DELEGATECALL = 0xf4;
    public static final int CREATE2 = 0xf5;
    public static final int STATICCALL = 0xfa;
    public static final int REVERT = 0xfd;
    public static final int SELFDESTRUCT = 0xff;
    public static final int PUSH1 = 0x60;
    public static final int PUSH32 = 0x7f;
    public static final int DUP1 = 0x80;
    public static final int DUP16 = 0x8f;
    public static final int SWAP1 = 0x90;
    public static final int SWAP16 = 0x9f;
    /// The designated invalid instruction (EIP-141); undefined like any other, but named.
    public static final int INVALID = 0xfe;

    /// Words of the stack (Yellow Paper, section 9.1).
    public static final int STACK_WORDS_MAX = 1024;

    // Tiers of gas (Yellow Paper, appendix G).
    public static final int ZERO = 0;
    public static final int JUMPDEST_TIER = 1;
    public static final int BASE = 2;
    public static final int VERY_LOW = 3;
    public static final int LOW = 5;
    public static final int MID = 8;
    public static final int HIGH = 10;
    /// No tier: the cost is in the fork's own table.
    public static final int OWN = -1;

    private static final String[] NAMES = new String[256];
    private static final Fork[] SINCE = new Fork[256];
    private static final byte[] POPS = new byte[256];
    private static final byte[] PUSHES = new byte[256];
    private static final byte[] TIERS = new byte[256];

    static {
        put(STOP, "STOP", 0, 0, ZERO, Fork.FRONTIER);
        put(ADD, "ADD", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(MUL, "MUL", 2, 1, LOW, Fork.FRONTIER);
        put(SUB, "SUB", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(DIV, "DIV", 2, 1, LOW, Fork.FRONTIER);
        put(SDIV, "SDIV", 2, 1, LOW, Fork.FRONTIER);
        put(MOD, "MOD", 2, 1, LOW, Fork.FRONTIER);
        put(SMOD, "SMOD", 2, 1, LOW, Fork.FRONTIER);
        put(ADDMOD, "ADDMOD", 3, 1, MID, Fork.FRONTIER);
        put(MULMOD, "MULMOD", 3, 1, MID, Fork.FRONTIER);
        put(EXP, "EXP", 2, 1, HIGH, Fork.FRONTIER);
        put(SIGNEXTEND, "SIGNEXTEND", 2, 1, LOW, Fork.FRONTIER);
        put(LT, "LT", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(GT, "GT", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(SLT, "SLT", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(SGT, "SGT", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(EQ, "EQ", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(ISZERO, "ISZERO", 1, 1, VERY_LOW, Fork.FRONTIER);
        put(AND, "AND", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(OR, "OR", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(XOR, "XOR", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(NOT, "NOT", 1, 1, VERY_LOW, Fork.FRONTIER);
        put(BYTE, "BYTE", 2, 1, VERY_LOW, Fork.FRONTIER);
        put(SHL, "SHL", 2, 1, VERY_LOW, Fork.CONSTANTINOPLE);
        put(SHR, "SHR", 2, 1, VERY_LOW, Fork.CONSTANTINOPLE);
        put(SAR, "SAR", 2, 1, VERY_LOW, Fork.CONSTANTINOPLE);
        put(CLZ, "CLZ", 1, 1, LOW, Fork.OSAKA);
        put(KECCAK256, "KECCAK256", 2, 1, OWN, Fork.FRONTIER);
        put(ADDRESS, "ADDRESS", 0, 1, BASE, Fork.FRONTIER);
        put(BALANCE, "BALANCE", 1, 1, OWN, Fork.FRONTIER);
        put(ORIGIN, "ORIGIN", 0, 1, BASE, Fork.FRONTIER);
        put(CALLER, "CALLER", 0, 1, BASE, Fork.FRONTIER);
        put(CALLVALUE, "CALLVALUE", 0, 1, BASE, Fork.FRONTIER);
        put(CALLDATALOAD, "CALLDATALOAD", 1, 1, VERY_LOW, Fork.FRONTIER);
        put(CALLDATASIZE, "CALLDATASIZE", 0, 1, BASE, Fork.FRONTIER);
        put(CALLDATACOPY, "CALLDATACOPY", 3, 0, VERY_LOW, Fork.FRONTIER);
        put(CODESIZE, "CODESIZE", 0, 1, BASE, Fork.FRONTIER);
        put(CODECOPY, "CODECOPY", 3, 0, VERY_LOW, Fork.FRONTIER);
        put(GASPRICE, "GASPRICE", 0, 1, BASE, Fork.FRONTIER);
        put(EXTCODESIZE, "EXTCODESIZE", 1, 1, OWN, Fork.FRONTIER);
        put(EXTCODECOPY, "EXTCODECOPY", 4, 0, OWN, Fork.FRONTIER);
        put(RETURNDATASIZE, "RETURNDATASIZE", 0, 1, BASE, Fork.BYZANTIUM);
        put(RETURNDATACOPY, "RETURNDATACOPY", 3, 0, VERY_LOW, Fork.BYZANTIUM);
        put(EXTCODEHASH, "EXTCODEHASH", 1, 1, OWN, Fork.CONSTANTINOPLE);
        put(BLOCKHASH, "BLOCKHASH", 1, 1, OWN, Fork.FRONTIER);
        put(COINBASE, "COINBASE", 0, 1, BASE, Fork.FRONTIER);
        put(TIMESTAMP, "TIMESTAMP", 0, 1, BASE, Fork.FRONTIER);
        put(NUMBER, "NUMBER", 0, 1, BASE, Fork.FRONTIER);
        put(PREVRANDAO, "PREVRANDAO", 0, 1, BASE, Fork.FRONTIER);
        put(GASLIMIT, "GASLIMIT", 0, 1, BASE, Fork.FRONTIER);
        put(CHAINID, "CHAINID", 0, 1, BASE, Fork.ISTANBUL);
        put(SELFBALANCE, "SELFBALANCE", 0, 1, LOW, Fork.ISTANBUL);
        put(BASEFEE, "BASEFEE", 0, 1, BASE, Fork.LONDON);
        put(BLOBHASH, "BLOBHASH", 1, 1, VERY_LOW, Fork.CANCUN);
        put(BLOBBASEFEE, "BLOBBASEFEE", 0, 1, BASE, Fork.CANCUN);
        put(POP, "POP", 1, 0, BASE, Fork.FRONTIER);
        put(MLOAD, "MLOAD", 1, 1, VERY_LOW, Fork.FRONTIER);
        put(MSTORE, "MSTORE", 2, 0, VERY_LOW, Fork.FRONTIER);
        put(MSTORE8, "MSTORE8", 2, 0, VERY_LOW, Fork.FRONTIER);
        put(SLOAD, "SLOAD", 1, 1, OWN, Fork.FRONTIER);
        put(SSTORE, "SSTORE", 2, 0, OWN, Fork.FRONTIER);
        put(JUMP, "JUMP", 1, 0, MID, Fork.FRONTIER);
        put(JUMPI, "JUMPI", 2, 0, HIGH, Fork.FRONTIER);
        put(PC, "PC", 0, 1, BASE, Fork.FRONTIER);
        put(MSIZE, "MSIZE", 0, 1, BASE, Fork.FRONTIER);
        put(GAS, "GAS", 0, 1, BASE, Fork.FRONTIER);
        put(JUMPDEST, "JUMPDEST", 0, 0, JUMPDEST_TIER, Fork.FRONTIER);
        put(TLOAD, "TLOAD", 1, 1, OWN, Fork.CANCUN);
        put(TSTORE, "TSTORE", 2, 0, OWN, Fork.CANCUN);
        put(MCOPY, "MCOPY", 3, 0, VERY_LOW, Fork.CANCUN);
        put(PUSH0, "PUSH0", 0, 1, BASE, Fork.SHANGHAI);
        put(LOG0, "LOG0", 2, 0, OWN, Fork.FRONTIER);
        put(LOG1, "LOG1", 3, 0, OWN, Fork.FRONTIER);
        put(LOG2, "LOG2", 4, 0, OWN, Fork.FRONTIER);
        put(LOG3, "LOG3", 5, 0, OWN, Fork.FRONTIER);
        put(LOG4, "LOG4", 6, 0, OWN, Fork.FRONTIER);
        put(CREATE, "CREATE", 3, 1, OWN, Fork.FRONTIER);
        put(CALL, "CALL", 7, 1, OWN, Fork.FRONTIER);
        put(CALLCODE, "CALLCODE", 7, 1, OWN, Fork.FRONTIER);
        put(RETURN, "RETURN", 2, 0, ZERO, Fork.FRONTIER);
        put(DELEGATECALL, "DELEGATECALL", 6, 1, OWN, Fork.HOMESTEAD);
        put(CREATE2, "CREATE2", 4, 1, OWN, Fork.CONSTANTINOPLE);
        put(STATICCALL, "STATICCALL", 6, 1, OWN, Fork.BYZANTIUM);
        put(REVERT, "REVERT", 2, 0, ZERO, Fork.BYZANTIUM);
        put(SELFDESTRUCT, "SELFDESTRUCT", 1, 0, OWN, Fork.FRONTIER);
        for (int n = 1; n <= 32; n++) {
            put(PUSH1 + n - 1, "PUSH" + n, 0, 1, VERY_LOW, Fork.FRONTIER);
        }
        for (int n = 1; n <= 16; n++) {
            put(DUP1 + n - 1, "DUP" + n, n, n + 1, VERY_LOW, Fork.FRONTIER);
            put(SWAP1 + n - 1, "SWAP" + n, n + 1, n + 1, VERY_LOW, Fork.FRONTIER);
        }
    }

    private Opcode() {}

    private static void put(int opcode, String name, int pops, int pushes, int tier, Fork since) {
        NAMES[opcode] = name;
        POPS[opcode] = (byte) pops;
        PUSHES[opcode] = (byte) pushes;
        TIERS[opcode] = (byte) tier;
        SINCE[opcode] = since;
    }

    /// {@return whether a fork has the instruction}
    ///
    /// @param opcode  0..255
    public static boolean in(int opcode, Fork fork) {
        return SINCE[opcode] != null && fork.atLeast(SINCE[opcode]);
    }

    /// {@return its mnemonic; for undefined ones the byte in hexadecimal}
    public static String name(int opcode) {
        if (NAMES[opcode] != null) {
            return NAMES[opcode];
        }
        return opcode == INVALID ? "INVALID" : String.format(Locale.ROOT, "opcode 0x%02x not defined", opcode);
    }

    /// {@return words it takes, counting those that DUP and SWAP only look at}
    public static int pops(int opcode) {
        return POPS[opcode];
    }

    /// {@return words it puts}
    public static int pushes(int opcode) {
        return PUSHES[opcode];
    }

    /// {@return its tier of gas, or [#OWN]}
    public static int tier(int opcode) {
        return TIERS[opcode];
    }

    /// {@return bytes of code that belong to it: 0, or 1..32 for PUSH}
    public static int immediateBytes(int opcode) {
        return opcode >= PUSH1 && opcode <= PUSH32 ? opcode - PUSH1 + 1 : 0;
    }
}
