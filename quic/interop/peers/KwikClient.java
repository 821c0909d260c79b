import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tech.kwik.flupke.Http3Client;

/// kwik and flupke as a client: a file as often as is said, at once.
///
/// `URL FILE COUNT`
class KwikClient {
    public static void main(String[] args) throws Exception {
        byte[] expected = Files.readAllBytes(Path.of(args[1]));
        java.net.http.HttpClient client = Http3Client.newBuilder().disableCertificateCheck().build();
        List<CompletableFuture<java.net.http.HttpResponse<byte[]>>> asked = new ArrayList<>();
        asked.add(CompletableFuture.completedFuture(client.send(HttpRequest.newBuilder(URI.create(args[0])).build(), BodyHandlers.ofByteArray())));
        for (int i = 1; i < Integer.parseInt(args[2]); i++) {
            asked.add(client.sendAsync(HttpRequest.newBuilder(URI.create(args[0])).build(), BodyHandlers.ofByteArray()));
        }
        for (CompletableFuture<java.net.http.HttpResponse<byte[]>> each : asked) {
            if (each.get().statusCode() != 200 || !Arrays.equals(expected, each.get().body())) {
                throw new AssertionError("status " + each.get().statusCode() + ", " + each.get().body().length + " bytes");
            }
        }
        System.exit(0);
    }
}
