/// Coffer's cryptography as a `java.security.Provider`: keys and working memory off the heap, planned, bounded, wiped.
module dev.coffer.jca {
    requires transitive dev.coffer.crypto;
    requires transitive dev.coffer.memory;

    exports dev.coffer.jca;  // CofferProvider, its configuration, and what its keys can do beside JCA's interfaces

    provides java.security.Provider with dev.coffer.jca.CofferProvider;
}
