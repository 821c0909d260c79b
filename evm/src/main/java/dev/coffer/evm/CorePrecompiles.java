package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.evm.curve.Bn254;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import dev.coffer.memory.Region;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The precompiles that need nothing but this house: 1, ecRecover (Yellow Paper, appendix E.1), 2, SHA-256 (FIPS 180-4), 4, identity, from Byzantium 6, 7 and
/// 8, sums, multiples and pairings on alt_bn128 (EIP-196, EIP-197), and from Osaka 0x100, P256VERIFY (EIP-7951). 0 heap bytes; one thread at a time.
public final class CorePrecompiles implements Precompiles {
    /// Number of the recovery of an address from a signature on secp256k1.
    public static final int EC_RECOVER = 1;
    /// Number of SHA-256.
    public static final int SHA_256 = 2;
    /// Number of the identity.
    public static final int IDENTITY = 4;
    /// Number of the sum of two points of alt_bn128.
    public static final int BN254_ADD = 6;
    /// Number of a multiple of one.
    public static final int BN254_MULTIPLY = 7;
    /// Number of the check of a product of pairings.
    public static final int BN254_PAIRING = 8;
    /// Number of the check of an ECDSA signature on P-256 (EIP-7951).
    public static final int P256_VERIFY = 0x100;

    private static final int WORD = 32;
    private static final long SIGNATURE = WORD;                                       // in P256VERIFY's input, after the digest: r, s
    private static final long POINT = SIGNATURE + EcdsaP256.SIGNATURE_BYTES;          // x, y
    private static final long POINT_BYTES = P256.PUBLIC_KEY_BYTES - 1;                // without the byte that names its form
    private static final long P256_INPUT_BYTES = POINT + POINT_BYTES;                 // 160
    private static final byte UNCOMPRESSED = 4;                                       // SEC 1 section 2.3.3

    private static final long KEY_ROOM = 72;                                          // of 65 bytes: what follows stays aligned

    private static final int PADDED_BYTES = 4 * WORD;                                 // the longest input that zeros follow: ecRecover's digest, v, r, s
    private static final int V = Word.LONGS;                                          // of it, by the index of their first long
    private static final int R = 2 * Word.LONGS;
    private static final int S = 3 * Word.LONGS;
    private static final int V_EVEN = 27;
    private static final int SECOND_POINT = 2 * Word.LONGS;                           // of an input of points, so too; and what multiplies the first
    private static final int POINT_WORDS = 2;
    private static final int PAIR_WORDS = Bn254.PAIR_LONGS / Word.LONGS;

    /// Bytes of the workspace: a key with the byte of its form and what its check works in, or a hash state, or what a recovery works in and its input.
    public static final long WORKSPACE_BYTES = Math.max(Math.max(Hash.STATE_BYTES_MAX, KEY_ROOM + EcdsaP256.VERIFY_WORKSPACE_BYTES),
            SignerRecovery.WORKSPACE_BYTES + PADDED_BYTES);

    /// Bytes of heap of each.
    static final long HEAP_BYTES = SignerRecovery.HEAP_BYTES + Bn254.HEAP_BYTES + 8L * Bn254.PAIR_LONGS + 64;

    private final MemorySegment workspace;
    private final long workspaceAt;
    private final SignerRecovery recovery;
    private final Bn254 points = new Bn254();
    private final long[] w = new long[Bn254.PAIR_LONGS];

    /// @param workspace  writable memory of [#WORKSPACE_BYTES] from `at`, off the heap, for instance a row of a [Region]
    public CorePrecompiles(MemorySegment workspace, long at) {
        this.workspace = workspace;
        this.workspaceAt = at;
        this.recovery = new SignerRecovery(workspace, at);
    }

    SignerRecovery recovery() {
        return recovery;
    }

    @Override
    public boolean has(int number, Fork fork) {
        return holds(number, fork);
    }

    /// {@return whether this has the precompile, as all of its kind}
    public static boolean holds(int number, Fork fork) {
        return switch (number) {
            case EC_RECOVER, SHA_256, IDENTITY -> true;
            case BN254_ADD, BN254_MULTIPLY, BN254_PAIRING -> fork.atLeast(Fork.BYZANTIUM);
            default -> number == P256_VERIFY && fork.atLeast(Fork.OSAKA);
        };
    }

