package dev.coffer.cli;

import java.lang.reflect.Proxy;

/// SIGHUP, which tells a server that its log was renamed, and SIGTERM, which tells it to stop. By default either ends the process.
///
/// The JDK's way to hear of a signal, `sun.misc.Signal` of the module `jdk.unsupported`, is called by reflection: its use draws a warning that
/// no annotation silences, and where it is missing one day, or the machine was told to leave signals alone (`-Xrs`), the signal
/// keeps its meaning.
final class Signals {
    static final String HANGUP = "HUP";
    static final String TERMINATE = "TERM";

    private Signals() {}

    /// Has this run, on a thread of the JDK's, for each signal of that name that comes from now on.
    ///
    /// @param name  one of those above
    /// @return whether that is possible here. It is not where the process was begun with the signal ignored, as by `nohup`: the JVM leaves it so
    static boolean handle(String name, Runnable task) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object running = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                if (method.getDeclaringClass() == Object.class) {
                    return switch (method.getName()) {
                        case "hashCode" -> System.identityHashCode(proxy);
                        case "equals" -> proxy == arguments[0];
                        default -> "Signals";
                    };
                }
                task.run();
                return null;
            });
            Object before = signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), running);
            return before != handler.getField("SIG_IGN").get(null);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return false;
        }
    }
}
