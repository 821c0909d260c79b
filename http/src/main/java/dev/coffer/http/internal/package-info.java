/// What the engines of several versions share and nobody else sees: which octets may stand where ([dev.coffer.http.internal.Octets]),
/// authorities, which fields may be trailers, and a peer's pace. Holds nothing.
package dev.coffer.http.internal;
