package dev.coffer.server.files;

import dev.coffer.http.Ascii;
import dev.coffer.server.FixedFields;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a [FileSite] serves, beside what it serves. Immutable.
///
/// @param notFound       name of the page that 404 shows, or null
/// @param fallback       name of the page that is served in place of what is missing, or null
/// @param precompressed  whether siblings with another coding are looked for
/// @param caching        the first rule that fits a file counts
/// @param fields         of every answer
/// @param listed         names that a folder without a page of its own is listed with at most, 0 for no lists
record ServingRules(@Nullable String notFound, @Nullable String fallback, boolean precompressed, List<CacheRule> caching, FixedFields fields, int listed) {
    static final ServingRules PLAIN = new ServingRules(null, null, false, List.of(), FixedFields.NONE, 0);
    /// Listings that a loop can have in flight.
    static final int LISTINGS = 4;
    private static final int LISTED_MAX = 65_536;
    private static final int CACHE_RULES_MAX = 32;

    ServingRules {
        caching = List.copyOf(caching);
        if (listed < 0 || listed > LISTED_MAX) {
            throw new IllegalArgumentException("listed names: " + listed + " (expected 1.." + LISTED_MAX + ")");
        }
        if (caching.size() > CACHE_RULES_MAX) {
            throw new IllegalArgumentException("cache control: " + caching.size() + " rules (expected at most " + CACHE_RULES_MAX + ")");
        }
    }

    ServingRules withNotFound(String page) {
        return new ServingRules(page(page), fallback, precompressed, caching, fields, listed);
    }

    ServingRules withFallback(String page) {
        return new ServingRules(notFound, page(page), precompressed, caching, fields, listed);
    }

    ServingRules withPrecompressed() {
        return new ServingRules(notFound, fallback, true, caching, fields, listed);
    }

    ServingRules withCaching(CacheRule rule) {
        List<CacheRule> more = new ArrayList<>(caching);
        more.add(rule);
        return new ServingRules(notFound, fallback, precompressed, more, fields, listed);
    }

    ServingRules withFields(FixedFields some) {
        return new ServingRules(notFound, fallback, precompressed, caching, some, listed);
    }

    ServingRules withListing(int names) {
        if (names < 1) {
            throw new IllegalArgumentException("listed names: " + names + " (expected 1.." + LISTED_MAX + ")");
        }
        return new ServingRules(notFound, fallback, precompressed, caching, fields, names);
    }

    int listings() {
        return listed == 0 ? 0 : LISTINGS;
    }

    /// {@return the name of a page, as the folder is asked for it}
    private static String page(String name) {
        String relative = name.startsWith("/") ? name.substring(1) : name;
        boolean wrong = relative.indexOf('\0') >= 0
                || relative.getBytes(StandardCharsets.UTF_8).length > FileTable.PATH_BYTES_MAX - Coding.ENDING_BYTES_MAX;
        for (String segment : relative.split("/", -1)) {
            wrong |= segment.isEmpty() || segment.equals(".") || segment.equals("..");
        }
        if (wrong) {
            throw new IllegalArgumentException("page \"" + name.replaceAll("[^ -~]", "?") + "\" (expected the name of a file below the folder)");
        }
        return relative;
    }

    /// {@return bytes that an answer's head is longer by at most}
    int headBytes() {
        int longest = 0;
        for (CacheRule rule : caching) {
            longest = Math.max(longest, rule.bytes());
        }
        return fields.bytes() + longest;
    }

    /// {@return what Cache-Control says of a file of that name, or null}
    @Nullable
    Ascii caching(MemorySegment name, long at, int length) {
        for (int i = 0; i < caching.size(); i++) {
            if (caching.get(i).fits(name, at, length)) {
                return caching.get(i).value();
            }
        }
        return null;
    }
}
