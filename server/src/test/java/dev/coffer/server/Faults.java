package dev.coffer.server;

import dev.coffer.server.Client.Response;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/// What peers and other programs do to a server: one kind at a time, each counted only when it really came to pass. Every
/// answer is checked: a file here has one letter from end to end, so that one spliced of two is seen.
///
/// Called by many threads, each with a generator of its own.
final class Faults {
    static final int FILES = 8;
    private static final int FILE_BYTES_MAX = 100_000;
    private static final int LARGE_BYTES = 8 << 20;
    private static final int BURST = 2 * SoakedServer.CONNECTIONS;
    private static final int ANSWER_MILLIS = 30_000;
    private static final int DELETED_TRIES = 80;

    /// What may be done.
    enum Kind {
        /// A file is asked for, some times on one connection; counted by answers that hold it whole.
        WELL,
        /// Octets of no kind, or a request with some changed; counted when it is refused.
        GARBAGE,
        /// A reset in the middle of an answer.
        RESET,
        /// A head that does not end, held until the server ends it.
        STOPPED_WRITER,
        /// An answer that is not read, held until the server ends it.
        STOPPED_READER,
        /// A file replaced by another; counted when it has been renamed over. That answers are of one file is checked elsewhere.
        REPLACED,
        /// A file taken away and put back; counted when it is 404 meanwhile.
        DELETED,
        /// A file cut short while it is sent; counted when the answer is cut too.
        TRUNCATED,
        /// More connections than seats; counted by those that meet 503.
        BURST
    }

    private final Path root;
    private final InetSocketAddress address;
    private final AtomicLongArray done = new AtomicLongArray(Kind.values().length);

    Faults(Path root, InetSocketAddress address) throws IOException {
        this.root = root;
        this.address = address;
        for (int i = 0; i < FILES; i++) {
            write(name(i), (byte) ('a' + i), 1000 * i);
        }
        write("large", (byte) 'L', LARGE_BYTES);
        write("cut", (byte) 'C', LARGE_BYTES);
    }

    long done(Kind kind) {
        return done.get(kind.ordinal());
    }

    private void count(Kind kind) {
        done.incrementAndGet(kind.ordinal());
    }

    private static String name(int i) {
        return "f" + i + ".txt";
    }

    /// Asks for every file once, so that each is open.
    void askForAll() throws IOException {
        for (int i = 0; i < FILES; i++) {
            write(name(i), (byte) ('a' + i), 1000 * i);
        }
        for (int i = 0; i < FILES; i++) {
            try (Client client = new Client(address)) {
                whole(client.get("/" + name(i)));
            }
        }
    }

    /// Does one of them.
    void one(SplittableRandom random) throws IOException {
        Kind[] kinds = Kind.values();
        // half of all is ordinary: there must be someone whom a fault could hurt
        Kind kind = random.nextBoolean() ? Kind.WELL : kinds[random.nextInt(kinds.length)];
        switch (kind) {
            case WELL -> well(random);
            case GARBAGE -> garbage(random);
            case RESET -> reset(random);
            case STOPPED_WRITER -> stoppedWriter(random);
            case STOPPED_READER -> stoppedReader();
            case REPLACED -> replaced(random);
            case DELETED -> deleted(random);
            case TRUNCATED -> truncated(random);
            case BURST -> burst();
        }
    }

