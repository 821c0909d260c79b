package dev.coffer.jsse;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryLimitException;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.ProtectionException;
import java.io.NotSerializableException;
import java.io.Serial;
import java.security.InvalidParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The JSSE provider `CofferJSSE`: `SSLContext` "TLSv1.3" and "TLS", which is TLS 1.3 too and nothing older. By one line of code,
///
/// ```java
/// SSLContext context = SSLContext.getInstance("TLSv1.3", new CofferJsseProvider());
/// ```
///
/// or by one line of `java.security`, in front of `SunJSSE`, with or without a configuration behind the name:
///
/// ```
///   security.provider.1=CofferJSSE engines=1000
/// ```
///
/// Key managers and trust managers are the caller's, of whatever factory; without them a context has no key, and trusts whom the JDK trusts. All
/// memory of all contexts is one region, reserved with the first context, as [CofferJsseConfig] says. **When it is full** one more engine is
/// refused by an `SSLException` of its own. Memory comes back when an engine is closed in both directions, and of one that is
/// forgotten when the collector has noticed.
///
/// **What is on the heap**: the caller's buffers with what the application says and hears; certificates, names and what else is public of a
/// handshake; and the caller's own private keys, as his key manager holds them, with the array in which such a key tells its encoding, wiped as soon as
/// it is copied to locked memory (the collector may have moved it before). Traffic secrets, shares and key schedules are never there.
///
/// Any thread.
@SuppressWarnings("exports")  // annotations that users need not have
public final class CofferJsseProvider extends Provider implements AutoCloseable {
    @Serial
    private static final long serialVersionUID = 1;

    /// The provider's name.
    public static final String NAME = "CofferJSSE";

    private static final String VERSION = "0.1";

    private final transient CofferJsseConfig config;
    private transient @Nullable Vault vault;   // null until the first context; under lock
    private transient boolean closed;          // under lock
    private final transient Object lock = new Object();

    /// A provider as the system property [CofferJsseConfig#PROPERTY] says, or with the default.
    ///
    /// @throws IllegalArgumentException  the property means nothing (the fault of who set it)
    public CofferJsseProvider() {
        this(CofferJsseConfig.parse(System.getProperty(CofferJsseConfig.PROPERTY, "")));
    }

    /// A provider of a configuration. It reserves nothing yet.
    public CofferJsseProvider(CofferJsseConfig config) {
        super(NAME, VERSION, "Coffer: TLS 1.3 in planned, bounded, wiped memory");
        this.config = config;
        putService(new Contexts(this, "TLSv1.3", List.of()));
        putService(new Contexts(this, "TLS", List.of()));
    }

    /// {@return a provider as the text behind its name in `java.security` says}
    ///
    /// @throws InvalidParameterException  the text means nothing (the fault of who wrote it)
    @Override
    public Provider configure(String text) {
        try {
            return new CofferJsseProvider(CofferJsseConfig.parse(text));
        } catch (IllegalArgumentException e) {
            throw new InvalidParameterException(e.getMessage(), e);
        }
    }

    @Override
    public boolean isConfigured() {
        return true;
    }

    /// {@return how it was configured}
    public CofferJsseConfig config() {
        return config;
    }

    /// {@return what it holds off the heap, once it holds anything}
    public MemoryPlan plan() {
        return config.plan();
    }

    /// {@return region, engines and keys, for a ledger; reserves the memory}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public List<Account> accounts() {
        return vault().accounts();
    }

    private Vault vault() {
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("provider CofferJSSE is closed");
            }
            Vault open = vault;
            if (open == null) {
                open = Vault.open(config);
                vault = open;
            }
            return open;
        }
    }

    /// Wipes everything and unmaps: whatever was made by this provider throws from here on. For when nothing of it is used any more; remove it
    /// from the list of providers first. Twice is harmless.
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            if (vault != null) {
                vault.close();
                vault = null;
            }
        }
    }

    @Serial
    private Object writeReplace() throws NotSerializableException {
        throw new NotSerializableException("CofferJsseProvider");
    }

    /// `SSLContext`. It calls a constructor, so nothing of this package is open to reflection.
    private static final class Contexts extends Service {
        private final CofferJsseProvider provider;

        Contexts(CofferJsseProvider provider, String algorithm, List<String> aliases) {
            super(provider, "SSLContext", algorithm, TlsContextSpi.class.getName(), aliases, null);
            this.provider = provider;
        }

        @Override
        public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
            if (parameter != null) {
                throw new InvalidParameterException("SSLContext " + getAlgorithm() + ": a parameter (expected none)");
            }
            try {
                return new TlsContextSpi(provider.vault());
            } catch (ProtectionException | MemoryLimitException | OutOfMemoryError e) {
                throw new NoSuchAlgorithmException("SSLContext " + getAlgorithm() + " of provider CofferJSSE: " + e.getMessage(), e);
            }
        }
    }
}
