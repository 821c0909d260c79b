/// JSON as plans and ledgers write it (RFC 8259). Not exported.
///
/// Only writing is here, into memory or a builder. Largest thing held: a reference.
package dev.coffer.memory.internal.json;
