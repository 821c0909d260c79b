package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class Http1ServerTest {
    @Test
    void answersGet() {
        try (Lab lab = new Lab()) {
            lab.feed("GET /a%20b?q=1 HTTP/1.1\r\nHost: example.org:80\r\nX-Any:  thing \r\n\r\n");
            assertEquals(List.of("REQUEST 0 GET /a%20b ?q=1 @example.org:80 11 0 [host=example.org:80] [x-any=thing]",
                    "END 0 \"\"", "SENT 0"), lab.events);
            assertEquals("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", lab.output.toString());
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() {
        try (Lab lab = new Lab()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            lab.onRequest = l -> l.server.respond(l.server.stream(), Lab.text(200 + (int) l.server.stream() % 3, "x"));
            lab.feed(requests.toString());
            assertEquals(3000, lab.events.size());
            assertEquals("REQUEST 999 GET /999 @a 11 0 [host=a]", lab.events.get(2997));
            List<Integer> statuses = lab.statuses();
            assertEquals(1000, statuses.size());
            for (int i = 0; i < 1000; i++) {
                assertEquals(200 + i % 3, statuses.get(i));
            }
        }
    }
}
