package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.cli.certificate.MadeCertificate;
import dev.coffer.client.Client.Count;
import dev.coffer.client.ClientConfig;
import dev.coffer.client.ClientTls;
import dev.coffer.client.Http3Asking;
import dev.coffer.client.easy.Easy;
import dev.coffer.client.easy.Question;
import dev.coffer.client.easy.Reply;
import dev.coffer.client.easy.ReplySink;
import dev.coffer.http.Limits;
import dev.coffer.testkit.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `serve` that is killed and started again, and `serve` that is told to stop, as clients of HTTP/3 see it.
@Timeout(600)
class ServeRestartTest extends TlsServing {
    private static final long PATIENCE_NANOS = Eventually.MILLIS * 1_000_000L;
    private static final int LONG_PACKET = 0xf0;    // form, fixed bit and type: the rest is protected, or nothing (RFC 9000, sections 17.2.2, 17.2.5)
    private static final int INITIAL = 0xc0;
    private static final int RETRY = 0xf0;
    private static final int HANDSHAKES = 16;       // that a standard server has at once; with less than two left strangers are asked where they are

    private Path certificate;

    private void begin() throws Exception {
        start("--cert", certificate.toString(), "--key", folder.resolve("own-key.pem").toString(), "--idle-seconds", "3600", "--ticket-keys",
                folder.resolve("keys").toString());
        port = url.getPort();
    }

    /// {@return a client that speaks nothing else and waits for five minutes for whatever there is to wait for: who is told nothing keeps its test waiting}
    private Easy client() throws Exception {
        ClientTls tls = ClientTls.trusting(certificate);
        ClientConfig standard = ClientConfig.standard();
        Limits limits = standard.http().limits();
        return Easy.open(standard.withHttp(standard.http().withLimits(limits.withTimes(PATIENCE_NANOS, PATIENCE_NANOS, PATIENCE_NANOS)))
                .withTimes(new ClientConfig.Times(PATIENCE_NANOS, PATIENCE_NANOS, 2 * PATIENCE_NANOS, PATIENCE_NANOS, 0))
                .withTls(tls.withConfig(tls.config().withNanosMax(PATIENCE_NANOS, PATIENCE_NANOS)))
                .withHttp3(Http3Asking.defaults().withWhen(Http3Asking.When.ALONE))).withNanosMax(2 * PATIENCE_NANOS);
    }

    private String at(String path) {
        return "https://localhost:" + port + path;
    }

    private static int said(QuicStrangers strangers, int number) throws IOException {
        strangers.say(number);
        return number;
    }

    /// Content that is taken when that is allowed, on the client's thread.
    private static final class Held implements ReplySink {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final ByteArrayOutputStream content = new ByteArrayOutputStream();

        @Override
        public void head(Reply head) {}

        @Override
        public void take(ByteBuffer piece) throws InterruptedException {
            begun.countDown();
            goOn.await();
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            content.writeBytes(bytes);
        }
    }

    @Test
    void whoHadAConnectionWithAProcessThatWasKilledIsToldByTheNext() throws Exception {
        restart(false);
    }

    /// Who is silent in its handshake is told of the stop, and remembered as long as that may get lost: seconds.
    @Test
    @Tag("long")
    void anAddressTokenOfAProcessThatWasKilledIsTakenByTheNext() throws Exception {
        restart(true);
    }

    private void restart(boolean withStrangers) throws Exception {
        certificate = folder.resolve("own.pem");
        MadeCertificate.write(certificate, folder.resolve("own-key.pem"));
        Cli cli = new Cli(folder);
        assertEquals(0, cli.run("ticket-keys", folder.resolve("keys").toString()).exitCode());
        byte[] large = new byte[3_000_000];
        new Random(9).nextBytes(large);
        Files.write(Files.createDirectories(folder.resolve("site")).resolve("large.bin"), large);
        begin();
        try (Easy client = client(); Easy busy = client(); QuicStrangers strangers = new QuicStrangers(certificate, 2 * HANDSHAKES)) {
            assertEquals("hello", client.get(at("/a.txt")).text());
            byte[] token = withStrangers ? strangers.token(said(strangers, strangers.ready(port, new byte[0]))) : new byte[0];
            process.destroyForcibly();
            Eventually.ended(process);
            begin();
            assertEquals("hello", client.get(at("/a.txt")).text(), "the time that it may be silent is minutes");
            assertEquals(2, client.client().count(Count.CONNECTIONS));
            assertEquals("hello", busy.get(at("/a.txt")).text());

            if (withStrangers) {
                show(strangers, token);
            }

            Held held = new Held();
            FutureTask<Reply> answer = new FutureTask<>(() -> busy.send(Question.get(at("/large.bin")), held));
            Thread.ofPlatform().daemon().start(answer);
            Eventually.holds("the answer begins", () -> {
                if (answer.isDone()) {
                    answer.get();
                }
                return held.begun.getCount() == 0;
            });
            process.destroy();  // SIGTERM
            Eventually.holds("nobody is let in", () -> {
                try (Socket socket = new Socket("127.0.0.1", port)) {
                    return !socket.isConnected();
                } catch (IOException e) {
                    return true;
                }
            });
            assertTrue(process.isAlive());
            held.goOn.countDown();
            assertEquals(200, answer.get().status());
            assertArrayEquals(large, held.content.toByteArray());
            Eventually.ended(process);
            Eventually.equal(0, () -> client.client().connections());  // who asked nothing was told to go
            assertEquals(0, process.exitValue(), () -> text("err"));
            assertTrue(text("out").contains("stopped after 3 requests"), () -> text("out"));
        }
    }

    private void show(QuicStrangers strangers, byte[] token) throws IOException {
        // All at once: the server gives up who is silent in a handshake.
        List<byte[]> tokens = new ArrayList<>(Collections.nCopies(HANDSHAKES, new byte[0]));
        tokens.add(token.clone());
        tokens.getLast()[token.length - 1] ^= 1;
        tokens.add(token);
        tokens.add(new byte[0]);  // else places may have come free, and the token was not looked at
        List<Integer> numbers = new ArrayList<>();
        for (byte[] each : tokens) {
            numbers.add(strangers.ready(port, each));
        }
        for (int number : numbers) {
            strangers.say(number);
        }
        assertEquals(RETRY, strangers.first(numbers.get(HANDSHAKES - 1)) & LONG_PACKET, "who is not known shows its address where places are short");
        assertEquals(RETRY, strangers.first(numbers.get(HANDSHAKES)) & LONG_PACKET, "a token that is nobody's");
        assertEquals(INITIAL, strangers.first(numbers.get(HANDSHAKES + 1)) & LONG_PACKET, "a token of the process that was killed");
        assertEquals(RETRY, strangers.first(numbers.get(HANDSHAKES + 2)) & LONG_PACKET, "places were short all the while");
    }
}
