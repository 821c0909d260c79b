package dev.coffer.tls;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.memory.layout.BigEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Who a server is: a chain of certificates, the key of its first one, and the names that this one is for.
///
/// The chain is public and is kept as the Certificate message that every handshake sends (RFC 8446, section 4.4.2), made once: no
/// connection has a copy. Certificates are read by the JDK's own reader, at start. The key is a [KeyPair], whose secret lies in locked
/// memory that the caller made, or an [RsaKey]; it is this object's from the factory on. One of RSA signs with three schemes, and the peer's list says which
/// of them it likes best.
///
/// A handshake that has chosen it holds it until it has signed or ended: whoever closes it meanwhile takes it from those that come, and the last that
/// holds it destroys the key. Its memory may go once [#isDestroyed]. Any thread.
public final class ServerIdentity implements AutoCloseable {
    /// Bytes of a chain at most, as a message: what a client that is not given to generosity still reads.
    public static final int CHAIN_BYTES_MAX = 1 << 16;

    /// Bytes of a file of certificates at most: PEM takes a third more, and words around it.
    private static final int FILE_BYTES_MAX = 4 * CHAIN_BYTES_MAX;
    /// Bytes of a response at most: an extension has 65,535.
    private static final int RESPONSE_BYTES_MAX = (1 << 16) - 1 - 4;
    private static final int STAPLE_HEADER_BYTES = 2 + 2 + 1 + 3;  // kind, length, type, length
    private static final byte[] NO_RESPONSE = {};
    private static final int OCSP = 1;                             // status_type, RFC 6066 section 8
    private static final int SAN_DNS = 2;  // GeneralName, RFC 5280 section 4.2.1.6
    private static final int SAN_ADDRESS = 7;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final List<X509Certificate> chain;
    private final IdentityKey key;
    private final SignatureScheme scheme;
    private final MemorySegment message;  // public, read-only
    private final List<byte[]> names;     // in lower case; a first label of one star stands for any
    private final List<byte[]> literals;  // addresses as a URL has them
    private final Holds holds;
    private final List<ServerIdentity> forms;  // that sign with the key's other schemes, after the first; none of those has any

    /// Of a key, whatever form its identity has: one that is closed must not take it from a handshake that has the other.
    private static final class Holds {
        private int handshakes;
        private boolean closed;           // no more may
        private volatile @Nullable Staple staple;
    }

    /// The Certificate message with a response in it, and until when that holds.
    private record Staple(MemorySegment message, long untilMillis) {}

    private ServerIdentity(List<X509Certificate> chain, IdentityKey key, Holds holds, List<SignatureScheme> schemes, MemorySegment message,
            List<byte[]> names, List<byte[]> literals) {
        this.chain = List.copyOf(chain);
        this.key = key;
        this.holds = holds;
        this.scheme = schemes.getFirst();
        this.message = message;
        this.names = names;
        this.literals = literals;
        this.forms = schemes.stream().skip(1)
                .map(other -> new ServerIdentity(chain, key, holds, List.of(other), message, names, literals)).toList();
    }

    /// Reads a file of certificates, PEM, the server's own first, each of the others the issuer of the one before.
    ///
    /// @param pair  of the first certificate; this object's from here on, unless an exception says no
    /// @throws IOException           the file cannot be read (the machine's fault), or is longer than four chains of the longest
    /// @throws CertificateException  it holds no certificate or one that is not readable, the chain is too long, or the key is not the
    ///                               first one's, or of an algorithm that signs no handshake (the fault of who put them together)
    public static ServerIdentity read(Path chain, KeyPair pair) throws IOException, CertificateException {
        return of(CertificateFile.read(chain, FILE_BYTES_MAX), pair);
    }

    /// The same, by an RSA key.
    ///
    /// @param key  of the first certificate, of rsaEncryption; this object's from here on, unless an exception says no
    /// @throws IOException           as above
    /// @throws CertificateException  as above
    public static ServerIdentity read(Path chain, RsaKey key) throws IOException, CertificateException {
        return of(CertificateFile.read(chain, FILE_BYTES_MAX), key);
    }

