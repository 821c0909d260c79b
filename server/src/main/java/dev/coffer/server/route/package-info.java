/// Which handler answers a request, by its method and its path (RFC 9110, section 9; RFC 3986, section 3.3):
/// [dev.coffer.server.route.Router], a site of [dev.coffer.server.route.Route]s, each with a
/// [dev.coffer.server.route.PathPattern].
///
/// Left out on purpose: patterns over hosts, queries or fields, regular expressions, redirects that add or take away a slash.
///
/// Compiled when it is made; the largest thing held is the tree of its patterns, on the heap. 0 heap bytes a request.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.route;
