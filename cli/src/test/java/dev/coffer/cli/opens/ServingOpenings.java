package dev.coffer.cli.opens;

import dev.coffer.cli.certificate.ServerKeys;
import dev.coffer.client.Client;
import dev.coffer.client.ClientConfig;
import dev.coffer.client.ClientTls;
import dev.coffer.client.Http2Asking;
import dev.coffer.client.easy.Easy;
import dev.coffer.memory.Protection;
import dev.coffer.server.Annex;
import dev.coffer.server.Http2Serving;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.events.EventConfig;
import dev.coffer.server.events.EventHub;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.log.AccessLog;
import dev.coffer.server.log.LogFormat;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.server.tls.Tls;
import dev.coffer.server.upload.UploadFolder;
import dev.coffer.server.websocket.WebSocketConfig;
import dev.coffer.server.websocket.WebSocketHub;
import dev.coffer.testkit.Refusals.Opening;
import dev.coffer.tls.TicketKeys;
import dev.coffer.tls.TlsServerConfig;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Servers with all that a site can be, and clients; in both forms, with TLS and HTTP/2.
final class ServingOpenings {
    private ServingOpenings() {}

    static List<Opening> all(Path folder) throws Exception {
        List<Opening> all = new ArrayList<>();
        Tls tls = Tls.of(TlsServerConfig.defaults().withCounts(4, 2, 2),
                ServerKeys.of(folder.resolve("certificate.pem"), folder.resolve("key.pem"), Openings::none, (file, room) -> 0).identity())
                .ticketKeys(TicketKeys.shared(Arena.global().allocate(TicketKeys.BYTES, 64)));
        ClientTls trusting = ClientTls.trusting(folder.resolve("certificate.pem"));
        for (boolean portable : new boolean[] {false, true}) {
            String form = portable ? ", portable" : "";
            ServerConfig serving = ServerConfig.standard().withSize(2, 8, 4).withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .withLocked(Protection.Level.BEST_EFFORT).withPortable(portable);
            Site site = site(folder);
            all.add(new Opening("server.Server.open" + form, () -> started(Server.open(serving, site, Annex.local(0, FileSite.of(folder, 8))))));
            ServerConfig secure = serving.withTls(tls).withHttp2(Http2Serving.defaults().withSize(8, 4));
            Site secured = site(folder);
            all.add(new Opening("server.Server.open, TLS and HTTP/2" + form, () -> started(Server.open(secure, secured))));
            ClientConfig asking = ClientConfig.standard().withSize(8, 4, 4, 8).withPortable(portable);
            all.add(new Opening("client.Client.open" + form, () -> Client.open(asking)));
            ClientConfig both = asking.withTls(trusting).withHttp2(Http2Asking.defaults());
            all.add(new Opening("client.Client.open, TLS and HTTP/2" + form, () -> Client.open(both)));
            all.add(new Opening("client.easy.Easy.open" + form, () -> Easy.open(both)));
        }
        return all;
    }

    private static Site site(Path folder) {
        WebSocketHub sockets = WebSocketHub.of(WebSocketConfig.standard().withSockets(4), (socket, text, data, at, length, last) -> {
        });
        EventHub events = EventHub.of(EventConfig.standard().withSize(4, 256, 4, 4));
        Site routes = Router.of(Route.get("/sockets", sockets), Route.get("/events", events),
                Route.under("/up/", UploadFolder.of(folder, 1 << 16)), Route.under("/", FileSite.of(folder, 8)));
        return AccessLog.to(folder.resolve(".log"), LogFormat.JSON, routes);
    }

    /// A server whose threads run, or none.
    private static Server started(Server server) {
        boolean runs = false;
        try {
            server.start();
            runs = true;
            return server;
        } finally {
            if (!runs) {
                server.close();
            }
        }
    }
}
