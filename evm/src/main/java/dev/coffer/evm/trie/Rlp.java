package dev.coffer.evm.trie;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// Recursive length prefix (Yellow Paper, appendix B): what logs, tries and transactions are written in. Writing makes the one right form; reading
/// takes no other: a length is the shortest there is and lies inside what holds it, a byte below 128 stands for itself, nothing follows. Lists nest at most
/// [#DEPTH_MAX] deep. Stateless.
public final class Rlp {
    /// Lists in lists that are read.
    public static final int DEPTH_MAX = 64;

    private static final int STRING = 0x80;
    private static final int LIST = 0xc0;
    private static final int SHORT_MAX = 55;        // bytes whose length stands in the first byte

    private Rlp() {}

    /// What was read: a string of bytes or a list.
    public sealed interface Item {}

    /// A string of bytes.
    public static final class Bytes implements Item {
        private final byte[] value;

        /// @param value  kept, not copied
        public Bytes(byte[] value) {
            this.value = value;
        }

        /// {@return the bytes themselves}
        public byte[] value() {
            return value;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return "0x" + HexFormat.of().formatHex(value);
        }
    }

    /// A list.
    public record Items(List<Item> items) implements Item {}

    // --- writing ----------------------------------------------------------------------------------------------------

    /// {@return a string of bytes, written}
    public static byte[] bytes(byte[] value) {
        return value.length == 1 && value[0] >= 0 ? value : headed(STRING, value);
    }

    /// {@return a number of 0 or more, written: without leading zeros, 0 as no bytes}
    public static byte[] number(BigInteger value) {
        byte[] raw = value.toByteArray();
        return bytes(value.signum() == 0 ? new byte[0] : raw[0] == 0 ? Arrays.copyOfRange(raw, 1, raw.length) : raw);
    }

    /// {@return a list of what is written already}
    public static byte[] list(byte[]... items) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (byte[] item : items) {
            payload.writeBytes(item);
        }
        return headed(LIST, payload.toByteArray());
    }

    /// {@return an item, written}
    public static byte[] item(Item item) {
        return switch (item) {
            case Bytes bytes -> bytes(bytes.value());
            case Items items -> list(items.items().stream().map(Rlp::item).toArray(byte[][]::new));
        };
    }

    private static byte[] headed(int kind, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + 5);
        if (payload.length <= SHORT_MAX) {
            out.write(kind + payload.length);
        } else {
            int lengthBytes = (32 - Integer.numberOfLeadingZeros(payload.length) + 7) / 8;
            out.write(kind + SHORT_MAX + lengthBytes);
            for (int i = lengthBytes - 1; i >= 0; i--) {
                out.write(payload.length >>> 8 * i);
            }
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }

    // --- reading ----------------------------------------------------------------------------------------------------

    /// {@return the one item that the bytes are}
    ///
    /// @throws IllegalArgumentException  they are none in the one right form, or it nests too deep; the message says where
    public static Item read(byte[] from) {
        Reader reader = new Reader(from);
        Item item = reader.item(from.length, 0);
        if (reader.at != from.length) {
            throw reader.wrong("something after the item");
        }
        return item;
    }

    private static final class Reader {
        private final byte[] from;
        private int at;

        Reader(byte[] from) {
            this.from = from;
        }

        Item item(int end, int depth) {
            if (at >= end) {
                throw wrong("cut short");
            }
            int first = from[at++] & 0xff;
            if (first < STRING) {
                return new Bytes(new byte[] {(byte) first});
            }
            int kind = first < LIST ? STRING : LIST;
            int length = length(first - kind, end);
            return kind == STRING ? string(length) : list(at + length, depth);
        }

        private Bytes string(int length) {
            if (length == 1 && from[at] >= 0) {
                throw wrong("a byte below 128 that has a head");
            }
            byte[] value = Arrays.copyOfRange(from, at, at + length);
            at += length;
            return new Bytes(value);
        }

        private Items list(int end, int depth) {
            if (depth == DEPTH_MAX) {
                throw wrong("nested deeper than " + DEPTH_MAX);
            }
            List<Item> items = new ArrayList<>();
            while (at < end) {
                items.add(item(end, depth + 1));
            }
            return new Items(items);
        }

        /// The payload's length, which lies inside what holds it.
        private int length(int code, int end) {
            if (code <= SHORT_MAX) {
                return inside(code, end);
            }
            int lengthBytes = code - SHORT_MAX;
            if (lengthBytes > end - at) {
                throw wrong("cut short");
            }
            if (from[at] == 0) {
                throw wrong("a length with a leading zero");
            }
            long length = 0;
            for (int i = 0; i < lengthBytes; i++) {
                length = length << 8 | from[at++] & 0xff;
                if (length > Integer.MAX_VALUE) {
                    throw wrong("cut short");
                }
            }
            if (length <= SHORT_MAX) {
                throw wrong("a long head for " + length + " bytes");
            }
            return inside((int) length, end);
        }

        private int inside(int length, int end) {
            if (length > end - at) {
                throw wrong("cut short");
            }
            return length;
        }

        IllegalArgumentException wrong(String what) {
            return new IllegalArgumentException("RLP at " + at + ": " + what);
        }
    }
}
