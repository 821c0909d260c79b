package dev.coffer.tls;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.pool.SlotObjects;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the TLS clients of one loop share ([TlsContext]), and who decides whom they trust.
///
/// The loop's thread alone. 0 heap bytes after the factory, but for the verifier's.
@SuppressWarnings("exports")  // annotations that users need not have
public final class ClientContext extends TlsContext {
    static final String SESSIONS = "tls sessions";
    /// Decides who a client is when a server asks, and not before.
    @FunctionalInterface
    public interface IdentityChooser {
        /// {@return whom to show; null for nobody. What it throws refuses the server, `internal_error`}
        ///
        /// @param schemes      numbers of the signature schemes that the server verifies, in its order
        /// @param authorities  that it trusts, as names in DER (RFC 8446, section 4.2.4); none where it does not say
        @Nullable
        ServerIdentity choose(int[] schemes, List<byte[]> authorities);
    }

    private final TlsClientConfig config;
    private final int[] schemes;
    private final SlotObjects<ClientHandshake> handshakes;
    private final ClientResumption resumption;
    private @Nullable ServerIdentity identity;
    private @Nullable IdentityChooser chooser;
    private int identityVersion;
    private final ServerHello hello = new ServerHello();
    private final EncryptedExtensions extensions = new EncryptedExtensions();
    private final CertificateRequest request;
    private final ExtensionKinds kinds;
    private final ClientHelloWriter helloWriter;

    private ClientContext(TlsClientConfig config, PeerVerifier verifier, Entropy entropy, MemorySegment lent, MemorySegment connections,
            MemorySegment work, MemorySegment resumption) {
        super(config, config.slots(), entropy, lent, connections, work, (memory, at, index) -> new ClientHandshake(config, verifier.another(), memory, at));
        this.config = config;
        this.schemes = verifier.schemes();
        if (schemes.length < 1 || schemes.length > ClientHelloWriter.SCHEMES_MAX) {
            throw new IllegalArgumentException("tls: a verifier of " + schemes.length + " signature schemes (expected 1.."
                    + ClientHelloWriter.SCHEMES_MAX + ")");
        }
        this.kinds = new ExtensionKinds(work, operationAt());  // no operation is under way meanwhile
        this.request = new CertificateRequest(kinds);
        this.helloWriter = new ClientHelloWriter(config, schemes, protocols());
        this.resumption = new ClientResumption(this, config.sessions(), resumption);
        this.handshakes = pool().objects(KIND_HANDSHAKE, ClientHandshake.class);
    }

    static long workspaceBytes(TlsClientConfig config) {
        long operation =
                Math.max(NamedGroup.workspaceBytes(), SignatureScheme.ofClients().stream().mapToLong(SignatureScheme::workspaceBytes).max().orElseThrow());
        return workspaceBytes(config, Math.max(ExtensionKinds.BYTES, config.handshakes() == 0 ? 0 : operation));
    }

    static int signatureBytesMax() {
        return SignatureScheme.ofClients().stream().mapToInt(SignatureScheme::signatureBytesMax).max().orElseThrow();
    }

    /// {@return a context over the row that [TlsClientConfig#plan] describes}
    ///
    /// @param verifier  asked for one for each handshake at a time
    /// @param entropy   `Entropy.SYSTEM` but in tests
    /// @param memory    exactly as many bytes as the plan says, zero, writable, off the heap, nobody else's
    /// @throws IllegalArgumentException  memory of another kind or size (caller's fault); nothing is held or written
    public static ClientContext over(TlsClientConfig config, PeerVerifier verifier, Entropy entropy, MemorySegment memory) {
        MemoryPlan plan = config.plan();
        checkMemory(plan, memory);
        return new ClientContext(config, verifier, entropy, row(memory, plan, SLOTS), row(memory, plan, CONNECTIONS),
                row(memory, plan, WORKSPACE), row(memory, plan, SESSIONS));
    }

    /// Says who the clients are to servers that ask (RFC 8446, section 4.3.2), for handshakes that begin from here on. Sessions that
    /// were made as somebody else are forgotten.
    ///
    /// @param who  a certificate of Ed25519, ECDSA on P-256 or RSA; null, as it is at first: who is asked says that there is none. Closed by whom it
    ///             belongs to, after this
    /// @throws IllegalArgumentException  a key of another algorithm (caller's fault); nothing changes
    public void identity(@Nullable ServerIdentity who) {
        check(who);
        if (who != identity) {
            identity = who;
            identityVersion++;
            resumption.store().wipe();
        }
    }

    private static void check(@Nullable ServerIdentity who) {
        if (who != null && !who.scheme().isForClients()) {
            throw new IllegalArgumentException("tls: a client that signs with " + who.scheme() + " (expected one of " + SignatureScheme.ofClients() + ")");
        }
    }

    /// Has somebody decide, for each handshake in which a server asks. It makes objects; sessions are not looked at by it.
    ///
    /// @param who  null, as it is at first: [#identity] says who
    public void chooser(@Nullable IdentityChooser who) {
        chooser = who;
    }

    /// {@return who a client is to a server that asks}
    ///
    /// @throws IllegalArgumentException  whom the chooser chose signs with something that has no room (its fault)
    @Nullable
    ServerIdentity shown(CertificateRequest request) {
        IdentityChooser from = chooser;
        if (from == null) {
            return identity;
        }
        ServerIdentity chosen = from.choose(request.schemes(), request.authorities());
        check(chosen);
        return chosen;
    }

    /// {@return another number for each identity: a session of one is not resumed as another}
    int identityVersion() {
        return identityVersion;
    }

    /// {@return what is configured}
    public TlsClientConfig config() {
        return config;
    }

    ClientHandshake handshake(long slot) {
        return handshakes.of(slot);
    }

    ClientResumption resumption() {
        return resumption;
    }

    /// {@return sessions that are kept to be resumed}
    public int sessions() {
        return resumption.store().used();
    }

    @Override
    public void close() {
        super.close();
        resumption.wipe();
    }

    ServerHello serverHello() {
        return hello;
    }

    EncryptedExtensions extensions() {
        return extensions;
    }

    ExtensionKinds kinds() {
        return kinds;
    }

    CertificateRequest request() {
        return request;
    }

    ClientHelloWriter helloWriter() {
        return helloWriter;
    }

    /// {@return the schemes that the verifier verifies}
    int[] schemes() {
        return schemes;
    }

    @Override
    public String toString() {
        return "tls client[" + config.connections() + " connections]";
    }
}
