package dev.coffer.tls;

import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// How either side proves who it is (RFC 8446, sections 4.4.2 and 4.4.3): the form of a Certificate, and what a CertificateVerify
/// covers. Stateless.
final class PeerProof {
    /// What a server's signature covers (section 4.4.3): 64 spaces, the context, a zero; the hash goes behind.
    static final MemorySegment SERVER = Wire.ascii(" ".repeat(64) + "TLS 1.3, server CertificateVerify\0");
    /// What a client's covers.
    static final MemorySegment CLIENT = Wire.ascii(" ".repeat(64) + "TLS 1.3, client CertificateVerify\0");
    /// Bytes of what is covered at most.
    static final int COVERED_BYTES_MAX = (int) SERVER.byteSize() + KeySchedule.SECRET_BYTES_MAX;

    private PeerProof() {}

    /// {@return bytes of the list of a Certificate without a context; below 0 where it is of another form}
    ///
    /// @param at     of the message
    /// @param bytes  its header included
    static int chainBytes(MemorySegment memory, long at, int bytes) {
        long p = at + Wire.MESSAGE_HEADER_BYTES;
        int list = bytes - Wire.MESSAGE_HEADER_BYTES - 4;
        return list >= 0 && Wire.u8(memory, p) == 0 && BigEndian.u24(memory, p + 1) == list && isChain(memory, p + 4, list) ? list : -1;
    }

    /// {@return where the list is}
    static long chainAt(long at) {
        return at + Wire.MESSAGE_HEADER_BYTES + 4;
    }

    private static boolean isChain(MemorySegment memory, long from, int length) {
        long end = from + length;
        for (long p = from; p < end;) {
            if (end - p < 3 || BigEndian.u24(memory, p) == 0 || end - p - 3 < BigEndian.u24(memory, p)) {
                return false;
            }
            p += 3 + BigEndian.u24(memory, p);
            if (end - p < 2 || end - p - 2 < BigEndian.u16(memory, p)) {
                return false;
            }
            int extensions = BigEndian.u16(memory, p);
            if (!areExtensions(memory, p + 2, extensions)) {
                return false;
            }
            p += 2 + extensions;
        }
        return true;
    }

    private static boolean areExtensions(MemorySegment memory, long from, int length) {
        long end = from + length;
        for (long p = from; p < end; p += 4 + BigEndian.u16(memory, p + 2)) {
            if (end - p < 4 || end - p - 4 < BigEndian.u16(memory, p + 2)) {
                return false;
            }
        }
        return true;
    }

    /// {@return whether an entry of a list, which has its form, brings an extension: neither side asks for any, and so none may come
    /// (section 4.4.2)}
    static boolean hasExtensions(MemorySegment memory, long from, int length) {
        for (long p = from; p < from + length; p += 2) {
            p += 3 + BigEndian.u24(memory, p);
            if (BigEndian.u16(memory, p) != 0) {
                return true;
            }
        }
        return false;
    }

    /// Asks whether a chain is trusted: a verifier that throws, at what a peer may have made, ends this handshake and nothing else.
    ///
    /// @return null, or why the handshake fails
    static @Nullable Alert trust(PeerVerifier verifier, MemorySegment memory, long chainAt, int length, String host) {
        try {
            return verifier.trust(memory, chainAt, length, host);
        } catch (RuntimeException | Error thrown) {
            return Alert.INTERNAL_ERROR;
        }
    }

    /// A server's Certificate came: there must be a chain, of the form that was asked for.
    ///
    /// @param at  of the message
    /// @return null where it is trusted under the name of the host, or why the handshake fails
    static @Nullable Alert trustServer(PeerVerifier verifier, MemorySegment memory, long at, int bytes, String host) {
        int chain = chainBytes(memory, at, bytes);
        if (chain <= 0) {
            return Alert.DECODE_ERROR;  // of none: section 4.4.2.4
        }
        return hasExtensions(memory, chainAt(at), chain) ? Alert.UNSUPPORTED_EXTENSION : trust(verifier, memory, chainAt(at), chain, host);
    }

    /// Verifies a CertificateVerify.
    ///
    /// @param at       of the message
    /// @param bytes    its header included
    /// @param offered  the schemes that were offered
    /// @param cover    [#SERVER] or [#CLIENT]
    /// @param work     room for [#COVERED_BYTES_MAX]
    /// @return null where the signature is valid
    static @Nullable Alert verify(PeerVerifier verifier, int[] offered, MemorySegment memory, long at, int bytes, MemorySegment cover,
            Transcript transcript, int hashBytes, long work) {
        long p = at + Wire.MESSAGE_HEADER_BYTES;
        int length = bytes - Wire.MESSAGE_HEADER_BYTES - 4;
        if (length < 0 || BigEndian.u16(memory, p + 2) != length) {
            return Alert.DECODE_ERROR;
        }
        int scheme = BigEndian.u16(memory, p);
        boolean asked = false;
        for (int each : offered) {
            asked |= each == scheme;
        }
        if (!asked) {
            return Alert.ILLEGAL_PARAMETER;
        }
        int covered = cover(memory, work, cover, transcript, hashBytes);
        try {
            return !verifier.fits(scheme) ? Alert.ILLEGAL_PARAMETER
                    : verifier.verifies(scheme, memory, work, covered, memory, p + 4, length) ? null : Alert.DECRYPT_ERROR;
        } catch (RuntimeException | Error thrown) {
            return Alert.INTERNAL_ERROR;
        }
    }

    /// Writes what a signature covers.
    ///
    /// @return its bytes
    static int cover(MemorySegment memory, long at, MemorySegment cover, Transcript transcript, int hashBytes) {
        MemorySegment.copy(cover, 0, memory, at, cover.byteSize());
        transcript.digest(memory, at + cover.byteSize());
        return (int) cover.byteSize() + hashBytes;
    }

    /// Writes our CertificateVerify.
    ///
    /// @param identity  that this handshake holds
    /// @param at  where it goes, with room for the signature and what it covers behind
    /// @return behind its last byte
    static long write(ServerIdentity identity, TlsContext context, MemorySegment memory, long at, MemorySegment cover, Transcript transcript,
            int hashBytes) {
        SignatureScheme scheme = identity.scheme();
        Wire.u8(memory, at, Wire.CERTIFICATE_VERIFY);
        BigEndian.u16(memory, at + 4, scheme.code());
        long covered = at + 8 + scheme.signatureBytesMax();
        int bytes = cover(memory, covered, cover, transcript, hashBytes);
        int length = identity.sign(context, memory, covered, bytes, at + 8);
        BigEndian.u16(memory, at + 6, length);
        return at + 8 + length;
    }

    /// {@return bytes that [#write] needs with signatures of at most so many}
    static int writeBytes(int signatureBytesMax) {
        return Wire.MESSAGE_HEADER_BYTES + 4 + signatureBytesMax + COVERED_BYTES_MAX;
    }
}
