package dev.coffer.evm.gas;

import dev.coffer.evm.opcode.Fork;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What the precompiles cost (Yellow Paper, appendix E; EIP-198, EIP-1108, EIP-152, EIP-2565, EIP-4844, EIP-2537,
/// EIP-7883, EIP-7823, EIP-7951). Stateless, thread-safe; 0 heap bytes.
public final class PrecompileGas {
    /// More than any gas: the input is refused.
    public static final long REFUSED = Long.MAX_VALUE;
    /// EIP-7823: each length of MODEXP, from Osaka.
    public static final long MODEXP_BYTES_MAX = 1024;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    /// MSM discounts for k = 1..128 in thousandths (EIP-2537), G1 then G2.
    private static final short[] DISCOUNT_G1 = {1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687,
            682, 677, 673, 669, 665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619,
            617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585, 584,
            582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559,
            558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544, 543, 542, 541, 540, 540, 539,
            538, 537, 536, 536, 535, 534, 533, 532, 532, 531, 530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522,
            521, 520, 520, 519};
    private static final short[] DISCOUNT_G2 = {1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732,
            724, 717, 711, 704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634,
            632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592, 590,
            589, 587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562,
            561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547, 546, 545, 545, 544, 543, 542,
            541, 541, 540, 539, 538, 537, 537, 536, 535, 535, 534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526,
            526, 525, 524, 524};

    private PrecompileGas() {}

    /// {@return the gas of a precompile for an input, 0 or more; [#REFUSED] where no gas is enough}
    public static long of(int number, Fork fork, MemorySegment input, long at, long length) {
        long words = GasSchedule.words(length);
        boolean istanbul = fork.atLeast(Fork.ISTANBUL);
        return switch (number) {
            case 1 -> 3000;
            case 2 -> 60 + 12 * words;
            case 3 -> 600 + 120 * words;
            case 4 -> 15 + 3 * words;
            case 5 -> modexp(fork, input, at, length);
            case 6 -> istanbul ? 150 : 500;
            case 7 -> istanbul ? 6000 : 40000;
            case 8 -> istanbul ? 45000 + 34000 * (length / 192) : 100000 + 80000 * (length / 192);
            case 9 -> length == 213 ? Integer.toUnsignedLong(input.get(U32, at)) : REFUSED;
            case 10 -> 50000;
            case 11 -> 375;
            case 12 -> multi(length, 160, 12000, DISCOUNT_G1);
            case 13 -> 600;
            case 14 -> multi(length, 288, 22500, DISCOUNT_G2);
            case 15 -> 37700 + 32600 * (length / 384);
            case 16 -> 5500;
            case 17 -> 23800;
            case 0x100 -> 6900;
            default -> REFUSED;
        };
    }

    private static long multi(long length, long pairBytes, long gas, short[] discounts) {
        long pairs = length / pairBytes;
        return pairs == 0 ? 0 : pairs * gas * discounts[(int) Math.min(pairs, discounts.length) - 1] / 1000;
    }

    // --- MODEXP -----------------------------------------------------------------------------------------------------

    /// {@return a length of MODEXP's header: the word at `offset`, saturated at 2^62, zeros past the input's end}
    public static long modexpLength(MemorySegment input, long at, long length, long offset) {
        long value = 0;
        for (long i = offset; i < offset + 32; i++) {
            if (value >= 1L << 54) {
                return 1L << 62;
            }
            value = value << 8 | byteAt(input, at, length, i);
        }
        return Math.min(value, 1L << 62);
    }

    private static int byteAt(MemorySegment input, long at, long length, long i) {
        return i < length ? input.get(BYTE, at + i) & 0xff : 0;
    }

    private static long modexp(Fork fork, MemorySegment input, long at, long length) {
        long base = modexpLength(input, at, length, 0);
        long exponent = modexpLength(input, at, length, 32);
        long modulus = modexpLength(input, at, length, 64);
        boolean osaka = fork.atLeast(Fork.OSAKA);
        if (osaka && (base > MODEXP_BYTES_MAX || exponent > MODEXP_BYTES_MAX || modulus > MODEXP_BYTES_MAX)) {
            return REFUSED;
        }
        long longest = Math.max(base, modulus);
        long head = exponentHead(input, at, length, base, exponent);
        long iterations = exponent <= 32 ? head
                : saturatingAdd(saturatingMultiply(osaka ? 16 : 8, exponent - 32), head);
        if (fork.atLeast(Fork.BERLIN)) {
            iterations = Math.max(iterations, 1);
        }
        if (!fork.atLeast(Fork.BERLIN)) {
            return saturatingMultiply(complexity198(longest), Math.max(iterations, 1)) / 20;
        }
        long square = saturatingMultiply((longest + 7) / 8, (longest + 7) / 8);
        if (osaka) {
            long complexity = longest <= 32 ? 16 : saturatingMultiply(2, square);
            return Math.max(500, saturatingMultiply(complexity, iterations));
        }
        return Math.max(200, saturatingMultiply(square, iterations) / 3);
    }

    /// Index of the highest one in the exponent's first 32 bytes, 0 where there is none.
    private static long exponentHead(MemorySegment input, long at, long length, long base, long exponent) {
        long from = 96 + base;
        long bytes = Math.min(exponent, 32);
        for (long i = 0; i < bytes; i++) {
            int b = byteAt(input, at, length, from + i);
            if (b != 0) {
                return 8 * (bytes - 1 - i) + 31 - Integer.numberOfLeadingZeros(b);
            }
        }
        return 0;
    }

    private static long complexity198(long x) {
        if (x <= 64) {
            return x * x;
        }
        if (x <= 1024) {
            return x * x / 4 + 96 * x - 3072;
        }
        return saturatingAdd(saturatingMultiply(x, x) / 16, saturatingMultiply(480, x) - 199680);
    }

    private static long saturatingMultiply(long a, long b) {
        return Math.multiplyHigh(a, b) != 0 || a * b < 0 ? Long.MAX_VALUE - 1 : a * b;
    }

    private static long saturatingAdd(long a, long b) {
        return a + b < 0 ? Long.MAX_VALUE - 1 : a + b;
    }
}
