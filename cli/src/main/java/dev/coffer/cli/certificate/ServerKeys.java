package dev.coffer.cli.certificate;

import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.EncodedRsaKey;
import dev.coffer.crypto.key.EncryptedKey;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyFormatException;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.Pkcs12;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.tls.ServerIdentity;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/// A server's certificate and private key, read from files straight into a locked region of their own: two of PEM, or one of PKCS#12 that holds both.
public final class ServerKeys implements AutoCloseable {
    private static final MemoryPlan PLAN = MemoryPlan.group("server-key",
            row("secret", most(KeyAlgorithm::keyPairBytes)), row("file", Pkcs12.FILE_BYTES_MAX + 1),
            row("work", Math.max(Math.max(most(KeyAlgorithm::workspaceBytes), EncodedRsaKey.WORKSPACE_BYTES), Pkcs12.WORKSPACE_BYTES)),
            row("passphrase", Pkcs12.PASSPHRASE_BYTES_MAX));
    /// How long a handshake that has begun may still need a key that was replaced: longer than it may take.
    private static final Duration GRACE = Duration.ofSeconds(30);
    /// A development certificate is made anew when less than that is left of it.
    private static final Duration LEFT_MIN = Duration.ofDays(7);

    private final Path certificate;  // null where the key's file holds both
    private final Path key;
    private final boolean development;
    private final RsaMaker rsa;
    private final Passphrases passphrases;
    private final Region region;
    private final ServerIdentity identity;

    /// Who signs with RSA keys, which our own code does not.
    @FunctionalInterface
    public interface RsaMaker {
        /// {@return a key of those numbers, which it copies}
        ///
        /// @throws UnusableKeysException  it cannot
        RsaKey of(EncodedRsaKey numbers) throws UnusableKeysException;
    }

    private ServerKeys(Path certificate, Path key, boolean development, RsaMaker rsa, Passphrases passphrases) throws UnusableKeysException {
        this.passphrases = passphrases;
        this.certificate = certificate;
        this.key = key;
        this.development = development;
        this.rsa = rsa;
        this.region = Region.open(RegionConfig.defaults("server-key"), PLAN);
        boolean read = false;
        try {
            this.identity = read();
            read = true;
        } finally {
            if (!read) {
                region.close();
            }
        }
    }

    /// Of what TLS signs with, and of what else a file of a reasonable size can hold; Falcon, for which TLS has no code, works in more.
    private static long most(ToLongFunction<KeyAlgorithm> bytes) {
        return Arrays.stream(KeyAlgorithm.values()).filter(algorithm -> !isFalcon(algorithm)).mapToLong(bytes).max().orElseThrow();
    }

    private static boolean isFalcon(KeyAlgorithm algorithm) {
        return algorithm.signature() instanceof Falcon;
    }

    private static MemoryPlan row(String name, long bytes) {
        return MemoryPlan.block(name, Align.up(bytes, Align.CACHE_LINE_BYTES));
    }

    /// {@return what is mapped for one key and its certificates; while they are replaced, for two}
    public static MemoryPlan plan() {
        return Region.plan(RegionConfig.defaults("server-key"), PLAN);
    }

    /// {@return what two files hold, or one of PKCS#12}
    ///
    /// @param certificate  null where the key's file, of PKCS#12, holds it too
    /// @param rsa          asked where the key is of RSA
    /// @param passphrases  asked where the key is under one
    /// @throws UnusableKeysException  one cannot be read, or they do not belong together
    public static ServerKeys of(Path certificate, Path key, RsaMaker rsa, Passphrases passphrases) throws UnusableKeysException {
        return new ServerKeys(certificate, key, false, rsa, passphrases);
    }

    private static ServerKeys ofDevelopment(Path certificate, Path key) throws UnusableKeysException {
        return new ServerKeys(certificate, key, true, numbers -> {
            throw new UnusableKeysException("an RSA key in the place of the development certificate's", true, null);
        }, (file, room) -> {
            throw new UnusableKeysException(file + ": under a passphrase, in the place of the development certificate's", true, null);
        });
    }

    /// {@return where the development certificate's key lies, or will}
    public static Path developmentKey() {
        return DevelopmentCertificate.folder().resolve("localhost-key.pem");
    }

    /// {@return where the development certificate and its key lie, or will, and what is locked while they are made}
    public static List<Path> developmentFiles() {
        Path certificate = DevelopmentCertificate.folder().resolve("localhost.pem");
        return List.of(certificate, developmentKey(), LockFile.of(certificate));
    }

