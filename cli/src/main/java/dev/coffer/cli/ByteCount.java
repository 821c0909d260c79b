package dev.coffer.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A number of bytes as people type it: `65536`, `64K`, `64M`, `1G`, powers of 1024.
class ByteCount implements ITypeConverter<Long> {
    /// The largest that one buffer of the JDK reaches, less what alignment may add.
    private static final long MOST = 1L << 30;
    private static final String UNITS = "KMGT";

    private final long most;

    ByteCount() {
        this(MOST);
    }

    private ByteCount(long most) {
        this.most = most;
    }

    /// A number of bytes that need not lie in one buffer: up to 1T.
    static final class Memory extends ByteCount {
        Memory() {
            super(1L << 40);
        }
    }

    @Override
    public Long convert(String text) {
        if (text.matches("[0-9]{1,10}([KMGTkmgt](i?B)?)?")) {
            String digits = text.replaceAll("[^0-9]", "");
            int unit = digits.length() == text.length() ? -1
                    : UNITS.indexOf(Character.toUpperCase(text.charAt(digits.length())));
            long number = Long.parseLong(digits);
            if (number <= most >> 10 * (unit + 1)) {
                return number << 10 * (unit + 1);
            }
        }
        throw new TypeConversionException("\"" + text + "\" (expected bytes, 0 to " + (most == MOST ? "1G" : "1T")
                + ", as 65536, 64K, 64M)");
    }
}
