/// The vocabulary of all versions of HTTP (RFC 9110): methods (section 9), status codes (15), field names (the IANA
/// registry), heads and fields (6.3, 5) as views of the engine's memory, dates (5.6.7), limits and refusals; and the
/// application's side of a connection, the same for HTTP/1.1, HTTP/2 and HTTP/3: [dev.coffer.http.HttpServer],
/// [dev.coffer.http.HttpClient], [dev.coffer.http.MessageSource], [dev.coffer.http.HeadWriter].
///
/// Left out on purpose: content negotiation, caching and ranges (the application's), authentication, cookies, and
/// CONNECT that is not extended (refused). An exchange becomes a tunnel where the application says so ([dev.coffer.http.HttpServer#tunnel]). Holds
/// nothing but constants.
@NullMarked
package dev.coffer.http;

import org.jspecify.annotations.NullMarked;