    /// {@return the development certificate of this user, made where there is none or its time is nearly over: where none can be made, the one that is there until
    /// its time is over. Of several processes that find none
    /// one makes it, and the others wait for it}
    ///
    /// @throws UnusableKeysException  the configuration folder cannot be read or written
    public static ServerKeys development() throws UnusableKeysException {
        return development(DevelopmentCertificate.folder());
    }

    static synchronized ServerKeys development(Path folder) throws UnusableKeysException {
        Path certificate = folder.resolve("localhost.pem");
        Path key = folder.resolve("localhost-key.pem");
        if (Files.exists(certificate) && Files.exists(key)) {
            try {
                ServerKeys there = lasting(certificate, key, LEFT_MIN);
                if (there != null) {
                    return there;
                }
            } catch (UnusableKeysException e) {
                // another process may be in the middle of making them: behind the lock they are whole
            }
        }
        try {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (LockFile _ = LockFile.hold(certificate)) {
                return locked(certificate, key);
            }
        } catch (IOException e) {
            return stillValid(certificate, key, UnusableKeysException.of(folder, e));
        }
    }

    /// {@return what is there, where a new pair cannot be made and the time of the old one is not over}
    private static ServerKeys stillValid(Path certificate, Path key, UnusableKeysException failure) throws UnusableKeysException {
        ServerKeys there = null;
        try {
            there = lasting(certificate, key, Duration.ZERO);
        } catch (UnusableKeysException e) {
            failure.addSuppressed(e);
        }
        if (there == null) {
            throw failure;
        }
        return there;
    }

    /// Makes such a certificate and its key in a folder of somebody's own, `localhost.pem` and `localhost-key.pem`.
    ///
    /// @throws UnusableKeysException  they cannot be written
    public static void make(Path folder) throws UnusableKeysException {
        DevelopmentCertificate.make(folder.resolve("localhost.pem"), folder.resolve("localhost-key.pem"));
    }

    /// {@return those that are there, if they last, else new ones}
    private static ServerKeys locked(Path certificate, Path key) throws UnusableKeysException {
        if (Files.exists(certificate) && Files.exists(key)) {
            try {
                ServerKeys there = lasting(certificate, key, LEFT_MIN);
                if (there != null) {
                    return there;
                }
            } catch (UnusableKeysException e) {
                if (!e.isWrongFormat()) {
                    throw e;
                }
            }
        }
        try {
            DevelopmentCertificate.make(certificate, key);
        } catch (UnusableKeysException e) {
            return stillValid(certificate, key, e);
        }
        return ofDevelopment(certificate, key);
    }

    /// {@return what the files hold, or null where less of its time is left}
    private static ServerKeys lasting(Path certificate, Path key, Duration left) throws UnusableKeysException {
        ServerKeys there = ofDevelopment(certificate, key);
        if (there.identity.certificate().getNotAfter().toInstant().isAfter(Instant.now().plus(left))) {
            return there;
        }
        there.close();
        return null;
    }

    private ServerIdentity read() throws UnusableKeysException {
        MemorySegment file = region.carve("file");
        MemorySegment work = region.carve("work");
        MemorySegment passphrase = region.carve("passphrase");
        try {
            long bytes = EncodedKey.load(key, file, 0, file.byteSize());
            if (Pkcs12.isPkcs12(file, 0, bytes)) {
                return readBundle(file, bytes, work, passphrase);
            }
            if (certificate == null) {
                throw new UnusableKeysException(key + ": no PKCS#12 file, which alone holds key and certificates; of PEM name both files, --cert and --key",
                        true,
                        null);
            }
            if (EncryptedKey.isEncrypted(file, 0, bytes)) {
                bytes = EncryptedKey.decrypt(file, 0, bytes, passphrase, 0, passphrases.of(key, passphrase), work, 0);
            }
            return read(file, 0, bytes, work, null);
        } catch (KeyFormatException e) {
            throw e.reason() == KeyFormatException.Reason.PASSPHRASE
                    ? new UnusableKeysException(key + ": not opened: " + e.reason(), UnusableKeysException.Fault.PASSPHRASE, e)
                    : new UnusableKeysException(key + ": no private key: " + e.getMessage(), true, e);
        } catch (IOException e) {
            throw UnusableKeysException.of(key, e);
        } finally {
            Wipe.segment(passphrase);
        }
    }

    /// With a file of certificates beside it, another than itself, these are taken and not those in it.
    private ServerIdentity readBundle(MemorySegment file, long bytes, MemorySegment work, MemorySegment passphrase) throws UnusableKeysException, IOException {
        try (Pkcs12 bundle = Pkcs12.in(file, 0, bytes, passphrase, 0, passphrases.of(key, passphrase), work, 0)) {
            boolean own = certificate == null || Files.isSameFile(certificate, key);
            return read(file, bundle.keyAt(), bundle.keyBytes(), work, own ? bundle.certificates() : null);
        }
    }

