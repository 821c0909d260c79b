package dev.coffer.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/// A file of certificates, PEM, read to its end whatever size it says it has, by the JDK's own reader. Stateless, thread-safe.
final class CertificateFile {
    private CertificateFile() {}

    /// {@return the certificates, in the order of the file; none where it holds none}
    ///
    /// @param bytesMax  of a file: a device has no end
    /// @throws IOException           it cannot be read, or is longer
    /// @throws CertificateException  one of them is not readable (the fault of who made it)
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
            throw new CertificateException("no certificate that can be read", e);
        }
        return read;
    }
}
