package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.key.EncodedRsaKey;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The system's libcrypto, version 3, serving the house's types: AES-GCM and ChaCha20-Poly1305 with the processor's instructions.
///
/// ```
///   Optional<Libcrypto> libcrypto = Libcrypto.find(LibcryptoConfig.defaults());
///   Aead aead = libcrypto.map(l -> l.aead(Aead.AES_256_GCM)).orElse(Aead.AES_256_GCM);   // used as any
/// ```
///
/// **Memory.** The first opening of a process puts `malloc`, `realloc` and `free` of ours into the library: all that it takes lies in two
/// regions, left out of dumps where the system allows it, wiped when freed: what it makes at its start in [LibcryptoConfig#startBytes], the rest,
/// expanded keys, in [LibcryptoConfig#keyBytes], locked. They stay until the process ends, as the library keeps what it made at start. Where something used the library before, it keeps a heap of its own: one line
/// of warning says so, and [#isPlanned] is false. After an opening nothing is allocated; a spent heap
/// refuses the opening.
///
/// **Keys** never lie on the Java heap. An [dev.coffer.crypto.AeadKey]'s place holds the key itself, 16 or 32 bytes behind its counts;
/// the library's expanded form lies in one of few contexts, and is made again when another key came between, 0.13 us. Wiping an `AeadKey` has
/// the contexts forget it; closing this wipes them all. A key's place that is wiped by other means leaves the expanded form in its
/// context until another key comes, or the close.
///
/// **What differs from the pure form**: whether the time depends on secrets is the library's word and the processor's. Opening in place
/// decrypts before the tag is compared, and encrypts back where it is wrong: nobody sees it but who reads that memory meanwhile.
///
/// Thread-safe; an `Aead` of this serves any number of threads. 0 heap bytes to seal and open.
public final class Libcrypto implements AutoCloseable {
    private static final String CONTEXTS = "libcrypto-contexts";

    private final LibcryptoConfig config;
    private final List<LibraryHeap> heaps;  // none where the library has its own
    final Region region;  // tests read it
    private final CipherContexts[] contexts = new CipherContexts[NativeCipher.values().length];  // by ordinal; null until they are made
    private final Map<NativeCipher, Aead> aeads = new EnumMap<>(NativeCipher.class);
    private final Map<NativeCipher, NativeMask> masks = new EnumMap<>(NativeCipher.class);
    private final Closing closing = new Closing();
    private final RsaKeys rsaKeys;
    private final Curve x25519 = new NativeX25519(closing, true);
    private Curve p256 = P256.CURVE;            // until it is opened
    private Signature ecdsa = EcdsaP256.SCHEME;
    private long group;

    private Libcrypto(LibcryptoConfig config, List<LibraryHeap> heaps) {
        this.config = config;
        this.heaps = heaps;
        this.rsaKeys = new RsaKeys(config.rsaKeys(), config.rsaCalls());
        this.region = Region.open(RegionConfig.defaults(CONTEXTS), MemoryPlan.group(CONTEXTS, data(config)));
    }

    /// {@return what is mapped: the library's two heaps, once a process, and what stands beside each of its contexts}
    public static MemoryPlan plan(LibcryptoConfig config) {
        List<MemoryPlan> plans = new ArrayList<>(LibraryMemory.plans(config));
        plans.add(Region.plan(RegionConfig.defaults(CONTEXTS), data(config)));
        return MemoryPlan.group("libcrypto", plans.toArray(MemoryPlan[]::new));
    }

    private static MemoryPlan data(LibcryptoConfig config) {
        return MemoryPlan.block(CONTEXTS, CipherContext.BYTES, (long) config.contexts() * NativeCipher.values().length,
                "key, nonce, tag and a chunk of each");
    }

    /// {@return the library, or nothing and one line in the log `dev.coffer.crypto` that says why}
    public static Optional<Libcrypto> find(LibcryptoConfig config) {
        try {
            return Optional.of(open(config));
        } catch (LibcryptoException e) {
            System.getLogger("dev.coffer.crypto").log(Level.INFO, "AES in the pure form: " + e.getMessage());
            return Optional.empty();
        }
    }

    /// Opens the library: some tens of milliseconds.
    ///
    /// @throws LibcryptoException  it is absent, another version, not granted, answers wrongly, or its memory is spent; nothing is held
    /// @throws RuntimeException    as of [Region#open] (the machine's fault); nothing is held
    public static Libcrypto open(LibcryptoConfig config) {
        Libcrypto opened = new Libcrypto(config, LibraryMemory.begin(config));
        boolean whole = false;
        try {
            MemorySegment memory = opened.region.carve(CONTEXTS);
            long at = 0;
            for (NativeCipher cipher : NativeCipher.values()) {
                opened.add(cipher, ContextMaker.make(cipher, config.contexts(), memory, at));
                at += CipherContext.BYTES * config.contexts();
            }
            SelfTest.run(LibraryMemory.allocator());
            opened.openCurves();
            opened.settle();
            whole = true;
            return opened;
        } finally {
            if (!whole) {
                opened.close();
            }
            LibraryCalls.threadStop();
        }
    }

    private void add(NativeCipher cipher, CipherContexts made) {
        contexts[cipher.ordinal()] = made;
        if (cipher.isAead()) {
            aeads.put(cipher, Aead.of(new NativeAead(cipher, made)));
        } else {
            masks.put(cipher, new NativeMask(cipher, made));
        }
    }

