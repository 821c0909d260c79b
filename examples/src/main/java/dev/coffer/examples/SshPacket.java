package dev.coffer.examples;

import dev.coffer.memory.Buffer;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.nio.charset.StandardCharsets;

/// An SSH binary packet (RFC 4253, section 6) written into a linear buffer and read back: u32 length, u8 padding length, a
/// payload of strings, padding. A string that does not fit is refused whole.
public final class SshPacket {
    private static final int SSH_MSG_USERAUTH_REQUEST = 50;
    private static final int BLOCK_BYTES = 8;

    private SshPacket() {}

    public static void main(String[] arguments) {
        MemoryPlan plan = MemoryPlan.group("ssh", MemoryPlan.block("packet", 256));
        try (Region region = Region.open(RegionConfig.defaults("ssh"), plan)) {
            Buffer packet = Buffer.over(region.carve("packet"));
            long lengthAt = packet.claim(4);
            long paddingAt = packet.claim(1);
            packet.putU8(SSH_MSG_USERAUTH_REQUEST);
            packet.putString("alice".getBytes(StandardCharsets.US_ASCII));
            packet.putString("ssh-connection");
            packet.putString("none");
            int padding = (int) (2 * BLOCK_BYTES - packet.length() % BLOCK_BYTES);
            packet.putZeros(padding);
            packet.u8At(paddingAt, padding);
            packet.u32At(lengthAt, packet.length() - 4);
            System.out.println("packet: " + packet.length() + " bytes, padding " + padding);

            long length = packet.takeU32();
            int paddingRead = packet.takeU8();
            int message = packet.takeU8();
            byte[] name = new byte[(int) packet.stringBytes()];
            packet.skip(4);
            packet.take(name);
            System.out.println("read:   length " + length + ", padding " + paddingRead + ", message " + message + ", user "
                    + new String(name, StandardCharsets.US_ASCII));

            long before = packet.length();
            try {
                packet.putString(new byte[300]);
            } catch (RuntimeException refusal) {
                System.out.println("refused whole: " + refusal.getMessage() + "; length still " + before + " = "
                        + packet.length());
            }
            packet.burn();
            System.out.println("burnt:  dirty bytes left " + packet.dirtyBytes());
        }
    }
}