    private void well(SplittableRandom random) throws IOException {
        boolean seated = false;
        try (Client client = new Client(address)) {
            for (int i = random.nextInt(1, 20); i > 0; i--) {
                Response answer = client.get("/" + name(random.nextInt(FILES)));
                seated = true;
                if (whole(answer)) {
                    count(Kind.WELL);
                }
                if ("close".equals(answer.field("connection"))) {
                    return;
                }
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no answer in " + ANSWER_MILLIS + " ms", e);
        } catch (IOException e) {
            if (seated) {
                throw new AssertionError("a seated connection was broken, and asked for nothing wrong", e);
            }  // else turned away, and the words were lost in a reset
        }
    }

    /// {@return whether it is a file; all its octets are one letter}
    private static boolean whole(Response answer) {
        if (answer.status() != 200) {
            // 404: taken away just now; 408: this machine was too busy to send a head; 503: nothing left to open it with
            if (answer.status() != 404 && answer.status() != 408 && answer.status() != 503) {
                throw new AssertionError("status " + answer.status());
            }
            return false;
        }
        for (byte b : answer.body()) {
            if (b != answer.body()[0]) {
                throw new AssertionError("spliced: " + (char) b + " after " + (char) answer.body()[0]);
            }
        }
        return true;
    }

    private void garbage(SplittableRandom random) throws IOException {
        byte[] octets = "GET /f1.txt HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc".getBytes(StandardCharsets.US_ASCII);
        if (random.nextBoolean()) {
            random.nextBytes(octets);
        } else {
            for (int i = random.nextInt(1, 9); i > 0; i--) {
                octets[random.nextInt(octets.length)] = (byte) random.nextInt();
            }
        }
        try (Client client = new Client(address)) {
            client.socket().getOutputStream().write(octets);
            client.socket().shutdownOutput();
            int status = client.read().status();
            if (status >= 400 && status != 503) {
                count(Kind.GARBAGE);
            }
        } catch (IOException e) {
            // closed without a word: turned away, or the octets were the beginning of a request
        }
    }

    private void reset(SplittableRandom random) throws IOException {
        try (Socket socket = ask("/large")) {
            int heard = socket.getInputStream().readNBytes(random.nextInt(300, 30_000)).length;
            socket.setSoLinger(true, 0);
            if (heard >= 300) {
                count(Kind.RESET);
            }
        } catch (IOException e) {
            // turned away
        }
    }

    private Socket ask(String path) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(ANSWER_MILLIS);
        socket.connect(address);
        socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void stoppedWriter(SplittableRandom random) throws IOException {
        try (Client client = new Client(address)) {
            client.send("GET / HTTP/1.1\r\nHost: t\r\nX: ".substring(0, random.nextInt(1, 28)));
            if (client.read().status() == 408) {
                count(Kind.STOPPED_WRITER);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("a head that does not end is waited for", e);
        } catch (IOException e) {
            // turned away
        }
    }

    private void stoppedReader() throws IOException {
        try (Socket socket = ask("/large")) {
            if (socket.getInputStream().readNBytes(100).length < 100) {
                return;
            }
            long heard = 100;
            try {
                Thread.sleep(3000);                          // three times the grace of the server
                byte[] sink = new byte[1 << 16];
                for (int got; (got = socket.getInputStream().read(sink)) > 0;) {
                    heard += got;
                }
            } catch (SocketTimeoutException e) {
                throw new AssertionError("neither sent nor ended", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                // a reset: what was to be seen
            }
            if (heard > 1000 && heard < LARGE_BYTES) {      // more than the words of a 503
                count(Kind.STOPPED_READER);
            }
        } catch (IOException e) {
            // turned away
        }
    }

    private void replaced(SplittableRandom random) throws IOException {
        int i = random.nextInt(FILES);
        write(name(i), (byte) random.nextInt('a', 'z' + 1), random.nextInt(FILE_BYTES_MAX));
        count(Kind.REPLACED);
        well(random);
    }

    private void deleted(SplittableRandom random) throws IOException {
        String name = "d" + Thread.currentThread().threadId() + ".txt";
        write(name, (byte) 'd', random.nextInt(FILE_BYTES_MAX));
        try (Client client = new Client(address)) {
            if (!whole(client.get("/" + name))) {
                return;
            }
            Files.deleteIfExists(root.resolve(name));
            for (int i = 0; i < DELETED_TRIES; i++) {       // a name is looked up once a second
                int status = client.get("/" + name).status();
                if (status == 404) {
                    count(Kind.DELETED);
                    return;
                }
                Thread.sleep(250);
            }
            throw new AssertionError("deleted, and answered still");
        } catch (IOException e) {
            // turned away
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Files.deleteIfExists(root.resolve(name));
        }
    }

    private void truncated(SplittableRandom random) throws IOException {
        try (Socket socket = ask("/cut")) {
            long heard = socket.getInputStream().readNBytes(1000).length;
            try (FileChannel file = FileChannel.open(root.resolve("cut"), StandardOpenOption.WRITE)) {
                file.truncate(random.nextInt(1000));
            } catch (NoSuchFileException e) {
                return;
            }
            byte[] sink = new byte[1 << 16];
            try {
                for (int got; heard < LARGE_BYTES && (got = socket.getInputStream().read(sink)) > 0;) {
                    heard += got;
                }
            } catch (IOException e) {
                // a reset: what was to be seen
            }
            if (heard > 1000 && heard < LARGE_BYTES) {
                count(Kind.TRUNCATED);
            }
        } catch (IOException e) {
            // turned away
        } finally {
            write("cut", (byte) 'C', LARGE_BYTES);
        }
    }

    private void burst() throws IOException {
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < BURST; i++) {
                clients.add(new Client(address));
            }
            for (Client client : clients) {
                try {
                    if (client.get("/f1.txt").status() == 503) {
                        count(Kind.BURST);
                    }
                } catch (IOException e) {
                    // turned away, and the words were lost in a reset
                }
            }
        } catch (IOException e) {
            // the queue of the listener is full
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    /// Puts a file where perhaps another was, at one blow.
    private void write(String name, byte letter, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        Arrays.fill(content, letter);
        Path partial = Files.createTempFile(root.resolveSibling("partial"), name, "");
        try (FileChannel file = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(content));
        }
        Files.move(partial, root.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
