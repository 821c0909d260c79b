package dev.coffer.examples;

import dev.coffer.http.Limits;
import dev.coffer.http.http1.Http1Config;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.route.Route;
import dev.coffer.server.route.Router;
import dev.coffer.server.upload.UploadFolder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder to put files into and to get them from, of any size up to a limit, without a buffer of their size.
///
/// `curl -T film.mp4 localhost:8080/files/film.mp4`, `curl -O localhost:8080/files/film.mp4`
public final class Uploads {
    private static final long FILE_BYTES_MAX = 4L << 30;
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    private Uploads() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = arguments.length == 0 ? 8080 : Integer.parseInt(arguments[0]);
        Path folder = arguments.length < 2 ? Files.createTempDirectory("uploads") : Path.of(arguments[1]);
        Router router = Router.of(
                Route.put("/files/{name}", UploadFolder.of(folder, FILE_BYTES_MAX)).withLimits(FILE_BYTES_MAX, HOUR_NANOS),
                Route.under("/files/", FileSite.of(folder, 64)));
        ServerConfig config = ServerConfig.standard().withAddress(new InetSocketAddress("localhost", port))
                .withHttp(Http1Config.defaults().withLimits(Limits.defaults().withBodyBytesMax(FILE_BYTES_MAX)));
        try (Server server = Server.open(config, router)) {
            server.start();
            System.out.println("http://localhost:" + server.address().getPort() + "/files/ is " + folder);
            server.join();
        }
    }
}
