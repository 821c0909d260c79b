package dev.coffer.jca;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.memory.Entropy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/// A process that makes keys by the JCA, uses each, and writes their bytes to files straight from where they lie, for
/// [JcaResidueTest] to look for on its heap.
final class JcaResidueChild {
    /// Bytes of each file.
    static final int SECRET_BYTES = 32;
    /// Names of the files, and the number of each.
    static final List<String> SECRETS = List.of("Ed25519", "EC", "X25519", "ML-KEM-768", "ML-DSA-44", "AES", "HmacSHA256", "encapsulated", "agreed", "derived",
            "read", "wrapped", "control");

    private static final byte[] ED25519 = HexFormat.of().parseHex("302e020100300506032b657004220420");  // PKCS#8 up to the key (RFC 8410, section 7)

    /// The control, which the scan must find; reachable for ever.
    static byte[] control;

    private JcaResidueChild() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        try (CofferProvider coffer = new CofferProvider(CofferProviderConfig.parse("export=forbidden"))) {
            byte[] message = new byte[500];
            for (String name : new String[] {"Ed25519", "EC", "ML-DSA-44"}) {
                KeyPair pair = pair(coffer, folder, name, name.startsWith("ML") ? 32 : 0);  // rho before it is public
                Signature signature = Signature.getInstance(name.equals("EC") ? "SHA256withECDSA" : name, coffer);
                for (int i = 0; i < 20; i++) {
                    signature.initSign(pair.getPrivate());
                    signature.update(message);
                    signature.sign();
                }
            }
            KeyPair kem = pair(coffer, folder, "ML-KEM-768", 0);
            KEM.Encapsulated sent = KEM.getInstance("ML-KEM", coffer).newEncapsulator(kem.getPublic()).encapsulate();
            write(folder, "encapsulated", KEM.getInstance("ML-KEM", coffer).newDecapsulator(kem.getPrivate()).decapsulate(sent.encapsulation()));
            KeyPair x = pair(coffer, folder, "X25519", 0);
            KeyAgreement agreement = KeyAgreement.getInstance("X25519", coffer);
            agreement.init(x.getPrivate());
            agreement.doPhase(x.getPublic(), true);
            SecretKey agreed = agreement.generateSecret("Generic");
            write(folder, "agreed", agreed);
            SecretKey derived = KDF.getInstance("HKDF-SHA256", coffer).deriveKey("AES",
                    HKDFParameterSpec.ofExtract().addIKM(agreed).addSalt(sent.key()).thenExpand(message, SECRET_BYTES));
            write(folder, "derived", derived);
            SecretKey aes = KeyGenerator.getInstance("AES", coffer).generateKey();
            write(folder, "AES", aes);
            for (SecretKey key : List.of(aes, derived)) {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", coffer);
                for (int i = 0; i < 20; i++) {
                    cipher.init(Cipher.ENCRYPT_MODE, key);
                    cipher.doFinal(message);
                }
            }
            SecretKey mac = KeyGenerator.getInstance("HmacSHA256", coffer).generateKey();
            write(folder, "HmacSHA256", mac);
            Mac hmac = Mac.getInstance("HmacSHA256", coffer);
            for (int i = 0; i < 20; i++) {
                hmac.init(mac);
                hmac.doFinal(message);
            }
            read(coffer, folder);
            wrapped(folder);
            CofferSecretKey seen = (CofferSecretKey) KeyGenerator.getInstance("AES", coffer).generateKey();
            write(folder, "control", seen);
            control = seen.use(bytes -> bytes.toArray(ValueLayout.JAVA_BYTE));
            ChildJvm.pause("used");
        }
    }

    /// What is read is the caller's on the heap, in an array that is wiped like the provider's own: of numbers too, and where the key is refused.
    private static void read(CofferProvider coffer, Path folder) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment secret = arena.allocate(SECRET_BYTES);
            Entropy.SYSTEM.fill(secret, 0, SECRET_BYTES);
            write(folder, "read", secret, 0);
            for (String name : new String[] {"Ed25519", "EC"}) {
                byte[] encoded = Arrays.copyOf(ED25519, ED25519.length + SECRET_BYTES);
                MemorySegment.copy(secret, ValueLayout.JAVA_BYTE, 0, encoded, ED25519.length, SECRET_BYTES);
                try {
                    KeyFactory.getInstance(name, coffer).generatePrivate(new PKCS8EncodedKeySpec(new byte[1]) {
                        @Override
                        public byte[] getEncoded() {
                            return encoded;  // the JDK's own gives a copy of a copy, and nobody wipes the first
                        }
                    }).destroy();
                } catch (InvalidKeySpecException e) {
                    Objects.requireNonNull(e.getMessage());  // EC takes no Ed25519
                }
            }
            for (int length : new int[] {SECRET_BYTES, SECRET_BYTES + 1}) {
                byte[] scalar = new byte[length];
                MemorySegment.copy(secret, ValueLayout.JAVA_BYTE, 0, scalar, 0, SECRET_BYTES);
                try {
                    KeyFactory.getInstance("X25519", coffer).generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, new byte[1]) {
                        @Override
                        public byte[] getScalar() {
                            return scalar;
                        }
                    }).destroy();
                } catch (InvalidKeySpecException e) {
                    Objects.requireNonNull(e.getMessage());  // a byte too long
                }
            }
        }
    }

    /// A private key that may leave is wrapped: its encoding lay in an array on the way.
    private static void wrapped(Path folder) throws Exception {
        try (CofferProvider open = new CofferProvider()) {
            KeyPair pair = pair(open, folder, "wrapped", "Ed25519", 0);
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", open);
            cipher.init(Cipher.WRAP_MODE, KeyGenerator.getInstance("AES", open).generateKey());
            Objects.requireNonNull(cipher.wrap(pair.getPrivate()));
        }
    }

    private static KeyPair pair(CofferProvider coffer, Path folder, String name, int at) throws Exception {
        return pair(coffer, folder, name, name, at);
    }

    private static KeyPair pair(CofferProvider coffer, Path folder, String file, String name, int at) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance(name, coffer).generateKeyPair();
        ((CofferPrivateKey) pair.getPrivate()).held().use(key -> write(folder, file, key.secret().segment(), key.secret().offset() + at));
        return pair;
    }

    private static void write(Path folder, String name, SecretKey key) {
        ((CofferSecretKey) key).use(bytes -> {
            try {
                return write(folder, name, bytes, 0);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static boolean write(Path folder, String name, MemorySegment segment, long at) throws IOException {
        try (FileChannel file = FileChannel.open(folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            return file.write(segment.asSlice(at, SECRET_BYTES).asByteBuffer()) == SECRET_BYTES;
        }
    }
}
