package dev.coffer.crypto.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.WycheproofCases;
import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.memory.Secret;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.HeapBytes;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyPairTest {
    private final MemorySegment workspace = Memory.zeros(Keys.WORKSPACE_BYTES);

    static Secret room(KeyAlgorithm algorithm) {
        return Secret.of(Memory.zeros(algorithm.keyPairBytes()), 0, algorithm.keyPairBytes());
    }

    private KeyPair generate(KeyAlgorithm algorithm, SplittableRandom random) {
        return KeyPair.generate(algorithm, room(algorithm), new SeededEntropy(random.nextLong()), workspace, 0);
    }

    private KeyPair decode(KeyAlgorithm algorithm, byte[] encoded) {
        return Keys.decode(Memory.of(encoded), 0, encoded.length, room(algorithm), workspace, 0);
    }

    private static byte[] encoded(KeyPair pair) {
        MemorySegment out = Memory.zeros(Keys.DER_BYTES);
        return Memory.bytes(out.asSlice(0, pair.encode(out, 0)));
    }

    private static byte[] encodedPublic(KeyPair pair) {
        MemorySegment out = Memory.zeros(Keys.DER_BYTES);
        PublicKey key = pair.publicKey(Memory.zeros(Keys.PUBLIC_KEY_BYTES), 0);
        return Memory.bytes(out.asSlice(0, key.encode(out, 0)));
    }

    private static String name(KeyAlgorithm algorithm) {
        return switch (algorithm) {
            case X25519 -> "X25519";
            case ED25519 -> "Ed25519";
            case P256 -> "EC";
            default -> throw new AssertionError(algorithm);
        };
    }

    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, names = {"X25519", "ED25519", "P256"})
    void keysInterchangeWithTheJdk(KeyAlgorithm algorithm) {
        Seeds.forEach(1, 10, random -> {
            try {
                KeyPair ours = generate(algorithm, random);
                KeyFactory factory = KeyFactory.getInstance(name(algorithm));
                var theirPrivate = factory.generatePrivate(new PKCS8EncodedKeySpec(encoded(ours)));
                var theirPublic = factory.generatePublic(new X509EncodedKeySpec(encodedPublic(ours)));
                assertArrayEquals(encodedPublic(ours), theirPublic.getEncoded());
                assertEquals(ours, decode(algorithm, theirPrivate.getEncoded()));
                KeyPairGenerator generator = KeyPairGenerator.getInstance(name(algorithm));
                if (algorithm == KeyAlgorithm.P256) {
                    generator.initialize(256);
                }
                java.security.KeyPair theirs = generator.generateKeyPair();
                KeyPair read = decode(algorithm, theirs.getPrivate().getEncoded());
                assertArrayEquals(theirs.getPublic().getEncoded(), encodedPublic(read));
                if (algorithm != KeyAlgorithm.X25519) {
                    signsForTheJdk(algorithm, ours, theirPublic);
                }
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void signsForTheJdk(KeyAlgorithm algorithm, KeyPair pair, java.security.PublicKey theirs)
            throws GeneralSecurityException {
        byte[] message = "message".getBytes(StandardCharsets.US_ASCII);
        MemorySegment raw = Memory.zeros(64);
        pair.sign(Memory.of(message), 0, message.length, raw, 0, workspace, 0);
        Signature jdk = Signature.getInstance(algorithm == KeyAlgorithm.P256 ? "SHA256withECDSA" : "Ed25519");
        jdk.initVerify(theirs);
        jdk.update(message);
        MemorySegment der = Memory.zeros(EcdsaSignature.DER_BYTES_MAX);
        byte[] signature = algorithm == KeyAlgorithm.P256
                ? Memory.bytes(der.asSlice(0, EcdsaSignature.toDer(raw, 0, der, 0))) : Memory.bytes(raw);
        assertTrue(jdk.verify(signature));
        assertTrue(pair.publicKey(Memory.zeros(65), 0).verify(Memory.of(message), 0, message.length, raw, 0, 64,
                workspace, 0));
    }

    private static String openssl(String input, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(0, Eventually.ended(process), out);
        return out;
    }

    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, names = {"X25519", "ED25519", "P256"})
    void keysInterchangeWithOpenssl(KeyAlgorithm algorithm, @TempDir Path folder) throws Exception {
        boolean there = false;
        for (String place : System.getenv().getOrDefault("PATH", "").split(":")) {
            there |= Files.isExecutable(Path.of(place, "openssl"));
        }
        Assumptions.assumeTrue(there, "no openssl on the path");
        String kind = algorithm == KeyAlgorithm.P256 ? "EC" : algorithm == KeyAlgorithm.ED25519 ? "ED25519" : "X25519";
        Path theirs = folder.resolve("theirs.pem");
        Files.writeString(theirs, algorithm == KeyAlgorithm.P256
                ? openssl("", "openssl", "genpkey", "-algorithm", kind, "-pkeyopt", "ec_paramgen_curve:P-256")
                : openssl("", "openssl", "genpkey", "-algorithm", kind));
        KeyPair read = Keys.read(theirs, room(algorithm), workspace, 0);
        Path ours = folder.resolve("ours.pem");
        read.write(ours, workspace, 0);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(ours)));
        assertEquals(openssl("", "openssl", "pkey", "-in", theirs.toString(), "-text", "-noout"),
                openssl("", "openssl", "pkey", "-in", ours.toString(), "-text", "-noout"));
        Path publicFile = folder.resolve("public.pem");
        read.publicKey(Memory.zeros(65), 0).write(publicFile, workspace, 0);
        MemorySegment text = Memory.zeros(Keys.PEM_BYTES);
        int length = read.encodePem(text, 0, workspace, 0);
        assertArrayEquals(Files.readAllBytes(ours), Memory.bytes(text.asSlice(0, length)));
        length = read.publicKey(Memory.zeros(65), 0).encodePem(text, 0, workspace, 0);
        assertArrayEquals(Files.readAllBytes(publicFile), Memory.bytes(text.asSlice(0, length)));
        assertArrayEquals(new byte[algorithm.derBytesMax()], Memory.bytes(workspace.asSlice(0, algorithm.derBytesMax())));
        assertEquals(openssl("", "openssl", "pkey", "-in", theirs.toString(), "-pubout"), Files.readString(publicFile));
        PublicKey publicKey = Keys.readPublic(publicFile, Memory.zeros(65), 0, workspace, 0);
        assertEquals(algorithm, publicKey.algorithm());
        assertThrows(FileAlreadyExistsException.class, () -> read.write(ours, workspace, 0));
        if (algorithm == KeyAlgorithm.P256) {
            Path ec = folder.resolve("ec.pem");  // ECPrivateKey, behind a block of parameters
            Files.writeString(ec, openssl("", "openssl", "ecparam", "-name", "prime256v1", "-genkey"));
            KeyPair fromEc = Keys.read(ec, room(algorithm), workspace, 0);
            fromEc.publicKey(Memory.zeros(65), 0).write(folder.resolve("ec-public.pem"), workspace, 0);
            assertEquals(openssl("", "openssl", "pkey", "-in", ec.toString(), "-pubout"),
                    Files.readString(folder.resolve("ec-public.pem")));
        }
    }

    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, names = {"X25519", "ED25519", "P256"})
    void destroyedKeysAreZeroAndRefuse(KeyAlgorithm algorithm) {
        MemorySegment home = Memory.zeros(algorithm.keyPairBytes());
        KeyPair pair = KeyPair.generate(algorithm, Secret.of(home, 0, home.byteSize()),
                (segment, at, length) -> segment.asSlice(at, length).fill((byte) 0x37), workspace, 0);
        assertNotEquals(0, RawMemory.nonZero(home, 0, 32));
        assertEquals("KeyPair[" + algorithm + "]", pair.toString());
        pair.destroy();
        pair.close();
        assertTrue(pair.isDestroyed());
        assertEquals(0, RawMemory.nonZero(home));
        assertEquals("KeyPair[" + algorithm + ", destroyed]", pair.toString());
        MemorySegment out = Memory.zeros(200);
        assertThrows(IllegalStateException.class, () -> pair.encode(out, 0));
        assertThrows(IllegalStateException.class, () -> pair.publicKey(out, 0));
        assertThrows(IllegalStateException.class, () -> pair.sign(out, 0, 1, out, 10, workspace, 0));
        assertThrows(IllegalStateException.class, () -> pair.agree(out, 0, 65, out, 100, workspace, 0));
        assertEquals(0, RawMemory.nonZero(out, 0, 200));
    }

    @Test
    void agreesOnTheSameSecret() {
        Seeds.forEach(1, 5, random -> {
            for (KeyAlgorithm algorithm : new KeyAlgorithm[] {KeyAlgorithm.X25519, KeyAlgorithm.P256}) {
                KeyPair a = generate(algorithm, random);
                KeyPair b = generate(algorithm, random);
                MemorySegment left = Memory.zeros(32);
                MemorySegment right = Memory.zeros(32);
                PublicKey toA = b.publicKey(Memory.zeros(65), 0);
                PublicKey toB = a.publicKey(Memory.zeros(65), 0);
                int bytes = algorithm.publicKeyBytes();
                assertEquals(Agreement.AGREED, a.agree(toA.segment(), toA.offset(), bytes, left, 0, workspace, 0));
                assertEquals(Agreement.AGREED, b.agree(toB.segment(), toB.offset(), bytes, right, 0, workspace, 0));
                assertEquals(-1, left.mismatch(right));
                assertNotEquals(0, RawMemory.nonZero(left, 0, 32));
                assertEquals(Agreement.NO_POINT, a.agree(toA.segment(), 0, bytes - 1, left, 0, workspace, 0));
                assertThrows(IllegalStateException.class, () -> generate(KeyAlgorithm.ED25519, random).agree(left, 0, 32,
                        right, 0, workspace, 0));
                assertThrows(IllegalStateException.class, () -> generate(KeyAlgorithm.X25519, random).sign(left, 0, 32,
                        right, 0, workspace, 0));
            }
        });
    }

    private void refuses(Reason reason, byte[] encoded) {
        refuses(reason, encoded, KeyAlgorithm.ED25519);
    }

    private void refuses(Reason reason, byte[] encoded, KeyAlgorithm algorithm) {
        MemorySegment source = Memory.of(encoded);
        Secret secret = room(algorithm);
        workspace.fill((byte) 0x55);
        assertEquals(reason, assertThrows(KeyFormatException.class,
                () -> Keys.decode(source, 0, encoded.length, secret, workspace, 0)).reason());
        assertEquals(0, RawMemory.nonZero(source, 0, encoded.length), "source is wiped");
        byte[] untouched = new byte[(int) Keys.OPERATION_BYTES];
        java.util.Arrays.fill(untouched, (byte) 0x55);
        boolean used = workspace.asSlice(0, untouched.length).mismatch(MemorySegment.ofArray(untouched)) >= 0;
        assertEquals(0, used ? RawMemory.nonZero(workspace, 0, (int) algorithm.workspaceBytes()) : 0, "workspace is wiped");
        assertEquals(0, RawMemory.nonZero(secret.segment(), 0, (int) secret.length()), "secret is unchanged");
    }

    @Test
    void refusesByReason() {
        HexFormat hex = HexFormat.of();
        String key = "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
        String good = "302e020100300506032b657004220420" + key;
        assertEquals(KeyAlgorithm.ED25519, decode(KeyAlgorithm.ED25519, hex.parseHex(good)).algorithm());
        refuses(Reason.BAD_DER, hex.parseHex(good + "00"));
        refuses(Reason.BAD_DER, hex.parseHex(good.substring(0, good.length() - 2)));
        refuses(Reason.BAD_DER, hex.parseHex("30812e" + good.substring(4)));  // a longer length than needed
        refuses(Reason.BAD_DER, hex.parseHex("3080" + good.substring(4) + "0000"));  // indefinite
        refuses(Reason.BAD_DER, new byte[0]);
        refuses(Reason.UNKNOWN_VERSION, hex.parseHex(good.replace("020100", "020102")));
        refuses(Reason.UNKNOWN_ALGORITHM, hex.parseHex(good.replace("2b6570", "2b6575")));
        refuses(Reason.TOO_LONG, new byte[EncodedKey.FILE_BYTES_MAX + 1]);
        refuses(Reason.WRONG_KIND, hex.parseHex("302a300506032b6570032100" + key));
        refuses(Reason.WRONG_KIND, hex.parseHex("3029300506032b6570032000" + key.substring(2)));
        MemorySegment shorter = Memory.hex("3029300506032b6570032000" + key.substring(2));
        assertEquals(Reason.BAD_PUBLIC_KEY, assertThrows(KeyFormatException.class,
                () -> Keys.decodePublic(shorter, 0, shorter.byteSize(), Memory.zeros(65), 0, workspace, 0)).reason());
        String withPublic = "3051020101300506032b657004220420" + key + "812100";
        byte[] own = encodedPublic(decode(KeyAlgorithm.ED25519, hex.parseHex(good)));
        String ownHex = hex.formatHex(own).substring(24);
        assertEquals(KeyAlgorithm.ED25519, decode(KeyAlgorithm.ED25519, hex.parseHex(withPublic + ownHex)).algorithm());
        refuses(Reason.MISMATCH, hex.parseHex(withPublic + key));
        String pem = "-----BEGIN PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(hex.parseHex(good))
                + "\n-----END PRIVATE KEY-----\n";
        assertEquals(decode(KeyAlgorithm.ED25519, hex.parseHex(good)), decode(KeyAlgorithm.ED25519,
                ("text before\n" + pem + "text behind").getBytes(StandardCharsets.US_ASCII)));
        refuses(Reason.BAD_BASE64, pem.replace("MC4C", "MC4?").getBytes(StandardCharsets.US_ASCII));
        refuses(Reason.BAD_BASE64, pem.replace("\n-----END", "=\n-----END").getBytes(StandardCharsets.US_ASCII));
        refuses(Reason.BAD_PEM, pem.replace("END PRIVATE", "END PUBLIC").getBytes(StandardCharsets.US_ASCII));
        refuses(Reason.BAD_PEM, pem.replace("PRIVATE", "OTHER").getBytes(StandardCharsets.US_ASCII));
        refuses(Reason.ENCRYPTED, pem.replace("PRIVATE", "ENCRYPTED PRIVATE").getBytes(StandardCharsets.US_ASCII));
        refuses(Reason.BAD_PRIVATE_KEY, hex.parseHex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
                + "00".repeat(32)), KeyAlgorithm.P256);
    }

    @Test
    void wycheproofEcdhOverSubjectPublicKeyInfo() {
        int[] refused = {0};
        WycheproofCases.run("ecdh_secp256r1_test", 0, (group, test) -> {
            byte[] scalar = new java.math.BigInteger(test.get("private").getAsString(), 16).toByteArray();
            MemorySegment d = Memory.zeros(32);
            int from = Math.max(0, scalar.length - 32);
            MemorySegment.copy(scalar, from, d, java.lang.foreign.ValueLayout.JAVA_BYTE, 32 - (scalar.length - from), scalar.length - from);
            MemorySegment spki = Memory.hex(test.get("public").getAsString());
            MemorySegment shared = Memory.zeros(32);
            String result = test.get("result").getAsString();
            try {
                PublicKey peer = Keys.decodePublic(spki, 0, spki.byteSize(), Memory.zeros(65), 0, workspace, 0);
                assertNotEquals("invalid", result);
                if (peer.algorithm() == KeyAlgorithm.P256) {
                    assertEquals(Agreement.AGREED, dev.coffer.crypto.p256.P256.agree(d, 0, peer.segment(), peer.offset(), 65,
                            shared, 0, workspace, 0));
                    assertEquals(test.get("shared").getAsString(), Memory.hex(shared));
                }
            } catch (KeyFormatException e) {
                refused[0]++;
                assertNotEquals("valid", result);
            }
            return true;
        });
        System.out.println("of them refused as keys: " + refused[0]);
    }

    @Test
    void base64OfEveryLengthAndEveryLetter() {
        Seeds.forEach(1, 200, random -> {
            byte[] bytes = new byte[random.nextInt(1, 400)];
            random.nextBytes(bytes);
            MemorySegment out = Memory.zeros(4096);
            int length = Pem.encode(Pem.PUBLIC, Memory.of(bytes), 0, bytes.length, out, 0);
            assertEquals(Pem.bytes(Pem.PUBLIC, bytes.length), length);
            String text = new String(Memory.bytes(out.asSlice(0, length)), StandardCharsets.US_ASCII);
            assertEquals("-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
                    + "\n-----END PUBLIC KEY-----\n", text);
            assertEquals(bytes.length, Pem.decode(out, 0, length));
            assertArrayEquals(bytes, Memory.bytes(out.asSlice(0, bytes.length)));
        });
        for (int c = 0; c < 256; c++) {
            MemorySegment text = Memory.of(("-----BEGIN PUBLIC KEY-----\nAAA" + (char) c + "\n-----END PUBLIC KEY-----")
                    .getBytes(StandardCharsets.ISO_8859_1));
            boolean letter = Character.isLetterOrDigit(c) && c < 128 || c == '+' || c == '/' || c == '=';
            boolean accepted = true;
            try {
                Pem.decode(text, 0, text.byteSize());
            } catch (KeyFormatException e) {
                accepted = false;
            }
            assertEquals(letter, accepted, "character " + c);
        }
    }

    @Test
    void signingAndAgreeingAllocateNoHeapBytes() {
        SplittableRandom random = new SplittableRandom(1);
        KeyPair[] signers = {generate(KeyAlgorithm.ED25519, random), generate(KeyAlgorithm.P256, random)};
        KeyPair x = generate(KeyAlgorithm.X25519, random);
        PublicKey peer = x.publicKey(Memory.zeros(65), 0);
        MemorySegment out = Memory.zeros(64);
        PublicKey[] keys = {signers[0].publicKey(Memory.zeros(65), 0), signers[1].publicKey(Memory.zeros(65), 0)};
        int[] good = {0};
        assertEquals(0, HeapBytes.of(200, () -> {
            for (int i = 0; i < 2; i++) {
                signers[i].sign(peer.segment(), 0, 32, out, 0, workspace, 0);
                good[0] += keys[i].verify(peer.segment(), 0, 32, out, 0, 64, workspace, 0) ? 1 : 0;
            }
            good[0] += x.agree(peer.segment(), 0, 32, out, 0, workspace, 0) == Agreement.AGREED ? 1 : 0;
        }));
        assertEquals(3 * 201, good[0]);
        assertFalse(keys[0].toString().isEmpty());
    }
}
