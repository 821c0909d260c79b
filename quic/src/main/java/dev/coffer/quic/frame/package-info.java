/// Frames of QUIC (RFC 9000, sections 12.4, 12.5 and 19; RFC 9221) read and written where they lie, one at a time, without an object for any;
/// codes of errors (section 20.1). What is malformed, of an unknown type or where it must not be is the error that the standard names.
///
/// Left out on purpose: what a frame means. Nothing is held but where a reader stands.
@org.jspecify.annotations.NullMarked
package dev.coffer.quic.frame;
