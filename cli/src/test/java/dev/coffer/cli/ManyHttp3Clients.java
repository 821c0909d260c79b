package dev.coffer.cli;

import dev.coffer.client.ClientConfig;
import dev.coffer.client.ClientTls;
import dev.coffer.client.Http3Asking;
import dev.coffer.client.Http3Asking.When;
import dev.coffer.client.easy.Easy;
import dev.coffer.client.easy.FetchException;
import dev.coffer.memory.RegionConfig.Commit;
import dev.coffer.testkit.Eventually;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/// Clients of ours, each with one connection of HTTP/3 that has asked once and stays. Also by itself, `CERTIFICATE URL COUNT`: says when they are there, closes
/// them when a line comes, and ends at the next.
final class ManyHttp3Clients implements AutoCloseable {
    private static final long PATIENCE_NANOS = Eventually.MILLIS * 1_000_000L;

    private final List<Easy> all = new ArrayList<>();

    public static void main(String... arguments) throws Exception {
        try (ManyHttp3Clients clients = new ManyHttp3Clients()) {
            clients.come(Path.of(arguments[0]), URI.create(arguments[1]), Integer.parseInt(arguments[2]));
            System.out.println("there");
            System.in.read();
        }
        System.out.println("gone");
        System.in.read();
    }

    /// One after the other.
    ///
    /// @param trusted  the server's certificate
    void come(Path trusted, URI url, int count) throws IOException, GeneralSecurityException, InterruptedException, FetchException {
        ClientConfig config = ClientConfig.standard().withSize(1, 1, 1, 1).withOrigins(1).withTls(ClientTls.trusting(trusted)).withCommit(Commit.ON_TOUCH)
                .withHttp3(Http3Asking.defaults().withWhen(When.ALONE).withSize(1, 1, Http3Asking.defaults().windowBytes()))
                .withTimes(new ClientConfig.Times(PATIENCE_NANOS, PATIENCE_NANOS, PATIENCE_NANOS, PATIENCE_NANOS, PATIENCE_NANOS));
        for (int i = 0; i < count; i++) {
            Easy each = Easy.open(config);
            all.add(each);
            int status = each.get(url.toString()).status();
            if (status != 200) {
                throw new IllegalStateException("status " + status + " (expected 200)");
            }
        }
    }

    /// {@return those that are there}
    int count() {
        return all.size();
    }

    @Override
    public void close() {
        all.forEach(Easy::close);
        all.clear();
    }
}
