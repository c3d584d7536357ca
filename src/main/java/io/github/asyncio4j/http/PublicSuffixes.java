package io.github.asyncio4j.http;

import java.util.Set;

/**
 * Domains under which anybody can register, so that a cookie for the whole of one would go to strangers. Every domain of
 * a single label is one; of the longer ones this knows those that most registrations are under. It is not the whole
 * Public Suffix List, which changes weekly and is larger than this library.
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

    private PublicSuffixes() {}

    static boolean contains(String domain) {
        int dot = domain.indexOf('.');
        if (dot < 0) {
            return true;
        }
        int last = domain.lastIndexOf('.');
        boolean twoLabels = dot == last;
        boolean country = domain.length() - last == 3;
        return twoLabels && country && REGISTRY_LABELS.contains(domain.substring(0, dot))
                || SHARED_HOSTING.contains(domain);
    }
}
