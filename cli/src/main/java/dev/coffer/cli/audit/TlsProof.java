package dev.coffer.cli.audit;

import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.cli.certificate.UnusableKeysException;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.Dumps;
import dev.coffer.instruments.Mapping;
import dev.coffer.instruments.PlantedSecrets;
import dev.coffer.instruments.ResidueScan;
import dev.coffer.tls.KeyLog.Label;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/// Where the secrets of TLS are while handshakes are under way, when they are done, and when the connections have ended: never on the heap, and in the end nowhere.
///
/// The child's key log tells the traffic secrets of both sides; the first 32 bytes that tickets' keys are made of are planted. Ephemeral keys, shared secrets and
/// those of resumed sessions are not searched for by themselves: the library's tests read the whole of their slots.
final class TlsProof implements Proof {
    static final String ON_HEAP = "tls-on-heap";
    static final String UNENDED = "tls-unended";
    static final String UNWIPED = "tls-unwiped";
    static final String UNLOCKED = "tls-unlocked";

    private static final int LABELS = Label.values().length;
    private static final int TICKETS = LABELS;                    // behind the labels: what was planted

    @Override
    public String name() {
        return "tls";
    }

    @Override
    public String claim() {
        return "no secret of a TLS handshake is on the heap, in its middle or later; none is left after it, and slabs are wiped";
    }

    @Override
    public List<String> faults() {
        return List.of(ON_HEAP, UNENDED, UNWIPED, UNLOCKED);
    }

    /// How many secrets of each label were told, and found; of tickets' keys behind them.
    private record Found(int[] told, int[] heap, int[] raw) {
        static int sum(int[] of) {
            return Arrays.stream(of).sum();
        }
    }

