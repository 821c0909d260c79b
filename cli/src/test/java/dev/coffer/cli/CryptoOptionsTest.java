package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.MemoryPlan;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What `--crypto` chooses, with the system's library and without.
class CryptoOptionsTest {
    static {
        FirstLibrary.opened();
    }

    @Command
    private static final class Holder {
        @Mixin
        private CryptoOptions options;
    }

    private static CryptoOptions options(String... words) {
        Holder holder = new Holder();
        CommandLine line = new CommandLine(holder);
        AnyName.register(line);
        line.parseArgs(words);
        return holder.options;
    }

    @Test
    void strictIsScalarCodeAndPutsChaCha20First() {
        CryptoOptions strict = options("--crypto", "strict");
        CipherSuite[] suites = strict.suites();
        assertEquals("TLS_CHACHA20_POLY1305_SHA256", suites[0].toString());
        assertSame(Aead.CHACHA20_POLY1305, suites[0].aead());
        assertSame(Aead.AES_128_GCM, suites[1].aead());
        assertNull(strict.advice());
        assertEquals(0, strict.planned(MemoryPlan.block("x", 0)).totalBytes());
        strict.close();
    }

    @Test
    void fastIsTheFastFormOfEach() {
        CryptoOptions fast = options("--crypto=FAST");
        assertSame(Aead.CHACHA20_POLY1305.fast(), fast.suites()[0].aead());
        assertNull(fast.advice());
        fast.close();
    }

    @Test
    void withoutAWordItIsTheSystemsLibraryWhereThatIsThereAndAesIsFirst() {
        assumeTrue(Libcrypto.find(LibcryptoConfig.defaults()).map(l -> {
            l.close();
            return true;
        }).orElse(false), "no libcrypto 3 here");
        for (String[] words : new String[][] {{}, {"--crypto", "native"}}) {
            CryptoOptions options = options(words);
            CipherSuite[] suites = options.suites();
            assertEquals(List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"), List.of(suites[0].toString(),
                    suites[1].toString(), suites[2].toString()));
            assertNotSame(Aead.AES_256_GCM, suites[0].aead());
            assertTrue(options.advice().startsWith("TLS by libcrypto 3."), options.advice());
            assertEquals(Libcrypto.plan(LibcryptoConfig.defaults().withContexts(4).withKeyBytes(64 << 10)).totalBytes() + 7,
                    options.planned(MemoryPlan.block("x", 7)).totalBytes());
            options.close();
        }
    }

    /// In a process of its own, since what a library is like is found out once.
    static final class WithoutLibrary {
        public static void main(String... words) {
            CryptoOptions options = options(words);
            try {
                System.out.println("first " + options.suites()[0] + ", advice " + options.advice());
            } catch (Failure e) {
                System.out.println("refused " + e.exitCode() + ": " + e.getMessage());
            }
            options.close();
        }
    }

    @Test
    void withoutTheLibraryThePureFormServesAndNativeIsRefused() {
        String said = said("libnone.so");
        assertTrue(said.contains("AES in the pure form: libcrypto: libnone.so was not found"), said);
        assertTrue(said.contains("first TLS_CHACHA20_POLY1305_SHA256, advice null"), said);
        said = said("libnone.so", "--crypto", "native");
        assertTrue(said.contains("refused 1: --crypto native: libcrypto: libnone.so was not found"), said);
        said = said("libc.so.6");
        assertTrue(said.contains("AES in the pure form: libcrypto: libc.so.6 has no CRYPTO_set_mem_functions (expected OpenSSL 3)"), said);
        assertTrue(said.contains("first TLS_CHACHA20_POLY1305_SHA256, advice null"), said);
    }

    private static String said(String library, String... words) {
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dcoffer.libcrypto=" + library),
                WithoutLibrary.class, words)) {
            assertEquals(0, child.exitCode(), child::output);
            return child.output();
        }
    }
}
