package dev.coffer.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A number of bytes as people type it: `65536`, `64K`, `64M`, `1G`, powers of 1024.
final class ByteCount implements ITypeConverter<Long> {
    /// The largest that one buffer of the JDK reaches, less what alignment may add.
    private static final long MOST = 1L << 30;
    private static final String UNITS = "KMG";

    @Override
    public Long convert(String text) {
        if (text.matches("[0-9]{1,10}([KMGkmg](i?B)?)?")) {
            String digits = text.replaceAll("[^0-9]", "");
            int unit = digits.length() == text.length() ? -1
                    : UNITS.indexOf(Character.toUpperCase(text.charAt(digits.length())));
            long bytes = Long.parseLong(digits) << 10 * (unit + 1);
            if (bytes <= MOST) {
                return bytes;
            }
        }
        throw new TypeConversionException("\"" + text + "\" (expected bytes, 0 to 1G, as 65536, 64K, 64M)");
    }
}
