package dev.coffer.cli;

import dev.coffer.server.FixedFields;
import dev.coffer.server.files.FileSite;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// The options of `serve` that say how files are served, beside which.
final class ServingOptions {
    private static final int LIST_NAMES_MAX = 65_536;

    @Option(names = "--list", description = "List folders that have no index.html.")
    private boolean list;

    @Option(names = "--list-names", paramLabel = "N",
            description = "Names in a list, at most; past them it says that there are more. Implies --list. Default: 2000.")
    private Integer listNames;

    @Option(names = "--not-found", paramLabel = "FILE",
            description = "Show this file of the folder, by its name there, with every 404.")
    private String notFound;

    @Option(names = "--fallback", paramLabel = "FILE",
            description = "Serve this file of the folder, by its name there, with 200 in place of what is missing, to those who ask for HTML "
                    + "as browsers do when they go to a page; scripts, styles and images still get 404.")
    private String fallback;

    @Option(names = "--spa", description = "For an application of one page: the same as --fallback index.html.")
    private boolean spa;

    @Option(names = "--precompressed",
            description = "Where NAME.br, NAME.zst or NAME.gz lies beside NAME, send that one to those who take it.")
    private boolean precompressed;

    @Option(names = "--cache-control", paramLabel = "[PATTERN ]VALUE",
            description = "Cache-Control of files: a value for all, or a pattern of names (/assets/*, *.html; * is anything), a space, and a "
                    + "value. May be given more than once; the first that fits a file counts.")
    private List<String> cacheControl = List.of();

    @Option(names = "--header", paramLabel = "NAME: VALUE",
            description = "A header of every answer. May be given more than once.")
    private List<String> headers = List.of();

    /// {@return the site, served as was asked for}
    ///
    /// @param secured  fields of every answer besides, each `Name: value`; a name that --header gives too is refused, as one of both would count
    /// @throws IllegalArgumentException  what was asked for makes no sense
    FileSite with(FileSite site, List<String> secured) {
        if (spa && fallback != null) {
            throw new IllegalArgumentException("--spa and --fallback (expected one of them)");
        }
        for (String each : secured) {
            String name = each.substring(0, each.indexOf(':') + 1);
            if (headers.stream().anyMatch(header -> header.regionMatches(true, 0, name, 0, name.length()))) {
                throw new IllegalArgumentException("--header " + name + " beside --hsts (expected one of them)");
            }
        }
        List<String> all = new ArrayList<>(headers);
        all.addAll(secured);
        FileSite served = site.withFields(FixedFields.of(all));
        if (listNames != null && (listNames < 1 || listNames > LIST_NAMES_MAX)) {
            throw new IllegalArgumentException("--list-names " + listNames + " (expected 1.." + LIST_NAMES_MAX + ")");
        }
        if (list || listNames != null) {
            served = served.withListing(listNames == null ? FileSite.LISTED_NAMES : listNames);
        }
        if (notFound != null) {
            served = served.withNotFoundPage(notFound);
        }
        if (spa || fallback != null) {
            served = served.withFallbackPage(spa ? "index.html" : fallback);
        }
        if (precompressed) {
            served = served.withPrecompressed();
        }
        for (String rule : cacheControl) {
            boolean patterned = rule.startsWith("/") || rule.startsWith("*");
            int space = rule.indexOf(' ');
            if (patterned && space < 0) {
                throw new IllegalArgumentException("--cache-control " + rule + " (expected a value behind the pattern)");
            }
            served = patterned ? served.withCacheControl(rule.substring(0, space), rule.substring(space + 1)) : served.withCacheControl("*", rule);
        }
        return served;
    }
}