    @Override
    public Verdict run(Setting setting) {
        if (Dumps.heapObstacle().isPresent()) {
            return Verdict.notRun(Dumps.heapObstacle().get());
        }
        if (!Files.isReadable(Path.of("/proc/self/mem"))) {
            return Verdict.notRun("no /proc/PID/mem on this system");
        }
        try {
            ServerKeys.make(setting.folder());
            return run(setting, setting.folder().resolve("told"), new SecureRandom().nextLong());
        } catch (UnusableKeysException e) {
            return Verdict.notRun(e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Verdict run(Setting setting, Path told, long seed) throws IOException {
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx32m"), TlsChild.class,
                setting.folder().toString(), told.toString(), Long.toString(seed), setting.fault().orElse("-"))) {
            String[] place = child.await(TlsChild.SHAKING).split(" ");
            String unlocked = unlocked(child.pid(), Long.parseLong(place[0]), Long.parseLong(place[1]));
            if (unlocked != null) {
                return setting.has(UNLOCKED) || unlocked.isEmpty() ? Verdict.of(false, "the region of TLS and of its tickets' keys is not locked")
                        : Verdict.notRun(unlocked);
            }
            Found shaking = search(child, told, seed, setting.folder(), true);
            if (Found.sum(shaking.heap) > 0) {
                return Verdict.of(false, Found.sum(shaking.heap) + " secrets are on the heap in the middle of " + TlsChild.CONNECTIONS + " handshakes");
            }
            child.resume();
            int open = Integer.parseInt(child.await(TlsChild.OPEN));
            Found opened = search(child, told, seed, setting.folder(), false);
            child.resume();
            child.await(TlsChild.ENDED);
            Found ended = search(child, told, seed, setting.folder(), true);
            child.resume();
            long left = Long.parseLong(child.await(TlsChild.CLOSED));
            child.resume();
            return verdict(open, shaking, opened, ended, left);
        }
    }

    private static Verdict verdict(int open, Found shaking, Found opened, Found ended, long left) {
        int handshake = opened.raw[Label.CLIENT_HANDSHAKE_TRAFFIC_SECRET.ordinal()] + opened.raw[Label.SERVER_HANDSHAKE_TRAFFIC_SECRET.ordinal()];
        int application = opened.raw[Label.CLIENT_TRAFFIC_SECRET_0.ordinal()] + opened.raw[Label.SERVER_TRAFFIC_SECRET_0.ordinal()];
        int after = Found.sum(ended.raw) - ended.raw[TICKETS];
        int middle = shaking.raw[Label.CLIENT_HANDSHAKE_TRAFFIC_SECRET.ordinal()] + shaking.raw[Label.SERVER_HANDSHAKE_TRAFFIC_SECRET.ordinal()];
        boolean sees = middle == 2 * TlsChild.CONNECTIONS && application == 2 * TlsChild.CONNECTIONS && ended.raw[TICKETS] == 1;
        boolean held =
                open == TlsChild.CONNECTIONS && sees && Found.sum(shaking.heap) + Found.sum(ended.heap) == 0 && handshake == 0 && after == 0 && left == 0;
        String figure = String.format(Locale.ROOT,
                "%d handshakes, %d secrets: on the heap %d in their middle, %d after the end; in memory %d handshake secrets in the "
                        + "middle (the search sees them), %d when open, of all %d after the end; %d bytes left in the slabs; tickets' keys locked, %d seen in memory, %d on the "
                        + "heap",
                open, Found.sum(ended.told) - 1, Found.sum(shaking.heap), Found.sum(ended.heap),
                middle, handshake, after, left,
                ended.raw[TICKETS], ended.heap[TICKETS]);
        return Verdict.of(held, figure);
    }

    /// {@return null if all that can be written of a region is locked by the kernel's word; else why it cannot be, or nothing}
    private static String unlocked(long pid, long from, long bytes) {
        List<Mapping> body = Mapping.within(Mapping.of(pid), from, from + bytes).stream().filter(m -> m.permissions().equals("rw-p")).toList();
        if (!body.isEmpty() && body.stream().allMatch(m -> m.flags().contains("lo"))) {
            return null;
        }
        return "memory cannot be locked here, or not so much of it (ulimit -l)";
    }

    private static Found search(ChildJvm child, Path told, long seed, Path folder, boolean withHeap) throws IOException {
        List<TreeMap<String, byte[]>> secrets = read(told);
        ResidueScan raw = scan(secrets, seed);
        raw.search(child.pid());
        ResidueScan heap = scan(secrets, seed);
        if (withHeap) {
            Path dump = Dumps.heap(child.pid(), folder);
            heap.search(dump);
            Files.delete(dump);
        }
        return new Found(counts(secrets, null), counts(secrets, heap), counts(secrets, raw));
    }

    /// {@return the secrets of each label; those that both sides told once}
    private static List<TreeMap<String, byte[]>> read(Path told) throws IOException {
        List<TreeMap<String, byte[]>> secrets = new ArrayList<>();
        for (int i = 0; i < LABELS; i++) {
            secrets.add(new TreeMap<>());
        }
        byte[] entries = Files.readAllBytes(told);
        for (int at = 0; at < entries.length; at += TlsChild.ENTRY_BYTES) {
            byte[] secret = Arrays.copyOfRange(entries, at + 2, at + 2 + entries[at + 1]);
            for (int i = 0; i < secret.length; i++) {
                secret[i] = TlsChild.changed(i, secret[i]);
            }
            secrets.get(entries[at]).put(Arrays.toString(secret), secret);
        }
        return secrets;
    }

    private static ResidueScan scan(List<TreeMap<String, byte[]>> secrets, long seed) {
        ResidueScan scan = new ResidueScan();
        int index = 0;
        for (TreeMap<String, byte[]> ofLabel : secrets) {
            for (byte[] secret : ofLabel.values()) {
                scan.add(index++, secret);
            }
        }
        scan.add(index, new PlantedSecrets(seed, 1).bytes(0));
        return scan;
    }

    /// @param scan  null: all of them
    private static int[] counts(List<TreeMap<String, byte[]>> secrets, ResidueScan scan) {
        int[] counts = new int[LABELS + 1];
        int index = 0;
        for (int i = 0; i < LABELS; i++) {
            int end = index + secrets.get(i).size();
            counts[i] = scan == null ? end - index : scan.found(index, end);
            index = end;
        }
        counts[TICKETS] = scan == null ? 1 : scan.found(index, index + 1);
        return counts;
    }
}
