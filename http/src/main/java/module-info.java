/// HTTP without I/O, over the caller's memory.
module dev.coffer.http {
    requires transitive dev.coffer.memory;
}
