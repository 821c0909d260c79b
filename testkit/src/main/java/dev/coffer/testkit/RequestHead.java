package dev.coffer.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// The head of a request, for a scripted server: whole, however the system cuts it. What is left unread when a socket is closed makes its end a reset,
/// which may take the answer along.
public final class RequestHead {
    private static final String END = "\r\n\r\n";

    private RequestHead() {}

    /// {@return the head with its empty line; less where the client has ended before}
    public static String read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        for (int octet; matched < END.length() && (octet = in.read()) >= 0;) {
            head.write(octet);
            matched = octet == END.charAt(matched) ? matched + 1 : octet == END.charAt(0) ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }
}
