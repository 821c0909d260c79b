package dev.coffer.evm.precompiles;

import dev.coffer.evm.Precompiles;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Objects;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;

/// The precompiles that stand on other libraries, for [dev.coffer.evm.Interpreter#open]: 3, 5 and 9 to 17 (Yellow Paper, appendix E; EIP-152, EIP-198,
/// EIP-2537, EIP-4844). 1, 2, 4, 6 to 8 and 0x100 are the machine's own. Inputs are taken as they come: what the protocol refuses is [#FAILED].
///
/// ```
///   try (LibraryPrecompiles precompiles = LibraryPrecompiles.open();                    // blst where it can be had
///           Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.OSAKA), state, precompiles)) { ... }
/// ```
///
/// **10 to 17**, point evaluation and BLS12-381, are computed by one of two libraries ([CurveLibrary]), which answer the same; [#choice] says in a line which one it
/// is, and why. With blst they take 0 heap bytes, in a region of [#plan] bytes that is reserved when this is opened, and 128 KiB of the calling thread's stack at most;
/// blst needs native access for this module (`--enable-native-access=dev.coffer.evm.precompiles`, on the class path `ALL-UNNAMED`). With Bouncy Castle each call makes objects.
/// RIPEMD-160 is Bouncy Castle's, the others are computed on `BigInteger` and longs.
///
/// One that stands on blst is for one thread at a time, any thread, and one machine each; one on Bouncy Castle is stateless and thread-safe. Use after close throws
/// [IllegalStateException] where there is a region.
public final class LibraryPrecompiles implements Precompiles, AutoCloseable {
    private static final int WORD = 32;
    private static final int POINT_EVALUATION = 10;
    private static final int LAST = 17;                                    // EIP-2537's
    private static final RegionConfig REGION = RegionConfig.reservation("evm-precompiles");

    private final CurveLibrary library;
    private final CurvePrecompiles curve;
    private final String obstacle;                                         // why it is not blst; empty where that was not asked for
    private final Region region;                                           // null with Bouncy Castle

    private LibraryPrecompiles(CurveLibrary library, CurvePrecompiles curve, String obstacle, Region region) {
        this.library = library;
        this.curve = curve;
        this.obstacle = obstacle;
        this.region = region;
    }

    /// On Bouncy Castle: holds nothing, and needs no close.
    public LibraryPrecompiles() {
        this(CurveLibrary.BOUNCY_CASTLE, new BouncyCurve(), "", null);
    }

    /// Opens those on the library that the system property [CurveLibrary#PROPERTY] names: where it is not set or `auto`, blst, and Bouncy Castle where that cannot be had.
    ///
    /// @throws IllegalArgumentException  the property names no library (caller's fault)
    /// @throws IllegalStateException     it names blst, which cannot be had: the message says why (machine's fault); nothing is held
    /// @throws OutOfMemoryError          no room for the region (machine's fault); nothing is held
    public static LibraryPrecompiles open() {
        return open(System.getProperty(CurveLibrary.PROPERTY, "auto"));
    }

    /// As [#open()], with the word that the property would have.
    public static LibraryPrecompiles open(String word) {
        CurveLibrary library = CurveLibrary.named(word);
        if (library == CurveLibrary.BLST) {
            return open(library);
        }
        return new LibraryPrecompiles(library, new BouncyCurve(), word.equalsIgnoreCase("auto") ? CurveLibrary.BLST.obstacle() : "", null);
    }

    /// Opens those on one library.
    ///
    /// @throws IllegalStateException  it cannot be had: the message is its [CurveLibrary#obstacle] (machine's fault); nothing is held
    /// @throws OutOfMemoryError       no room for the region (machine's fault); nothing is held
    public static LibraryPrecompiles open(CurveLibrary library) {
        Objects.requireNonNull(library);
        if (library == CurveLibrary.BOUNCY_CASTLE) {
            return new LibraryPrecompiles();
        }
        String obstacle = library.obstacle();
        if (!obstacle.isEmpty()) {
            throw new IllegalStateException(obstacle);
        }
        Region region = Region.open(REGION, MemoryPlan.group("evm-precompiles", BlstCurve.plan()));
        try {
            return new LibraryPrecompiles(library, new BlstCurve(region.carve("blst")), "", region);
        } catch (Throwable failure) {
            region.close();
            throw failure;
        }
    }