    /// As [#read], of certificates that were read already.
    ///
    /// @throws CertificateException  as of [#read]
    public static ServerIdentity of(List<X509Certificate> chain, KeyPair pair) throws CertificateException {
        SignatureScheme scheme = SignatureScheme.of(pair.algorithm());
        if (scheme == null) {
            throw new CertificateException("a key of " + pair.algorithm() + " signs no handshake of TLS 1.3 here");
        }
        return of(chain, new IdentityKey.Pair(pair), List.of(scheme));
    }

    /// As [#read], of certificates that were read already.
    ///
    /// @throws CertificateException  as of [#read]
    public static ServerIdentity of(List<X509Certificate> chain, RsaKey key) throws CertificateException {
        return of(chain, new IdentityKey.Rsa(key), SignatureScheme.RSA);
    }

    private static ServerIdentity of(List<X509Certificate> chain, IdentityKey key, List<SignatureScheme> schemes) throws CertificateException {
        if (chain.isEmpty()) {
            throw new CertificateException("no certificate in the chain (expected the server's own first)");
        }
        checkOrder(chain, key.publicKey());
        return new ServerIdentity(chain, key, new Holds(), schemes, message(chain, NO_RESPONSE), names(chain.getFirst(), SAN_DNS),
                names(chain.getFirst(), SAN_ADDRESS));
    }

    /// The key's own certificate, then whoever issued it, and so on (RFC 8446, section 4.4.2); the last one's issuer need not be there.
    private static void checkOrder(List<X509Certificate> chain, byte[] key) throws CertificateException {
        if (!Arrays.equals(chain.getFirst().getPublicKey().getEncoded(), key)) {
            for (int i = 1; i < chain.size(); i++) {
                if (Arrays.equals(chain.get(i).getPublicKey().getEncoded(), key)) {
                    throw new CertificateException("the key is not that of the first certificate but of number " + (i + 1) + ", "
                            + chain.get(i).getSubjectX500Principal() + ": put that one first, and behind each who issued it");
                }
            }
            throw new CertificateException("the key is not that of the first certificate, " + chain.getFirst().getSubjectX500Principal());
        }
        for (int i = 1; i < chain.size(); i++) {
            if (!chain.get(i - 1).getIssuerX500Principal().equals(chain.get(i).getSubjectX500Principal())) {
                throw new CertificateException("certificate number " + (i + 1) + ", " + chain.get(i).getSubjectX500Principal()
                        + ", did not issue the one before it, whose issuer is " + chain.get(i - 1).getIssuerX500Principal()
                        + ": put behind each certificate who issued it, and nothing else");
            }
        }
    }

    /// The message: no context, then each certificate, with no extensions but, where there is one, a response in the first entry (section 4.4.2.1).
    private static MemorySegment message(List<X509Certificate> chain, byte[] response) throws CertificateException {
        int extension = response.length == 0 ? 0 : STAPLE_HEADER_BYTES + response.length;
        List<byte[]> encoded = new ArrayList<>();
        int list = 0;
        for (X509Certificate certificate : chain) {
            byte[] der = certificate.getEncoded();
            encoded.add(der);
            list += 3 + der.length + 2;
        }
        list += extension;
        int body = 1 + 3 + list;
        if (body > CHAIN_BYTES_MAX) {
            throw new CertificateException("a chain of " + body + " bytes (expected at most " + CHAIN_BYTES_MAX + ")");
        }
        MemorySegment message = MemorySegment.ofArray(new byte[Wire.MESSAGE_HEADER_BYTES + body]);
        Wire.u8(message, 0, Wire.CERTIFICATE);
        BigEndian.u24(message, 1, body);
        BigEndian.u24(message, Wire.MESSAGE_HEADER_BYTES + 1, list);
        long at = Wire.MESSAGE_HEADER_BYTES + 1 + 3;
        for (byte[] der : encoded) {
            BigEndian.u24(message, at, der.length);
            MemorySegment.copy(der, 0, message, BYTE, at + 3, der.length);
            at += 3 + der.length + 2;
            if (extension > 0) {
                staple(message, at, response);
                at += extension;
                extension = 0;  // in the first entry alone
            }
        }
        return message.asReadOnly();
    }

