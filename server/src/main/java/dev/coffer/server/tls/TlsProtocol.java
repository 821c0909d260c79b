package dev.coffer.server.tls;

import dev.coffer.memory.engine.Engine;
import dev.coffer.memory.layout.HeapLayout;
import dev.coffer.server.drive.Kept;
import dev.coffer.server.drive.OwnOutput;
import dev.coffer.server.drive.Protocol;
import dev.coffer.server.drive.Transport;
import dev.coffer.tls.Alert;
import dev.coffer.tls.ServerContext;
import dev.coffer.tls.TlsConnection;
import dev.coffer.tls.TlsServer;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// TLS on one connection, for as long as that lasts: its keys are remembered. The protocol inside is lent to it by the inner lane while there
/// is something to say, as to a connection without TLS.
final class TlsProtocol implements Protocol, Transport, TlsConnection.Carrier<Object> {
    private final TlsLane lane;
    private final TlsServer<Object> engine;
    private @Nullable Transport transport;  // null while nobody has it
    private @Nullable Protocol inner;       // null while nothing is said
    private @Nullable Kept kept;            // by the inner one, for when something is
    private boolean wanted;             // it has something to say

    TlsProtocol(TlsLane lane, ServerContext context, int connection) {
        this.lane = lane;
        this.engine = new TlsServer<>(context, connection, this);
    }

    private Transport transport() {
        return Objects.requireNonNull(transport, "begun");
    }

    /// {@return bytes of the objects}
    static long heapBytes() {
        return HeapLayout.instance(TlsProtocol.class) + TlsServer.heapBytes();
    }

    @Override
    @SuppressWarnings("unchecked")  // its events are polled by the inner protocol, which knows them
    public @Nullable Engine<Object> carry(TlsConnection<Object> of, long nowNanos) {
        Protocol lent = lane.inner().acquire();
        if (lent == null) {
            transport().makeWay(nowNanos);
            lent = lane.inner().acquire();
        }
        inner = lent;
        if (lent == null) {
            return null;
        }
        lent.engine().reset(nowNanos);
        lent.begin(this);
        lent.agreed(engine.protocol());
        return (Engine<Object>) lent.engine();
    }

    @Override
    public boolean hasLastWord() {
        return kept != null && !kept.isBusy();
    }

    @Override
    public Engine<?> engine() {
        return engine;
    }

    @Override
    public void begin(Transport newTransport) {
        transport = newTransport;
    }

    @Override
    public boolean event(long nowNanos) {
        if (inner == null && wanted && kept != null) {
            engine.carry(nowNanos);
            wanted = inner == null;
            return !wanted;
        }
        return inner != null && inner.event(nowNanos);
    }

    private void giveBack(Protocol lent) {
        inner = null;
        lent.end();
        lane.inner().release(lent);
    }

    @Override
    public void shutdown(long nowNanos) {
        if (inner == null && kept != null) {
            engine.carry(nowNanos);  // it has a word to say; where there is no memory for that it ends without
        }
        engine.shutdown(nowNanos);
    }

    @Override
    public void keep(@Nullable Kept thing) {
        kept = thing;
        wanted = false;
    }

    @Override
    public @Nullable Kept kept() {
        return kept;
    }

    @Override
    public boolean failed(Throwable thrown) {
        return inner != null && inner.failed(thrown);
    }

    /// {@return false: the keys are remembered. It is asked when nothing waits to be sent, and so nothing lies in the inner protocol's buffer:
    /// then, and not before, that one goes back if it is at rest}
    @Override
    public boolean isAtRest() {
        if (inner != null && inner.isAtRest() && engine.canRest()) {
            engine.rest(inner.engine().deadlineNanos());
            giveBack(inner);
        }
        return false;
    }

    @Override
    public boolean isBusy() {
        return kept != null && kept.isBusy() || inner != null && inner.isBusy();
    }

    @Override
    public boolean giveWay(long nowNanos, long patienceNanos) {
        return inner != null && inner.giveWay(nowNanos, patienceNanos);
    }

    @Override
    public boolean lingers() {
        Alert sent = engine.alertSent();
        return sent != null && sent.isFatal() || inner != null && inner.lingers();
    }

    @Override
    public void end() {
        if (inner != null) {
            giveBack(inner);
        }
        if (kept != null) {
            Kept forsaken = kept;
            kept = null;
            lane.inner().forsake(forsaken);
        }
        wanted = false;
        engine.close();
        transport = null;
    }

    /// {@return the inner protocol's buffer; without one there is no output but in a block that is lent, which is waited for}
    @Override
    public OwnOutput output() {
        return inner != null ? inner.output() : OwnOutput.NONE;
    }

    @Override
    public boolean isLoopback() {
        return transport().isLoopback();
    }

    @Override
    public int peer(MemorySegment target, long at) {
        return transport().peer(target, at);
    }

    @Override
    public int peerKey(MemorySegment target, long at) {
        return engine.peerKey(target, at);
    }

    @Override
    public boolean isEarly() {
        return engine.isEarly();
    }

    @Override
    public void turnSoon() {
        wanted = inner == null;
        transport().turnSoon();
    }

    @Override
    public void makeWay(long nowNanos) {
        transport().makeWay(nowNanos);
    }

    @Override
    public int fills() {
        return transport().fills();
    }

    @Override
    public long unsentAt() {
        return transport().unsentAt();
    }

    @Override
    public void cut() {
        transport().cut();
    }
}
