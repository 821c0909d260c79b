package dev.coffer.examples;

import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A store of numbers behind JSON, whose handlers may wait: each request has a virtual thread.
///
/// `curl -X PUT -d 42 localhost:8080/numbers/answer`, `curl localhost:8080/numbers/answer`
public final class JsonApi {
    private final Map<String, Long> numbers = new ConcurrentHashMap<>();

    JsonApi() {}

    Router routes() {
        return Router.of(
                Route.get("/numbers/{name}", Easy.answering(request -> {
                    Long number = numbers.get(request.parameter("name"));
                    return number == null ? Response.status(404) : Response.json("{\"number\":" + number + "}");
                }).withVirtualThreads(100)),
                Route.put("/numbers/{name}", Easy.answering(request -> {
                    if (!request.text().matches("-?\\d{1,18}")) {
                        return Response.json("{\"error\":\"a number is wanted\"}").withStatus(400);
                    }
                    numbers.put(request.parameter("name"), Long.parseLong(request.text()));
                    return Response.status(204);
                }).withContentBytesMax(20).withVirtualThreads(100)),
                Route.delete("/numbers/{name}", Easy.answering(
                        request -> Response.status(numbers.remove(request.parameter("name")) == null ? 404 : 204))));
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = arguments.length == 0 ? 8080 : Integer.parseInt(arguments[0]);
        ServerConfig config = ServerConfig.standard().withAddress(new InetSocketAddress("localhost", port));
        try (Server server = Server.open(config, new JsonApi().routes())) {
            server.start();
            System.out.println("http://localhost:" + server.address().getPort() + "/numbers/answer");
            server.join();
        }
    }
}