    /// Writes the extension of an entry, with the length of them all before it.
    private static void staple(MemorySegment message, long at, byte[] response) {
        BigEndian.u16(message, at - 2, STAPLE_HEADER_BYTES + response.length);
        BigEndian.u16(message, at, Wire.STATUS_REQUEST);
        BigEndian.u16(message, at + 2, 1 + 3 + response.length);
        Wire.u8(message, at + 4, OCSP);
        BigEndian.u24(message, at + 5, response.length);
        MemorySegment.copy(response, 0, message, BYTE, at + STAPLE_HEADER_BYTES, response.length);
    }

    /// {@return the certificate's names of one kind}
    private static List<byte[]> names(X509Certificate certificate, int kind) throws CertificateException {
        List<byte[]> names = new ArrayList<>();
        if (certificate.getSubjectAlternativeNames() != null) {
            for (List<?> name : certificate.getSubjectAlternativeNames()) {
                if (name.get(0).equals(kind)) {
                    String text = ((String) name.get(1)).toLowerCase(Locale.ROOT);
                    names.add((text.indexOf(':') < 0 ? text : HostNames.literal(text)).getBytes(StandardCharsets.US_ASCII));
                }
            }
        }
        return List.copyOf(names);
    }

    /// {@return the same identity, which signs by another form of its scheme; its key is one and the same: closed with either, and gone when no
    /// handshake holds either}
    ///
    /// @param forms  gives the form of a scheme, or that very scheme, as `libcrypto::signature` does; not asked for RSA, whose key is its form
    public ServerIdentity withSignatures(UnaryOperator<Signature> forms) {
        IdentityKey form = key.withSignatures(forms);
        return form == key ? this : new ServerIdentity(chain, form, holds, List.of(scheme), message, names, literals);
    }

    /// {@return what its key signs with; of RSA, with SHA-256}
    public SignatureScheme scheme() {
        return scheme;
    }

    /// {@return all that its key signs with}
    public List<SignatureScheme> schemes() {
        return Stream.concat(Stream.of(scheme), forms.stream().map(form -> form.scheme)).toList();
    }

    /// {@return this, or the form of it whose scheme the peer likes best of those that both have; null where it verifies none. All forms are held and closed as one}
    ///
    /// @param configured  what there is room for
    @Nullable
    ServerIdentity form(OfferedSchemes peer, List<SignatureScheme> configured) {
        ServerIdentity best = null;
        int rank = Integer.MAX_VALUE;
        for (int i = -1; i < forms.size(); i++) {
            ServerIdentity form = i < 0 ? this : forms.get(i);
            int own = peer.rankOfScheme(form.scheme.code());
            if (own >= 0 && own < rank && configured.contains(form.scheme)) {
                best = form;
                rank = own;
            }
        }
        return best;
    }

    /// {@return the server's own certificate}
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /// {@return its chain, the server's own first}
    public List<X509Certificate> chain() {
        return chain;
    }

    /// A handshake needs the key until it has signed.
    ///
    /// @return whether it has it: not where this is closed
    boolean hold() {
        synchronized (holds) {
            holds.handshakes += holds.closed ? 0 : 1;
            return !holds.closed;
        }
    }

    /// The handshake has signed, or ended.
    void letGo() {
        synchronized (holds) {
            assert holds.handshakes > 0 : "nobody holds it";
            if (--holds.handshakes == 0 && holds.closed) {
                key.destroy();
            }
        }
    }

    /// Signs what a CertificateVerify covers, as of [SignatureScheme#sign], for who holds this.
    int sign(TlsContext context, MemorySegment memory, long covered, int length, long signature) {
        return key.sign(scheme, context.entropy(), memory, covered, length, memory, signature, context.workspace(), context.operationAt());
    }

