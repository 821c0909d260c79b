package dev.coffer.cli;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.crypto.stream.SealedSuite;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Names of algorithms and levels as people type them: `SHA-256`, `sha_256` and `sha256` are one.
final class AnyName<E extends Enum<E>> implements ITypeConverter<E> {
    /// What many call the hybrid of X25519 and ML-KEM-768; keys of it are the same bytes, whichever protocol combines the secrets.
    private static final String HYBRID = "x25519mlkem768";

    private final Class<E> type;

    private AnyName(Class<E> type) {
        this.type = type;
    }

    static <E extends Enum<E>> AnyName<E> of(Class<E> type) {
        return new AnyName<>(type);
    }

    static void register(CommandLine line) {
        register(line, KeyAlgorithm.class);
        register(line, PrivateKeyForm.class);
        register(line, SealedSuite.class);
        register(line, HashCommand.Algorithm.class);
        register(line, ServeOptions.Profile.class);
        register(line, ServeOptions.Locked.class);
        register(line, CryptoOptions.Form.class);
    }

    private static <E extends Enum<E>> void register(CommandLine line, Class<E> type) {
        line.registerConverter(type, new AnyName<>(type));
    }

    @Override
    public E convert(String value) {
        String name = plain(value).equals(HYBRID) ? plain(KeyAlgorithm.X_WING.name()) : plain(value);
        return Arrays.stream(type.getEnumConstants()).filter(one -> plain(one.name()).equals(name)).findFirst()
                .orElseThrow(() -> new TypeConversionException("no \"" + value + "\" (expected one of "
                        + Arrays.stream(type.getEnumConstants()).map(AnyName::name).collect(Collectors.joining(", ")) + ")"));
    }

    /// {@return the name as help and man pages print it}
    static String name(Enum<?> one) {
        return one.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String plain(String name) {
        return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }
}
