package dev.coffer.evm.vectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON (RFC 8259) as fixture files use it: objects are maps in their order, arrays lists, strings strings,
/// integers `Long`. Fractions and exponents are refused. Nesting is bounded.
final class Json {
    private static final int DEPTH_MAX = 32;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /// {@return the value that the text is}
    ///
    /// @throws IllegalArgumentException  it is none; the message says where
    static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value(0);
        json.end();
        return value;
    }

    /// {@return the members of the object that the text is, each value still as text: so that a reader decides what it
    /// looks at, and when}
    ///
    /// @throws IllegalArgumentException  it is no object
    static Map<String, String> members(String text) {
        Json json = new Json(text);
        Map<String, String> members = new LinkedHashMap<>();
        json.expect('{');
        while (!json.taken('}')) {
            if (!members.isEmpty()) {
                json.expect(',');
            }
            String name = json.string();
            json.expect(':');
            json.space();
            int start = json.at;
            json.skip();
            members.put(name, text.substring(start, json.at));
        }
        json.end();
        return members;
    }

    /// Passes over one value without looking into it.
    private void skip() {
        int open = 0;
        do {
            char c = peek();
            if (c == '"') {
                at++;
                while (next() != '"') {
                    at += text.charAt(at - 1) == '\\' ? 1 : 0;
                }
            } else if (c == '{' || c == '[') {
                open++;
                at++;
            } else if (c == '}' || c == ']') {
                if (open == 0) {
                    throw wrong("expected a value");
                }
                open--;
                at++;
            } else if (open > 0) {
                at++;
            } else {
                while (at < text.length() && ",}] \t\r\n".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
            }
        } while (open > 0);
    }

    private Object value(int depth) {
        if (depth > DEPTH_MAX) {
            throw wrong("nested deeper than " + DEPTH_MAX);
        }
        space();
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            case 'n' -> literal("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        expect('{');
        while (!taken('}')) {
            if (!members.isEmpty()) {
                expect(',');
            }
            String name = string();
            expect(':');
            members.put(name, value(depth + 1));
        }
        return members;
    }

    private List<Object> array(int depth) {
        List<Object> values = new ArrayList<>();
        expect('[');
        while (!taken(']')) {
            if (!values.isEmpty()) {
                expect(',');
            }
            values.add(value(depth + 1));
        }
        return values;
    }

    private String string() {
        expect('"');
        int start = at;
        while (peek() != '"' && peek() != '\\') {
            at++;
        }
        if (peek() == '"') {
            return text.substring(start, at++);
        }
        at = start;
        StringBuilder out = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            out.append(c == '\\' ? escaped() : c);
        }
        return out.toString();
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> unicode();
            case '"', '\\', '/' -> c;
            default -> throw wrong("no escape: '" + c + "'");
        };
    }

    private char unicode() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw wrong("expected four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    private Object literal(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("expected " + word);
        }
        at += word.length();
        return value;
    }

    private Long number() {
        int start = at;
        while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        try {
            return Long.parseLong(text, start, at, 10);
        } catch (NumberFormatException e) {
            throw wrong("expected an integer");
        }
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("cut short");
        }
        return text.charAt(at);
    }

    private char next() {
        char c = peek();
        at++;
        return c;
    }

    private void expect(char c) {
        space();
        if (peek() != c) {
            throw wrong("expected '" + c + "'");
        }
        at++;
    }

    private boolean taken(char c) {
        space();
        if (peek() == c) {
            at++;
            return true;
        }
        return false;
    }

    private void end() {
        space();
        if (at != text.length()) {
            throw wrong("something after the value");
        }
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("JSON at " + at + ": " + what);
    }
}