    @Override
    public long outputBytesMax(int number, MemorySegment input, long at, long length) {
        return switch (number) {
            case IDENTITY -> length;
            case BN254_ADD, BN254_MULTIPLY -> POINT_WORDS * WORD;
            default -> WORD;
        };
    }

    @Override
    public long run(int number, Fork fork, MemorySegment input, long at, long length, MemorySegment output,
            long outputAt) {
        return switch (number) {
            case EC_RECOVER -> recover(input, at, length, output, outputAt);
            case SHA_256 -> {
                Hash.SHA_256.hash(workspace, workspaceAt, input, at, length, output, outputAt);
                yield WORD;
            }
            case IDENTITY -> {
                MemorySegment.copy(input, at, output, outputAt, length);
                yield length;
            }
            case BN254_ADD, BN254_MULTIPLY -> point(number, input, at, length, output, outputAt);
            case BN254_PAIRING -> pairing(input, at, length, output, outputAt);
            case P256_VERIFY -> verify(input, at, length, output, outputAt);
            default -> throw new IllegalArgumentException("precompile " + number + " (expected 1, 2, 4, 6..8 or 256)");
        };
    }

    /// Takes the first words of an input, zeros past its end.
    private void load(MemorySegment input, long at, long length) {
        long from = workspaceAt + SignerRecovery.WORKSPACE_BYTES;
        long there = Math.min(length, PADDED_BYTES);
        MemorySegment.copy(input, at, workspace, from, there);
        Wipe.bytes(workspace, from + there, PADDED_BYTES - there);
        for (int i = 0; i < PADDED_BYTES / WORD; i++) {
            Word.load(workspace, from + WORD * i, w, Word.LONGS * i);
        }
    }

    /// {@return bytes of output, a sum or a multiple; or failure: what should be a point is none}
    private long point(int number, MemorySegment input, long at, long length, MemorySegment output, long outputAt) {
        load(input, at, length);
        boolean is = number == BN254_ADD ? points.add(w, 0, SECOND_POINT, w, 0) : points.multiply(w, 0, SECOND_POINT, w, 0);
        if (!is) {
            return FAILED;
        }
        Word.store(w, 0, output, outputAt);
        Word.store(w, Word.LONGS, output, outputAt + WORD);
        return POINT_WORDS * WORD;
    }

    /// {@return bytes of output, one or zero; or failure: the input is no list of pairs of points of the right groups}
    private long pairing(MemorySegment input, long at, long length, MemorySegment output, long outputAt) {
        if (length % (PAIR_WORDS * WORD) != 0) {
            return FAILED;
        }
        points.begin();
        for (long from = at; from < at + length; from += PAIR_WORDS * WORD) {
            for (int i = 0; i < PAIR_WORDS; i++) {
                Word.load(input, from + WORD * i, w, Word.LONGS * i);
            }
            if (!points.pair(w, 0)) {
                return FAILED;
            }
        }
        Word.set(w, 0, points.isOne() ? 1 : 0);
        Word.store(w, 0, output, outputAt);
        return WORD;
    }

    /// {@return bytes of output: the address that signed, or none where the signature is none; no input makes the call fail}
    private long recover(MemorySegment input, long at, long length, MemorySegment output, long outputAt) {
        load(input, at, length);
        long odd = w[V] - V_EVEN;
        if (!Word.isLong(w, V) || odd != 0 && odd != 1 || !recovery.address(w, 0, R, S, odd == 1, w, 0)) {
            return 0;
        }
        Word.store(w, 0, output, outputAt);
        return WORD;
    }

    /// {@return bytes of output: the number one where the signature is valid, otherwise none; no input makes the call fail}
    private long verify(MemorySegment input, long at, long length, MemorySegment output, long outputAt) {
        if (length != P256_INPUT_BYTES) {
            return 0;
        }
        workspace.set(ValueLayout.JAVA_BYTE, workspaceAt, UNCOMPRESSED);
        MemorySegment.copy(input, at + POINT, workspace, workspaceAt + 1, POINT_BYTES);
        if (!EcdsaP256.verifyDigest(workspace, workspaceAt, P256.PUBLIC_KEY_BYTES, input, at, input, at + SIGNATURE, EcdsaP256.SIGNATURE_BYTES,
                workspace, workspaceAt + KEY_ROOM)) {
            return 0;
        }
        for (int i = 0; i < WORD; i++) {
            output.set(ValueLayout.JAVA_BYTE, outputAt + i, (byte) (i == WORD - 1 ? 1 : 0));
        }
        return WORD;
    }
}
