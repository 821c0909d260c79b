package dev.coffer.examples;

import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.events.EventConfig;
import dev.coffer.server.events.EventHub;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;

/// A page with a clock that the server sets: server-sent events to every browser that looks, out of 324 KiB.
public final class EventClock {
    private static final String PAGE = """
            <!doctype html><title>clock</title><h1 id=time>-</h1>
            <script>
            new EventSource("/events").addEventListener("time", event => { time.textContent = event.data })
            </script>
            """;

    private EventClock() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = arguments.length == 0 ? 8080 : Integer.parseInt(arguments[0]);
        EventHub hub = EventHub.of(EventConfig.standard());
        Router router = Router.of(
                Route.get("/", Easy.answering(request -> Response.html(PAGE))),
                Route.get("/events", hub));                                 // who comes back goes on behind its Last-Event-ID
        ServerConfig config = ServerConfig.standard().withAddress(new InetSocketAddress("localhost", port));
        try (Server server = Server.open(config, router)) {
            server.start();
            System.out.println("http://localhost:" + server.address().getPort() + "/");
            while (!server.hasFailed()) {
                hub.publish("time", LocalTime.now().truncatedTo(ChronoUnit.SECONDS).toString());    // from any thread
                Thread.sleep(1000);
            }
        }
    }
}
