package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.certificate.MadeCertificate;
import dev.coffer.cli.certificate.UnusableKeysException;
import dev.coffer.tls.ServerIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates that are read again while the machine refuses something.
class CertificatesTest {
    @TempDir
    private Path folder;
    private Path one;
    private Path two;
    private Path response;
    private Error refusal;  // of who makes the form that signs
    private String refused = "two.test";
    private final List<List<ServerIdentity>> used = new ArrayList<>();

    private Path made(String name) throws Exception {
        Path certificate = folder.resolve(name + ".pem");
        MadeCertificate.write("EC", certificate, folder.resolve(name + ".key"), name + ".test");
        return certificate;
    }

    @BeforeEach
    void make() throws Exception {
        one = made("one");
        two = made("two");
        response = folder.resolve("response");
        MadeCertificate.writeOcsp(response, two, 3600, true);
    }

    private Certificates open() {
        return Certificates.open(List.of(new Certificates.Pair(one, folder.resolve("one.key")), new Certificates.Pair(two, folder.resolve("two.key"))),
                numbers -> {
                    throw UnusableKeysException.ofRsa("nobody signs with it");
                }, (file, room) -> 0, identity -> {
                    if (refusal != null && identity.names().contains(refused)) {
                        throw refusal;
                    }
                    return identity;
                }, List.of(response));
    }

    @Test
    void whatTheMachineRefusesIsTriedAgainByItselfAndToldOnce() {
        try (Certificates certificates = open()) {
            List<ServerIdentity> first = certificates.identities();
            refusal = new OutOfMemoryError("planted");
            String told = certificates.again(used::add);
            assertTrue(told.startsWith("certificate read again: " + one + "; certificate not read again, the old one stays: " + two + ": OutOfMemoryError; "),
                    told);
            List<ServerIdentity> second = certificates.identities();
            assertNotSame(first.get(0), second.get(0));
            assertSame(first.get(1), second.get(1));
            assertTrue(certificates.lacks());
            assertEquals("", certificates.rest(used::add), "nothing but what was told");
            refusal = new StackOverflowError("planted");
            assertEquals("certificate not read again, the old one stays: " + two + ": StackOverflowError", certificates.rest(used::add), "another reason");
            assertEquals(List.of(second), used, "nobody is troubled with what stays");
            assertTrue(certificates.lacks());
            refusal = null;
            told = certificates.rest(used::add);
            assertTrue(told.startsWith("certificate read again: " + two + "; OCSP response " + response + " is sent until "), told);
            List<ServerIdentity> third = certificates.identities();
            assertSame(second.get(0), third.get(0), "that one was read");
            assertNotSame(second.get(1), third.get(1));
            assertEquals(List.of(second, third), used);
            assertFalse(certificates.lacks());
        }
    }

    /// A file that holds something else is read again when it changes, and not before.
    @Test
    void aFilesOwnFaultWaitsForAnotherFile() throws Exception {
        try (Certificates certificates = open()) {
            Files.writeString(two, "nothing");
            Files.writeString(response, "nothing");
            certificates.again(used::add);
            assertFalse(certificates.lacks());
            Files.delete(response);
            Files.delete(folder.resolve("two.key"));
            certificates.again(used::add);
            assertTrue(certificates.lacks());
            assertEquals("", certificates.rest(used::add));
            MadeCertificate.write("EC", two, folder.resolve("two.key"), "two.test");
            MadeCertificate.writeOcsp(response, two, 3600, true);
            String told = certificates.rest(used::add);
            assertTrue(told.startsWith("certificate read again: " + two + "; OCSP response " + response + " is sent until "), told);
            assertFalse(certificates.lacks());
        }
    }

    /// Where whoever is to show them throws, all are due; where two would be for one name, none is, unless something lacked that the two may have waited for.
    @Test
    void whatIsNotPutToUseIsDueAsAWhole() throws Exception {
        try (Certificates certificates = open()) {
            List<ServerIdentity> first = certificates.identities();
            String failing = "certificates not read again, the old ones stay: IllegalStateException";
            assertEquals(failing, certificates.again(identities -> {
                throw new IllegalStateException("planted");
            }));
            assertEquals("", certificates.rest(identities -> {
                throw new IllegalStateException("planted");
            }));
            assertEquals(first, certificates.identities());
            String told = certificates.rest(used::add);
            assertTrue(told.startsWith("certificate read again: " + one + "; certificate read again: " + two + "; OCSP"), told);
            assertFalse(certificates.lacks());
            MadeCertificate.write("EC", one, folder.resolve("one.key"), "two.test");
            MadeCertificate.write("EC", two, folder.resolve("two.key"), "two.test", "three.test");
            refusal = new OutOfMemoryError("planted");
            refused = "three.test";
            told = certificates.again(used::add);
            assertTrue(told.startsWith("certificates not read again, the old ones stay: " + two + ": a certificate for two.test, as that of " + one + " is"),
                    told);
            assertTrue(certificates.lacks());
            MadeCertificate.write("EC", two, folder.resolve("two.key"), "three.test");
            refusal = null;
            told = certificates.rest(used::add);
            assertTrue(told.startsWith("certificate read again: " + one + "; certificate read again: " + two + "; OCSP"), told);
            MadeCertificate.write("EC", two, folder.resolve("two.key"), "two.test");
            certificates.again(used::add);
            assertFalse(certificates.lacks(), "another file is what it wants");
        }
    }
}
