/// What tests of every module share. Never a dependency of shipped code.
module dev.coffer.testkit {
    requires transitive dev.coffer.memory;
    requires transitive dev.coffer.instruments;
    requires jdk.management;
    requires static jol.core;  // where objects are counted

    exports dev.coffer.testkit;             // heap counting, raw reads, seeds, vectors
    exports dev.coffer.testkit.simulation;  // virtual clock, network, drivers of engines
}
