package io.github.asyncio4j.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A test that shows how something is done. {@code docs/recipes.md} lists them all. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Recipe {

    /** A number of the asyncio course, or B and a number for what users of Reactor look for. */
    String row();

    /** What it shows, in one sentence. */
    String value();
}
