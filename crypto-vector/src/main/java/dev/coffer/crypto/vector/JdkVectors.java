package dev.coffer.crypto.vector;

import dev.coffer.crypto.internal.kernel.VectorKernels;
import java.lang.foreign.MemorySegment;

/// The service of this module. No class of the vector module is touched before [#obstacle] has said that it is there:
/// on the class path our descriptor does not resolve it, and the provider must load all the same. Stateless, thread-safe.
public final class JdkVectors implements VectorKernels {
    private static final String MODULE = "jdk.incubator.vector";

    /// Called by `ServiceLoader`.
    public JdkVectors() {}

    @Override
    public String obstacle(Kernel kernel) {
        if (!JdkVectors.class.getModule().isNamed() && ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return "the vector module is not resolved (--add-modules " + MODULE + ")";
        }
        String compiled = System.getProperty("java.vm.info", "");  // "mixed mode, sharing" where nothing was switched off
        if (compiled.startsWith("interpreted") || compiled.contains("emulated-client")) {
            return "the JVM runs without the compiler that makes vectors of it (" + compiled + ')';  // objects else: a self-test would wait its whole time
        }
        boolean wide = switch (kernel) {
            case CHACHA20 -> ChaCha20Lanes.wideEnough();
            case KECCAK -> KeccakLanes.wideEnough();
            case KECCAK_WIDE -> KeccakWideLanes.wideEnough();
            case SHA_256 -> Sha256Lanes.wideEnough();
        };
        return wide ? null : "the machine's vectors are too narrow";
    }

    @Override
    public long chaCha20(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, int counter, MemorySegment input,
            long inputAt, long length, MemorySegment output, long outputAt, MemorySegment scratch, long scratchAt) {
        return ChaCha20Lanes.xor(key, keyAt, nonce, nonceAt, counter, input, inputAt, length, output, outputAt, scratch,
                scratchAt);
    }

    @Override
    public void permute(MemorySegment states, long from, long at) {
        KeccakLanes.permute(states, from, at);
    }

    @Override
    public void permuteWide(MemorySegment states, long from, long at) {
        KeccakWideLanes.permute(states, from, at);
    }

    @Override
    public void sha256(MemorySegment lanes, long chain, long schedule, long out) {
        Sha256Lanes.compress(lanes, chain, schedule, out);
    }
}
