package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublicSuffixesTest {

    /** Without the whole list it is those that most registrations are under. */
    @ParameterizedTest
    @CsvSource({
        "co.uk, true",
        "com.au, true",
        "github.io, true",
        "s3.amazonaws.com, true",
        "co.com, false",
        "example.uk, false",
        "a.co.uk, false",
        "example.com, false",
        "me.github.io, false"
    })
    void theWellKnownOnes(String domain, boolean suffix) {
        assertThat(PublicSuffixes.isWellKnown(domain, domain.indexOf('.'))).isEqualTo(suffix);
    }

    @ParameterizedTest
    @CsvSource({"com, true", "localhost, true", "example.com, false"})
    void aSingleLabelIsAlwaysOne(String domain, boolean suffix) {
        assertThat(PublicSuffixes.contains(domain)).isEqualTo(suffix);
    }
}