    /// Has the server's own certificate go with a response of its authority that it is good (OCSP, RFC 6960), to clients that ask for one, in every form of this; in
    /// the place of the one before. Nothing of it is looked at here.
    ///
    /// @param response      an OCSPResponse, DER; empty: none
    /// @param untilSeconds  since 1970, when it goes no more
    /// @throws CertificateException  chain and response are longer than [#CHAIN_BYTES_MAX], or the response than an extension (the fault of who put them together)
    public void staple(byte[] response, long untilSeconds) throws CertificateException {
        if (response.length > RESPONSE_BYTES_MAX) {
            throw new CertificateException("a response of " + response.length + " bytes (expected at most " + RESPONSE_BYTES_MAX + ")");
        }
        holds.staple = response.length == 0 ? null : new Staple(message(chain, response), Math.multiplyExact(untilSeconds, 1000L));
    }

    /// {@return the Certificate message with a response, where there is one that holds now; else [#message]}
    MemorySegment stapled(long nowMillis) {
        Staple there = holds.staple;
        return there == null || nowMillis >= there.untilMillis ? message : there.message;
    }

    /// {@return the Certificate message, header and all}
    MemorySegment message() {
        return message;
    }

    /// {@return the certificate's names of hosts, in lower case; a first label of one star stands for any}
    public List<String> names() {
        return names.stream().map(name -> new String(name, StandardCharsets.US_ASCII)).toList();
    }

    /// {@return whether the certificate is for a host of that name (RFC 9525, section 6.3): letters of either case are the same, and a
    /// star stands for one whole label, the first}
    boolean isFor(MemorySegment name, long at, int length) {
        return isNamed(name, at, length, true) || isNamed(name, at, length, false);
    }

    /// {@return whether one of its names is that of a host}
    ///
    /// @param exactly  itself; else by a star
    boolean isNamed(MemorySegment name, long at, int length, boolean exactly) {
        for (int i = 0; i < names.size(); i++) {
            if (isPattern(names.get(i)) != exactly && matches(names.get(i), name, at, length)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPattern(byte[] name) {
        return name.length > 1 && name[0] == '*' && name[1] == '.';
    }

    /// {@return whether the certificate is for a host as a URL names it, without its port: [#isFor] of a name, perhaps with the root's dot at its end,
    /// or one of its addresses, an IPv6 address in brackets and in the form of RFC 5952}
    public boolean isForHost(MemorySegment host, long at, int length) {
        for (int i = 0; i < literals.size(); i++) {
            if (matches(literals.get(i), host, at, length)) {
                return true;
            }
        }
        return isFor(host, at, length > 1 && Wire.u8(host, at + length - 1) == '.' ? length - 1 : length);
    }

    private static boolean matches(byte[] pattern, MemorySegment name, long at, int length) {
        int skip = 0;
        int from = 0;
        if (isPattern(pattern)) {
            while (skip < length && Wire.u8(name, at + skip) != '.') {
                skip++;
            }
            if (skip == 0) {
                return false;
            }
            from = 1;
        }
        if (length - skip != pattern.length - from) {
            return false;
        }
        for (int i = 0; i < length - skip; i++) {
            int c = Wire.u8(name, at + skip + i);
            if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != pattern[from + i]) {
                return false;
            }
        }
        return true;
    }

    /// Destroys the key, as soon as no handshake holds it. Twice is harmless.
    @Override
    public void close() {
        synchronized (holds) {
            holds.closed = true;
            if (holds.handshakes == 0) {
                key.destroy();
            }
        }
    }

    /// {@return whether the key is gone: it was closed, and no handshake held it any more}
    public boolean isDestroyed() {
        return key.isDestroyed();
    }

    @Override
    public String toString() {
        return "ServerIdentity[" + scheme + ", " + names.size() + " names, " + message.byteSize() + " bytes]";
    }
}
