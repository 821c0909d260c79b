/// AEADs and header protection of [dev.coffer.crypto] on the system's libcrypto: the processor's instructions, its memory in a region of
/// ours. Needs native access of its own, `--enable-native-access=dev.coffer.crypto.libcrypto`; without it, and where there is no
/// such library, whoever asks keeps the pure form.
module dev.coffer.crypto.libcrypto {
    requires transitive dev.coffer.crypto;
    requires static org.jspecify;  // annotations for who compiles us

    exports dev.coffer.crypto.libcrypto;  // Libcrypto and its configuration
}
