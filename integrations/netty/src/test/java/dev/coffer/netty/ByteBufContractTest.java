package dev.coffer.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.ByteProcessor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The public contract of `ByteBuf`, method by method, beside a buffer of Netty's own: the same random calls with the same
/// random arguments must give the same answers, the same exceptions and the same bytes.
///
/// Netty's own contract tests are not published as an artifact. The methods are found by reflection, so a method that
/// a later Netty adds is tested or must be listed below with the reason why it is not.
class ByteBufContractTest {
    /// Not called at random, each for its reason.
    private static final Map<String, String> UNTESTED = Map.ofEntries(
            Map.entry("alloc", "differs by design; see CofferByteBufAllocatorTest"),
            Map.entry("array", "direct buffers have none; hasArray is tested"),
            Map.entry("arrayOffset", "the same"),
            Map.entry("memoryAddress", "differs by nature; tested below by raw reads"),
            Map.entry("hasMemoryAddress", "the same"),
            Map.entry("unwrap", "identity of objects"),
            Map.entry("isContiguous", "constant of the class above"),
            Map.entry("order", "deprecated; returns a wrapper whose class differs"),
            Map.entry("toString", "names the class; the form with a charset is tested by getCharSequence"),
            Map.entry("hashCode", "of contents: tested by equals"),
            Map.entry("touch", "leak records only"),
            Map.entry("retain", "reference counts are tested in CofferByteBufAllocatorTest"),
            Map.entry("release", "the same"),
            Map.entry("refCnt", "the same"),
            Map.entry("isDirect", "tested below once"),
            Map.entry("maxFastWritableBytes", "of a fresh size class by design"));

    private static Object argument(Class<?> type, SplittableRandom random, ByteBuf self) {
        int capacity = Math.max(1, self.capacity());
        if (type == int.class) {
            return switch (random.nextInt(8)) {
                case 0 -> self.readerIndex();
                case 1 -> self.writerIndex();
                case 2 -> random.nextInt(-3, 4);
                default -> random.nextInt(capacity + 2);
            };
        } else if (type == long.class) {
            return random.nextLong();
        } else if (type == float.class) {
            return (float) random.nextInt();
        } else if (type == double.class) {
            return (double) random.nextLong();
        } else if (type == boolean.class) {
            return random.nextBoolean();
        } else if (type == byte.class) {
            return (byte) random.nextInt(4);
        } else if (type == byte[].class) {
            return bytes(random);
        } else if (type == ByteBuf.class) {
            return Unpooled.buffer(32).writeBytes(bytes(random));
        } else if (type == ByteBuffer.class) {
            return ByteBuffer.wrap(bytes(random));
        } else if (type == CharSequence.class) {
            return "häß" + random.nextInt();
        } else if (type == java.nio.charset.Charset.class) {
            return StandardCharsets.UTF_8;
        } else if (type == ByteProcessor.class) {
            return ByteProcessor.FIND_NUL;
        } else if (type == java.io.OutputStream.class) {
            return new ByteArrayOutputStream();
        } else if (type == java.io.InputStream.class) {
            return new ByteArrayInputStream(bytes(random));
        } else if (type == java.nio.ByteOrder.class || type == Object.class) {
            return null;
        }
        return UNKNOWN;
    }

    private static final Object UNKNOWN = new Object();

