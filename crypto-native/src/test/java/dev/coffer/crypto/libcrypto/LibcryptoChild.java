package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.PlantedSecrets;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.testkit.Refusals;
import dev.coffer.testkit.Refusals.Kind;
import dev.coffer.testkit.Refusals.Opening;
import dev.coffer.testkit.RefusingLoader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/// Programs of one process each: what they do to libcrypto can be done once.
final class LibcryptoChild {
    private static final Aead[] PURE = {Aead.AES_128_GCM, Aead.AES_256_GCM, Aead.CHACHA20_POLY1305};

    private LibcryptoChild() {}

    public static void main(String... words) throws Exception {
        switch (words[0]) {
            case "residue" -> residue(Long.parseLong(words[1]));
            case "second" -> second();
            case "spent" -> spent(Long.parseLong(words[1]));
            case "threads" -> threads();
            case "refused" -> refused();
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    /// Opens it in classes of its own, refused at each step, once the library has started.
    private static void refused() throws Exception {
        String openings = LibcryptoOpenings.class.getName();
        Class<?> loaded = new RefusingLoader(LibcryptoChild.class.getClassLoader(), openings::equals).loadClass(openings);
        Opening opening = (Opening) loaded.getMethod("all").invoke(null);
        StringBuilder steps = new StringBuilder();
        for (Kind kind : Kind.values()) {
            steps.append(Refusals.refuse(opening, kind, 60, 8)).append("; ");
        }
        ChildJvm.pause("refused " + steps);
    }

    /// Keys of a seed through every form: three that are wiped, three whose places their region wipes before the close.
    private static void residue(long seed) {
        PlantedSecrets secrets = new PlantedSecrets(seed, 6);
        Libcrypto libcrypto = Libcrypto.open(LibcryptoConfig.defaults().withContexts(2));
        MemoryPlan plan = MemoryPlan.group("data", MemoryPlan.block("keys", 1 << 16), MemoryPlan.block("texts", 1 << 16));
        try (Region region = Region.open(RegionConfig.defaults("child"), plan)) {
            MemorySegment keys = region.carve("keys");
            MemorySegment memory = region.carve("texts");
            AeadKey[] used = new AeadKey[secrets.count()];
            for (int i = 0; i < secrets.count(); i++) {
                if (i == 3) {
                    ChildJvm.pause("used");
                    for (int wiped = 0; wiped < i; wiped++) {
                        used[wiped].wipe();
                    }
                    ChildJvm.pause("wiped");
                }
                used[i] = used(libcrypto.aead(PURE[i % 3]), secrets, i, keys, memory);
            }
            ChildJvm.pause("used again");
        }
        libcrypto.close();
        ChildJvm.pause("closed");
    }

    private static AeadKey used(Aead aead, PlantedSecrets secrets, int index, MemorySegment keys, MemorySegment memory) {
        AeadKey key = AeadKey.in(aead, keys.asSlice(1024L * index, 256));
        load(key, secrets, index, memory);
        for (int n = 0; n < 40; n++) {
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, 4096, n);
            key.seal(memory, 4096, memory, 0, 0, memory, 5000, 100 * n, memory, 5000);
            if (!key.open(memory, 4096, memory, 0, 0, memory, 5000, 100 * n + 16, memory, 5000)) {
                throw new AssertionError();
            }
        }
        return key;
    }

    private static void load(AeadKey key, PlantedSecrets secrets, int index, MemorySegment memory) {
        for (int at = 0; at < PlantedSecrets.BYTES; at++) {
            memory.set(ValueLayout.JAVA_BYTE, at, secrets.at(index, at));
        }
        key.load(memory, 0);
        memory.asSlice(0, PlantedSecrets.BYTES).fill((byte) 0);
    }

    /// Something uses the library before us, as another binding in the process would.
    @SuppressWarnings("restricted")
    private static void second() throws Exception {
        SymbolLookup library = SymbolLookup.libraryLookup(LibraryCalls.LIBRARY, Arena.global());
        try {
            long context = (long) Linker.nativeLinker().downcallHandle(library.findOrThrow("EVP_CIPHER_CTX_new"),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG)).invokeExact();
            try (Libcrypto libcrypto = Libcrypto.open(LibcryptoConfig.defaults())) {
                used(libcrypto);
                System.out.println("planned " + libcrypto.isPlanned() + ", " + libcrypto + ", mapped "
                        + (libcrypto.mappedBytes() < 100_000) + ", accounts " + libcrypto.accounts().size());
            }
            Linker.nativeLinker().downcallHandle(library.findOrThrow("EVP_CIPHER_CTX_free"), FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG))
                    .invokeExact(context);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void used(Libcrypto libcrypto) {
        try (Arena arena = Arena.ofConfined()) {
            for (Aead pure : PURE) {
                AeadKey key = AeadKey.in(libcrypto.aead(pure), arena.allocate(256));
                MemorySegment memory = arena.allocate(300);
                key.load(memory, 0);
                key.seal(memory, 0, memory, 0, 0, memory, 100, 50, memory, 100);
                if (!key.open(memory, 0, memory, 0, 0, memory, 100, 66, memory, 100)) {
                    throw new AssertionError();
                }
                key.wipe();
            }
        }
    }

    /// The library's memory is spent after so many blocks, at the very start.
    private static void spent(long blocks) {
        LibraryMemory.refuseAfter(blocks);
        for (int i = 0; i < 2; i++) {
            try (Libcrypto libcrypto = Libcrypto.open(LibcryptoConfig.defaults())) {
                used(libcrypto);
                System.out.println("served");
            } catch (LibcryptoException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
        System.out.println("used " + LibraryMemory.regions());
    }

    /// Threads on which the library queues an error, which it keeps for a thread, and that open, close and end: none of them may be called
    /// by the library when the VM has left it, which would take each for a new one that never ends.
    private static void threads() throws Exception {
        try (Libcrypto first = Libcrypto.open(LibcryptoConfig.defaults().withContexts(1))) {
            int before = Thread.activeCount();
            for (int i = 0; i < 30; i++) {
                Thread thread = Thread.ofPlatform().start(() -> {
                    if (LibraryCalls.fetch("no such cipher") != 0) {
                        throw new AssertionError();
                    }
                    try (Libcrypto more = Libcrypto.open(LibcryptoConfig.defaults().withContexts(1))) {
                        used(more);
                    }
                });
                thread.join();
            }
            System.out.println("threads more " + (Thread.activeCount() - before) + ", faults " + ((LibraryHeap) first.accounts().getFirst()).faults());
        }
    }
}
