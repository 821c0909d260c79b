package dev.coffer.cli.opens;

import dev.coffer.cli.certificate.KeyLogFile;
import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.ServerTickets;
import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.ed25519.Ed25519Stream;
import dev.coffer.crypto.easy.EasyCrypto;
import dev.coffer.crypto.hpke.HpkeAead;
import dev.coffer.crypto.hpke.HpkeKdf;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.hpke.HpkeReceiver;
import dev.coffer.crypto.hpke.HpkeSender;
import dev.coffer.crypto.hpke.HpkeSuite;
import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.HeaderProtection;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.crypto.session.CryptoContexts;
import dev.coffer.crypto.session.OneShotSealer;
import dev.coffer.crypto.session.SessionConfig;
import dev.coffer.crypto.session.SessionWorkspace;
import dev.coffer.crypto.stream.SealedStream;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.testkit.Refusals.Opening;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Keys, workspaces and streams of cryptography.
final class CryptoOpenings {
    private CryptoOpenings() {}

    static List<Opening> all(Path folder) {
        List<Opening> all = new ArrayList<>();
        SessionConfig session = SessionConfig.of(256, 2, 2);
        all.add(new Opening("crypto.easy.EasyCrypto.open", EasyCrypto::open));
        all.add(new Opening("crypto.session.SessionWorkspace.open", () -> SessionWorkspace.open(session)));
        all.add(new Opening("crypto.session.SessionWorkspace.initialize", () -> SessionWorkspace.initialize(session)));
        all.add(Openings.inRow("crypto.session.SessionWorkspace.in", SessionWorkspace.plan(session), region -> SessionWorkspace.in(session, region)));
        all.add(Openings.over("crypto.session.SessionWorkspace.new", SessionWorkspace.plan(session).totalBytes(),
                memory -> new SessionWorkspace(session, memory)));
        all.add(Openings.over("crypto.session.CryptoContexts.new", CryptoContexts.plan("c", 2).totalBytes(),
                memory -> new CryptoContexts("c", 2, memory, Entropy.SYSTEM)));
        SizeClassPools.Config classes = SizeClassPools.Config.defaults("p");
        SizeClassPools pools = SizeClassPools.over(classes, Arena.global().allocate(SizeClassPools.plan(classes).totalBytes(), 64));
        all.add(Openings.over("crypto.session.OneShotSealer.new", OneShotSealer.plan(session.suite()).totalBytes(),
                memory -> new OneShotSealer(session.suite(), memory, pools, Entropy.SYSTEM)));
        all.add(Openings.over("crypto.stream.SealedStream.new", SealedStream.plan().totalBytes(), SealedStream::new));
        all.add(Openings.over("crypto.AeadKey.in", AeadKey.plan("k", Aead.AES_256_GCM).totalBytes(), memory -> AeadKey.in(Aead.AES_256_GCM, memory)));
        all.add(Openings.over("crypto.ed25519.Ed25519Stream.new", Ed25519Stream.MEMORY_BYTES, memory -> new Ed25519Stream(memory, 0)));
        packets(all);
        keys(all, folder);
        return all;
    }

    private static void packets(List<Opening> all) {
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        all.add(Openings.over("crypto.packet.PacketProtection.new", PacketProtection.workspaceBytes(suite),
                memory -> new PacketProtection(PacketProtocol.TLS_1_3, suite, memory, 0)));
        all.add(Openings.over("crypto.packet.HeaderProtection.new", HeaderProtection.workspaceBytes(suite),
                memory -> new HeaderProtection(PacketProtocol.QUIC_1, suite, memory, 0)));
        HpkeSuite hpke = HpkeSuite.of(HpkeKem.DHKEM_X25519, HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);
        all.add(Openings.over("crypto.hpke.HpkeSender.in", hpke.plan("s").totalBytes(), memory -> HpkeSender.in(hpke, memory)));
        all.add(Openings.over("crypto.hpke.HpkeReceiver.in", hpke.plan("r").totalBytes(), memory -> HpkeReceiver.in(hpke, memory)));
    }

    private static void keys(List<Opening> all, Path folder) {
        KeyAlgorithm algorithm = KeyAlgorithm.ED25519;
        long pairBytes = algorithm.keyPairBytes();
        all.add(Openings.over("crypto.key.KeyPair.generate", pairBytes + algorithm.workspaceBytes(), memory -> {
            Secret secret = Secret.of(memory, 0, pairBytes);
            return KeyPair.generate(algorithm, secret, Entropy.SYSTEM, memory, pairBytes);
        }));
        all.add(Openings.over("crypto.key.EncodedKey.read", 4096, memory -> EncodedKey.read(folder.resolve("key.pem"), memory, 0, memory.byteSize())));
        all.add(new Opening("cli.certificate.ServerKeys.of",
                () -> ServerKeys.of(folder.resolve("certificate.pem"), folder.resolve("key.pem"), Openings::none, (file, room) -> 0)));
        all.add(new Opening("cli.certificate.KeyLogFile.open", () -> KeyLogFile.open(folder.resolve("secrets"))));
        all.add(new Opening("cli.certificate.ServerTickets.of", () -> ServerTickets.of(null, 3600, true)));
        all.add(new Opening("cli.certificate.ServerTickets.of, a file", () -> ServerTickets.of(folder.resolve("tickets"), 3600, false)));
    }
}
