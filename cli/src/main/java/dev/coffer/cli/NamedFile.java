package dev.coffer.cli;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A file that is read again or written later, by its name: a standard stream cannot be, and `-` names none. Options that take a stream as well
/// are texts, which [CommandFiles] opens.
final class NamedFile implements ITypeConverter<Path> {
    @Override
    public Path convert(String name) {
        if (name.equals(Standard.NAME)) {
            throw new TypeConversionException("\"-\" (expected a file, which a standard stream is not here; one of that name is ./-)");
        }
        return Path.of(name);
    }
}
