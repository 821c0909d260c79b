package dev.coffer.examples;

import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.easy.Chat;
import dev.coffer.server.easy.Easy;
import dev.coffer.server.easy.Response;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import java.io.IOException;
import java.net.InetSocketAddress;

/// A page on which everybody reads what anybody writes: WebSocket, of which each idle one holds 832 bytes.
public final class ChatRoom {
    private static final String PAGE = """
            <!doctype html><title>chat</title><form><input name=text autofocus autocomplete=off></form><ul id=all></ul>
            <script>
            const socket = new WebSocket(location.origin.replace("http", "ws") + "/chat")
            socket.onmessage = event => {
                const line = document.createElement("li")
                line.textContent = event.data
                all.prepend(line)
            }
            document.forms[0].onsubmit = event => {
                event.preventDefault()
                socket.send(event.target.text.value)
                event.target.reset()
            }
            </script>
            """;

    private ChatRoom() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = arguments.length == 0 ? 8080 : Integer.parseInt(arguments[0]);
        Chat chat = Chat.answering((talker, text) -> talker.chat().broadcast(text));    // only pages of this origin may open a socket
        Router router = Router.of(
                Route.get("/", Easy.answering(request -> Response.html(PAGE))),
                Route.get("/chat", chat));
        ServerConfig config = ServerConfig.standard().withAddress(new InetSocketAddress("localhost", port));
        try (Server server = Server.open(config, router)) {
            server.start();
            System.out.println("http://localhost:" + server.address().getPort() + "/");
            server.join();
        }
    }
}
