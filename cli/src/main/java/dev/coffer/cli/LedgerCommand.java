package dev.coffer.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `coffer ledger`: what a running server holds, as a table.
@Command(name = "ledger", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = "Print what a running server holds, live, as a table.",
        footer = {"", "The server is one that was started with `coffer serve --pages PORT`; it answers this machine only."})
final class LedgerCommand implements Callable<Integer> {
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    @Option(names = "--url", paramLabel = "URL", defaultValue = "http://127.0.0.1:8081",
            description = "Where the server shows its pages. Default: ${DEFAULT-VALUE}.")
    private String url;

    @Option(names = "--json", description = "Print the JSON as it came.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        String text = fetch();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(text);
        } else {
            try {
                print(out, JsonParser.parseString(text).getAsJsonObject());
            } catch (JsonParseException | IllegalStateException | UnsupportedOperationException
                    | NullPointerException | NumberFormatException e) {
                throw new Failure(url + ": the answer is not a ledger");
            }
        }
        out.flush();
        return 0;
    }

    private URL ledger() {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() == null || !"http".equals(uri.getScheme())) {
                throw new IllegalArgumentException("expected http://HOST:PORT");
            }
            return uri.resolve("/-/ledger.json").toURL();
        } catch (IllegalArgumentException | IOException e) {
            throw new ParameterException(spec.commandLine(), "--url: \"" + url + "\": " + e.getMessage());
        }
    }

    private String fetch() {
        URL where = ledger();
        try {
            HttpURLConnection connection = (HttpURLConnection) where.openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            connection.setInstanceFollowRedirects(false);
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw new Failure(where + ": status " + status);
            }
            try (InputStream in = connection.getInputStream()) {
                byte[] answer = in.readNBytes(ANSWER_BYTES_MAX + 1);
                if (answer.length > ANSWER_BYTES_MAX) {
                    throw new Failure(where + ": more than " + ANSWER_BYTES_MAX + " bytes, not a ledger");
                }
                return new String(answer, StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new Failure(where + ": " + e.getMessage() + "; is a server running there?");
        }
    }

    private static void print(PrintWriter out, JsonObject ledger) {
        out.printf(Locale.ROOT, "%15s  %15s  %15s  %s%n", "plan or limit", "used", "peak", "name");
        out.printf(Locale.ROOT, "%15s  %15s  %15s  %s%n", number(ledger, "planBytes"), number(ledger, "usedBytes"),
                number(ledger, "peakBytes"), Failure.printable(ledger.get("name").getAsString()));
        printTree(out, ledger.getAsJsonArray("tree"), 1);
        out.printf(Locale.ROOT, "%nmapped %s bytes, %s%n", number(ledger, "regionBytes"),
                ledger.get("planBytes").getAsLong() == ledger.get("regionBytes").getAsLong() ? "as planned"
                        : "which is NOT what was planned");
        if (ledger.has("committedBytes")) {
            out.printf(Locale.ROOT, "committed %s of them%n", number(ledger, "committedBytes"));
        }
        for (String count : new String[] {"requests", "connectionsAccepted", "heapUsedBytes"}) {
            if (ledger.has(count)) {
                out.printf(Locale.ROOT, "%s %s%n", count, number(ledger, count));
            }
        }
    }

    private static void printTree(PrintWriter out, JsonArray lines, int depth) {
        for (JsonElement element : lines) {
            JsonObject line = element.getAsJsonObject();
            String kind = line.get("kind").getAsString();
            out.printf(Locale.ROOT, "%15s  %15s  %15s  %s%s%s%n",
                    number(line, kind.equals("budget") ? "limitBytes" : "planBytes"), number(line, "usedBytes"),
                    number(line, "peakBytes"), "  ".repeat(depth), Failure.printable(line.get("name").getAsString()), Failure.printable(note(kind, line)));
            if (line.has("children")) {
                printTree(out, line.getAsJsonArray("children"), depth + 1);
            }
        }
    }

    /// What else is to be said of a line: a region's protections in force.
    private static String note(String kind, JsonObject line) {
        if (kind.equals("budget")) {
            return " (budget)";
        }
        if (!kind.equals("region")) {
            return "";
        }
        if (line.get("portable").getAsBoolean()) {
            return " (portable: nothing in force)";
        }
        StringBuilder names = new StringBuilder();
        for (var protection : line.getAsJsonObject("protections").entrySet()) {
            if (protection.getValue().getAsBoolean()) {
                names.append(names.isEmpty() ? " (" : ", ")
                        .append(protection.getKey().toLowerCase(Locale.ROOT).replace('_', ' '));
            }
        }
        return names.isEmpty() ? " (nothing in force)" : names + ")";
    }

    private static String number(JsonObject from, String member) {
        return from.has(member) ? String.format(Locale.ROOT, "%,d", from.get(member).getAsLong()) : "";
    }
}
