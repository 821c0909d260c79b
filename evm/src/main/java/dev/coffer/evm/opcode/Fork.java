package dev.coffer.evm.opcode;

import java.util.Locale;

/// The rule changes of the main network that the virtual machine knows, oldest first, and Constantinople as it was on test networks.
public enum Fork {
    FRONTIER,
    /// EIP-2, EIP-7: DELEGATECALL; a creation that cannot pay for its code fails.
    HOMESTEAD,
    /// EIP-150: dearer state access, all but one 64th.
    TANGERINE_WHISTLE,
    /// EIP-160, EIP-161, EIP-170: dearer EXP, empty accounts go, code of at most 24,576 bytes.
    SPURIOUS_DRAGON,
    /// EIP-140, EIP-211, EIP-214: REVERT, return data, STATICCALL; precompiles 5 to 8.
    BYZANTIUM,
    /// EIP-145, EIP-1014, EIP-1052, EIP-1283: shifts, CREATE2, EXTCODEHASH, the first net SSTORE.
    CONSTANTINOPLE,
    /// The same without EIP-1283 (EIP-1716): what the main network has instead.
    PETERSBURG,
    /// EIP-1344, EIP-1884, EIP-2200: CHAINID, SELFBALANCE, net SSTORE; precompile 9.
    ISTANBUL,
    /// EIP-2929: cold and warm.
    BERLIN,
    /// EIP-3198, EIP-3529, EIP-3541: BASEFEE, smaller refunds, no code that starts with 0xEF.
    LONDON,
    /// EIP-4399: PREVRANDAO.
    PARIS,
    /// EIP-3651, EIP-3855, EIP-3860: warm coinbase, PUSH0, initcode metered and limited.
    SHANGHAI,
    /// EIP-1153, EIP-4844, EIP-5656, EIP-6780, EIP-7516: transient storage, blobs, MCOPY, SELFDESTRUCT; precompile 10.
    CANCUN,
    /// EIP-2537, EIP-7623, EIP-7702: BLS12-381 precompiles 11 to 17, a floor under the price of data, delegated code.
    PRAGUE,
    /// EIP-7823, EIP-7883, EIP-7939, EIP-7951: MODEXP limited and dearer, CLZ, P256VERIFY.
    OSAKA;

    /// {@return whether this fork has the rules of `other`}
    public boolean atLeast(Fork other) {
        return ordinal() >= other.ordinal();
    }

    /// {@return the fork of a name such as `Cancun`, `shanghai` or `tangerine-whistle`, or of the state tests: `EIP150`, `EIP158`,
    /// `ConstantinopleFix`, `Merge`. One that has the rules of a fork before it is that one: `DAOFork`, the glaciers, and `BPO1` and so on, which change how many blobs a
    /// block has and what they cost (EIP-7892), and nothing that a machine looks at}
    ///
    /// @throws IllegalArgumentException  there is none (caller's fault)
    public static Fork named(String name) {
        Fork fork = find(name);
        if (fork == null) {
            throw new IllegalArgumentException("fork \"" + name + "\": expected one of " + java.util.List.of(values()));
        }
        return fork;
    }

    /// {@return as [#named], or null where there is none}
    public static Fork find(String name) {
        String plain = name.toUpperCase(Locale.ROOT).replace("-", "").replace("_", "").replace(" ", "");
        for (Fork fork : values()) {
            if (fork.name().replace("_", "").equals(plain)) {
                return fork;
            }
        }
        return switch (plain) {
            case "EIP150" -> TANGERINE_WHISTLE;
            case "EIP158" -> SPURIOUS_DRAGON;
            case "CONSTANTINOPLEFIX" -> PETERSBURG;
            case "MERGE" -> PARIS;
            case "DAOFORK" -> HOMESTEAD;
            case "MUIRGLACIER" -> ISTANBUL;
            case "ARROWGLACIER", "GRAYGLACIER" -> LONDON;
            default -> plain.matches("BPO[1-9][0-9]?") ? OSAKA : null;
        };
    }
}
