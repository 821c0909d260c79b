package dev.coffer.jsse;

import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.KeyFormatException;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.Secret;
import dev.coffer.memory.internal.vault.Piece;
import dev.coffer.tls.ServerIdentity;
import dev.coffer.tls.SignatureScheme;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/// The caller's key manager, and the keys that it showed: each is copied to locked memory when it is first used, with its chain, and its copy wiped
/// when nobody has used it for long and the collector has noticed. Any thread.
final class Keys {
    /// Chains whose keys are kept at a time; the one whose use is the longest ago makes room.
    private static final int KEPT_MAX = 256;

    private final @Nullable X509KeyManager manager;
    private final Vault vault;
    private final Map<List<X509Certificate>, ServerIdentity> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<X509Certificate>, ServerIdentity> eldest) {
            return size() > KEPT_MAX;
        }
    };

    Keys(@Nullable X509KeyManager manager, Vault vault) {
        this.manager = manager;
        this.vault = vault;
    }

    /// {@return whom a server shows to a client, or null where there is nobody that it could verify}
    ///
    /// @param schemes  that the client verifies, in its order
    /// @throws SSLException  the key cannot be used
    @Nullable
    ServerIdentity server(TlsEngine engine, int[] schemes) throws SSLException {
        X509KeyManager from = manager;
        if (from == null) {
            return null;
        }
        for (SignatureScheme scheme : offered(schemes)) {
            String type = type(scheme);
            String alias = from instanceof X509ExtendedKeyManager extended && engine.socket() == null
                    ? extended.chooseEngineServerAlias(type, null, engine) : from.chooseServerAlias(type, null, engine.socket());
            ServerIdentity found = alias == null ? null : identity(from, alias, scheme);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /// {@return whom a client shows to a server that asks, or null for nobody}
    ///
    /// @param schemes  that the server verifies, in its order
    /// @param issuers  that it trusts, as far as it says; null where it does not
    /// @throws SSLException  the key cannot be used
    @Nullable
    ServerIdentity client(TlsEngine engine, int[] schemes, Principal @Nullable [] issuers) throws SSLException {
        X509KeyManager from = manager;
        if (from == null) {
            return null;
        }
        for (SignatureScheme scheme : offered(schemes)) {
            String[] types = {type(scheme)};
            String alias = from instanceof X509ExtendedKeyManager extended && engine.socket() == null
                    ? extended.chooseEngineClientAlias(types, issuers, engine) : from.chooseClientAlias(types, issuers, engine.socket());
            ServerIdentity found = alias == null ? null : identity(from, alias, scheme);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static List<SignatureScheme> offered(int[] codes) {
        List<SignatureScheme> offered = new ArrayList<>();
        for (int code : codes) {
            for (SignatureScheme scheme : SignatureScheme.values()) {
                if (scheme.code() == code && scheme.algorithm() != null) {  // RSA keys are not signed with here
                    offered.add(scheme);
                }
            }
        }
        return offered;
    }

    /// {@return what key managers call the keys of a scheme}
    private static String type(SignatureScheme scheme) {
        return switch (scheme) {
            case ED25519 -> "EdDSA";
            case ECDSA_SECP256R1_SHA256 -> "EC";
            default -> "ML-DSA";
        };
    }

    /// {@return the chain and key behind an alias; null where they sign with something else}
    private @Nullable ServerIdentity identity(X509KeyManager from, String alias, SignatureScheme scheme) throws SSLException {
        X509Certificate[] chain = from.getCertificateChain(alias);
        if (chain == null || chain.length == 0) {
            return null;
        }
        List<X509Certificate> key = List.of(chain);
        synchronized (kept) {
            ServerIdentity found = kept.get(key);
            if (found == null) {
                PrivateKey secret = from.getPrivateKey(alias);
                found = secret == null ? null : copy(key, secret);
                if (found != null) {
                    kept.put(key, found);
                }
            }
            return found == null || found.scheme() != scheme ? null : found;
        }
    }

    /// {@return the key in locked memory; null for one of an algorithm that signs nothing here, such as of another curve}
    ///
    /// @throws SSLException  it does not give its encoding, is not the certificate's, or there is no room
    private @Nullable ServerIdentity copy(List<X509Certificate> chain, PrivateKey secret) throws SSLException {
        byte[] encoded = "PKCS#8".equals(secret.getFormat()) ? secret.getEncoded() : null;
        if (encoded == null) {
            throw new SSLKeyException("a private key of " + secret.getAlgorithm() + " that does not give its encoding (expected PKCS#8)");
        }
        try {
            return copy(chain, encoded);
        } finally {
            wipe(encoded, secret);
        }
    }

    /// Wipes an array that a key has made for us; one that it would give to others too is its own.
    private static void wipe(byte[] encoded, PrivateKey of) {
        byte[] another = of.getEncoded();
        if (another != encoded) {
            Arrays.fill(encoded, (byte) 0);
            if (another != null) {
                Arrays.fill(another, (byte) 0);
            }
        }
    }

    private @Nullable ServerIdentity copy(List<X509Certificate> chain, byte[] encoded) throws SSLException {
        Piece source = vault.key(encoded.length);
        if (source == null) {
            throw new SSLKeyException("no room to read a private key: " + vault.keyRefusal(encoded.length));
        }
        try (source) {
            MemorySegment.copy(encoded, 0, source.segment(), ValueLayout.JAVA_BYTE, 0, encoded.length);
            try (EncodedKey read = EncodedKey.in(source.segment(), 0, encoded.length)) {
                return read.algorithm().signs() ? pair(chain, read) : null;
            }
        } catch (KeyFormatException e) {
            return null;
        } catch (CertificateException e) {
            throw new SSLKeyException(e.getMessage());
        }
    }

    private ServerIdentity pair(List<X509Certificate> chain, EncodedKey read) throws KeyFormatException, CertificateException, SSLException {
        int bytes = read.algorithm().keyPairBytes();
        Piece work = vault.work(read.algorithm().workspaceBytes());
        Piece place = vault.key(bytes);
        if (work == null || place == null) {
            close(work);
            close(place);
            throw new SSLKeyException("no room for a private key: " + vault.keyRefusal(bytes));
        }
        boolean made = false;
        try (work) {
            KeyPair pair = read.keyPair(Secret.of(place.segment(), 0, bytes), work.segment(), 0);
            ServerIdentity identity = ServerIdentity.of(chain, pair);
            place.watch(identity);
            made = true;
            return identity;
        } finally {
            if (!made) {
                place.close();
            }
        }
    }

    private static void close(@Nullable Piece piece) {
        if (piece != null) {
            piece.close();
        }
    }
}
