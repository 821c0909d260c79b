package dev.coffer.cli.audit;

import dev.coffer.instruments.ChildJvm;
import java.util.List;
import java.util.Locale;

/// A server's loop answers requests without a heap byte and without growing: files, 304s, ranges, HEAD and errors, on an
/// open connection, counted on the loop's own thread.
///
/// In a process of its own that never compiles (`-Xint`): there every object that the code asks for is made and counted,
/// whatever a compiler would have dropped, and no compiler can be late.
final class RequestProof implements Proof {

    @Override
    public String name() {
        return "request";
    }

    @Override
    public String claim() {
        return "an HTTP request on an open connection allocates nothing, on or off the heap";
    }

    @Override
    public List<String> faults() {
        return List.of("request-reconnects", "request-portable");
    }

    @Override
    public Verdict run(Setting setting) {
        String fault = setting.fault().filter(faults()::contains).orElse("none");
        String[] counted;
        try (ChildJvm child = ChildJvm.start(List.of(), setting.options("-Xint", "-XX:+UseSerialGC", "-Xmx256m"),
                RequestChild.class, setting.folder().toString(), fault)) {
            counted = child.await("counted").split(" ");
            child.resume();
            child.exitCode();
        }
        long answered = Long.parseLong(counted[0]);
        long linking = Long.parseLong(counted[1]);
        long allocated = Long.parseLong(counted[2]);
        long grown = Long.parseLong(counted[4]);
        int windows = RequestChild.windows(fault);
        long requests = (long) windows * RequestChild.REQUESTS;
        return Verdict.of(allocated == 0 && grown == 0 && answered == requests, String.format(Locale.ROOT, "%,d requests (200, 206, 304, "
                + "404, 416, HEAD), never compiled: %,d heap bytes on the loop's thread in the second half, none in %s of "
                + "its %d windows of %d requests; %,d in the first half, which links; ledger grown by %,d bytes; an accepted "
                + "connection: %s heap bytes", answered, allocated, counted[3], windows / 2,
                RequestChild.REQUESTS, linking, grown, counted[5]));
    }
}