    /// @param certificates  null for those of the file
    private ServerIdentity read(MemorySegment file, long at, long bytes, MemorySegment work, List<byte[]> certificates) throws UnusableKeysException {
        return EncodedRsaKey.isRsa(file, at, bytes, work, 0) ? readRsa(file, at, bytes, work, certificates) : readOther(file, at, bytes, work, certificates);
    }

    private ServerIdentity readOther(MemorySegment file, long at, long bytes, MemorySegment work, List<byte[]> certificates) throws UnusableKeysException {
        try (EncodedKey read = EncodedKey.in(file, at, bytes)) {
            if (isFalcon(read.algorithm())) {
                throw new UnusableKeysException(key + ": a key of " + read.algorithm() + ", which TLS does not sign with", true, null);
            }
            KeyPair pair = read.keyPair(Secret.of(region.carve("secret"), 0, read.algorithm().keyPairBytes()), work, 0);
            return certified(() -> certificates == null ? ServerIdentity.read(certificate, pair)
                    : ServerIdentity.of(CertificateChain.of(certificates, publicKey(pair, work)), pair));
        }
    }

    private static byte[] publicKey(KeyPair pair, MemorySegment work) {
        long behind = pair.algorithm().publicKeyBytes();
        try {
            int bytes = pair.publicKey(work, 0).encode(work, behind);
            return work.asSlice(behind, bytes).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            Wipe.bytes(work, 0, behind + pair.algorithm().spkiBytes());
        }
    }

    private ServerIdentity readRsa(MemorySegment file, long at, long bytes, MemorySegment work, List<byte[]> certificates) throws UnusableKeysException {
        RsaKey made;
        try (EncodedRsaKey numbers = EncodedRsaKey.in(file, at, bytes, work, 0)) {
            made = rsa.of(numbers);
        } catch (UnusableKeysException e) {
            throw new UnusableKeysException(key + ": " + e.getMessage(), e.fault(), e);
        }
        boolean read = false;
        try {
            ServerIdentity whole = certified(() -> certificates == null ? ServerIdentity.read(certificate, made)
                    : ServerIdentity.of(CertificateChain.of(certificates, made.publicKey()), made));
            read = true;
            return whole;
        } finally {
            if (!read) {
                made.close();
            }
        }
    }

    /// A key with its certificates.
    private interface Certified {
        ServerIdentity read() throws CertificateException, IOException;
    }

    private ServerIdentity certified(Certified reading) throws UnusableKeysException {
        try {
            return reading.read();
        } catch (CertificateException e) {
            throw new UnusableKeysException(certificate() + ": " + e.getMessage(), true, e);
        } catch (IOException e) {
            throw UnusableKeysException.of(certificate(), e);
        }
    }

    /// {@return what the files hold now}
    ///
    /// @throws UnusableKeysException  as when they were read first
    public ServerKeys again() throws UnusableKeysException {
        if (!development) {
            for (Path each : new Path[] {certificate(), key}) {
                try {
                    refuseStream(each);
                } catch (IOException e) {
                    throw UnusableKeysException.of(each, e);
                }
            }
        }
        return development ? development() : of(certificate, key, rsa, passphrases);
    }

    /// Called before a file is read again while a server runs: a FIFO whose writer has gone would be waited at for ever, and whoever closes with it.
    ///
    /// @throws IOException  it is no regular file nor folder, or is not there
    public static void refuseStream(Path file) throws IOException {
        if (Files.readAttributes(file, BasicFileAttributes.class).isOther()) {
            throw new FileSystemException(file.toString(), null, "a stream or device, which is read once, at the start");
        }
    }

    /// {@return who the server is; closed with this}
    public ServerIdentity identity() {
        return identity;
    }

    /// {@return the file with the certificates}
    public Path certificate() {
        return certificate == null ? key : certificate;
    }

    /// {@return whether it is the development certificate}
    public boolean isDevelopment() {
        return development;
    }

    /// Wipes the key when every loop has the other and no handshake holds this one any more.
    public void closeLater() {
        Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(GRACE);
                identity.close();
                while (!identity.isDestroyed()) {
                    Thread.sleep(GRACE);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            close();
        });
    }

    @Override
    public void close() {
        identity.close();
        region.close();
    }

    /// {@return a fresh key of P-256, in memory that the caller has planned}
    static KeyPair generate(MemorySegment secret, MemorySegment work) {
        return KeyPair.generate(KeyAlgorithm.P256, Secret.of(secret, 0, KeyAlgorithm.P256.keyPairBytes()), Entropy.SYSTEM, work, 0);
    }
}
