/// The ground floor: memory that is planned, reserved once, bounded, accounted and wiped. Depends on the JDK alone.
@SuppressWarnings("module")  // the qualified exports name modules that stand above this one and are built later
module dev.coffer.memory {
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us
    requires jdk.jfr;          // events; no class of it is initialised before a recording runs
    requires java.management;  // the ledger's bean; touched only by who registers one

    exports dev.coffer.memory;             // Region, Budget, MemoryPlan, Wipe, ConstantTime: what everyone imports
    exports dev.coffer.memory.engine;      // the outline that every protocol engine shares
    exports dev.coffer.memory.pool;        // pools of buffers and blocks over carved memory
    exports dev.coffer.memory.ring;        // a ring of bytes between a writer and a reader
    exports dev.coffer.memory.time;        // deadlines: a timer wheel without a clock
    exports dev.coffer.memory.layout;      // fixed-width access and alignment arithmetic for flyweights
    exports dev.coffer.memory.ledger;      // the live tree of what is held, as values, a table and JSON

    // System calls, for the modules that bind devices of their own: sockets, committed pages.
    exports dev.coffer.memory.internal.os to dev.coffer.crypto, dev.coffer.server, dev.coffer.cli;
    // Pieces for holders that nobody closes, for the providers.
    exports dev.coffer.memory.internal.vault to dev.coffer.jca, dev.coffer.jsse;
}
