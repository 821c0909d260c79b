package dev.coffer.mutants;

import java.util.Collection;
import org.pitest.bytecode.analysis.ClassTree;
import org.pitest.mutationtest.build.InterceptorParameters;
import org.pitest.mutationtest.build.InterceptorType;
import org.pitest.mutationtest.build.MutationInterceptor;
import org.pitest.mutationtest.build.MutationInterceptorFactory;
import org.pitest.mutationtest.engine.Mutater;
import org.pitest.mutationtest.engine.MutationDetails;
import org.pitest.plugin.Feature;
import org.pitest.plugin.FeatureParameter;

/// PIT's feature `SAMPLE(seed[1] share[200])`: of all breaks keeps `share` in a million, the same ones for the same seed.
/// A break is chosen by what it is (class, method, instruction, kind), so that a change elsewhere moves no other choice.
public final class SampleFactory implements MutationInterceptorFactory {
    static final String NAME = "SAMPLE";
    static final int ALL = 1_000_000;
    private static final FeatureParameter SEED = FeatureParameter.named("seed").withDescription("which sample");
    private static final FeatureParameter SHARE = FeatureParameter.named("share").withDescription("breaks kept of a million");

    @Override
    public Feature provides() {
        return Feature.named(NAME).withOnByDefault(false).withDescription(description()).withParameter(SEED).withParameter(SHARE);
    }

    @Override
    public String description() {
        return "a seeded random sample of the breaks";
    }

    @Override
    public MutationInterceptor createInterceptor(InterceptorParameters parameters) {
        return new Sample(parameters.getInteger(SEED).orElse(1), parameters.getInteger(SHARE).orElse(ALL));
    }

    /// Whether the break with this identity belongs to the sample.
    static boolean keeps(String identity, int seed, int share) {
        long mixed = 0x9E3779B97F4A7C15L * (seed + 1L);
        for (int i = 0; i < identity.length(); i++) {
            mixed = (mixed ^ identity.charAt(i)) * 0x100000001B3L;  // FNV-1a's step, 64 bits
        }
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;       // SplitMix64's finish: every bit counts
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return Long.remainderUnsigned(mixed ^ mixed >>> 31, ALL) < share;
    }

    private record Sample(int seed, int share) implements MutationInterceptor {
        @Override
        public InterceptorType type() {
            return InterceptorType.FILTER;
        }

        @Override
        public void begin(ClassTree of) {
            // each break is judged alone
        }

        @Override
        public Collection<MutationDetails> intercept(Collection<MutationDetails> breaks, Mutater mutater) {
            return breaks.stream().filter(one -> keeps(one.getId().toString(), seed, share)).toList();
        }

        @Override
        public void end() {
            // nothing kept between classes
        }
    }
}
