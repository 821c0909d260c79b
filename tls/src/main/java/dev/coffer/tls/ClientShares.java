package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A client's half of a key exchange (RFC 8446, section 4.2.8): its shares in a hello, in the first of its groups and in X25519 where that is another,
/// and what is kept until the server has answered in one of them: of a hybrid's key pair its seed alone. One a handshake's slot, in which the
/// kept parts lie. The connection's thread alone; 0 heap bytes.
final class ClientShares {
    // What is kept, of the share in the first group and of that in X25519.
    private static final long FIRST = 0;
    private static final long SECOND = FIRST + NamedGroup.KEPT_BYTES_MAX;
    /// Bytes of it.
    static final int KEPT_BYTES = (int) SECOND + NamedGroup.KEPT_BYTES_MAX;

    private final MemorySegment memory;
    private final long kept;
    private NamedGroup first;
    private @Nullable NamedGroup second;
    private @Nullable NamedGroup group;  // that was agreed on
    private boolean same;         // a retry asked for no other
    private long at;              // where the shares are
    private int bytes;

    /// @param kept  where in the memory [#KEPT_BYTES] are
    ClientShares(NamedGroup first, MemorySegment memory, long kept) {
        this.first = first;
        this.memory = memory;
        this.kept = kept;
    }

    void begin(TlsClientConfig config) {
        first = config.groups().getFirst();
        int plain = config.groups().indexOf(NamedGroup.X25519);
        second = plain > 0 ? config.groups().get(plain) : null;
        group = null;
        same = false;
    }

    /// Where the shares go again as they were, takes them out of the way of a hello that is longer by so many bytes.
    void moveOn(int by) {
        if (same) {
            MemorySegment.copy(memory, at, memory, at + by, bytes);
        }
    }

    /// Writes the extension, or lets it stand that was moved there.
    ///
    /// @return behind it
    long write(ClientContext context, long from) {
        at = from;
        if (!same) {
            long p = share(context, from + 6, first, kept + FIRST);
            NamedGroup other = second;
            if (other != null) {
                p = share(context, p, other, kept + SECOND);
            }
            ClientHelloWriter.head(memory, from, Wire.KEY_SHARE, (int) (p - from - 4));
            BigEndian.u16(memory, from + 4, (int) (p - from - 6));
            bytes = (int) (p - from);
        }
        return from + bytes;
    }

    private long share(ClientContext context, long p, NamedGroup group, long keptAt) {
        BigEndian.u16(memory, p, group.code());
        BigEndian.u16(memory, p + 2, group.clientShareBytes());
        group.share(context.entropy(), memory, p + 4, memory, keptAt, context.workspace(), context.operationAt());
        return p + 4 + group.clientShareBytes();
    }

    /// The server wants another share, or its cookie back and the same ones (section 4.1.4).
    ///
    /// @return whether there is something to be changed, and it can be
    boolean retry(TlsClientConfig config, ServerHello hello) {
        if (hello.group() == 0) {
            same = true;  // section 4.1.2: all is as it was but for the cookie
            return hello.cookieBytes() > 0;
        }
        NamedGroup wanted = null;
        for (int i = 0; i < config.groups().size(); i++) {
            wanted = config.groups().get(i).code() == hello.group() ? config.groups().get(i) : wanted;
        }
        if (wanted == null || wanted == first || wanted == second) {
            return false;
        }
        first = wanted;
        second = null;
        wipe();
        return true;
    }

    /// The server has answered.
    ///
    /// @param shared  room for [NamedGroup#SHARED_BYTES_MAX], in the same memory
    /// @return bytes of what is shared; 0 where the answer is in no group of ours or of another form
    int finish(ClientContext context, ServerHello hello, long shared) {
        NamedGroup other = second;
        group = hello.group() == first.code() ? first : other != null && hello.group() == other.code() ? other : null;
        NamedGroup with = group;
        if (with == null) {
            return 0;
        }
        boolean agreed = hello.shareBytes() == with.serverShareBytes() && with.finish(memory, kept + (with == first ? FIRST : SECOND), memory,
                hello.shareAt(), memory, shared, context.workspace(), context.operationAt());
        wipe();
        return agreed ? with.sharedBytes() : 0;
    }

    /// {@return the group that was agreed on; null before}
    @Nullable
    NamedGroup group() {
        return group;
    }

    private void wipe() {
        Wipe.bytes(memory, kept, KEPT_BYTES);
    }
}
