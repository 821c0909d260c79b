package dev.coffer.evm.vectors;

import dev.coffer.evm.opcode.Fork;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;

/// What a unit of blob gas costs (EIP-4844), by a schedule that forks change on their own (EIP-7691, EIP-7840, EIP-7892). Stateless.
final class BlobFee {
    /// By forks' names: their `baseFeeUpdateFraction`, as the main network has it.
    private static final Map<String, Long> FRACTIONS =
            Map.of("CANCUN", 3_338_477L, "PRAGUE", 5_007_716L, "OSAKA", 5_007_716L, "BPO1", 8_346_193L, "BPO2", 11_684_671L);
    /// e^178 has more than 256 bits.
    private static final BigInteger TIMES_MAX = BigInteger.valueOf(178);

    private BlobFee() {}

    /// {@return how slowly the fee moves in a fork: by what a schedule says, else as on the main network}
    ///
    /// @param name      of a fork, such as `Cancun` or `BPO1`
    /// @param schedule  forks' names to objects that have a `baseFeeUpdateFraction`; null for none
    /// @throws IllegalArgumentException  it is in neither, or none
    static BigInteger fraction(String name, Map<?, ?> schedule) {
        if (schedule != null) {
            for (Map.Entry<?, ?> entry : schedule.entrySet()) {
                if (((String) entry.getKey()).equalsIgnoreCase(name) && entry.getValue() instanceof Map<?, ?> of && of.get("baseFeeUpdateFraction") != null) {
                    BigInteger fraction = Hex.quantity(of.get("baseFeeUpdateFraction"));
                    if (fraction.signum() == 0) {
                        throw new IllegalArgumentException("baseFeeUpdateFraction 0 (expected 1 or more)");
                    }
                    return fraction;
                }
            }
        }
        Fork fork = Fork.find(name);
        if (fork != null && !fork.atLeast(Fork.CANCUN)) {
            return BigInteger.valueOf(FRACTIONS.get("CANCUN"));              // which has no blobs, and so no excess
        }
        Long known = FRACTIONS.get(name.toUpperCase(Locale.ROOT).replace("-", "").replace("_", ""));
        if (known == null) {
            throw new IllegalArgumentException("fork " + name + ": nothing says its baseFeeUpdateFraction");
        }
        return BigInteger.valueOf(known);
    }

    /// {@return about e to the power of the excess through the fraction, by its series}
    ///
    /// @throws IllegalArgumentException  it has more than 256 bits
    static BigInteger of(BigInteger excess, BigInteger fraction) {
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
}
