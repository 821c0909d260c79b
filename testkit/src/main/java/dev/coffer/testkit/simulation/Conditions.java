package dev.coffer.testkit.simulation;

import java.util.SplittableRandom;

/// What a link does to what travels on it, one way. Shares of chance are 0..1, one draw a datagram, or a segment of a stream.
///
/// On a stream, which is reliable and in order, a loss is a delay (it was sent again), reordering and duplicates do not exist, and
/// corruption is what a faulty or hostile box in the middle does.
///
/// @param delayNanos      from one end to the other
/// @param jitterNanos     added to it, 0 up to this, drawn anew each time
/// @param bytesPerSecond  rate; 0 for no bound
/// @param loss            share that does not arrive
/// @param reorder         share that is held back by up to four delays, so that later ones overtake it
/// @param duplicate       share that arrives twice
/// @param corrupt         share in which one bit is changed
/// @param mark            share of ECN-capable datagrams that arrive with CE
/// @param bleach          share of datagrams whose ECN codepoint is cleared on the way
/// @param mtuBytes        largest datagram that passes (content, without IP's and UDP's headers), and largest segment of a stream
/// @param queueBytesMax   bytes that wait where there is a rate: datagrams past it are dropped, past half of it marked
public record Conditions(long delayNanos, long jitterNanos, long bytesPerSecond, double loss, double reorder, double duplicate,
        double corrupt, double mark, double bleach, int mtuBytes, long queueBytesMax) {
    private static final long MILLI = 1_000_000;

    /// Checks every range.
    ///
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public Conditions {
        if (delayNanos < 0 || jitterNanos < 0 || bytesPerSecond < 0 || mtuBytes < 1 || queueBytesMax < 0) {
            throw new IllegalArgumentException("conditions: delay " + delayNanos + ", jitter " + jitterNanos + ", rate "
                    + bytesPerSecond + ", mtu " + mtuBytes + ", queue " + queueBytesMax);
        }
        for (double share : new double[] {loss, reorder, duplicate, corrupt, mark, bleach}) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("share: " + share + " (expected 0..1)");
            }
        }
    }

    /// {@return no faults, no time, no bound; datagrams of 1,472 bytes}
    public static Conditions perfect() {
        return new Conditions(0, 0, 0, 0, 0, 0, 0, 0, 0, 1472, Long.MAX_VALUE);
    }

    /// {@return conditions of a seed: each fault is there or not, mild or bad; corruption only if asked for, as not every protocol can
    /// notice it}
    public static Conditions any(SplittableRandom random, boolean corrupts) {
        long delay = random.nextInt(4) == 0 ? 0 : random.nextLong(200 * MILLI);
        return new Conditions(delay, random.nextBoolean() ? 0 : random.nextLong(50 * MILLI),
                random.nextBoolean() ? 0 : 1000 << random.nextInt(16), share(random), share(random), share(random),
                corrupts ? share(random) : 0, share(random), share(random), 1 + random.nextInt(random.nextBoolean() ? 20 : 1500),
                1500L << random.nextInt(8));
    }

    private static double share(SplittableRandom random) {
        return random.nextBoolean() ? 0 : random.nextDouble(random.nextBoolean() ? 0.02 : 0.3);
    }

    /// {@return these with another delay}
    public Conditions withDelay(long delay, long jitter) {
        return new Conditions(delay, jitter, bytesPerSecond, loss, reorder, duplicate, corrupt, mark, bleach, mtuBytes, queueBytesMax);
    }

    /// {@return these with another rate and the queue before it}
    public Conditions withRate(long bytes, long queueBytes) {
        return new Conditions(delayNanos, jitterNanos, bytes, loss, reorder, duplicate, corrupt, mark, bleach, mtuBytes, queueBytes);
    }

    /// {@return these with another loss; 1 is a black hole}
    public Conditions withLoss(double share) {
        return new Conditions(delayNanos, jitterNanos, bytesPerSecond, share, reorder, duplicate, corrupt, mark, bleach, mtuBytes,
                queueBytesMax);
    }

    /// {@return these with other shares of reordered and of doubled datagrams}
    public Conditions withDisorder(double reordered, double duplicated) {
        return new Conditions(delayNanos, jitterNanos, bytesPerSecond, loss, reordered, duplicated, corrupt, mark, bleach, mtuBytes,
                queueBytesMax);
    }

    /// {@return these with another corruption}
    public Conditions withCorruption(double share) {
        return new Conditions(delayNanos, jitterNanos, bytesPerSecond, loss, reorder, duplicate, share, mark, bleach, mtuBytes,
                queueBytesMax);
    }

    /// {@return these with another treatment of ECN}
    public Conditions withEcn(double marked, double bleached) {
        return new Conditions(delayNanos, jitterNanos, bytesPerSecond, loss, reorder, duplicate, corrupt, marked, bleached, mtuBytes,
                queueBytesMax);
    }

    /// {@return these with another MTU}
    public Conditions withMtu(int bytes) {
        return new Conditions(delayNanos, jitterNanos, bytesPerSecond, loss, reorder, duplicate, corrupt, mark, bleach, bytes,
                queueBytesMax);
    }
}
