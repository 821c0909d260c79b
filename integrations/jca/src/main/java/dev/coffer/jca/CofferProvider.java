package dev.coffer.jca;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryLimitException;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.ProtectionException;
import java.io.NotSerializableException;
import java.io.Serial;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.List;
import java.util.Set;

/// The JCA provider `Coffer`. By one line of code,
///
/// ```java
/// Security.insertProviderAt(new CofferProvider(), 1);
/// ```
///
/// or by one line of `java.security`, on the class path and on the module path, with or without a configuration behind the name:
///
/// ```
///   security.provider.1=Coffer keys=2m,work=8m
/// ```
///
/// All its memory is one region, reserved when the first engine is asked for ([#reserve] does it earlier), as [CofferProviderConfig] says:
/// keys, states, workspaces and gathered messages lie there, off the heap, and are wiped when they are given back. **When it is full** there
/// is [ProviderMemoryException], after what was forgotten has been collected. Where the region cannot be had at all, engines are refused with
/// `NoSuchAlgorithmException`, and the JCA asks the next provider.
///
/// **Threads.** Keys, `KEM`, `KDF`, `KeyFactory` and `SecureRandom` are for any thread; all other engines for one at a time, as everywhere in
/// the JCA. **Foreign keys** are taken where they give their encoding; where they do not, and for parameters that are not had here,
/// initialising is refused, and the JCA asks the next provider.
///
/// **What the JCA copies.** Messages, texts, signatures and ciphertexts come and go in arrays or buffers of the caller's. Keys that were made
/// here do not: arrays of them come into being by `getEncoded`, `getS`, `getScalar`, `getBytes` and `getKeySpec`, by `deriveData` and
/// `generateSecret()`, by handing a key to another provider, and by `SecretKeySpec` and the encodings that a caller brings, which are his to
/// wipe.
public final class CofferProvider extends Provider implements AutoCloseable {
    @Serial
    private static final long serialVersionUID = 1;

    /// The provider's name.
    public static final String NAME = "Coffer";

    private static final String VERSION = "0.1";

    private final transient CofferProviderConfig config;
    private transient Vault vault;   // null until the first engine; under lock
    private transient boolean closed;  // under lock
    private final transient Object lock = new Object();

    /// A provider as the system property [CofferProviderConfig#PROPERTY] says, or with the default.
    ///
    /// @throws IllegalArgumentException  the property means nothing (the fault of who set it)
    public CofferProvider() {
        this(CofferProviderConfig.parse(System.getProperty(CofferProviderConfig.PROPERTY, "")));
    }

    /// A provider of a configuration. It reserves nothing yet.
    public CofferProvider(CofferProviderConfig config) {
        super(NAME, VERSION, "Coffer: cryptography in planned, bounded, wiped memory");
        this.config = config;
        Services.all().forEach(definition -> putService(new Engine(this, definition)));
    }

    /// {@return a provider as the text behind its name in `java.security` says}
    ///
    /// @throws InvalidParameterException  the text means nothing (the fault of who wrote it)
    @Override
    public Provider configure(String text) {
        try {
            return new CofferProvider(CofferProviderConfig.parse(text));
        } catch (IllegalArgumentException e) {
            throw new InvalidParameterException(e.getMessage(), e);
        }
    }

    @Override
    public boolean isConfigured() {
        return true;
    }

    /// {@return how it was configured}
    public CofferProviderConfig config() {
        return config;
    }

    /// {@return what it holds off the heap, once it holds anything}
    public MemoryPlan plan() {
        return config.plan();
    }

    /// Reserves the memory now, so that the first engine does not.
    ///
    /// @throws MemoryLimitException   the container allows less; nothing is held
    /// @throws OutOfMemoryError       the system has no room; nothing is held
    /// @throws IllegalStateException  closed (caller's fault)
    public void reserve() {
        vault();
    }

    /// {@return region, keys and work, for a ledger; reserves the memory}
    ///
    /// @throws IllegalStateException  closed (caller's fault)
    public List<Account> accounts() {
        return vault().accounts();
    }

    Vault vault() {
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("provider Coffer is closed");
            }
            if (vault == null) {
                vault = Vault.open(config);
            }
            return vault;
        }
    }

    /// Wipes all keys and all work, and unmaps: whatever was made by this provider throws from here on. For when nothing of it is used any
    /// more; remove it from the list of providers first. Twice is harmless.
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
        throw new NotSerializableException("CofferProvider");
    }

    /// One service. It makes engines by calling a constructor, so nothing of this package is open to reflection.
    private static final class Engine extends Service {
        private final CofferProvider provider;
        private final Services.Definition definition;

        Engine(CofferProvider provider, Services.Definition definition) {
            super(provider, definition.type(), definition.algorithm(), definition.engine().getName(), definition.aliases(),
                    definition.attributes());
            this.provider = provider;
            this.definition = definition;
        }

        @Override
        public Object newInstance(Object parameter) throws NoSuchAlgorithmException {
            if (parameter != null && !Set.of("KDF", "SecureRandom").contains(getType())) {
                throw new InvalidParameterException(getType() + " " + getAlgorithm() + ": a parameter (expected none)");
            }
            try {
                return definition.maker().make(provider.vault(), parameter);
            } catch (ProtectionException | MemoryLimitException | OutOfMemoryError | InvalidAlgorithmParameterException
                    | IllegalArgumentException e) {
                throw new NoSuchAlgorithmException(getType() + " " + getAlgorithm() + " of provider Coffer: " + e.getMessage(), e);
            }
        }
    }
}
