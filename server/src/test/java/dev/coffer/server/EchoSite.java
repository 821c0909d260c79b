package dev.coffer.server;

import dev.coffer.http.Status;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/// Answers with the content of its request, in planned memory: 0 heap bytes. At `/later` another thread answers.
final class EchoSite extends Site {
    static final int BYTES_MAX = 4096;

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return MemoryPlan.group("echo", MemoryPlan.block("contents", BYTES_MAX, exchanges, "one an exchange")
                .withHeap(exchanges * HeapLayout.instance(Echo.class) + HeapLayout.array(Echo.class, exchanges)));
    }

    @Override
    public Handler open(Place place) {
        MemorySegment memory = place.carve((long) BYTES_MAX * place.exchanges());
        Echo[] free = new Echo[place.exchanges()];
        Desk desk = new Desk(free);
        for (int i = 0; i < free.length; i++) {
            free[desk.count++] = new Echo(desk, memory, (long) i * BYTES_MAX);
        }
        Worker worker = new Worker();
        place.closing(worker);
        return exchange -> {
            if (exchange.request().pathLength() > 1) {
                Later later = exchange.later();
                worker.answer(later, later.ticket());
            } else {
                Echo echo = desk.free[--desk.count];
                exchange.onEnd(echo);
                exchange.receive(echo, BYTES_MAX);
            }
        };
    }

    private static final class Desk {
        private final Echo[] free;
        private int count;

        Desk(Echo[] free) {
            this.free = free;
        }
    }

    private static final class Echo implements ContentSink, Ending {
        private final Desk desk;
        private final MemorySegment memory;
        private final long base;
        private int length;

        Echo(Desk desk, MemorySegment memory, long base) {
            this.desk = desk;
            this.memory = memory;
            this.base = base;
        }

        @Override
        public long take(Exchange exchange, MemorySegment content, long at, long bytes) {
            MemorySegment.copy(content, at, memory, base + length, bytes);
            length += (int) bytes;
            return bytes;
        }

        @Override
        public void end(Exchange exchange) {
            exchange.respond(Status.OK, MediaType.TEXT, memory, base, length);
        }

        @Override
        public void ended(Exchange exchange, boolean complete) {
            Wipe.bytes(memory, base, length);
            length = 0;
            desk.free[desk.count++] = this;
        }
    }

    /// One thread and one thing to do at a time.
    private static final class Worker implements AutoCloseable {
        private final Thread thread = Thread.ofPlatform().daemon().name("echo-worker").start(this::run);
        private volatile Later later;
        private volatile long ticket;
        private volatile boolean closed;

        void answer(Later newLater, long newTicket) {
            ticket = newTicket;
            later = newLater;
        }

        private void run() {
            while (!closed) {
                Later asked = later;
                if (asked == null) {
                    LockSupport.parkNanos(50_000);
                } else {
                    later = null;
                    asked.respond(ticket, Status.OK);
                }
            }
        }

        @Override
        public void close() {
            closed = true;
            LockSupport.unpark(thread);
        }
    }
}
