package io.github.asyncio4j.task;

import org.jspecify.annotations.Nullable;

/** A scope that knows where shielded work of its inside finds a place. */
interface Sheltered {

    /** Null when there is none around. */
    @Nullable
    Shelter shelter();
}