    /// The group of P-256 is the library's object; all else is made for a call.
    private void openCurves() {
        group = CurveCalls.group();
        if (group == 0) {
            throw new LibcryptoException("EC_GROUP_new_by_curve_name of P-256 was refused: its memory is spent (LibcryptoConfig.keyBytes)");
        }
        Curve bare = new NativeP256(closing, group, false);
        Signature signing = EcdsaP256.scheme(bare);
        CurveSelfTest.run(List.of(new NativeX25519(closing, false), bare), signing);
        p256 = new NativeP256(closing, group, true);
        ecdsa = signing;
    }

    /// The VM makes itself code for a handle out of the heap when it is used for a while: here, and not in somebody's call.
    private void settle() {
        for (Aead aead : aeads.values()) {
            SelfTest.settle(aead);
        }
        CurveSelfTest.settle(x25519);
        CurveSelfTest.settle(p256);
    }

    /// {@return this library's form of an AEAD, or the very same one where it has none: XChaCha20-Poly1305}
    public Aead aead(Aead pure) {
        for (Map.Entry<NativeCipher, Aead> entry : aeads.entrySet()) {
            if (entry.getKey().pureName().equals(pure.name())) {
                return entry.getValue();
            }
        }
        return pure;
    }

    /// {@return a suite of TLS 1.3 and QUIC with this library's AEAD and header protection}
    public CipherSuite suite(CipherSuite pure) {
        NativeCipher mask = pure.aead().name().equals(Aead.CHACHA20_POLY1305.name()) ? NativeCipher.CHACHA20_MASK
                : pure.aead().keyBytes() == NativeCipher.AES_128_MASK.keyBytes() ? NativeCipher.AES_128_MASK : NativeCipher.AES_256_MASK;
        return pure.withAead(aead(pure.aead()), Objects.requireNonNull(masks.get(mask)));
    }

    /// {@return the suites of TLS 1.3 with this library's code, in the order that serves where AES is the processor's}
    public List<CipherSuite> suites() {
        return List.of(suite(CipherSuite.AES_256_GCM_SHA384), suite(CipherSuite.AES_128_GCM_SHA256),
                suite(CipherSuite.CHACHA20_POLY1305_SHA256));
    }

    /// {@return this library's form of a curve: X25519 and P-256}
    ///
    /// Each call makes what it needs in the library's memory of keys, some 4 KiB for a moment, and frees it; where that memory is spent, and
    /// after the close, our own code answers. What is secret lies in the caller's memory and there alone. 0 heap bytes.
    public Curve curve(Curve own) {
        return own.name().equals(x25519.name()) ? x25519 : own.name().equals(p256.name()) ? p256 : own;
    }

    /// {@return a scheme that signs with this library's form of its curve, the same signatures: ECDSA on P-256; the very same one of all others}
    public Signature signature(Signature own) {
        return own.name().equals(ecdsa.name()) ? ecdsa : own;
    }

    /// {@return an RSA key that signs in this library, as its own until it is closed, and with this at the latest. The numbers are copied, and may be closed}
    ///
    /// Whether its time depends on the key is the library's word: numbers are blinded, exponents are of constant time. A signature takes 48 KiB of its memory of
    /// keys at most, which is planned; more than [LibcryptoConfig#rsaCalls] at a time wait for each other. 0 heap bytes.
    ///
    /// @throws LibcryptoException     there are as many as were planned, their memory is spent, the library has no RSA, or it answers wrongly; nothing is held
    /// @throws IllegalStateException  closed (caller's fault)
    public RsaKey rsa(EncodedRsaKey numbers) {
        if (!closing.enter()) {
            throw new IllegalStateException("RSA: its libcrypto is closed");
        }
        try {
            return rsaKeys.add(numbers);
        } finally {
            closing.leave();
        }
    }

    /// {@return whether the library's memory is in a region of ours}
    public boolean isPlanned() {
        return !heaps.isEmpty();
    }

    /// {@return what is configured; of the library's memory what the process's first opening said is in force}
    public LibcryptoConfig config() {
        return config;
    }

    /// {@return accounts for a ledger: the library's heaps, where they are ours, that of keys first}
    public List<Account> accounts() {
        return List.copyOf(heaps);
    }

    /// {@return bytes that are mapped: this one's region, and the library's}
    long mappedBytes() {
        return region.bytes() + LibraryMemory.regions().stream().mapToLong(Region::bytes).sum();
    }

    /// Waits for calls that are under way, wipes every expanded key and gives the contexts back to the library. Its `Aead`s refuse from here
    /// on; keys can still be wiped. The library's own region stays. Twice is harmless.
    @Override
    public void close() {
        try {
            for (CipherContexts made : contexts) {  // an array: an open that found no heap closes too
                if (made != null) {
                    made.close();
                }
            }
            boolean first = closing.close();
            rsaKeys.close();
            if (first) {
                CurveCalls.groupFree(group);
            }
            LibraryCalls.threadStop();
        } finally {
            region.close();
        }
    }

    /// {@return what it is and where its memory lies}
    @Override
    public String toString() {
        long version = LibraryCalls.version();
        return "libcrypto " + (version >>> 28) + "." + (version >>> 20 & 0xff) + "." + (version >>> 4 & 0xff)
                + (heaps.isEmpty() ? ", heap of its own" : ", " + heaps.stream().mapToLong(LibraryHeap::usedBytes).sum() + " of "
                        + heaps.stream().mapToLong(LibraryHeap::capacityBytes).sum() + " bytes, "
                        + (LibraryMemory.regions().getLast().inForce(Protection.LOCKED) ? "keys locked" : "keys not locked (ulimit -l)"));
    }
}
