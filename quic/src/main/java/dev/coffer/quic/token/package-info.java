/// What a server gives out and knows again without keeping it: tokens of addresses (RFC 9000, section 8.1), stateless resets (section 10.3), and
/// connection IDs, at random or such that a load balancer reads its server off them (QUIC-LB, draft-ietf-quic-load-balancers-21).
///
/// Left out on purpose: which IDs are in use, and how often a server resets.
@org.jspecify.annotations.NullMarked
package dev.coffer.quic.token;
