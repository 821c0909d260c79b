/// Coffer's TLS 1.3 as a `java.security.Provider` of `SSLContext`: post-quantum groups, keys and records off the heap, bounded, wiped.
module dev.coffer.jsse {
    requires static org.jspecify;  // annotations for who compiles us; nobody needs it who uses us
    requires static org.eclipse.jetty.alpn.client;  // for who runs Jetty; nobody else needs it
    requires static org.eclipse.jetty.alpn.server;
    requires static org.eclipse.jetty.io;
    requires transitive dev.coffer.memory;
    requires dev.coffer.tls;

    exports dev.coffer.jsse;  // CofferJsseProvider and its configuration

    provides java.security.Provider with dev.coffer.jsse.CofferJsseProvider;
    provides org.eclipse.jetty.io.ssl.ALPNProcessor.Server with dev.coffer.jsse.jetty.JettyServerAlpn;
    provides org.eclipse.jetty.io.ssl.ALPNProcessor.Client with dev.coffer.jsse.jetty.JettyClientAlpn;
}
