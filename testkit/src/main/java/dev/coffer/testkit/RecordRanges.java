package dev.coffer.testkit;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/// The ranges that a configuration states: each number is taken at both edges and refused one past them, by name.
public final class RecordRanges {
    private RecordRanges() {}

    /// @param valid      a record that is taken, and still is with the component at either edge
    /// @param component  an `int` or a `long`
    /// @throws AssertionError  an edge was refused, or one past it was not, or not with an `IllegalArgumentException` that names the component
    public static void check(Record valid, String component, long from, long to) {
        long[] edges = {from, to};
        for (long edge : edges) {
            IllegalArgumentException refused = refusal(valid, component, edge);
            if (refused != null) {
                throw new AssertionError(component + " " + edge + " was refused", refused);
            }
        }
        refuses(valid, component, from - 1);
        boolean isInt = component(valid, component).getType() == int.class;
        if (to < (isInt ? Integer.MAX_VALUE : Long.MAX_VALUE)) {
            refuses(valid, component, to + 1);
        }
    }

    /// As [#check] of a number that goes in steps, whose refusal says the whole range in words of its own.
    ///
    /// @param step  from one number that is taken to the next
    /// @throws AssertionError  an edge was refused, or a step past it, or what lies between two steps, was not
    public static void checkSteps(Record valid, String component, long from, long to, long step) {
        for (long edge : new long[] {from, to}) {
            IllegalArgumentException refused = refusal(valid, component, edge);
            if (refused != null) {
                throw new AssertionError(component + " " + edge + " was refused", refused);
            }
        }
        for (long past : step == 1 ? new long[] {from - 1, to + 1} : new long[] {from - step, to + step, from + step / 2}) {
            if (refusal(valid, component, past) == null) {
                throw new AssertionError(component + " " + past + " was taken");
            }
        }
    }

    /// @throws AssertionError  the number was taken, or the refusal does not name the component
    public static void refuses(Record valid, String component, long number) {
        IllegalArgumentException refused = refusal(valid, component, number);
        if (refused == null || !refused.getMessage().contains(component) || !refused.getMessage().contains(Long.toString(number))) {
            throw new AssertionError(component + " " + number + " was not refused by name", refused);
        }
    }

    private static IllegalArgumentException refusal(Record valid, String component, long number) {
        RecordComponent[] components = valid.getClass().getRecordComponents();
        try {
            Object[] values = new Object[components.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = !components[i].getName().equals(component) ? value(components[i], valid)
                        : components[i].getType() == int.class ? (Object) Math.toIntExact(number) : (Object) number;
            }
            Constructor<?> made = valid.getClass()
                    .getDeclaredConstructor(Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            made.setAccessible(true);
            made.newInstance(values);
            return null;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                return refused;
            }
            throw new AssertionError(component + " " + number, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(component, e);
        }
    }

    private static RecordComponent component(Record of, String name) {
        return Arrays.stream(of.getClass().getRecordComponents()).filter(one -> one.getName().equals(name)).findFirst().orElseThrow();
    }

    private static Object value(RecordComponent component, Record of) throws ReflectiveOperationException {
        component.getAccessor().setAccessible(true);
        return component.getAccessor().invoke(of);
    }

    /// {@return the names of the components in which two records of one kind differ, with spaces between}
    public static String differences(Record one, Record other) {
        StringBuilder names = new StringBuilder();
        for (RecordComponent component : one.getClass().getRecordComponents()) {
            try {
                if (!java.util.Objects.equals(value(component, one), value(component, other))) {
                    names.append(names.isEmpty() ? "" : " ").append(component.getName());
                }
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(component.getName(), e);
            }
        }
        return names.toString();
    }
}
