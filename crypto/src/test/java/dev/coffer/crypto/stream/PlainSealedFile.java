package dev.coffer.crypto.stream;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Reads and writes a sealed file with nothing but the JDK's cryptography, written from `docs/sealed-format.md` alone: what
/// anyone needs who has a file and a key and no Coffer. Its sections are the page's. Arrays, heap, no limits: for tests.
final class PlainSealedFile {
    private static final byte[] ZERO_NONCE = new byte[12];
    private static final int CHUNK_TEXT = 65536;

    private PlainSealedFile() {}

    /// What may open a stanza: {@return the file key, or null}
    interface Opener {
        byte[] open(int type, byte[] body) throws GeneralSecurityException;
    }

    /// {@return the text}
    ///
    /// @throws IllegalArgumentException  "format", "wrong key" or "changed"
    static byte[] open(byte[] file, byte[] key) throws GeneralSecurityException {
        return open(file, (type, body) -> {
            byte[] keys = type == 1 ? hkdf(Arrays.copyOf(body, 32), key, "coffer sealed 1 key", 64) : null;
            return keys != null && Arrays.equals(Arrays.copyOfRange(keys, 32, 64), Arrays.copyOfRange(body, 32, 64))
                    ? aead(1, Cipher.DECRYPT_MODE, Arrays.copyOf(keys, 32), ZERO_NONCE, Arrays.copyOfRange(body, 64, 112))
                    : null;
        });
    }

    static byte[] open(byte[] file, Opener opener) throws GeneralSecurityException {
        // 1. Prefix
        ByteBuffer in = ByteBuffer.wrap(file);
        byte[] magic = new byte[8];
        in.get(magic);
        int suite = in.get();
        int zero = in.get();
        int length = Short.toUnsignedInt(in.getShort());
        if (!Arrays.equals(magic, "coffer\n\1".getBytes(StandardCharsets.US_ASCII)) || suite < 1 || suite > 2 || zero != 0) {
            throw new IllegalArgumentException("format");
        }
        // 2. Digest
        byte[] head = Arrays.copyOf(file, length - 48);
        byte[] digest = Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(head), 16);
        if (!Arrays.equals(digest, Arrays.copyOfRange(file, length - 48, length - 32))) {
            throw new IllegalArgumentException("changed");
        }
        // 3. Stanzas
        byte[] fileKey = null;
        while (in.position() < length - 48 && fileKey == null) {
            int type = Short.toUnsignedInt(in.getShort());
            byte[] body = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(body);
            fileKey = opener.open(type, body);
        }
        if (fileKey == null) {
            throw new IllegalArgumentException("wrong key");
        }
        // 4. MAC
        byte[] mac = Arrays.copyOfRange(file, length - 32, length);
        if (!Arrays.equals(mac, headerMac(fileKey, Arrays.copyOf(file, length - 32)))) {
            throw new IllegalArgumentException("changed");
        }
        // 5. Chunks
        byte[] chunkKey = hkdf(mac, fileKey, "coffer sealed 1 chunks", 32);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int at = length;
        for (long chunk = 0; chunk == 0 || at < file.length; chunk++) {
            int bytes = Math.min(CHUNK_TEXT + 16, file.length - at);
            boolean last = at + bytes == file.length;
            text.writeBytes(aead(suite, Cipher.DECRYPT_MODE, chunkKey, nonce(chunk, last),
                    Arrays.copyOfRange(file, at, at + bytes)));
            at += bytes;
        }
        return text.toByteArray();
    }

    /// {@return a sealed file with one stanza for each key}
    ///
    /// @param salts   one for each key
    /// @param before  a stanza of a type that nobody knows, body only, in front of the others; or null
    static byte[] seal(int suite, byte[][] keys, byte[][] salts, byte[] fileKey, byte[] before, byte[] text)
            throws GeneralSecurityException {
        ByteBuffer head = ByteBuffer.allocate(32768);
        head.put("coffer\n\1".getBytes(StandardCharsets.US_ASCII)).put((byte) suite).put((byte) 0);
        int length = 12 + (before == null ? 0 : 4 + before.length) + 116 * keys.length + 48;
        head.putShort((short) length);
        if (before != null) {
            head.putShort((short) 0x7ffe).putShort((short) before.length).put(before);
        }
        for (int i = 0; i < keys.length; i++) {
            byte[] two = hkdf(salts[i], keys[i], "coffer sealed 1 key", 64);
            head.putShort((short) 1).putShort((short) 112).put(salts[i]).put(two, 32, 32)
                    .put(aead(1, Cipher.ENCRYPT_MODE, Arrays.copyOf(two, 32), ZERO_NONCE, fileKey));
        }
        head.put(MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(head.array(), head.position())), 0, 16);
        byte[] mac = headerMac(fileKey, Arrays.copyOf(head.array(), head.position()));
        head.put(mac);
        byte[] chunkKey = hkdf(mac, fileKey, "coffer sealed 1 chunks", 32);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(head.array(), 0, head.position());
        long chunk = 0;
        int at = 0;
        do {
            int bytes = Math.min(CHUNK_TEXT, text.length - at);
            file.writeBytes(aead(suite, Cipher.ENCRYPT_MODE, chunkKey, nonce(chunk++, at + bytes == text.length),
                    Arrays.copyOfRange(text, at, at + bytes)));
            at += bytes;
        } while (at < text.length);
        return file.toByteArray();
    }

    private static byte[] nonce(long chunk, boolean last) {
        return ByteBuffer.allocate(12).putLong(3, chunk).put(11, (byte) (last ? 1 : 0)).array();
    }

    static byte[] headerMac(byte[] fileKey, byte[] head) throws GeneralSecurityException {
        return hmac(hkdf(new byte[0], fileKey, "coffer sealed 1 header", 32), head);
    }

    static byte[] aead(int suite, int mode, byte[] key, byte[] nonce, byte[] input) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(suite == 1 ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, suite == 1 ? "ChaCha20" : "AES"),
                suite == 1 ? new IvParameterSpec(nonce) : new GCMParameterSpec(128, nonce));
        try {
            return cipher.doFinal(input);
        } catch (AEADBadTagException e) {
            throw new IllegalArgumentException("changed");
        }
    }

    static byte[] hkdf(byte[] salt, byte[] key, String info, int length) throws GeneralSecurityException {
        byte[] prk = hmac(salt.length == 0 ? new byte[32] : salt, key);
        byte[] output = new byte[0];
        byte[] block = new byte[0];
        for (int n = 1; output.length < length; n++) {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.writeBytes(block);
            message.writeBytes(info.getBytes(StandardCharsets.US_ASCII));
            message.write(n);
            block = hmac(prk, message.toByteArray());
            int done = output.length;
            output = Arrays.copyOf(output, done + 32);
            System.arraycopy(block, 0, output, done, 32);
        }
        return Arrays.copyOf(output, length);
    }

    private static byte[] hmac(byte[] key, byte[] message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }
}
