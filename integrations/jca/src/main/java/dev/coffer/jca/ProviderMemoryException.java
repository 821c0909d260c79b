package dev.coffer.jca;

import java.security.ProviderException;

/// The provider's memory for keys or for work is spent: nothing was done, nothing was lost, and whoever asked may ask again when others
/// have destroyed their keys or ended their messages. Engines that are initialised by a key make the JCA ask its next provider then.
public final class ProviderMemoryException extends ProviderException {
    private static final long serialVersionUID = 1;

    ProviderMemoryException(String area, long requestedBytes, long largestFreeBytes, long capacityBytes) {
        super("provider Coffer, " + area + ": asked " + requestedBytes + " bytes, largest free run " + largestFreeBytes + " of "
                + capacityBytes + " (destroy keys that are done with, or give more: " + CofferProviderConfig.PROPERTY + "=keys=BYTES,work=BYTES)");
    }
}
