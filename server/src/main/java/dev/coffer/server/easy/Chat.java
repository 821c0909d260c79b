package dev.coffer.server.easy;

import dev.coffer.http.websocket.CloseCode;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.server.Handler;
import dev.coffer.server.Place;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.websocket.WebSocket;
import dev.coffer.server.websocket.WebSocketConfig;
import dev.coffer.server.websocket.WebSocketHub;
import dev.coffer.server.websocket.WebSocketListener;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A site of WebSockets in plain Java: lambdas, `String`s and `byte[]`s.
///
/// ```java
/// Chat chat = Chat.answering((talker, text) -> talker.send("you said " + text));
/// Server.open(config, Router.of(Route.get("/chat", chat)));
/// chat.broadcast("welcome");
/// ```
///
/// The lambdas are called on the loop's thread, where they must not wait; everything else may be called by any thread. It stands on a [WebSocketHub],
/// which says what happens when a receiver is slow, and from where pages may come. Each message makes a `String` or an array on the heap.
@SuppressWarnings("exports")  // annotations that users need not have
public final class Chat extends Site {
    /// Answers a text.
    @FunctionalInterface
    public interface OnText {
        /// A whole text has come.
        ///
        /// @throws Exception  any: it is counted and logged, and cuts that one socket
        void text(Talker talker, String text) throws Exception;
    }

    /// Takes bytes.
    @FunctionalInterface
    public interface OnBytes {
        /// A whole binary message has come.
        ///
        /// @throws Exception  as of [OnText]
        void bytes(Talker talker, byte[] bytes) throws Exception;
    }

    /// One who talks here, for any thread.
    ///
    /// @param chat    where
    /// @param number  the socket's, never used again
    public record Talker(Chat chat, long number) {
        /// {@return whether the text will be sent: not where the socket is gone, or reads too slowly}
        public boolean send(String text) {
            return chat.hub.send(number, text);
        }

        /// {@return whether the bytes will be sent, as above}
        public boolean send(byte[] bytes) {
            return chat.hub.send(number, false, MemorySegment.ofArray(bytes), 0, bytes.length);
        }

        /// Closes, when what waits has been sent.
        public void close() {
            chat.hub.close(number, CloseCode.NORMAL);
        }
    }

    private final WebSocketHub hub;

    private Chat(WebSocketConfig config, OnText onText, @Nullable OnBytes onBytes) {
        this.hub = WebSocketHub.of(config, new Lambdas(this, onText, onBytes));
    }

    /// {@return the site of that lambda; who sends bytes is closed with 1003}
    public static Chat answering(OnText onText) {
        return of(WebSocketConfig.standard(), onText, null);
    }

    /// {@return the site of those lambdas}
    ///
    /// @param config   messages come whole: `messages` 1 or more
    /// @param onBytes  null where bytes are not taken
    /// @throws IllegalArgumentException  messages in pieces (caller's fault)
    public static Chat of(WebSocketConfig config, OnText onText, @Nullable OnBytes onBytes) {
        if (config.messages() == 0) {
            throw new IllegalArgumentException("messages: 0 (expected 1 or more, as they are handed over whole)");
        }
        return new Chat(config, Objects.requireNonNull(onText), onBytes);
    }

    /// Sends a text to all.
    ///
    /// @throws IllegalArgumentException  more than `sentBytesMax` of UTF-8 (caller's fault)
    public void broadcast(String text) {
        hub.broadcast(text);
    }

    /// {@return how many talk}
    public int talkers() {
        return hub.sockets();
    }

    @Override
    public MemoryPlan plan(ServerConfig config, int exchanges) {
        return hub.plan(config, exchanges);
    }

    @Override
    public int resting() {
        return hub.resting();
    }

    @Override
    public int timers() {
        return hub.timers();
    }

    @Override
    public Handler open(Place place) throws IOException {
        return hub.open(place);
    }

    @Override
    public Script rehearsal() {
        return hub.rehearsal();
    }

    private record Lambdas(Chat chat, OnText onText, @Nullable OnBytes onBytes) implements WebSocketListener {
        @Override
        public void message(WebSocket socket, boolean text, MemorySegment data, long at, long length, boolean last) {
            OnBytes takesBytes = onBytes;
            if (!text && takesBytes == null) {
                socket.close(CloseCode.UNSUPPORTED_DATA, null);
                return;
            }
            byte[] bytes = data.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
            Talker talker = new Talker(chat, socket.number());
            try {
                if (text) {
                    onText.text(talker, new String(bytes, StandardCharsets.UTF_8));
                } else if (takesBytes != null) {
                    takesBytes.bytes(talker, bytes);
                }
            } catch (RuntimeException thrown) {
                throw thrown;
            } catch (Exception thrown) {
                IllegalStateException cut = new IllegalStateException(thrown);
                cut.setStackTrace(thrown.getStackTrace());
                throw cut;
            }
        }
    }
}
