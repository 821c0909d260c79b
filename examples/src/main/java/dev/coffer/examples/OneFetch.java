package dev.coffer.examples;

import dev.coffer.client.ClientConfig;
import dev.coffer.client.easy.Easy;
import dev.coffer.client.easy.Question;
import dev.coffer.client.easy.Reply;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.easy.Response;
import java.io.IOException;

/// Asks a server: `OneFetch URL...`, or without one a server of its own. Connections are pooled, all memory is planned.
public final class OneFetch {
    private OneFetch() {}

    public static void main(String[] urls) throws IOException, InterruptedException {
        try (Easy http = Easy.open(ClientConfig.standard().withSize(8, 2, 2, 16))) {    // 8 connections, 2 to one origin, 16 calls
            if (urls.length > 0) {
                for (String url : urls) {
                    Reply reply = http.get(url);                                        // FetchException says why there is none
                    System.out.println(url + ": " + reply.status() + ", " + reply.bytes().length + " bytes");
                }
                return;
            }
            try (Server server = Server.open(ServerConfig.standard(),
                    dev.coffer.server.easy.Easy.answering(request -> Response.text(request.method() + " " + request.text())))) {
                server.start();
                String url = "http://127.0.0.1:" + server.address().getPort() + "/";
                System.out.println(http.get(url).text());
                System.out.println(http.send(Question.post(url, "text/plain", "hello").withField("x-from", "me")).text());
                System.out.println(http.client().connections() + " connection, " + http.client().ledger().usedBytes() + " bytes in use of "
                        + http.client().ledger().planBytes());
            }
        }
    }
}
