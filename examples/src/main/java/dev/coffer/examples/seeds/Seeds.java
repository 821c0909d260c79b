package dev.coffer.examples.seeds;

/// All of them, one after the other: `examples/run Seeds`.
public final class Seeds {
    private Seeds() {}

    public static void main(String[] arguments) throws InterruptedException {
        SecureBuffers.main(arguments);
        CryptoMemory.main(arguments);
        StaticPools.main(arguments);
        StaticWorkspace.main(arguments);
        BlockLayout.main(arguments);
        HttpBudget.main(arguments);
        ByteMemory.main(arguments);
    }
}
