package dev.coffer.evm.vectors;

import dev.coffer.evm.opcode.Fork;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;

/// How many blobs a block has, and what a unit of their gas costs (EIP-4844), by a schedule that forks change on their own (EIP-7691, EIP-7840, EIP-7892).
///
/// @param target    blobs of a block at which the fee stays
/// @param most      blobs of a block at the most
/// @param fraction  how slowly the fee moves
record BlobSchedule(int target, int most, BigInteger fraction) {
    private static final BlobSchedule CANCUN = known(3, 6, 3_338_477);
    private static final BlobSchedule PRAGUE = known(6, 9, 5_007_716);
    /// By forks' names: what the main network has.
    private static final Map<String, BlobSchedule> KNOWN = Map.of("CANCUN", CANCUN, "PRAGUE", PRAGUE, "OSAKA", PRAGUE, "BPO1", known(10, 15, 8_346_193),
            "BPO2", known(14, 21, 11_684_671));

    /// e^178 has more than 256 bits.
    private static final BigInteger TIMES_MAX = BigInteger.valueOf(178);
    private static final BigInteger GAS = BigInteger.valueOf(1 << 17);              // of a blob
    private static final BigInteger EXECUTION_GAS = BigInteger.valueOf(1 << 13);    // EIP-7918: as much gas as a blob is worth at the least

    private static BlobSchedule known(int target, int most, long fraction) {
        return new BlobSchedule(target, most, BigInteger.valueOf(fraction));
    }

    /// {@return a fork's: what a file says of it, else as on the main network}
    ///
    /// @param name      of a fork, such as `Cancun` or `BPO1`
    /// @param schedule  forks' names to objects that may have `target`, `max` and `baseFeeUpdateFraction`; null for none
    /// @throws IllegalArgumentException  its fraction is in neither, or what is said is none
    static BlobSchedule of(String name, Map<?, ?> schedule) {
        BlobSchedule known = onMainNetwork(name);
        Map<?, ?> says = said(name, schedule);
        if (says.get("baseFeeUpdateFraction") == null && known == null) {
            throw new IllegalArgumentException("fork " + name + ": nothing says its baseFeeUpdateFraction");
        }
        BigInteger fraction = says.get("baseFeeUpdateFraction") == null ? known.fraction : Hex.quantity(says.get("baseFeeUpdateFraction"));
        if (fraction.signum() == 0) {
            throw new IllegalArgumentException("baseFeeUpdateFraction 0 (expected 1 or more)");
        }
        BlobSchedule unsaid = known == null ? PRAGUE : known;
        return new BlobSchedule(count(says, "target", unsaid.target), count(says, "max", unsaid.most), fraction);
    }

    private static BlobSchedule onMainNetwork(String name) {
        Fork fork = Fork.find(name);
        return fork != null && !fork.atLeast(Fork.CANCUN) ? CANCUN              // which has no blobs, and so no excess
                : KNOWN.get(name.toUpperCase(Locale.ROOT).replace("-", "").replace("_", ""));
    }

    private static Map<?, ?> said(String name, Map<?, ?> schedule) {
        if (schedule != null) {
            for (Map.Entry<?, ?> entry : schedule.entrySet()) {
                if (((String) entry.getKey()).equalsIgnoreCase(name) && entry.getValue() instanceof Map<?, ?> of) {
                    return of;
                }
            }
        }
        return Map.of();
    }

    private static int count(Map<?, ?> says, String name, int unless) {
        long count = says.get(name) == null ? unless : Hex.number(says.get(name));
        if (count < 0 || count > 1 << 16) {
            throw new IllegalArgumentException("blobs: " + name + " " + Long.toUnsignedString(count) + " (expected 0..65536)");
        }
        return (int) count;
    }

    /// {@return what a unit costs: about e to the power of the excess through the fraction, by its series}
    ///
    /// @throws IllegalArgumentException  it has more than 256 bits
    BigInteger fee(BigInteger excess) {
        if (excess.compareTo(fraction.multiply(TIMES_MAX)) > 0) {
            throw new IllegalArgumentException("excess blob gas " + excess + ": a fee of more than 256 bits");
        }
        BigInteger sum = BigInteger.ZERO;
        BigInteger term = fraction;
        for (int i = 1; term.signum() > 0; i++) {
            sum = sum.add(term);
            term = term.multiply(excess).divide(fraction.multiply(BigInteger.valueOf(i)));
        }
        return sum.divide(fraction);
    }

    /// {@return the excess of a block, by the one before it (EIP-4844; from Osaka EIP-7918: it does not fall while blobs are cheap beside gas)}
    ///
    /// @param excess   of the block before, blob gas
    /// @param used     by it, blob gas
    /// @param baseFee  of it; not looked at before Osaka
    BigInteger excess(Fork fork, BigInteger excess, BigInteger used, BigInteger baseFee) {
        BigInteger sum = excess.add(used);
        BigInteger free = GAS.multiply(BigInteger.valueOf(target));
        if (sum.compareTo(free) < 0) {
            return BigInteger.ZERO;
        }
        if (fork.atLeast(Fork.OSAKA) && EXECUTION_GAS.multiply(baseFee).compareTo(GAS.multiply(fee(excess))) > 0) {
            return excess.add(used.multiply(BigInteger.valueOf(most - (long) target)).divide(BigInteger.valueOf(most)));
        }
        return sum.subtract(free);
    }
}
