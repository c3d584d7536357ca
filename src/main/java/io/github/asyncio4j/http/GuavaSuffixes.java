package io.github.asyncio4j.http;

import com.google.common.net.InternetDomainName;

/** The Public Suffix List as Guava, an optional dependency, carries it: loading this class without it is a LinkageError. */
final class GuavaSuffixes {

    private GuavaSuffixes() {}

    static boolean contains(String domain) {
        return InternetDomainName.isValid(domain)
                && InternetDomainName.from(domain).isPublicSuffix();
    }
}