    /// {@return what one on a library holds: some 160 KiB and two pages with blst, nothing with Bouncy Castle}
    public static MemoryPlan plan(CurveLibrary library) {
        return library == CurveLibrary.BLST ? Region.plan(REGION, MemoryPlan.group("evm-precompiles", BlstCurve.plan()))
                : MemoryPlan.group("evm-precompiles");
    }

    /// {@return the library that computes 10 to 17}
    public CurveLibrary library() {
        return library;
    }

    /// {@return why it is not blst, where the fastest was asked for; else empty}
    public String obstacle() {
        return obstacle;
    }

    /// {@return one line: the library, where it comes from, and why it is not the faster one where that was wanted}
    public String choice() {
        String origin = library == CurveLibrary.BLST ? " (" + Blst.ORIGIN + ")" : "";
        return "precompiles 10 to 17 by " + library.title() + origin + (obstacle.isEmpty() ? "" : ": " + obstacle);
    }

    /// Returns the region to the system, where there is one. Closing twice is harmless.
    @Override
    public void close() {
        if (region != null) {
            region.close();
        }
    }

    @Override
    public String toString() {
        return "LibraryPrecompiles[" + library + "]";
    }

    @Override
    public boolean has(int number, Fork fork) {
        return number == 3 || number == 5 || number >= 9 && number <= LAST;
    }

    @Override
    public long outputBytesMax(int number, MemorySegment input, long at, long length) {
        return switch (number) {
            case 5 -> Modexp.outputBytes(input, at, length);
            case 9, 10 -> 2 * WORD;
            case 11, 12, 16 -> Bls12381.POINT1;
            case 13, 14, 17 -> Bls12381.POINT2;
            default -> WORD;
        };
    }

    @Override
    public long run(int number, Fork fork, MemorySegment input, long at, long length, MemorySegment output,
            long outputAt) {
        if (number >= POINT_EVALUATION && number <= LAST) {
            return curve.run(number, input, at, length, output, outputAt);
        }
        byte[] in = number == 5 ? new byte[0] : input.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        byte[] out = switch (number) {
            case 3 -> ripemd(in);
            case 5 -> Modexp.run(input, at, length);
            case 9 -> Blake2F.compress(in);
            default -> throw new IllegalArgumentException("precompile " + number + " (expected 3, 5 or 9..17)");
        };
        if (out == null) {
            return FAILED;
        }
        MemorySegment.copy(out, 0, output, ValueLayout.JAVA_BYTE, outputAt, out.length);
        return out.length;
    }

    /// {@return the number of `length` bytes at `from`, zeros past the end}
    static BigInteger number(byte[] in, int from, int length) {
        byte[] bytes = new byte[length];
        if (from < in.length) {
            System.arraycopy(in, from, bytes, 0, Math.min(length, in.length - from));
        }
        return new BigInteger(1, bytes);
    }

    /// {@return a number as `length` bytes from the left}
    static byte[] bytes(BigInteger value, int length) {
        byte[] out = new byte[length];
        byte[] raw = value.toByteArray();
        int used = Math.min(length, raw.length);
        System.arraycopy(raw, raw.length - used, out, length - used, used);
        return out;
    }

    private static byte[] ripemd(byte[] in) {
        RIPEMD160Digest digest = new RIPEMD160Digest();
        digest.update(in, 0, in.length);
        byte[] out = new byte[WORD];
        digest.doFinal(out, WORD - 20);
        return out;
    }
}
