package dev.coffer.examples;

import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// `POST /echo` answers with what it was sent, `GET /hello/{name}` with JSON.
public final class OneEcho {
    private OneEcho() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Router router = Router.of(
                Route.post("/echo", Easy.answering(request -> Response.text(request.text()))),
                Route.get("/hello/{name}", Easy.answering(request -> Response.json("{\"hello\":" + quoted(request.parameter("name")) + "}"))));
        ServerConfig config = ServerConfig.standard();                      // a port of the system's choice, at the loopback address
        if (arguments.length > 0) {
            config = config.withAddress(new InetSocketAddress("localhost", Integer.parseInt(arguments[0])));
        }
        try (Server server = Server.open(config, router)) {                 // all memory is reserved here, and wiped at the end
            server.start();
            URI place = URI.create("http://localhost:" + server.address().getPort() + "/hello/you");
            System.out.println(place);
            if (arguments.length > 0) {
                server.join();                                              // serves until the process ends
            } else {
                try (InputStream answer = place.toURL().openStream()) {     // asks itself once
                    System.out.println(new String(answer.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
    }
}
