/// Looks at a JVM from outside: what `coffer audit` and the residue tests of every module measure with. Depends on the
/// JDK alone, on nothing that it judges.
module dev.coffer.instruments {
    exports dev.coffer.instruments;  // child JVMs, mappings, raw memory, cores, heap dumps and the search through them
}
