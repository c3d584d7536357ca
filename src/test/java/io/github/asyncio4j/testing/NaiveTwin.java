package io.github.asyncio4j.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A test that shows how the first idea fails, beside the {@link Recipe} of the same row. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface NaiveTwin {

    /** That of the recipe. */
    String row();

    /** What was tried, and what became of it. */
    String value();
}
