/// Handlers in plain Java: a request of `String`s and `byte[]`s, a response made of them, a lambda between the two.
/// [dev.coffer.server.easy.Easy] is the site; it stands alone or in a [dev.coffer.server.route.Route].
///
/// What it costs: everything here lives on the heap. A small GET makes about 5 KB of it (the head copied into strings, the response, its
/// bytes), content its own bytes three to five times over. The memory form, [dev.coffer.server.Handler] over views, makes nothing.
///
/// The largest thing held is the content of one request, [dev.coffer.server.easy.Easy#contentBytesMax] bytes, once for each request that is
/// being received or answered. Secrets do not belong here: what is on the heap is not wiped.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.easy;
