package dev.coffer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.instruments.ChildJvm;
import dev.coffer.server.Server;
import dev.coffer.testkit.Eventually;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A client's first call over TLS loads, links and opens nothing for the first time, where that was rehearsed.
@Timeout(600)
class ClientRehearsalTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theFirstCallWorksWithOneDescriptorLeft(boolean portable) throws Exception {
        Localhost localhost = Localhost.in(folder);
        Path log = folder.resolve("classes.log");
        try (SSLServerSocket listener = localhost.listener("http/1.1")) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread server = Thread.ofPlatform().daemon().start(() -> {
                try (SSLSocket socket = (SSLSocket) listener.accept()) {
                    socket.setSoTimeout(Eventually.MILLIS);
                    InputStream in = socket.getInputStream();
                    StringBuilder head = new StringBuilder();
                    for (int c = in.read(); c >= 0 && !head.toString().endsWith("\r\n\r\n"); c = head.toString().endsWith("\r\n\r\n") ? c : in.read()) {
                        head.append((char) c);
                    }
                    OutputStream out = socket.getOutputStream();
                    out.write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    in.read();  // until the client goes
                } catch (Exception e) {
                    // the client's answer says so
                }
            });
            try (ChildJvm child = ChildJvm.start(List.of("prlimit", "--nofile=160"),
                    List.of("-ea", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:class+load:file=" + log), PressedClient.class,
                    List.of(Client.class, Server.class, dev.coffer.http.Ascii.class, dev.coffer.memory.MemoryPlan.class, dev.coffer.crypto.Hash.class,
                            dev.coffer.tls.Alert.class),
                    localhost.trusted().toString(), "https://localhost:" + listener.getLocalPort() + "/", Boolean.toString(portable), "false")) {
                child.await("ready");
                int loaded = Files.readAllLines(log).size();
                child.resume();
                String answered = child.await("answered");
                List<String> late = Files.readAllLines(log).stream().skip(loaded).toList();
                assertEquals("204 null", answered, () -> child.output() + "\nloaded late: " + late);
                assertEquals(List.of(), late.stream().filter(line -> line.contains("dev.coffer") && !line.contains("Asked")).toList(), "loaded late");
                child.resume();
                assertEquals(0, child.exitCode(), child.output());
            }
            server.join();
        }
    }

    /// What it asks is answered, in each version; a rehearsal that came to nothing would be a help to nobody.
    @Test
    void itIsAnsweredInEachVersionAndOnEachKindOfSockets() throws Exception {
        for (boolean portable : new boolean[] {false, true}) {
            for (Http2Asking http2 : new Http2Asking[] {null, Http2Asking.defaults()}) {
                ClientConfig config = ClientConfig.standard().withTls(ClientTls.ofSystem()).withPortable(portable).withHttp2(http2);
                assertTrue(Client.rehearse(config), "portable " + portable + ", HTTP/2 " + (http2 != null));
            }
        }
    }

    @Test
    void itsAuthorityVouchesForItsServer() throws Exception {
        MemorySegment memory = Arena.ofAuto().allocate(RehearsalIdentity.bytes(), 64);
        try (RehearsalIdentity made = RehearsalIdentity.in(memory)) {
            X509Certificate leaf = made.server().certificate();
            leaf.verify(made.authority().getPublicKey());
            made.authority().verify(made.authority().getPublicKey());
            leaf.checkValidity();
            assertEquals(List.of("localhost"), made.server().names());
            assertEquals(-1, leaf.getBasicConstraints());
            assertTrue(made.authority().getBasicConstraints() >= 0);
        }
    }
}
