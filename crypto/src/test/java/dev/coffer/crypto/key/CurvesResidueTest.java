package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.Dumps;
import dev.coffer.instruments.PlantedSecrets;
import dev.coffer.instruments.ResidueScan;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No private key on the Java heap, from the first call on: a child uses each algorithm once, then 300 times; its heap
/// dumps, with
/// what the collector has not taken yet, are searched for the keys and for what is made of them.
class CurvesResidueTest {
    private static final long SEED = 20_261_121;
    private static final BigInteger N =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

    @Test
    void noPrivateKeyIsOnTheHeapFromTheFirstCallOn(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Dumps.heapObstacle().isEmpty(), () -> Dumps.heapObstacle().orElseThrow());
        PlantedSecrets secrets = new PlantedSecrets(SEED, CurvesResidueChild.SECRETS);
        try (ChildJvm child = ChildJvm.start(List.of(),
                List.of("-XX:+UseSerialGC", "-Xmx256m"), CurvesResidueChild.class, Long.toString(SEED), folder.toString())) {
            for (String phase : new String[] {"first", "many"}) {
                child.await(phase);
                ResidueScan scan = ResidueScan.of(secrets);
                scan.add(CurvesResidueChild.SECRETS, secrets.bytes(CurvesResidueChild.SECRETS));
                derived(scan, secrets, folder);
                scan.search(Dumps.heap(child.pid(), Files.createDirectory(folder.resolve(phase))));
                System.out.println("residue of curves, " + phase + ": " + scan.found(0, CurvesResidueChild.SECRETS) + " of "
                        + CurvesResidueChild.SECRETS + " secrets found, control "
                        + (scan.found(CurvesResidueChild.SECRETS) ? "found" : "not found") + ", "
                        + scan.searchedBytes() + " bytes searched");
                assertTrue(scan.found(CurvesResidueChild.SECRETS), "the control is found");
                assertEquals(0, scan.found(0, CurvesResidueChild.SECRETS), "secrets found in phase " + phase);
                child.resume();
            }
        }
    }

    /// What the primitives make of the keys on their way, in the forms in which they hold it.
    private static void derived(ResidueScan scan, PlantedSecrets secrets, Path folder) throws Exception {
        byte[] x = secrets.bytes(CurvesResidueChild.X25519_KEY);
        scan.add(CurvesResidueChild.X25519_KEY, clamped(x));
        byte[] expanded = MessageDigest.getInstance("SHA-512").digest(secrets.bytes(CurvesResidueChild.ED25519_KEY));
        scan.add(CurvesResidueChild.ED25519_KEY, expanded);
        scan.add(CurvesResidueChild.ED25519_KEY, clamped(Arrays.copyOf(expanded, 32)));
        BigInteger d = new BigInteger(1, secrets.bytes(CurvesResidueChild.P256_KEY));
        scan.add(CurvesResidueChild.P256_KEY, limbs(d));
        scan.add(CurvesResidueChild.P256_KEY, limbs(d.shiftLeft(260).mod(N)));
        HMacDSAKCalculator nonces = new HMacDSAKCalculator(new SHA256Digest());
        nonces.init(N, d, MessageDigest.getInstance("SHA-256").digest(new byte[CurvesResidueChild.MESSAGE_BYTES]));
        BigInteger k = nonces.nextK();
        scan.add(CurvesResidueChild.P256_KEY, limbs(k));
        byte[] plain = k.toByteArray();
        scan.add(CurvesResidueChild.P256_KEY, Arrays.copyOfRange(plain, plain.length - 16, plain.length));
        String pem = Files.readString(folder.resolve("key.pem"), StandardCharsets.US_ASCII);
        String letters = pem.substring(pem.indexOf('\n') + 1, pem.lastIndexOf("\n-----END")).replace("\n", "");
        scan.add(CurvesResidueChild.FILE_KEY, letters.substring(32, 64).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] clamped(byte[] scalar) {
        scalar[0] &= (byte) 248;
        scalar[31] = (byte) (scalar[31] & 127 | 64);
        return scalar;
    }

    /// The four lower limbs of 52 bits, as elements hold them.
    private static byte[] limbs(BigInteger number) {
        ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 4; i++) {
            bytes.putLong(number.shiftRight(52 * i).longValue() & (1L << 52) - 1);
        }
        return bytes.array();
    }
}
