/// A server out of planned memory: [dev.coffer.server.Server] opens share-nothing loops, each a thread with its own region,
/// sockets and connections, and serves a [dev.coffer.server.Site], which opens a [dev.coffer.server.Handler] for each loop. A
/// request and its answer are an [dev.coffer.server.Exchange] (RFC 9110), the same in every version of HTTP.
///
/// One turn of a loop waits for sockets, feeds what came to the connections' engines, sends what they have to say, and
/// looks after time limits. After start it makes no Java object: not per request, and on Linux not per connection or
/// file either. What is full answers 503 and leaves everyone else alone.
///
/// The largest thing held is the region of each loop; [dev.coffer.server.Server#plan] says how large, row by row.
@org.jspecify.annotations.NullMarked
package dev.coffer.server;
