/// Server-sent events (WHATWG HTML, section 9.2) out of planned memory: [dev.coffer.server.events.EventHub] is the site that
/// clients subscribe to, and what any thread publishes to or sends by. Events, comments, `retry`, and ids from which a client that
/// comes back (`Last-Event-ID`) goes on.
///
/// Left out on purpose: events that are kept longer than the buffer, and ids of the application's own.
///
/// The largest thing held is, for each loop, `broadcastEvents + subscribers * queueEvents` events of `eventBytesMax`. 0 heap bytes an
/// event in the form over memory.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.events;
