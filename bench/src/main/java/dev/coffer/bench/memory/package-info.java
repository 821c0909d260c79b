/// The memory room's rows: pools, wiping, budgets, beside Netty, Agrona, the JDK's queues and a thread-local.
package dev.coffer.bench.memory;
