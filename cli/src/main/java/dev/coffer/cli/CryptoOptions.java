package dev.coffer.cli;

import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.UnusableKeysException;
import dev.coffer.crypto.Aead;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;
import dev.coffer.crypto.libcrypto.LibcryptoException;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.tls.NamedGroup;
import dev.coffer.tls.ServerIdentity;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/// The option of `serve`, `plan` and `get` that decides what TLS encrypts with.
final class CryptoOptions {
    /// As [dev.coffer.crypto.Aead] has them, and the system's library.
    enum Form {
        STRICT, FAST, NATIVE
    }

    /// Little of what is locked: a standard server leaves some 200 KiB of the 8 MiB that users may lock.
    private static final LibcryptoConfig CONFIG = LibcryptoConfig.defaults().withContexts(4).withKeyBytes(64 << 10);

    @Option(names = "--crypto", paramLabel = "FORM", description = "What TLS encrypts with: strict (scalar code of Coffer's), fast (vectors), native (the "
            + "processor's AES, X25519 and P-256 by the system's libcrypto 3, in planned memory). Default: native where it is there, else strict.")
    private Form form;

    /// RSA keys of a certificate at a time: that which signs, and that which was replaced and may be held by a handshake yet. One is for those replaced earlier.
    private static final int RSA_KEYS = 2;

    private Libcrypto libcrypto;
    private LibcryptoConfig config = CONFIG;

    /// {@return the suites of TLS in order of preference: AES first where the processor does it}
    ///
    /// @throws Failure  native was asked for, and is not there
    CipherSuite[] suites() {
        if (form == null || form == Form.NATIVE) {
            open();
        }
        List<CipherSuite> suites = libcrypto == null
                ? List.of(CipherSuite.CHACHA20_POLY1305_SHA256, CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384)
                : libcrypto.suites();
        return suites.stream().map(suite -> form == Form.FAST ? fast(suite) : suite).toArray(CipherSuite[]::new);
    }

    /// {@return the groups of TLS, with the library's curves where it is open}
    NamedGroup[] groups() {
        suites();
        return Arrays.stream(NamedGroup.values()).map(group -> libcrypto == null ? group : group.withCurve(libcrypto.curve(group.curve())))
                .toArray(NamedGroup[]::new);
    }

    /// {@return the same identity, which signs by the library where that is open and has its scheme}
    ServerIdentity signing(ServerIdentity identity) {
        suites();
        return libcrypto == null ? identity : identity.withSignatures(libcrypto::signature);
    }

    /// {@return who signs with RSA keys: the library, which is opened for that}
    ///
    /// @param certificates  that may have one
    /// @param calls         signatures at a time
    ServerKeys.RsaMaker rsa(int certificates, int calls) {
        return numbers -> {
            if (form != null && form != Form.NATIVE) {
                throw UnusableKeysException.ofRsa("--crypto " + form.name().toLowerCase(Locale.ROOT) + " does not sign with it: the system's libcrypto does"
                        + " (--crypto native), and every form with a key of P-256 or Ed25519 (coffer keygen)");
            }
            try {
                if (libcrypto == null) {
                    config = config.withRsa(RSA_KEYS * certificates + 1, calls);
                    libcrypto = Libcrypto.open(config);
                } else if (config.rsaKeys() == 0) {
                    throw UnusableKeysException.ofRsa("there was none at the start, when memory is planned (start anew)");
                }
                return libcrypto.rsa(numbers);
            } catch (LibcryptoException e) {
                throw UnusableKeysException.ofRsa("the system's libcrypto 3 signs with it, which does not serve (a key of P-256 or Ed25519 needs none): "
                        + e.getMessage());
            }
        };
    }

    private void open() {
        if (libcrypto != null) {
            return;
        }
        if (form == null) {
            libcrypto = Libcrypto.find(config).orElse(null);
            return;
        }
        try {
            libcrypto = Libcrypto.open(config);
        } catch (LibcryptoException e) {
            throw new Failure(ExitCode.FAILED, "--crypto native: " + e.getMessage(), e);
        }
    }

    private static CipherSuite fast(CipherSuite suite) {
        Aead fast = suite.aead().fast();
        return fast == suite.aead() ? suite : suite.withAead(fast);
    }

    /// {@return a plan with the library's rows, if it is open}
    MemoryPlan planned(MemoryPlan plan) {
        return libcrypto == null ? plan : MemoryPlan.group("serve and libcrypto", plan, Libcrypto.plan(config));
    }

    /// {@return what to tell of the library that is open, else null}
    String advice() {
        return libcrypto == null ? null : "TLS by " + libcrypto;
    }

    /// Who encrypts has ended: expanded keys are wiped.
    void close() {
        if (libcrypto != null) {
            libcrypto.close();
        }
    }
}
