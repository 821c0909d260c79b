package dev.coffer.crypto.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The format of sealed files as `docs/sealed-format.md` fixes it: files that were kept, the page's worked example, and a
/// reader that knows nothing but the page.
class SealedFormatTest {
    private static final Path ROOT = Path.of(System.getProperty("coffer.root", ".."));
    private static final byte[] KEY = counting(0x00, 32);
    private static final byte[] OTHER_KEY = counting(0x60, 32);
    private static final byte[] SALT = counting(0x20, 32);
    private static final byte[] OTHER_SALT = counting(0x80, 32);
    private static final byte[] FILE_KEY = counting(0x40, 32);

    private final SealedStream stream = new SealedStream(Memory.zeros(SealedStream.plan().totalBytes()));

    private static byte[] counting(int from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (from + i);
        }
        return bytes;
    }

    /// Name, suite, text of each kept file with one recipient.
    private record Kept(String name, SealedSuite suite, byte[] text) {}

    private static Kept[] kept() {
        byte[] hello = "hello\n".getBytes(StandardCharsets.US_ASCII);
        return new Kept[] {new Kept("hello", SealedSuite.CHACHA20_POLY1305, hello), new Kept("hello-aes", SealedSuite.AES_256_GCM, hello),
                new Kept("empty", SealedSuite.CHACHA20_POLY1305, new byte[0]),
                new Kept("two-chunks", SealedSuite.AES_256_GCM, counting(0, 65537))};
    }

    private static byte[] file(String name) throws IOException {
        try (var in = SealedFormatTest.class.getResourceAsStream("/vectors/sealed/" + name + ".sealed")) {
            return in.readAllBytes();
        }
    }

    @Test
    void everyKeptFileOpensHereAndByThePageAlone() throws Exception {
        for (Kept kept : kept()) {
            byte[] file = file(kept.name);
            assertArrayEquals(kept.text, PlainSealedFile.open(file, KEY), kept.name + ", by the page");
            assertArrayEquals(kept.text, open(file, KEY), kept.name + ", here");
            assertEquals("wrong key", assertThrows(IllegalArgumentException.class,
                    () -> PlainSealedFile.open(file, OTHER_KEY)).getMessage());
        }
    }

    @Test
    void whatIsWrittenTodayIsByteForByteWhatWasKept() throws Exception {
        for (Kept kept : kept()) {
            assertArrayEquals(file(kept.name), seal(kept.suite, kept.text), kept.name);
            assertArrayEquals(file(kept.name), PlainSealedFile.seal(kept.suite.code(), new byte[][] {KEY},
                    new byte[][] {SALT}, FILE_KEY, null, kept.text), kept.name + ", by the page");
        }
    }

    @Test
    void aFileForTwoKeysAndAStanzaThatNobodyKnowsOpensWithEither() throws Exception {
        byte[] file = file("two-keys");
        byte[] hello = "hello\n".getBytes(StandardCharsets.US_ASCII);
        assertArrayEquals(file, twoKeys(new byte[] {1, 2, 3, 4, 5}));
        for (byte[] key : new byte[][] {KEY, OTHER_KEY}) {
            assertArrayEquals(hello, PlainSealedFile.open(file, key));
            assertArrayEquals(hello, open(file, key));
        }
        assertEquals(SealedVerdict.WRONG_KEY, header(file, SALT));
    }

    private static byte[] twoKeys(byte[] unknown) throws GeneralSecurityException {
        return PlainSealedFile.seal(1, new byte[][] {OTHER_KEY, KEY}, new byte[][] {OTHER_SALT, SALT}, FILE_KEY, unknown,
                "hello\n".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aHeaderMayHave32KibibytesAndNotOneByteMore() throws Exception {
        int room = 32768 - 12 - 2 * 116 - 48 - 4;
        assertEquals(SealedVerdict.VALID, header(twoKeys(new byte[room]), KEY));
        byte[] longer = Arrays.copyOf(file("two-keys"), 40000);
        longer[10] = (byte) 0x80;
        longer[11] = 0x01;  // 32769
        assertEquals(SealedVerdict.UNKNOWN_FORMAT, header(longer, KEY));
        longer[10] = 0;
        longer[11] = 12 + 4 + 48;  // the shortest that can be: the digest is wrong, no more
        assertEquals(SealedVerdict.CHANGED, header(longer, KEY));
        longer[11]--;
        assertEquals(SealedVerdict.UNKNOWN_FORMAT, header(longer, KEY));
    }

    /// Whoever changes a header can mend its digest, which is no secret: every byte behind that is held by the check, the
    /// wrapping or the MAC.
    @Test
    void aMendedDigestHidesNothingFromWhoHasTheKey() throws Exception {
        byte[] file = file("hello");
        for (int at = 12; at < 128; at++) {
            byte[] changed = mended(file, at, 1);
            SealedVerdict verdict = header(changed, KEY);
            boolean check = at >= 16 && at < 16 + 64;      // salt and check: reads as another key's
            boolean type = at == 12 || at == 13;           // a stanza of another type: passed over
            assertEquals(check || type ? SealedVerdict.WRONG_KEY : SealedVerdict.CHANGED, verdict, "byte " + at);
        }
        byte[] overrun = mended(file, 15, 112 ^ 113);      // a stanza one byte longer than its place
        assertEquals(SealedVerdict.CHANGED, header(overrun, KEY));
        byte[] two = file("two-keys");
        assertEquals(SealedVerdict.CHANGED, header(mended(two, 12 + 4, 1), KEY), "the unknown stanza is under the MAC too");
        assertEquals(SealedVerdict.CHANGED, header(mended(two, 12 + 9 + 4, 1), KEY), "and so is another key's");
    }

    private static byte[] mended(byte[] file, int at, int flip) throws GeneralSecurityException {
        byte[] changed = file.clone();
        changed[at] ^= (byte) flip;
        int length = Short.toUnsignedInt(java.nio.ByteBuffer.wrap(file).getShort(10));
        byte[] digest = java.security.MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(changed, length - 48));
        System.arraycopy(digest, 0, changed, length - 48, 16);
        return changed;
    }

    /// The page's example is these bytes: every line of hexadecimal in it, joined, is the kept file.
    @Test
    void theWorkedExampleOfThePageIsTheKeptFile() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/sealed-format.md"));
        String example = page.substring(page.indexOf("<!-- hello.sealed -->"), page.indexOf("<!-- end -->"));
        StringBuilder hex = new StringBuilder();
        example.lines().filter(line -> line.matches("[0-9a-f]{4}  .*"))
                .forEach(line -> hex.append(line.substring(6).replaceAll("  .*", "").replace(" ", "")));
        assertEquals(HexFormat.of().formatHex(file("hello")), hex.toString());
    }

    /// A chunk sealed under one key and a header of the other: the attack that a check value ends.
    @Test
    void aFileThatOpensUnderTwoKeysIsTheSameFileForBoth() throws Exception {
        byte[] wrapped = PlainSealedFile.aead(1, javax.crypto.Cipher.ENCRYPT_MODE,
                Arrays.copyOf(PlainSealedFile.hkdf(OTHER_SALT, OTHER_KEY, "coffer sealed 1 key", 64), 32), new byte[12],
                counting(0xc0, 32));
        byte[] file = file("two-keys").clone();
        System.arraycopy(wrapped, 0, file, 12 + 9 + 4 + 64, 48);  // another file key for the other recipient
        byte[] mended = mended(file, 16, 0);
        assertEquals(SealedVerdict.CHANGED, header(mended, OTHER_KEY), "the MAC is not under its file key");
        assertEquals(SealedVerdict.CHANGED, header(mended, KEY), "nor does it cover another header");
        assertTrue(header(file("two-keys"), OTHER_KEY) == SealedVerdict.VALID);
    }

    private SealedVerdict header(byte[] file, byte[] key) {
        return stream.readHeader(Memory.of(key), 0, Memory.of(file), 0, file.length);
    }

    private byte[] open(byte[] file, byte[] key) {
        MemorySegment memory = Memory.of(file);
        assertEquals(SealedVerdict.VALID, stream.readHeader(Memory.of(key), 0, memory, 0, file.length));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int at = SealedStream.headerBytes(memory, 0);
        do {
            int length = Math.min(SealedStream.CHUNK_BYTES, file.length - at);
            boolean last = at + length == file.length;
            assertEquals(SealedVerdict.VALID, stream.openChunk(memory, at, length, last));
            text.writeBytes(memory.asSlice(at, length - 16).toArray(ValueLayout.JAVA_BYTE));
            at += length;
        } while (at < file.length);
        return text.toByteArray();
    }

    private byte[] seal(SealedSuite suite, byte[] text) {
        MemorySegment memory = Memory.zeros(SealedStream.CHUNK_BYTES);
        Entropy fixed = new Entropy() {
            private int draws;

            @Override
            public void fill(MemorySegment segment, long at, long length) {
                byte[] bytes = draws++ == 0 ? FILE_KEY : SALT;
                assertEquals(bytes.length, length);
                MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, at, bytes.length);
            }
        };
        stream.writeHeader(suite, Memory.of(KEY), 0, fixed, memory, 0);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(memory.asSlice(0, SealedStream.HEADER_BYTES).toArray(ValueLayout.JAVA_BYTE));
        int at = 0;
        do {
            int length = Math.min(SealedStream.CHUNK_TEXT_BYTES, text.length - at);
            MemorySegment.copy(text, at, memory, ValueLayout.JAVA_BYTE, 0, length);
            int sealed = stream.sealChunk(memory, 0, length, at + length == text.length);
            file.writeBytes(memory.asSlice(0, sealed).toArray(ValueLayout.JAVA_BYTE));
            at += length;
        } while (at < text.length);
        return file.toByteArray();
    }
}
