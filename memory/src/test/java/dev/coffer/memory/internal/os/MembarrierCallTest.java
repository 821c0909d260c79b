package dev.coffer.memory.internal.os;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class MembarrierCallTest {
    @Test
    void whereItIsThereItMayBeCalledFromAnyThread() throws InterruptedException {
        assumeTrue(MembarrierCall.available(), "no membarrier here");
        Throwable[] thrown = new Throwable[1];
        Thread other = Thread.ofVirtual().unstarted(MembarrierCall::run);
        other.setUncaughtExceptionHandler((thread, e) -> thrown[0] = e);
        other.start();
        other.join();
        assertDoesNotThrow(MembarrierCall::run);
        assertDoesNotThrow(() -> {
            if (thrown[0] != null) {
                throw thrown[0];
            }
        });
    }
}
