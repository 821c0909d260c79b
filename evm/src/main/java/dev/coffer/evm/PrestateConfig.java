package dev.coffer.evm;

/// What a [PrestateTracer] tells of each account, and how much in all.
///
/// | component | default | go-ethereum's name |
/// |---|---|---|
/// | `code` | true | `disableCode` |
/// | `storage` | true | `disableStorage` |
/// | `empty` | false | `includeEmpty` |
/// | `codeHash` | false | none; `codeHash` is a member of its accounts from release 1.16 on |
/// | `bytesMax` | 64 MiB | none |
///
/// @param code      the code of those that have some
/// @param storage   slots that were loaded or stored
/// @param empty     also accounts that had nothing before; [PrestateTracer#diff] never has them in `pre`
/// @param codeHash  the hash of the code of those that have some
/// @param bytesMax  characters of all accounts together, as they were before, 1 KiB..1 GiB; up to eight heap bytes each; code counts also where it is
///                  not told, since it is held
public record PrestateConfig(boolean code, boolean storage, boolean empty, boolean codeHash, int bytesMax) {
    /// @throws IllegalArgumentException  a number out of its range
    public PrestateConfig {
        if (bytesMax < 1 << 10 || bytesMax > 1 << 30) {
            throw new IllegalArgumentException("prestate tracer: bytesMax " + bytesMax + " (expected 1024..1073741824)");
        }
    }

    /// {@return code and storage of what was not empty, as go-ethereum has it unless asked otherwise; 64 MiB}
    public static PrestateConfig defaults() {
        return new PrestateConfig(true, true, false, false, PrestateTracer.BYTES_MAX);
    }

    /// {@return this with or without code}
    public PrestateConfig withCode(boolean tells) {
        return new PrestateConfig(tells, storage, empty, codeHash, bytesMax);
    }

    /// {@return this with or without storage}
    public PrestateConfig withStorage(boolean tells) {
        return new PrestateConfig(code, tells, empty, codeHash, bytesMax);
    }

    /// {@return this with or without accounts that had nothing}
    public PrestateConfig withEmpty(boolean tells) {
        return new PrestateConfig(code, storage, tells, codeHash, bytesMax);
    }

    /// {@return this with or without the hash of code}
    public PrestateConfig withCodeHash(boolean tells) {
        return new PrestateConfig(code, storage, empty, tells, bytesMax);
    }

    /// {@return this with another number of characters}
    public PrestateConfig withBytesMax(int bytes) {
        return new PrestateConfig(code, storage, empty, codeHash, bytes);
    }
}
