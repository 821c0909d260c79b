package dev.coffer.cli;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `coffer hash`: digests of files of any size in constant memory, a line each, as `sha256sum` prints them.
@Command(name = "hash", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Hash files or standard input; one line each: digest, two spaces, name.")
final class HashCommand implements Callable<Integer> {
    private static final long CHUNK_BYTES = 1 << 18;

    /// The hash functions by the names that people type.
    enum Algorithm {
        SHA_256(Hash.SHA_256), SHA_384(Hash.SHA_384), SHA_512(Hash.SHA_512), SHA3_224(Hash.SHA3_224),
        SHA3_256(Hash.SHA3_256), SHA3_384(Hash.SHA3_384), SHA3_512(Hash.SHA3_512), KECCAK_256(Hash.KECCAK_256);

        private final Hash hash;

        Algorithm(Hash hash) {
            this.hash = hash;
        }

        /// {@return the name without the underscore, as the option takes it}
        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    @Option(names = {"-a", "--algorithm"}, paramLabel = "NAME", defaultValue = "sha-256",
            converter = AlgorithmConverter.class,
            description = "sha-256 (default), sha-384, sha-512, sha3-224, sha3-256, sha3-384, sha3-512, keccak-256")
    private Algorithm algorithm;

    @Parameters(paramLabel = "FILE", description = "Files; - or none is standard input.")
    private List<String> files = List.of(Streams.STANDARD);

    @Spec
    private CommandSpec spec;

    static final class AlgorithmConverter implements picocli.CommandLine.ITypeConverter<Algorithm> {
        @Override
        public Algorithm convert(String value) {
            String plain = value.replaceAll("[-_]", "").toLowerCase(java.util.Locale.ROOT);
            for (Algorithm one : Algorithm.values()) {
                if (one.name().replace("_", "").equalsIgnoreCase(plain)) {
                    return one;
                }
            }
            throw new picocli.CommandLine.TypeConversionException("unknown hash \"" + value + "\"");
        }
    }

    @Override
    public Integer call() {
        Hash hash = algorithm.hash;
        MemoryPlan plan = MemoryPlan.group("hash", MemoryPlan.block("chunk", CHUNK_BYTES),
                MemoryPlan.block("state", Align.up(hash.stateBytes(), Align.CACHE_LINE_BYTES)),
                MemoryPlan.block("digest", Hash.DIGEST_BYTES_MAX));
        PrintWriter out = spec.commandLine().getOut();
        int failed = 0;
        try (Region region = Region.open(RegionConfig.defaults("hash"), plan)) {
            MemorySegment chunk = region.carve("chunk");
            MemorySegment state = region.carve("state");
            MemorySegment digest = region.carve("digest");
            for (String file : files) {
                try {
                    hash(hash, file, chunk, state, digest);
                    byte[] bytes = digest.asSlice(0, hash.digestBytes()).toArray(ValueLayout.JAVA_BYTE);
                    out.println(HexFormat.of().formatHex(bytes) + "  " + file);
                } catch (Failure e) {
                    failed = 1;
                    spec.commandLine().getErr().println("coffer hash: " + e.getMessage());
                }
            }
        }
        out.flush();
        return failed;
    }

    private static void hash(Hash hash, String file, MemorySegment chunk, MemorySegment state, MemorySegment digest) {
        ByteBuffer buffer = chunk.asByteBuffer();
        try (FileChannel in = Streams.input(file); Progress progress = Progress.of("hash", Streams.length(file))) {
            hash.init(state, 0);
            int read;
            while ((read = Streams.fill(file, in, buffer.clear())) > 0) {
                hash.update(state, 0, chunk, 0, read);
                progress.done(read);
            }
            hash.digest(state, 0, digest, 0);
        } catch (IOException e) {
            throw Streams.failure(file, e);
        }
    }
}
