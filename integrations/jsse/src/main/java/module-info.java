/// Coffer's TLS 1.3 as a `java.security.Provider` of `SSLContext`: post-quantum groups, keys and records off the heap, bounded, wiped.
module dev.coffer.jsse {
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us
    requires transitive dev.coffer.memory;
    requires dev.coffer.tls;

    exports dev.coffer.jsse;  // CofferJsseProvider and its configuration

    provides java.security.Provider with dev.coffer.jsse.CofferJsseProvider;
}
