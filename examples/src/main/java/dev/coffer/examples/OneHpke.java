package dev.coffer.examples;

import dev.coffer.crypto.hpke.HpkeAead;
import dev.coffer.crypto.hpke.HpkeKdf;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.hpke.HpkeReceiver;
import dev.coffer.crypto.hpke.HpkeSender;
import dev.coffer.crypto.hpke.HpkeSetup;
import dev.coffer.crypto.hpke.HpkeSuite;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;

/// Two messages by HPKE (RFC 9180), from whoever has a public key to whoever has the private one.
public final class OneHpke {
    private static final HpkeSuite SUITE = HpkeSuite.of(HpkeKem.X_WING, HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);

    private OneHpke() {}

    public static void main(String[] arguments) {
        MemoryPlan plan = MemoryPlan.group("hpke", SUITE.plan("sender"), SUITE.plan("receiver"), MemoryPlan.block("data", 8192),
                MemoryPlan.block("key generation", SUITE.kem().workspaceBytes()));
        try (Region region = Region.open(RegionConfig.defaults("hpke"), plan);
                HpkeSender sender = HpkeSender.in(SUITE, region.carve("sender"));
                HpkeReceiver receiver = HpkeReceiver.in(SUITE, region.carve("receiver"))) {
            MemorySegment data = region.carve("data");                  // 0: public key, 1300: private key, 1400: encapsulated key
            SUITE.kem().generate(Entropy.SYSTEM, data, 0, data, 1300, region.carve("key generation"), 0);
            boolean ready = sender.setup(Entropy.SYSTEM, data, 0, data, 0, 0, data, 1400) == HpkeSetup.READY
                    && receiver.setup(data, 1300, data, 1400, SUITE.kem().encapsulatedKeyBytes(), data, 0, 0) == HpkeSetup.READY;
            for (int i = 0; ready && i < 2; i++) {                      // a text of 11 bytes at 4000, sealed at 5000, opened at 6000
                data.setString(4000, "message " + i);
                sender.seal(data, 0, 0, data, 4000, 11, data, 5000);
                System.out.println(receiver.open(data, 0, 0, data, 5000, 27, data, 6000) ? data.getString(6000) : "not authentic");
            }
        }
    }
}
