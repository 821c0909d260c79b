package dev.coffer.server;

import dev.coffer.memory.Account;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.net.EpollSockets;
import dev.coffer.server.net.Sockets;
import dev.coffer.server.time.Time;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/// A loop that serves files over Linux's sockets, whose calls are counted, and may be answered otherwise.
public final class PassingLoop implements AutoCloseable {
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private final Map<String, Integer> most = new ConcurrentHashMap<>();
    private final Arena arena = Arena.ofShared();
    private final Loop loop;
    private final Thread thread;
    private final Map<String, Object> answers = new ConcurrentHashMap<>();
    private final Map<String, Integer> afters = new ConcurrentHashMap<>();
    private volatile SplittableRandom cuts;

    private PassingLoop(Path root) throws IOException {
        ServerConfig config = ServerConfig.standard().withBlocks(4, 1 << 14);
        int slots = config.loop(0).sockets();
        LoopStatistics statistics = new LoopStatistics();
        Sockets sockets = counted(new EpollSockets(slots, arena.allocate(EpollSockets.plan(slots).totalBytes(), 64)));
        loop = new Loop(config.loop(0), new HttpLane(config, FileSite.of(root, 16).withHotBytes(1 << 17), 0, statistics), statistics.tally(), Time.SYSTEM,
                sockets);
        loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new Loop[] {loop});
        thread = Thread.ofPlatform().start(loop);
    }

    public static PassingLoop of(Path root) throws IOException {
        return new PassingLoop(root);
    }

    public InetSocketAddress address() {
        return loop.address();
    }

    public Account[] accounts() {
        return loop.accounts();
    }

    /// {@return how often a method was called}
    public int calls(String method) {
        return calls.getOrDefault(method, 0);
    }

    /// {@return the largest result of a method}
    public int mostOf(String method) {
        return most.getOrDefault(method, 0);
    }

    /// Has a method answer that, and do nothing, after so many calls of it.
    public void answer(String method, int after, Object result) {
        afters.put(method, after);
        answers.put(method, result);
    }

    /// Has every second call that sends told to send less than it was asked to, down to a byte.
    public void shorten(SplittableRandom random) {
        cuts = random;
    }

    private Sockets counted(Sockets of) {
        return (Sockets) Proxy.newProxyInstance(Sockets.class.getClassLoader(), new Class<?>[] {Sockets.class}, (proxy, method, arguments) -> {
            SplittableRandom random = cuts;
            if (random != null && method.getName().startsWith("send") && random.nextBoolean()) {
                int last = arguments.length - 1;
                int length = (int) arguments[last];
                arguments[last] = 1 + random.nextInt(random.nextBoolean() ? 1 + length / 1000 : length);
            }
            try {
                calls.merge(method.getName(), 1, Integer::sum);
                Object answer = answers.get(method.getName());
                Object result = answer != null && calls(method.getName()) > afters.get(method.getName()) ? answer : method.invoke(of, arguments);
                if (result instanceof Integer number) {
                    most.merge(method.getName(), number, Math::max);
                }
                return result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    @Override
    public void close() {
        loop.stop();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        loop.close();
        arena.close();
    }
}
