package dev.coffer.client.easy;

import dev.coffer.client.Client;
import dev.coffer.client.ClientConfig;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// A client for text and bytes.
///
/// ```java
/// try (Easy http = Easy.open()) {
///     Reply reply = http.get("http://127.0.0.1:8080/");
///     System.out.println(reply.status() + " " + reply.text());
///     http.send(Question.post("http://127.0.0.1:8080/users", "application/json", "{\"name\": \"Ada\"}"));
/// }
/// ```
///
/// Any number of threads may ask, virtual ones too; as many questions at once as the client has calls. Immutable. See the package for
/// what it allocates.
public final class Easy implements AutoCloseable {
    /// Bytes of content where nothing else is said: 16 MiB.
    public static final int CONTENT_BYTES = 16 << 20;
    /// Redirects that are followed where nothing else is said.
    public static final int REDIRECTS = 5;

    private final Client client;
    private final boolean owned;
    private final int contentBytesMax;
    private final int redirectsMax;
    private final long nanosMax;

    private Easy(Client client, boolean owned, int contentBytesMax, int redirectsMax, long nanosMax) {
        this.client = client;
        this.owned = owned;
        this.contentBytesMax = contentBytesMax;
        this.redirectsMax = redirectsMax;
        this.nanosMax = nanosMax;
    }

    /// Opens a standard client of its own, which is closed with it.
    ///
    /// @throws IOException  as [Client#open(ClientConfig)]
    public static Easy open() throws IOException {
        return open(ClientConfig.standard());
    }

    /// Opens a client of its own, which is closed with it.
    ///
    /// @throws IOException  as [Client#open(ClientConfig)]
    public static Easy open(ClientConfig config) throws IOException {
        return new Easy(Client.open(config), true, CONTENT_BYTES, REDIRECTS, 0);
    }

    /// {@return the easy form of a client, which stays the caller's}
    public static Easy over(Client client) {
        return new Easy(Objects.requireNonNull(client), false, CONTENT_BYTES, REDIRECTS, 0);
    }

    /// {@return this with another limit of content on the heap; a [ReplySink] has none}
    ///
    /// @param bytes  0 or more
    /// @throws IllegalArgumentException  a number below zero (caller's fault)
    public Easy withContentBytesMax(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("contentBytesMax: " + bytes + " (expected 0 or more)");
        }
        return new Easy(client, owned, bytes, redirectsMax, nanosMax);
    }

    /// {@return this with another number of redirects that are followed; with 0 they are replies like others}
    ///
    /// @param count  0..50
    /// @throws IllegalArgumentException  another number (caller's fault)
    public Easy withRedirectsMax(int count) {
        if (count < 0 || count > 50) {
            throw new IllegalArgumentException("redirectsMax: " + count + " (expected 0..50)");
        }
        return new Easy(client, owned, contentBytesMax, count, nanosMax);
    }

    /// {@return this with another time limit of each question, its redirects included. Without, it is the configuration's for a call}
    ///
    /// @param nanos  1 or more
    /// @throws IllegalArgumentException  another number (caller's fault)
    public Easy withNanosMax(long nanos) {
        if (nanos < 1) {
            throw new IllegalArgumentException("nanosMax: " + nanos + " (expected 1 or more)");
        }
        return new Easy(client, owned, contentBytesMax, redirectsMax, nanos);
    }

    /// {@return the client below}
    public Client client() {
        return client;
    }

    /// Asks with GET, and waits.
    ///
    /// @return the reply, whatever its status
    /// @throws FetchException            none came, or not all of it
    /// @throws IllegalArgumentException  as [Question#get] (caller's fault)
    /// @throws InterruptedException      the call was given up
    public Reply get(String uri) throws FetchException, InterruptedException {
        return send(Question.get(uri));
    }

    /// Asks, and waits.
    ///
    /// @return the reply, whatever its status
    /// @throws FetchException            none came, or not all of it
    /// @throws IllegalArgumentException  a head that the client has no room for (caller's fault)
    /// @throws dev.coffer.client.CallsExhaustedException  the client's calls are all under way
    /// @throws InterruptedException      the call was given up
    public Reply send(Question question) throws FetchException, InterruptedException {
        return await(begin(question, null));
    }

    /// Asks, and waits, while a sink takes the content.
    ///
    /// @return the head of the reply, whose content the sink has taken whole
    /// @throws FetchException  none came, or not all of it: what the sink was given is a part
    /// @throws RuntimeException  what the sink threw; where that is checked, as the cause of a [CompletionException]
    /// @throws InterruptedException  the call was given up
    public Reply send(Question question, ReplySink sink) throws FetchException, InterruptedException {
        return await(begin(question, Objects.requireNonNull(sink)));
    }

    /// Asks.
    ///
    /// @return the reply when it is there; a [FetchException] where none comes. Cancelling it gives the call up. What is chained to it
    ///         runs on the client's thread, and must not wait
    public CompletableFuture<Reply> sendLater(Question question) {
        return begin(question, null).reply();
    }

    private Fetch begin(Question question, @Nullable ReplySink sink) {
        Fetch fetch = new Fetch(client, question, sink, contentBytesMax, redirectsMax, nanosMax);
        fetch.start();
        return fetch;
    }

    private static Reply await(Fetch fetch) throws FetchException, InterruptedException {
        try {
            return fetch.reply().get();
        } catch (InterruptedException e) {
            fetch.reply().cancel(false);
            throw e;
        } catch (ExecutionException e) {
            switch (Objects.requireNonNull(e.getCause(), "of what failed")) {
                case FetchException failed -> {
                    FetchException here = new FetchException(String.valueOf(failed.getMessage()), failed.failure().orElse(null));
                    here.initCause(failed);
                    throw here;
                }
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                case Throwable thrown -> throw new CompletionException(thrown);
            }
        }
    }

    /// Closes the client, where it was opened here.
    @Override
    public void close() {
        if (owned) {
            client.close();
        }
    }
}
