package dev.coffer.bench.serve;

import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.layout.Align;
import dev.coffer.server.tls.Tls;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.TlsServerConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.cert.CertificateException;
import java.util.Optional;

/// Our TLS in this process, by libcrypto where it is there, as a certificate of P-256.
final class OwnTls implements AutoCloseable {
    private static final KeyAlgorithm ALGORITHM = KeyAlgorithm.P256;
    private static final MemoryPlan PLAN = MemoryPlan.group("key", row("secret", ALGORITHM.keyPairBytes()),
            row("file", ALGORITHM.fileBytesMax()), row("work", ALGORITHM.workspaceBytes()));

    private final Region region = Region.open(RegionConfig.defaults("key"), PLAN);
    private final Optional<Libcrypto> libcrypto = Libcrypto.find(LibcryptoConfig.defaults());
    private final ServerIdentity identity;

    OwnTls(Servers.Identity as) throws IOException {
        try {
            MemorySegment secret = region.carve("secret");
            MemorySegment work = region.carve("work");
            try (EncodedKey read = EncodedKey.read(as.key(), region.carve("file"), 0, ALGORITHM.fileBytesMax())) {
                KeyPair pair = read.keyPair(Secret.of(secret, 0, ALGORITHM.keyPairBytes()), work, 0);
                identity = ServerIdentity.read(as.certificate(), pair);
            }
        } catch (CertificateException e) {
            throw new IOException(e);
        }
    }

    private static MemoryPlan row(String name, long bytes) {
        return MemoryPlan.block(name, Align.up(bytes, Align.CACHE_LINE_BYTES));
    }

    Tls tls() {
        return of(TlsServerConfig.defaults().withProtocols("http/1.1"));
    }

    /// {@return the same for HTTP/3 beside it}
    Tls quic() {
        return of(TlsServerConfig.defaults().withProtocols("http/1.1").withQuicProtocols("h3"));
    }

    private Tls of(TlsServerConfig config) {
        return Tls.of(libcrypto.isEmpty() ? config : config.withSuites(libcrypto.get().suites().toArray(CipherSuite[]::new)), identity);
    }

    @Override
    public void close() {
        identity.close();
        libcrypto.ifPresent(Libcrypto::close);
        region.close();
    }
}
