package dev.coffer.bench.crypto;

import com.sun.management.ThreadMXBean;
import dev.coffer.bench.table.Machine;
import java.lang.management.ManagementFactory;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The operations of [PostQuantumBench] and [HashSignaturesBench] by *processor time of the thread*, ours and the peers' by turns in one
/// process: for machines that are not quiet, where the clock of JMH measures the neighbours. Heap bytes are those of the thread.
public final class PostQuantumTurns {
    /// What `bench/run` calls it.
    public static final String NAME = "post-quantum-turns";
    /// What it lists.
    public static final String TITLE = "ML-KEM, ML-DSA, SLH-DSA: processor time by turns, beside the JDK and Bouncy Castle; or of one set";

    private static final int WARM_UPS = 2;
    private static final int ROUNDS = 5;
    private static final long TURN_NANOS = 50_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private PostQuantumTurns() {}

    private interface Work {
        void run() throws GeneralSecurityException;
    }

    private record Entry(String label, Work work) {}

    /// @param sets  names of parameter sets, or none for those of the tables of `docs/performance.md`
    public static void run(List<String> sets) throws Exception {
        System.out.println(Machine.line());
        System.out.println();
        System.out.println("| us of processor time | median | least - most | heap B/op | to the first |");
        System.out.println("|---|---|---|---|---|");
        List<String> chosen = sets.isEmpty() ? List.of("ML-KEM-768", "ML-DSA-65", "SLH-DSA-SHAKE-128f", "SLH-DSA-SHA2-128f") : sets;
        for (String set : chosen) {
            if (set.startsWith("ML-KEM")) {
                kem(set);
            } else if (set.startsWith("ML-DSA")) {
                dsa(set);
            } else {
                hashes(set);
            }
        }
    }

    private static PostQuantumBench.Peer peer(String provider, String set) throws GeneralSecurityException {
        PostQuantumBench.Peer peer = new PostQuantumBench.Peer();
        peer.provider = provider;
        peer.set = set;
        peer.open();
        return peer;
    }

    private static void kem(String set) throws Exception {
        PostQuantumBench bench = new PostQuantumBench();
        PostQuantumBench.Kems ours = new PostQuantumBench.Kems();
        ours.set = set;
        ours.open();
        PostQuantumBench.Peer jdk = peer("JDK", set);
        PostQuantumBench.Peer bouncy = peer("BC", set);
        turns(set + " key generation", new Entry("**Coffer**, strict", () -> bench.keyPairKem(ours)),
                new Entry("JDK", () -> bench.keyPairPeer(jdk)), new Entry("Bouncy Castle", () -> bench.keyPairPeer(bouncy)));
        turns(set + " encapsulation", new Entry("**Coffer**, strict", () -> bench.encapsulate(ours)),
                new Entry("Coffer, expanded key", () -> bench.encapsulateExpanded(ours)),
                new Entry("JDK", () -> bench.encapsulatePeer(jdk)), new Entry("Bouncy Castle", () -> bench.encapsulatePeer(bouncy)));
        turns(set + " decapsulation", new Entry("**Coffer**, strict", () -> bench.decapsulate(ours)),
                new Entry("Coffer, expanded key", () -> bench.decapsulateExpanded(ours)),
                new Entry("JDK", () -> bench.decapsulatePeer(jdk)),
                new Entry("JDK, decapsulator made anew", () -> bench.decapsulateNewPeer(jdk)),
                new Entry("Bouncy Castle", () -> bench.decapsulatePeer(bouncy)));
    }

    private static void dsa(String set) throws Exception {
        PostQuantumBench bench = new PostQuantumBench();
        PostQuantumBench.Signatures ours = new PostQuantumBench.Signatures();
        ours.set = set;
        ours.open();
        PostQuantumBench.Peer jdk = peer("JDK", set);
        PostQuantumBench.Peer bouncy = peer("BC", set);
        turns(set + " key generation", new Entry("**Coffer**, strict", () -> bench.keyPairDsa(ours)),
                new Entry("JDK", () -> bench.keyPairPeer(jdk)), new Entry("Bouncy Castle", () -> bench.keyPairPeer(bouncy)));
        turns(set + " signing", new Entry("**Coffer**, strict", () -> bench.sign(ours)),
                new Entry("Coffer, expanded key", () -> bench.signExpanded(ours)), new Entry("JDK", () -> bench.signPeer(jdk)),
                new Entry("Bouncy Castle", () -> bench.signPeer(bouncy)));
        turns(set + " verifying", new Entry("**Coffer**, strict", () -> bench.verify(ours)),
                new Entry("Coffer, expanded key", () -> bench.verifyExpanded(ours)), new Entry("JDK", () -> bench.verifyPeer(jdk)),
                new Entry("Bouncy Castle", () -> bench.verifyPeer(bouncy)));
    }

    private static void hashes(String set) throws Exception {
        HashSignaturesBench bench = new HashSignaturesBench();
        HashSignaturesBench.Keys strict = new HashSignaturesBench.Keys();
        strict.set = set;
        strict.open();
        HashSignaturesBench.Keys fast = new HashSignaturesBench.Keys();
        fast.set = set;
        fast.profile = "fast";
        fast.open();
        String words = fast.isFast() ? "Coffer, fast" : "Coffer, fast (scalar code, as its self-test chose)";
        turns(set + " key generation", new Entry("**Coffer**, strict", () -> bench.keyPair(strict)),
                new Entry(words, () -> bench.keyPair(fast)), new Entry("Bouncy Castle", () -> bench.keyPairPeer(strict)));
        turns(set + " signing", new Entry("**Coffer**, strict", () -> bench.sign(strict)),
                new Entry(words, () -> bench.sign(fast)), new Entry("Bouncy Castle", () -> bench.signPeer(strict)));
        turns(set + " verifying", new Entry("**Coffer**, strict", () -> bench.verify(strict)),
                new Entry(words, () -> bench.verify(fast)), new Entry("Bouncy Castle", () -> bench.verifyPeer(strict)));
    }

    private static void turns(String title, Entry... entries) throws GeneralSecurityException {
        double[][] nanos = new double[entries.length][ROUNDS];
        long[] heap = new long[entries.length];
        for (int round = -WARM_UPS; round < ROUNDS; round++) {
            for (int i = 0; i < entries.length; i++) {
                long bytes = THREADS.getCurrentThreadAllocatedBytes();
                long start = THREADS.getCurrentThreadCpuTime();
                long operations = 0;
                long used;
                do {
                    entries[i].work.run();
                    operations++;
                    used = THREADS.getCurrentThreadCpuTime() - start;
                } while (used < (round < 0 ? 5 * TURN_NANOS : TURN_NANOS));
                if (round >= 0) {
                    nanos[i][round] = (double) used / operations;
                    heap[i] = (THREADS.getCurrentThreadAllocatedBytes() - bytes) / operations;
                }
            }
        }
        List<String> lines = new ArrayList<>();
        double first = 0;
        for (int i = 0; i < entries.length; i++) {
            Arrays.sort(nanos[i]);
            double median = nanos[i][ROUNDS / 2];
            first = first == 0 ? median : first;
            lines.add(String.format(Locale.ROOT, "| %s: %s | %.1f | %.1f - %.1f | %,d | %.2f |", title, entries[i].label, median / 1e3,
                    nanos[i][0] / 1e3, nanos[i][ROUNDS - 1] / 1e3, heap[i], median / first));
        }
        lines.forEach(System.out::println);
    }
}
