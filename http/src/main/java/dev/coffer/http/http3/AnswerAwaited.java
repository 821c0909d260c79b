package dev.coffer.http.http3;

import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import dev.coffer.http.internal.ReceivedAnswer;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// What a client's [Stream] knows that a server's does not: heads of answers, one final and those before it (RFC 9114, section 4.1), and what of them the application has heard.
final class AnswerAwaited {
    ReceivedAnswer response;        // the head that comes next, or has come last
    ReceivedAnswer information;     // the interim head that came last
    boolean informationDue;
    boolean informing;              // it was the last thing told
    boolean responseDue;
    boolean answered;               // the last head has come
    boolean heard;                  // something of an answer has come
    boolean endTold;
    boolean sentTold;
    boolean toHead;                 // the request is HEAD
    int informations;
    long asked;                     // since when the answer's head is awaited
    @Nullable
    Refusal cut;                    // ABORTED follows what has come, and that is why

    AnswerAwaited(MemorySegment memory, Limits limits) {
        this.response = new ReceivedAnswer(memory, -1, limits, 30);
        this.information = new ReceivedAnswer(memory, -1, limits, 30);
    }

    static long heapBytes() {
        return HeapLayout.instance(AnswerAwaited.class) + 2 * HeapLayout.instance(ReceivedAnswer.class);
    }

    void open() {
        informationDue = false;
        informing = false;
        responseDue = false;
        answered = false;
        heard = false;
        endTold = false;
        sentTold = false;
        toHead = false;
        informations = 0;
        cut = null;
    }
}
