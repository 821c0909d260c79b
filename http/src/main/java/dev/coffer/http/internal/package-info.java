/// What the engines of several versions share and nobody else sees: which octets may stand where ([dev.coffer.http.internal.Octets]),
/// authorities, which fields may be trailers, a peer's pace, and
/// what is kept of connections at rest ([dev.coffer.http.internal.RestBlocks], the one that holds something: its owner's plan has it).
@org.jspecify.annotations.NullMarked
package dev.coffer.http.internal;
