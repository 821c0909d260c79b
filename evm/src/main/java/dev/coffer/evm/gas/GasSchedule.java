package dev.coffer.evm.gas;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;

/// What everything costs in one fork (Yellow Paper, appendix G, and the EIPs that changed it). Immutable, thread-safe.
public final class GasSchedule {
    // The same in every fork.
    public static final long KECCAK_WORD = 6;
    public static final long COPY_WORD = 3;
    public static final long LOG_TOPIC = 375;
    public static final long LOG_BYTE = 8;
    public static final long CALL_VALUE = 9000;
    public static final long CALL_STIPEND = 2300;
    public static final long NEW_ACCOUNT = 25000;
    public static final long CODE_DEPOSIT_BYTE = 200;
    /// EIP-3860, from Shanghai.
    public static final long INITCODE_WORD = 2;
    /// EIP-2929, from Berlin: what a first access costs beyond the warm 100.
    public static final long COLD_ACCOUNT_EXTRA = 2600 - 100;
    public static final long COLD_SLOT = 2100;
    public static final long WARM = 100;
    /// EIP-2200: SSTORE with no more than this is out of gas.
    public static final long SSTORE_SENTRY = 2300;

    private static final GasSchedule[] ALL = new GasSchedule[Fork.values().length];

    static {
        for (Fork fork : Fork.values()) {
            ALL[fork.ordinal()] = new GasSchedule(fork);
        }
    }

    private final Fork fork;
    private final int[] fixed = new int[256];
    /// Gas of each byte of EXP's exponent (EIP-160).
    public final long expByte;
    /// Code at most so long may be deployed (EIP-170), `Long.MAX_VALUE` before.
    public final long codeBytesMax;
    /// Initcode at most so long may be run by CREATE (EIP-3860), `Long.MAX_VALUE` before.
    public final long initcodeBytesMax;
    /// Whether accesses are cold at first (EIP-2929).
    public final boolean coldAccess;
    /// Whether one 64th is held back from calls (EIP-150).
    public final boolean holdsBack;
    /// Whether empty accounts count as absent (EIP-161).
    public final boolean emptyIsAbsent;
    /// Whether SSTORE looks at the value before the transaction (EIP-1283, EIP-2200).
    public final boolean netStore;
    /// SSTORE with no more gas than this is out of gas (EIP-2200); below 0 in forks without that rule.
    public final long storeSentry;
    /// What SSTORE gives back when a slot becomes zero (EIP-3529: 4800).
    public final long clearRefund;
    /// What SSTORE costs when it writes a slot that was written already, or writes what is there.
    public final long storeAgain;
    /// What SSTORE costs, after the cold part, for changing a slot that was not zero.
    public final long storeChange;
    /// What SSTORE costs, after the cold part, for filling a slot.
    public static final long STORE_FILL = 20000;
    /// What SELFDESTRUCT gives back (EIP-3529: nothing).
    public final long destructRefund;
    /// Highest of the consecutive precompile addresses.
    public final int precompileMax;

    private GasSchedule(Fork fork) {
        this.fork = fork;
        expByte = fork.atLeast(Fork.SPURIOUS_DRAGON) ? 50 : 10;
        codeBytesMax = fork.atLeast(Fork.SPURIOUS_DRAGON) ? 24576 : Long.MAX_VALUE;
        initcodeBytesMax = fork.atLeast(Fork.SHANGHAI) ? 2 * 24576 : Long.MAX_VALUE;
        coldAccess = fork.atLeast(Fork.BERLIN);
        holdsBack = fork.atLeast(Fork.TANGERINE_WHISTLE);
        emptyIsAbsent = fork.atLeast(Fork.SPURIOUS_DRAGON);
        netStore = fork.atLeast(Fork.ISTANBUL) || fork == Fork.CONSTANTINOPLE;
        storeSentry = fork.atLeast(Fork.ISTANBUL) ? SSTORE_SENTRY : -1;
        clearRefund = fork.atLeast(Fork.LONDON) ? 5000 - COLD_SLOT + 1900 : 15000;
        storeAgain = coldAccess ? WARM : fork.atLeast(Fork.ISTANBUL) ? 800 : 200;
        storeChange = coldAccess ? 5000 - COLD_SLOT : 5000;
        destructRefund = fork.atLeast(Fork.LONDON) ? 0 : 24000;
        precompileMax = fork.atLeast(Fork.PRAGUE) ? 17 : fork.atLeast(Fork.CANCUN) ? 10
                : fork.atLeast(Fork.ISTANBUL) ? 9 : fork.atLeast(Fork.BYZANTIUM) ? 8 : 4;
        for (int opcode = 0; opcode < 256; opcode++) {
            fixed[opcode] = Opcode.in(opcode, fork) && Opcode.tier(opcode) != Opcode.OWN ? Opcode.tier(opcode) : 0;
        }
        fillOwn();
    }

    /// The instructions outside the tiers: what each costs before anything that depends on its operands.
    private void fillOwn() {
        fixed[Opcode.KECCAK256] = 30;
        fixed[Opcode.BLOCKHASH] = 20;
        fixed[Opcode.CREATE] = 32000;
        fixed[Opcode.CREATE2] = 32000;
        for (int topics = 0; topics <= 4; topics++) {
            fixed[Opcode.LOG0 + topics] = 375 + (int) LOG_TOPIC * topics;
        }
        fixed[Opcode.TLOAD] = (int) WARM;
        fixed[Opcode.TSTORE] = (int) WARM;
        fixed[Opcode.SSTORE] = 0;  // all of it depends on the values
        fixed[Opcode.SELFDESTRUCT] = fork.atLeast(Fork.TANGERINE_WHISTLE) ? 5000 : 0;
        fixed[Opcode.BALANCE] = access(20, 400, 700);
        fixed[Opcode.EXTCODEHASH] = access(0, 400, 700);
        fixed[Opcode.EXTCODESIZE] = access(20, 700, 700);
        fixed[Opcode.EXTCODECOPY] = access(20, 700, 700);
        int call = access(40, 700, 700);
        fixed[Opcode.CALL] = call;
        fixed[Opcode.CALLCODE] = call;
        fixed[Opcode.DELEGATECALL] = call;
        fixed[Opcode.STATICCALL] = call;
        fixed[Opcode.SLOAD] = coldAccess ? 0 : access(50, 200, 800);  // 2100 or 100, by the slot
    }

    private int access(int frontier, int eip150, int eip1884) {
        return coldAccess ? (int) WARM : fork.atLeast(Fork.ISTANBUL) ? eip1884
                : fork.atLeast(Fork.TANGERINE_WHISTLE) ? eip150 : frontier;
    }

    /// {@return the schedule of a fork}
    public static GasSchedule of(Fork fork) {
        return ALL[fork.ordinal()];
    }

    public Fork fork() {
        return fork;
    }

    /// {@return what an instruction costs before anything that depends on its operands; 0 where it is undefined}
    public int fixed(int opcode) {
        return Opcode.in(opcode, fork) ? fixed[opcode] : 0;
    }

    /// {@return words that hold so many bytes}
    public static long words(long bytes) {
        return (bytes + 31) >>> 5;
    }
}
