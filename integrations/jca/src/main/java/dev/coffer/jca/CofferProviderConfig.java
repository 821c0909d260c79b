package dev.coffer.jca;

import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.pool.BlockAllocator;
import java.util.Locale;
import java.util.Objects;

/// What a [CofferProvider] may hold, and what may leave it.
///
/// As text, for `java.security` and for the system property `coffer.jca`, in any order, with commas or spaces between:
///
/// ```
///   security.provider.1=Coffer keys=2m,work=8m,export=forbidden,form=seed
/// ```
///
/// | component | text | default | range |
/// |---|---|---|---|
/// | `keyBytes` | `keys=` | 1 MiB | a multiple of 4 KiB up to 1 GiB, with `k` or `m` |
/// | `workBytes` | `work=` | 3 MiB | 256 KiB and more, the same |
/// | `exports` | `export=` | `allowed` | or `forbidden` |
/// | `form` | `form=` | `expanded` | or `seed`, `both` |
///
/// @param keyBytes   of all keys together: 64 to 256 bytes for a secret key or one of a curve, 3 to 16 KiB for one of ML-KEM or ML-DSA
/// @param workBytes  of running digests, MACs, signatures and ciphers, and of the messages that some of them gather
/// @param exports    whether `getEncoded()` of private and secret keys answers; where not it is null, as the JCA has it
/// @param form       in which form keys of ML-KEM and ML-DSA that were generated here are encoded; the JDK 25 reads `EXPANDED` alone
public record CofferProviderConfig(int keyBytes, int workBytes, boolean exports, PrivateKeyForm form) {
    /// The system property with the same text, for a provider that is given none.
    public static final String PROPERTY = "coffer.jca";

    private static final int STEP_BYTES = 4 << 10;
    private static final int WORK_BYTES_MIN = 256 << 10;  // the largest single operation, SLH-DSA-256f with its signature, takes 96 KiB
    private static final int BYTES_MAX = 1 << 30;
    private static final int KEY_BLOCK_BYTES = 64;
    private static final int WORK_BLOCK_BYTES = 256;

    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public CofferProviderConfig {
        Objects.requireNonNull(form);
        if (keyBytes < STEP_BYTES || keyBytes > BYTES_MAX || keyBytes % STEP_BYTES != 0 || workBytes < WORK_BYTES_MIN
                || workBytes > BYTES_MAX || workBytes % STEP_BYTES != 0) {
            throw new IllegalArgumentException("provider Coffer: " + keyBytes + " bytes for keys and " + workBytes
                    + " for work (expected multiples of " + STEP_BYTES + " up to 2^30, of work at least " + WORK_BYTES_MIN + ")");
        }
    }

    /// {@return 1 MiB for keys, 3 MiB for work, below the usual limit of locked memory together; exports allowed}
    public static CofferProviderConfig defaults() {
        return new CofferProviderConfig(1 << 20, 3 << 20, true, PrivateKeyForm.EXPANDED);
    }

    /// {@return the default with what a text changes}
    ///
    /// @throws IllegalArgumentException  a word that means nothing here, or a number out of its range (caller's fault)
    public static CofferProviderConfig parse(String text) {
        CofferProviderConfig config = defaults();
        for (String word : text.strip().split("[,\\s]+")) {
            config = word.isEmpty() ? config : config.with(word);
        }
        return config;
    }

    private CofferProviderConfig with(String word) {
        int equals = word.indexOf('=');
        String value = word.substring(equals + 1).toLowerCase(Locale.ROOT);
        return switch (word.substring(0, Math.max(0, equals))) {
            case "keys" -> withKeyBytes(bytes(word, value));
            case "work" -> withWorkBytes(bytes(word, value));
            case "export" -> withExports(switch (value) {
                case "allowed" -> true;
                case "forbidden" -> false;
                default -> throw unknown(word);
            });
            case "form" -> withForm(switch (value) {
                case "expanded" -> PrivateKeyForm.EXPANDED;
                case "seed" -> PrivateKeyForm.SEED;
                case "both" -> PrivateKeyForm.BOTH;
                default -> throw unknown(word);
            });
            default -> throw unknown(word);
        };
    }

    private static int bytes(String word, String value) {
        if (!value.matches("[0-9]{1,10}[km]?")) {
            throw unknown(word);
        }
        int shift = value.endsWith("k") ? 10 : value.endsWith("m") ? 20 : 0;
        long bytes = Long.parseLong(shift == 0 ? value : value.substring(0, value.length() - 1)) << shift;
        if (bytes > BYTES_MAX) {
            throw unknown(word);
        }
        return (int) bytes;
    }

    private static IllegalArgumentException unknown(String word) {
        return new IllegalArgumentException("provider Coffer: \"" + word
                + "\" (expected keys=BYTES, work=BYTES, export=allowed|forbidden, form=expanded|seed|both)");
    }

    /// {@return the same with another area for keys}
    public CofferProviderConfig withKeyBytes(int bytes) {
        return new CofferProviderConfig(bytes, workBytes, exports, form);
    }

    /// {@return the same with another area for work}
    public CofferProviderConfig withWorkBytes(int bytes) {
        return new CofferProviderConfig(keyBytes, bytes, exports, form);
    }

    /// {@return the same with another answer to whether keys may be encoded}
    public CofferProviderConfig withExports(boolean allowed) {
        return new CofferProviderConfig(keyBytes, workBytes, allowed, form);
    }

    /// {@return the same with another form of private keys}
    public CofferProviderConfig withForm(PrivateKeyForm other) {
        return new CofferProviderConfig(keyBytes, workBytes, exports, other);
    }

    BlockAllocator.Config keys() {
        return new BlockAllocator.Config("jca keys", keyBytes, KEY_BLOCK_BYTES);
    }

    BlockAllocator.Config work() {
        return new BlockAllocator.Config("jca work", workBytes, WORK_BLOCK_BYTES);
    }

    /// {@return what a provider of this configuration holds off the heap}
    public MemoryPlan plan() {
        return MemoryPlan.group("jca", BlockAllocator.plan(keys()), BlockAllocator.plan(work()),
                MemoryPlan.block("jca random", RandomEngine.ROOM_BYTES, 1, "between the kernel and a caller's array"));
    }
}
