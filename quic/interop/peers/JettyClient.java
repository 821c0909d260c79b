import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http3.client.HTTP3Client;
import org.eclipse.jetty.http3.client.transport.HttpClientTransportOverHTTP3;
import org.eclipse.jetty.quic.client.ClientQuicConfiguration;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/// Jetty's client over quiche: a file as often as is said, at once.
///
/// `URL FILE COUNT`
class JettyClient {
    public static void main(String[] args) throws Exception {
        byte[] expected = Files.readAllBytes(Path.of(args[1]));
        SslContextFactory.Client trusting = new SslContextFactory.Client(true);
        HttpClient client = new HttpClient(new HttpClientTransportOverHTTP3(new HTTP3Client(
                new ClientQuicConfiguration(trusting, Files.createTempDirectory("jetty")))));
        client.start();
        int count = Integer.parseInt(args[2]);
        CountDownLatch ended = new CountDownLatch(count);
        AtomicReference<Object> wrong = new AtomicReference<>();
        for (int i = 0; i < count; i++) {
            client.newRequest(args[0]).send(new BufferingResponseListener(1 << 26) {
                @Override
                public void onComplete(Result result) {
                    if (result.isFailed() || result.getResponse().getStatus() != 200 || result.getResponse().getVersion() != HttpVersion.HTTP_3
                            || !Arrays.equals(expected, getContent())) {
                        wrong.set(result);
                    }
                    ended.countDown();
                }
            });
        }
        ended.await();
        if (wrong.get() != null) {
            throw new AssertionError(wrong.get());
        }
        System.exit(0);
    }
}
