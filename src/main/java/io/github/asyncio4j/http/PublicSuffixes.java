package io.github.asyncio4j.http;

import java.util.Set;

/**
 * Domains under which anybody can register, so that a cookie for the whole of one would go to strangers. Every domain of
 * a single label is one. The longer ones are those of the Public Suffix List if Guava is on the class path, which carries
 * it; the list changes weekly and is larger than this library. Without Guava it is those that most registrations are
 * under.
 */
final class PublicSuffixes {

    // The second-level registries of country domains come as a product: under uk, jp, au, … one of these labels.
    private static final Set<String> REGISTRY_LABELS = Set.of(
            "ac", "co", "com", "edu", "gob", "gov", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch",
            "go", "gr", "asn", "id");
    private static final Set<String> SHARED_HOSTING = Set.of(
            "github.io",
            "gitlab.io",
            "herokuapp.com",
            "appspot.com",
            "web.app",
            "firebaseapp.com",
            "azurewebsites.net",
            "cloudfront.net",
            "netlify.app",
            "vercel.app",
            "pages.dev",
            "workers.dev",
            "blogspot.com",
            "readthedocs.io",
            "fly.dev",
            "onrender.com",
            "cloudapp.net",
            "s3.amazonaws.com",
            "elasticbeanstalk.com",
            "ngrok.io",
            "surge.sh");

    private static volatile boolean listed;

    private PublicSuffixes() {}

    /** Finds out whether the whole list is there; not on an event loop. */
    static void look() {
        try {
            listed = GuavaSuffixes.contains("co.uk");
        } catch (LinkageError e) {
            listed = false;
        }
    }

    static boolean contains(String domain) {
        int dot = domain.indexOf('.');
        if (dot < 0) {
            return true;
        }
        return listed ? GuavaSuffixes.contains(domain) : isWellKnown(domain, dot);
    }

    static boolean isWellKnown(String domain, int dot) {
        int last = domain.lastIndexOf('.');
        boolean twoLabels = dot == last;
        boolean country = domain.length() - last == 3;
        return twoLabels && country && REGISTRY_LABELS.contains(domain.substring(0, dot))
                || SHARED_HOSTING.contains(domain);
    }
}
