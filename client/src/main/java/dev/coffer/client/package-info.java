/// An HTTP client out of planned memory (RFC 9110): a [dev.coffer.client.Client] is one thread with a region, connections pooled by
/// origin, and calls made at start. A [dev.coffer.client.Request] is pulled, its response pushed to a
/// [dev.coffer.client.ResponseSink] that holds the server back by what it leaves; one exchange is one of any number on a connection,
/// so nothing here says which version of HTTP carries it. Today that is HTTP/1.1 without TLS.
///
/// Left out on purpose: redirects and text ([dev.coffer.client.easy.Easy] has them), cookies, caches, proxies, Upgrade.
///
/// The largest thing held is the region: [dev.coffer.client.Client#plan] says how large, row by row. What is full is a typed refusal
/// for that one call.
@org.jspecify.annotations.NullMarked
package dev.coffer.client;
