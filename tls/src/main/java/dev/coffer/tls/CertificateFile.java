package dev.coffer.tls;

import dev.coffer.crypto.key.KeyFormatException.Reason;
import dev.coffer.memory.Wipe;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file of certificates, PEM, read to its end whatever size it says it has, by the JDK's own reader. That works on the heap, so a file is looked at before, in
/// memory that is wiped: one that holds a private key does not get there. Stateless, thread-safe.
final class CertificateFile {
    private static final MemorySegment KEY = MemorySegment.ofArray("PRIVATE KEY-----".getBytes(StandardCharsets.US_ASCII));  // ends each label of one
    private static final MemorySegment CERTIFICATE = MemorySegment.ofArray("-----BEGIN CERTIFICATE-----".getBytes(StandardCharsets.US_ASCII));

    private CertificateFile() {}

    /// {@return the certificates, in the order of the file; none where it holds nothing that says what it is}
    ///
    /// @param bytesMax  of a file: a device has no end
    /// @throws IOException           it cannot be read, or is longer
    /// @throws CertificateException  one of them is not readable, it is of another kind, which is named, or there is a key with them (the fault of who made it)
    static List<X509Certificate> read(Path file, int bytesMax) throws IOException, CertificateException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(bytesMax + 1L);
            try {
                MemorySegment text = memory.asSlice(0, fill(file, memory.asByteBuffer()));
                if (text.byteSize() > bytesMax) {
                    throw new FileSystemException(file.toString(), null, "more than " + bytesMax + " bytes");
                }
                return read(text);
            } finally {
                Wipe.segment(memory);
            }
        }
    }

    private static int fill(Path file, ByteBuffer memory) throws IOException {
        try (SeekableByteChannel in = Files.newByteChannel(file)) {
            while (memory.hasRemaining() && in.read(memory) >= 0) {
                // on to the end
            }
        }
        return memory.position();
    }

    private static List<X509Certificate> read(MemorySegment text) throws CertificateException {
        long key = find(text, KEY);
        if (key >= 0 && find(text.asSlice(0, key), CERTIFICATE) >= 0) {
            throw new CertificateException("a private key among the certificates; it goes into a file of its own");
        }
        Reason is = Reason.of(text, 0, text.byteSize());
        if (is != Reason.CMS) {  // of which the JDK reads some
            refuseOthers(is, null);
        }
        List<X509Certificate> read = new ArrayList<>();
        try {
            for (var certificate : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(text.toArray(ValueLayout.JAVA_BYTE)))) {
                read.add((X509Certificate) certificate);
            }
        } catch (RuntimeException e) {  // at what it was not made for
            refuseOthers(is, e);
            throw new CertificateException("no certificate that can be read", e);
        } catch (CertificateException e) {
            refuseOthers(is, e);
            throw e;
        }
        if (read.isEmpty()) {
            refuseOthers(is, null);
        }
        return read;
    }

    /// {@return offset of the first of such octets, -1 where there are none}
    private static long find(MemorySegment text, MemorySegment octets) {
        for (long i = 0; i <= text.byteSize() - octets.byteSize(); i++) {
            if (MemorySegment.mismatch(text, i, i + octets.byteSize(), octets, 0, octets.byteSize()) < 0) {
                return i;
            }
        }
        return -1;
    }

    private static void refuseOthers(@Nullable Reason is, @Nullable Exception cause) throws CertificateException {
        if (is != null && is != Reason.CERTIFICATE) {
            throw new CertificateException("no certificates in it: " + (is == Reason.WRONG_KIND ? "a private or public key" : is), cause);
        }
    }
}
