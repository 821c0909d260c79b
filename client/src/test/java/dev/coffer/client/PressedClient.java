package dev.coffer.client;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.testkit.Eventually;
import dev.coffer.testkit.Scarcity;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// A client in a process of its own that is left one descriptor before its first call over TLS: `TRUSTED URL PORTABLE HTTP2`. Asserts on.
final class PressedClient {
    private PressedClient() {}

    public static void main(String... arguments) throws Exception {
        Scarcity scarcity = new Scarcity();
        ClientConfig config = ClientConfig.standard().withTls(ClientTls.trusting(Path.of(arguments[0]))).withPortable(Boolean.parseBoolean(arguments[2]))
                .withHttp2(Boolean.parseBoolean(arguments[3]) ? Http2Asking.defaults() : null);
        if (!Client.rehearse(config)) {
            throw new IllegalStateException("not rehearsed");
        }
        try (Client client = Client.open(config, host -> new InetAddress[] {InetAddress.getLoopbackAddress()})) {
            Asked asked = Asked.get(arguments[1]);
            Eventually.open(new CountDownLatch(0));  // the test's own classes
            ChildJvm.pause("ready");
            scarcity.exhaust();
            scarcity.leave(1);
            asked.by(client).await();
            scarcity.close();
            ChildJvm.pause("answered " + asked.status + " " + asked.failure);
        }
    }
}
