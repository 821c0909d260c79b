/// What Jetty asks of a provider's engines before it agrees on HTTP/2 (RFC 7301): found by the service loader, for nobody to call.
@NullMarked
package dev.coffer.jsse.jetty;

import org.jspecify.annotations.NullMarked;
