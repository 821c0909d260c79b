package dev.coffer.bench.memory;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// JMH's custom executor for the rows that need Netty's own threads.
public class FastThreadExecutor extends ThreadPoolExecutor {
    /// @param threads  how many JMH asks for
    /// @param name     of the threads
    public FastThreadExecutor(int threads, String name) {
        super(threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(),
                task -> new FastThreadLocalThread(task, name));
    }
}
