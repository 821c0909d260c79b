package dev.coffer.tls;

import dev.coffer.crypto.key.KeyFormatException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file of certificates, PEM, read to its end whatever size it says it has, by the JDK's own reader. Stateless, thread-safe.
final class CertificateFile {
    private CertificateFile() {}

    /// {@return the certificates, in the order of the file; none where it holds nothing that says what it is}
    ///
    /// @param bytesMax  of a file: a device has no end
    /// @throws IOException           it cannot be read, or is longer
    /// @throws CertificateException  one of them is not readable, or it is of another kind, which is named (the fault of who made it)
    static List<X509Certificate> read(Path file, int bytesMax) throws IOException, CertificateException {
        byte[] text;
        try (InputStream in = Files.newInputStream(file)) {
            text = in.readNBytes(bytesMax + 1);
        }
        if (text.length > bytesMax) {
            throw new FileSystemException(file.toString(), null, "more than " + bytesMax + " bytes");
        }
        List<X509Certificate> read = new ArrayList<>();
        try {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(text))) {
                read.add((X509Certificate) certificate);
            }
        } catch (RuntimeException e) {  // at what it was not made for
            refuseOthers(text, e);
            throw new CertificateException("no certificate that can be read", e);
        } catch (CertificateException e) {
            refuseOthers(text, e);
            throw e;
        }
        if (read.isEmpty()) {
            refuseOthers(text, null);
        }
        return read;
    }

    private static void refuseOthers(byte[] text, @Nullable Exception cause) throws CertificateException {
        Reason is = Reason.of(MemorySegment.ofArray(text), 0, text.length);
        if (is != null && is != Reason.CERTIFICATE) {
            throw new CertificateException("no certificates in it: " + (is == Reason.WRONG_KIND ? "a private or public key" : is), cause);
        }
    }
}
