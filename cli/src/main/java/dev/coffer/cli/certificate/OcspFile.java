package dev.coffer.cli.certificate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.SingleResp;

/// A response of a certificate's authority that it is good (OCSP, RFC 6960), as `openssl ocsp -respout FILE` writes one: successful, about that certificate by serial
/// number and by the hashes of its issuer's name and key (section 4.1.1), good, of no time to come. Who signed it is the client's to look at.
public final class OcspFile {
    private static final int BYTES_MAX = 1 << 16;
    private static final long AHEAD_SECONDS = 300;  // of the authority's clock before ours
    private static final long ENDLESS_SECONDS = 7 * 86_400L;

    private final byte[] response;
    private final long untilSeconds;
    private final int about;

    private OcspFile(byte[] response, long untilSeconds, int about) {
        this.response = response;
        this.untilSeconds = untilSeconds;
        this.about = about;
    }

    /// Reads one.
    ///
    /// @param chain  the certificate that it is about, and behind it its issuer's: where that is not there, its key is not looked at
    /// @throws UnusableKeysException  it cannot be read, is none, is about another certificate, or does not say that this one is good
    public static OcspFile read(Path file, List<X509Certificate> chain) throws UnusableKeysException {
        return readAmong(file, List.of(chain));
    }

    /// Reads one about any of several certificates.
    ///
    /// @param chains  as of [#read]
    /// @throws UnusableKeysException  as of [#read], where it is about none of them
    public static OcspFile readAmong(Path file, List<List<X509Certificate>> chains) throws UnusableKeysException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        } catch (IOException e) {
            throw UnusableKeysException.of(file, e);
        }
        if (bytes.length > BYTES_MAX) {
            throw refused(file, "more than " + BYTES_MAX + " bytes", null);
        }
        try {
            OCSPResp response = new OCSPResp(bytes);
            if (response.getStatus() != OCSPResp.SUCCESSFUL) {
                throw refused(file, "a response that is no answer, status " + response.getStatus() + " (RFC 6960, section 4.2.1)", null);
            }
            if (!(response.getResponseObject() instanceof BasicOCSPResp basic)) {
                throw refused(file, "a response of another type than id-pkix-ocsp-basic", null);
            }
            for (SingleResp single : basic.getResponses()) {
                for (int i = 0; i < chains.size(); i++) {
                    if (isAbout(single.getCertID(), chains.get(i))) {
                        return of(file, bytes, single, i);
                    }
                }
            }
            throw refused(file, "a response about another certificate than " + chains.stream().map(List::getFirst)
                    .map(of -> "that of serial number " + of.getSerialNumber().toString(16) + " by " + of.getIssuerX500Principal())
                    .collect(Collectors.joining(", or ")), null);
        } catch (IOException | OCSPException | RuntimeException e) {  // whatever the reader makes of what is none
            throw refused(file, "no OCSP response in DER (openssl ocsp -respout)", e);
        }
    }

    private static boolean isAbout(CertificateID id, List<X509Certificate> chain) {
        X509Certificate of = chain.getFirst();
        if (!id.getSerialNumber().equals(of.getSerialNumber())) {
            return false;
        }
        MessageDigest hash;
        try {
            hash = MessageDigest.getInstance(id.getHashAlgOID().getId());  // the JDK knows hashes by their identifiers
        } catch (NoSuchAlgorithmException e) {
            return false;  // another entry may name it by one that is known
        }
        if (!Arrays.equals(hash.digest(of.getIssuerX500Principal().getEncoded()), id.getIssuerNameHash())) {
            return false;
        }
        boolean issuesItself = of.getIssuerX500Principal().equals(of.getSubjectX500Principal());
        if (chain.size() == 1 && !issuesItself) {
            return true;
        }
        PublicKey issuer = chain.get(issuesItself ? 0 : 1).getPublicKey();
        byte[] key = SubjectPublicKeyInfo.getInstance(issuer.getEncoded()).getPublicKeyData().getOctets();
        return Arrays.equals(hash.digest(key), id.getIssuerKeyHash());
    }

    private static OcspFile of(Path file, byte[] bytes, SingleResp single, int about) throws UnusableKeysException {
        if (single.getCertStatus() != CertificateStatus.GOOD) {
            throw refused(file, "a response that does not say that the certificate is good: it is revoked, or not known", null);
        }
        if (single.getThisUpdate().toInstant().isAfter(Instant.now().plusSeconds(AHEAD_SECONDS))) {
            throw refused(file, "a response of a time that is yet to come, " + single.getThisUpdate().toInstant(), null);
        }
        Date next = single.getNextUpdate();
        return new OcspFile(bytes, next == null ? single.getThisUpdate().toInstant().getEpochSecond() + ENDLESS_SECONDS : next.toInstant().getEpochSecond(),
                about);
    }

    private static UnusableKeysException refused(Path file, String why, Exception cause) {
        return new UnusableKeysException(file + ": " + why, true, cause);
    }

    /// {@return it, DER}
    public byte[] response() {
        return response.clone();
    }

    /// {@return which of the certificates it is about}
    public int about() {
        return about;
    }

    /// {@return when it holds no more, since 1970}
    public long untilSeconds() {
        return untilSeconds;
    }

    /// {@return whether it holds no more}
    public boolean isOver() {
        return Instant.now().getEpochSecond() >= untilSeconds;
    }
}
