package dev.coffer.cli;

import dev.coffer.cli.certificate.ServerKeys;
import java.util.Base64;

/// A process that uses the development certificate, perhaps as the first, and says which it is.
final class FirstStart {
    private FirstStart() {}

    public static void main(String[] arguments) throws Exception {
        try (ServerKeys keys = ServerKeys.development()) {
            System.out.println(Base64.getEncoder().encodeToString(keys.identity().certificate().getSignature()));
        }
    }
}
