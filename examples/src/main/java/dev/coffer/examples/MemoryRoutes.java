package dev.coffer.examples;

import dev.coffer.http.FieldName;
import dev.coffer.http.Status;
import dev.coffer.server.Exchange;
import dev.coffer.server.MediaType;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.route.Percent;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import java.io.IOException;
import java.net.InetSocketAddress;

/// The form over memory: routes whose handlers read views and answer from the exchange's own 128 bytes, 0 heap bytes a request.
///
/// `curl localhost:8080/users/M%C3%BCller/posts/7`
public final class MemoryRoutes {
    private MemoryRoutes() {}

    static Router routes() {
        return Router.of(
                Route.get("/users/{id}/posts/{post}", MemoryRoutes::name),
                Route.get("/users/me/posts/{post}", exchange -> exchange.respond(Status.FORBIDDEN)),        // the more specific one wins
                Route.of(null, "/teapot", exchange -> exchange.field(FieldName.RETRY_AFTER, 418).respond(418)),
                Route.under("/v2/", Router.of(Route.get("/users/{id}", MemoryRoutes::name))));
    }

    /// Answers with the user's name, decoded.
    private static void name(Exchange exchange) {
        int id = exchange.parameter("id");
        int length = Percent.decode(exchange.request().segment(), exchange.parameterAt(id), exchange.parameterLength(id),
                exchange.scratch(), exchange.scratchAt(), Exchange.SCRATCH_BYTES);
        if (length < 0) {
            exchange.respond(Status.URI_TOO_LONG);                          // a malformed one never comes here
        } else {
            exchange.respond(Status.OK, MediaType.TEXT, exchange.scratch(), exchange.scratchAt(), length);
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = arguments.length == 0 ? 8080 : Integer.parseInt(arguments[0]);
        ServerConfig config = ServerConfig.standard().withAddress(new InetSocketAddress("localhost", port));
        try (Server server = Server.open(config, routes())) {
            server.start();
            System.out.println("http://localhost:" + server.address().getPort() + "/users/you/posts/1");
            server.join();
        }
    }
}
