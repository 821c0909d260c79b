package dev.coffer.cli.certificate;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.EcdsaSignature;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.internal.os.FileNames;
import dev.coffer.memory.layout.Align;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;

/// A certificate for this machine alone, signed by itself, for a browser or client of its own user that is told to trust it. Bouncy Castle
/// puts it together; the key is made, kept and signed with by our own code, off the heap.
final class DevelopmentCertificate {
    /// As long as browsers let a server's certificate be valid.
    private static final Duration VALID = Duration.ofDays(397);
    private static final int SERIAL_BYTES = 16;
    private static final int CONTENT_BYTES_MAX = 2048;
    private static final int LINE_LETTERS = 64;

    private static final MemoryPlan PLAN = MemoryPlan.group("made",
            row("secret", KeyAlgorithm.P256.keyPairBytes()),
            row("work", Math.max(KeyAlgorithm.P256.workspaceBytes(), KeyAlgorithm.P256.derBytesMax() + KeyAlgorithm.P256.pemBytesMax())),
            row("content", CONTENT_BYTES_MAX), row("signature", EcdsaP256.SIGNATURE_BYTES + EcdsaSignature.DER_BYTES_MAX));

    private DevelopmentCertificate() {}

    private static MemoryPlan row(String name, long bytes) {
        return MemoryPlan.block(name, Align.up(bytes, Align.CACHE_LINE_BYTES));
    }

    /// {@return where this user's configuration lies: `$XDG_CONFIG_HOME/coffer`, or `~/.config/coffer`}
    static Path folder() {
        String set = System.getenv("XDG_CONFIG_HOME");
        Path base = set != null && !set.isEmpty() ? Path.of(set) : Path.of(System.getProperty("user.home"), ".config");
        return base.resolve("coffer");
    }

    /// Writes a new key, which its owner alone may read, and a certificate of it, in the place of what is there: both or neither.
    ///
    /// @throws UnusableKeysException  they cannot be written; what was there is there
    static void make(Path certificate, Path key) throws UnusableKeysException {
        make(certificate, key, VALID);
    }

    static void make(Path certificate, Path key, Duration valid) throws UnusableKeysException {
        try (Region region = Region.open(RegionConfig.defaults("made"), PLAN)) {
            MemorySegment work = region.carve("work");
            Files.createDirectories(key.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (KeyPair pair = ServerKeys.generate(region.carve("secret"), work)) {
                byte[] der = build(pair, valid, work, region.carve("content"), region.carve("signature"));
                Path newKey = beside(key, "partial");
                Path newCertificate = beside(certificate, "partial");
                try {
                    pair.write(newKey, work, 0);
                    write(newCertificate, pem(der));
                    place(newKey, key, newCertificate, certificate);
                } finally {
                    Files.deleteIfExists(newKey);
                    Files.deleteIfExists(newCertificate);
                }
            }
        } catch (IOException e) {
            throw UnusableKeysException.of(key.getParent(), e);
        }
    }

    /// {@return a name of this process's own, which nothing has: what is left there is of one that was killed}
    private static Path beside(Path file, String ending) throws IOException {
        Path name = file.resolveSibling(".coffer-" + ProcessHandle.current().pid() + "-" + file.getFileName() + "." + ending);
        Files.deleteIfExists(name);
        return name;
    }

    private static void write(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /// Puts two files that are on the disk in the places of two others; where the second cannot be, the first is as it was.
    private static void place(Path newKey, Path key, Path newCertificate, Path certificate) throws IOException {
        Path old = beside(key, "kept");
        boolean replaces = Files.exists(key);
        if (replaces) {
            try {
                Files.createLink(old, key);
            } catch (FileSystemException | UnsupportedOperationException e) {  // no hard links there
                Files.move(key, old, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        boolean placed = false;
        try {
            Files.move(newKey, key, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            Files.move(newCertificate, certificate, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            placed = true;
        } finally {
            if (!placed && replaces) {
                Files.move(old, key, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } else if (!placed) {
                Files.deleteIfExists(key);
            }
            Files.deleteIfExists(old);  // rename(2) leaves both where they are names of one file
        }
        FileNames.flushFolder(key);
    }

    private static byte[] build(KeyPair pair, Duration valid, MemorySegment work, MemorySegment content, MemorySegment signature) throws IOException {
        Instant now = Instant.now();
        X500Name name = new X500Name("CN=localhost,O=Coffer development certificate");
        MemorySegment point = content.asSlice(0, KeyAlgorithm.P256.publicKeyBytes());
        MemorySegment spki = content.asSlice(point.byteSize(), KeyAlgorithm.P256.spkiBytes());
        pair.publicKey(point, 0).encode(spki, 0);
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(name, serial(), Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(valid)), name, SubjectPublicKeyInfo.getInstance(spki.toArray(ValueLayout.JAVA_BYTE)));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.dNSName, "*.localhost"),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"), new GeneralName(GeneralName.iPAddress, "::1")}));
        // Browsers take an authority alone: this one may vouch for this machine's own names, and for nobody below it.
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.nameConstraints, true, new NameConstraints(new GeneralSubtree[] {
                new GeneralSubtree(new GeneralName(GeneralName.dNSName, "localhost")),
                new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "127.0.0.1/32")),
                new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "::1/128"))}, null));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign));
        return builder.build(new Signer(pair, work, content, signature)).getEncoded();
    }

    private static BigInteger serial() {
        byte[] serial = new byte[SERIAL_BYTES];
        new SecureRandom().nextBytes(serial);
        return new BigInteger(1, serial);
    }

    private static String pem(byte[] der) {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(LINE_LETTERS, new byte[] {'\n'}).encodeToString(der) + "\n-----END CERTIFICATE-----\n";
    }

    /// Signs what Bouncy Castle has put together.
    private record Signer(KeyPair pair, MemorySegment work, MemorySegment content, MemorySegment signature,
            ByteArrayOutputStream collected) implements ContentSigner {
        Signer(KeyPair pair, MemorySegment work, MemorySegment content, MemorySegment signature) {
            this(pair, work, content, signature, new ByteArrayOutputStream());
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
        }

        @Override
        public OutputStream getOutputStream() {
            return collected;
        }

        @Override
        public byte[] getSignature() {
            byte[] bytes = collected.toByteArray();
            MemorySegment.copy(bytes, 0, content, ValueLayout.JAVA_BYTE, 0, bytes.length);
            pair.sign(content, 0, bytes.length, signature, 0, work, 0);
            int length = EcdsaSignature.toDer(signature, 0, signature, EcdsaP256.SIGNATURE_BYTES);
            return signature.asSlice(EcdsaP256.SIGNATURE_BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