    private static byte[] bytes(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(20)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt(4);
        }
        return bytes;
    }

    private static boolean callable(Method method) {
        if (java.lang.reflect.Modifier.isStatic(method.getModifiers()) || UNTESTED.containsKey(method.getName())
                || method.getName().equals("compareTo") && method.getParameterTypes()[0] == Object.class) {
            return false;
        }
        ByteBuf probe = Unpooled.buffer(1);
        return Arrays.stream(method.getParameterTypes()).noneMatch(
                type -> type != Object.class && argument(type, new SplittableRandom(1), probe) == UNKNOWN);
    }

    /// Calls and describes the answer in a form that two buffers can be compared by.
    private static String call(Method method, ByteBuf self, Object[] arguments) {
        Object answer;
        try {
            answer = method.invoke(self, arguments);
        } catch (java.lang.reflect.InvocationTargetException e) {
            return e.getCause().getClass().getName();
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
        if (answer == self) {
            return "self";
        }
        StringBuilder said = new StringBuilder();
        for (Object one : answer instanceof ByteBuffer[] several ? several : new Object[] {answer}) {
            if (one instanceof ByteBuf other) {
                said.append(ByteBufUtil.hexDump(other)).append(' ').append(other.readerIndex());
                if (method.getName().startsWith("retained") || method.getName().equals("copy")
                        || method.getName().equals("readBytes") || method.getName().equals("readRetainedSlice")) {
                    other.release();
                }
            } else if (one instanceof ByteBuffer nio) {
                byte[] copy = new byte[nio.remaining()];
                nio.duplicate().get(copy);
                said.append(Arrays.toString(copy)).append(nio.isReadOnly());
            } else {
                said.append(one);
            }
        }
        for (Object argument : arguments) {
            said.append(argument instanceof ByteBuf b ? ByteBufUtil.hexDump(b) + b.readerIndex() + " " + b.writerIndex()
                    : argument instanceof byte[] b ? Arrays.toString(b)
                            : argument instanceof ByteBuffer b ? b.position() + Arrays.toString(b.array())
                                    : argument instanceof ByteArrayOutputStream b ? Arrays.toString(b.toByteArray()) : "");
        }
        return said.toString();
    }

    @Test
    void everyMethodAnswersAsNettysOwnBufferDoes() {
        Set<String> tested = new TreeSet<>();
        Method[] methods = Arrays.stream(ByteBuf.class.getMethods()).filter(ByteBufContractTest::callable)
                .filter(m -> m.getDeclaringClass() != Object.class)
                .sorted(java.util.Comparator.comparing(Method::toString)).toArray(Method[]::new);
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(CofferAllocatorConfig.defaults())) {
            Seeds.forEach(1, 400, random -> {
                int initial = random.nextInt(200);
                int max = initial + random.nextInt(500);
                ByteBuf ours = allocator.directBuffer(Math.max(1, initial), Math.max(1, max));
                ByteBuf theirs = Unpooled.directBuffer(Math.max(1, initial), Math.max(1, max));
                try {
                    for (int i = 0; i < 300; i++) {
                        Method method = methods[random.nextInt(methods.length)];
                        long seed = random.nextLong();
                        Object[] left = arguments(method, new SplittableRandom(seed), ours);
                        Object[] right = arguments(method, new SplittableRandom(seed), theirs);
                        String expected = call(method, theirs, right);
                        assertEquals(expected, call(method, ours, left), () -> method + " " + Arrays.toString(right));
                        assertEquals(theirs.capacity(), ours.capacity());
                        assertEquals(theirs.readerIndex(), ours.readerIndex());
                        assertEquals(theirs.writerIndex(), ours.writerIndex());
                        assertEquals(theirs.duplicate().setIndex(0, theirs.capacity()),
                                ours.duplicate().setIndex(0, ours.capacity()), method::toString);
                        tested.add(method.getName());
                    }
                } finally {
                    ours.release();
                    theirs.release();
                }
            });
            assertEquals(0, allocator.usedBytes());
        }
        Map<String, String> all = new TreeMap<>();
        for (Method method : ByteBuf.class.getMethods()) {
            if (method.getDeclaringClass() != Object.class && !java.lang.reflect.Modifier.isStatic(method.getModifiers())) {
                all.put(method.getName(), tested.contains(method.getName()) ? "tested"
                        : UNTESTED.getOrDefault(method.getName(), "NOT TESTED"));
            }
        }
        assertTrue(tested.size() > 120, tested.size() + " names of methods tested");
        System.out.println("ByteBuf: " + tested.size() + " of " + all.size() + " method names tested beside Netty's own");
        all.forEach((name, how) -> {
            if (!how.equals("tested")) {
                System.out.println("  " + name + ": " + how);
            }
        });
        // GatheringByteChannel, ScatteringByteChannel and FileChannel overloads go with names that are tested otherwise.
        assertEquals(Set.of(), new TreeSet<>(all.entrySet().stream().filter(e -> e.getValue().equals("NOT TESTED"))
                .map(Map.Entry::getKey).toList()));
    }

    private static Object[] arguments(Method method, SplittableRandom random, ByteBuf self) {
        return Arrays.stream(method.getParameterTypes()).map(type -> argument(type, random, self)).toArray();
    }

    /// Native transports go by the address: it must be the block's, before and after growth.
    @Test
    void isDirectWithoutArrayAndItsAddressIsTheBlocks() {
        try (CofferByteBufAllocator allocator = CofferByteBufAllocator.open(CofferAllocatorConfig.defaults())) {
            ByteBuf buffer = allocator.buffer(256);
            assertTrue(buffer.isDirect() && !buffer.hasArray() && buffer.isContiguous());
            assertEquals(1, buffer.nioBufferCount());
            for (int grown = 0; grown < 2; grown++) {
                buffer.setByte(0, 0x5a + grown);
                assertTrue(buffer.hasMemoryAddress());
                assertEquals(0x5a + grown, RawMemory.read(buffer.memoryAddress(), 1)[0]);
                buffer.capacity(5000);
            }
            buffer.release();
        }
    }
}
