package io.github.asyncio4j.task;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * SIGINT while somebody runs: the first one is his, the next goes to whoever handled it before. The JDK's signal class
 * is found by name, as it is not part of the platform's API; where it is missing or refuses, nothing is handled. A
 * shutdown hook would not do: the process would be ending already, and a second SIGINT would not be heard.
 */
final class InterruptSignal implements AutoCloseable, InvocationHandler {

    private static final AtomicBoolean HANDLED = new AtomicBoolean();

    private final Runnable action;
    private final AtomicBoolean first = new AtomicBoolean(true);
    private @Nullable Object signal;
    private @Nullable Object handler;
    private volatile @Nullable Object before;

    private InterruptSignal(Runnable action) {
        this.action = action;
    }

    /** Handles it until closed; does nothing while somebody else of us does. */
    static InterruptSignal handledBy(Runnable action) {
        InterruptSignal handling = new InterruptSignal(action);
        if (HANDLED.compareAndSet(false, true)) {
            handling.install();
        }
        return handling;
    }

    private void install() {
        try {
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            signal = Class.forName("sun.misc.Signal")
                    .getConstructor(String.class)
                    .newInstance("INT");
            handler = Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, this);
            before = handleWith(handler);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            HANDLED.set(false);
        }
    }

    private @Nullable Object handleWith(Object with) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        return signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, with);
    }

    @Override
    public Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        return switch (method.getName()) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> "SIGINT handler of a Runner";
            default -> arrived();
        };
    }

    @SuppressWarnings("NullAway") // a void method
    private Object arrived() throws ReflectiveOperationException {
        if (first.compareAndSet(true, false)) {
            action.run();
        } else {
            close();
            Class<?> signalType = Class.forName("sun.misc.Signal");
            signalType.getMethod("raise", signalType).invoke(null, signal);
        }
        return null;
    }

    @Override
    public void close() {
        Object restored = before;
        before = null;
        if (restored == null) {
            return;
        }
        try {
            Object replaced = handleWith(restored);
            if (replaced != null && replaced != handler) {
                handleWith(replaced); // somebody came after us and stays
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("SIGINT could be handled, but not be given back", e);
        } finally {
            HANDLED.set(false);
        }
    }
}
