/// HMAC (RFC 2104, FIPS 198-1). Users reach it through [dev.coffer.crypto.Mac]. Left out on purpose: nothing. Holds
/// nothing; a state has at most 0.8 KiB of the caller's memory.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.hmac;
