package dev.coffer.c;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.memory.layout.BigEndian;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.module.ModuleReader;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// First use before the doors open. A class that is initialised by a caller whose stack ends meanwhile is broken for everyone and for ever,
/// likewise one that finds no heap; so each class that a call can come to is initialised before a table is handed out, and one algorithm of each
/// cheap kind has run, for the JDK's own. And the JDK adapts a method handle at its 127th call, by objects of its own: that is behind
/// each function too.
final class Rehearsal {
    private static final int CALLS = 130;
    private static final int ROOM_BYTES = 1 << 16;
    /// What is beside the classes below and no call comes to.
    private static final Pattern ELSEWHERE =
            Pattern.compile("dev/coffer/(crypto/(argon2|easy|hpke|key|packet|session|stream)/|evm/(?!memory/|word/)|memory/(?!layout/)).*");

    private Rehearsal() {}

    /// Calls a function of a table that is closed, as C does, as often as it takes until the JDK has adapted it.
    @SuppressWarnings("restricted")
    static void call(MemorySegment stub, FunctionDescriptor descriptor) {
        MethodHandle function = Linker.nativeLinker().downcallHandle(descriptor);
        Object[] arguments = new Object[function.type().parameterCount()];
        arguments[0] = stub;
        for (int i = 1; i < arguments.length; i++) {
            arguments[i] = function.type().parameterType(i) == int.class ? (Object) 0 : (Object) 0L;
        }
        try {
            for (int i = 0; i < CALLS; i++) {
                function.invokeWithArguments(arguments);
            }
        } catch (Throwable thrown) {
            throw new LinkageError("table for C: " + descriptor, thrown);
        }
    }

    /// Initialises what calls come to.
    ///
    /// @throws LinkageError  it is not all there
    static void classes() {
        for (Class<?> one : List.of(Hash.class, EvmMemory.class, BigEndian.class, Rehearsal.class)) {
            try {
                for (String name : names(one)) {
                    if (name.matches("dev/coffer/(crypto|evm|memory|c)/.*\\.class") && !ELSEWHERE.matcher(name).matches()
                            && !name.endsWith("-info.class")) {
                        Class.forName(name.substring(0, name.length() - ".class".length()).replace('/', '.'), true, one.getClassLoader());
                    }
                }
            } catch (IOException | URISyntaxException | ClassNotFoundException e) {
                throw new LinkageError("table for C: classes beside " + one.getName(), e);
            }
        }
    }

    /// {@return files of the module, folder or jar that a class is from, with slashes}
    private static List<String> names(Class<?> of) throws IOException, URISyntaxException {
        Module module = of.getModule();
        if (module.isNamed()) {
            try (ModuleReader reader = module.getLayer().configuration().findModule(module.getName()).orElseThrow().reference().open();
                    Stream<String> names = reader.list()) {
                return names.toList();
            }
        }
        Path place = Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            try (Stream<Path> files = Files.walk(place)) {
                return files.map(file -> place.relativize(file).toString().replace('\\', '/')).toList();
            }
        }
        try (JarFile jar = new JarFile(place.toFile())) {
            return jar.stream().map(entry -> entry.getName()).toList();
        }
    }

    /// Runs what is cheap once on an open table: a KEM, a signature, a hash, an EVM memory. Answers are of no matter, but that they are OK.
    static void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(ROOM_BYTES, Long.BYTES);
            long number = room.address();
            long first = number + 64;
            long second = first + 8192;
            long third = second + 8192;
            int kem = Algorithms.KEM + 1;
            int scheme = Algorithms.SIGNATURE + 3;
            int hash = Algorithms.HASH + 4;
            int codes = KeyCalls.keygen(kem, 0, 0, first, Algorithms.kem(kem).encapsulationKeyBytes(), second,
                    Algorithms.kem(kem).decapsulationKeyBytes(), 0, 0);
            codes |= KemCalls.encapsulate(kem, first, Algorithms.kem(kem).encapsulationKeyBytes(), third, Algorithms.kem(kem).ciphertextBytes(),
                    number, Algorithms.kem(kem).sharedBytes(), 0, 0);
            codes |= KemCalls.decapsulate(kem, second, Algorithms.kem(kem).decapsulationKeyBytes(), third, Algorithms.kem(kem).ciphertextBytes(),
                    number, Algorithms.kem(kem).sharedBytes(), 0, 0);
            codes |= KeyCalls.keygen(scheme, 0, 0, first, Algorithms.signature(scheme).publicKeyBytes(), second,
                    Algorithms.signature(scheme).privateKeyBytes(), 0, 0);
            codes |= SignatureCalls.sign(scheme, SignatureCalls.HEDGED, second, Algorithms.signature(scheme).privateKeyBytes(), first, 32, 0, 0, third,
                    Algorithms.signature(scheme).signatureBytes(), 0, 0);
            codes |= SignatureCalls.verify(scheme, first, Algorithms.signature(scheme).publicKeyBytes(), first, 32, 0, 0, third,
                    Algorithms.signature(scheme).signatureBytes(), 0, 0);
            codes |= HashCalls.open(hash, number);
            codes |= HashCalls.update(room.get(JAVA_LONG, 0), first, 1000);
            codes |= HashCalls.finish(room.get(JAVA_LONG, 0), third, Algorithms.hash(hash).digestBytes());
            codes |= EvmCalls.create(number);
            codes |= EvmCalls.write(room.get(JAVA_LONG, 0), 1000, first, 1000);
            codes |= EvmCalls.copy(room.get(JAVA_LONG, 0), 0, 1000, 1000);
            codes |= EvmCalls.read(room.get(JAVA_LONG, 0), 0, third, 1000);
            codes |= EvmCalls.destroy(room.get(JAVA_LONG, 0));
            codes |= HashCalls.wipe(number, ROOM_BYTES);
            if (codes != Status.OK) {
                throw new IllegalStateException("table for C: the rehearsal was answered " + codes);
            }
        }
    }
}
