package dev.coffer.cli.certificate;

import java.nio.file.Path;

/// A certificate for localhost with its key, as `serve --tls` makes one.
public final class MadeCertificate {
    private MadeCertificate() {}

    /// Writes both, in the place of what is there.
    public static void write(Path certificate, Path key) throws UnusableKeysException {
        DevelopmentCertificate.make(certificate, key);
    }
}
