/// A server of files over HTTP/1.1 out of planned memory: [dev.coffer.server.Server] opens share-nothing loops, each a
/// thread with its own region, sockets, connection table and open files.
///
/// One turn of a loop waits for sockets, feeds what came to the connections' engines, sends what they have to say, and
/// looks after time limits. After start it makes no Java object: not per request, and on Linux not per connection or
/// file either. What is full answers 503 and leaves everyone else alone.
///
/// The largest thing held is the region of each loop; [dev.coffer.server.Server#plan] says how large, row by row.
package dev.coffer.server;
