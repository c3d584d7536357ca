package io.github.asyncio4j.resource;

import java.util.Optional;

/**
 * How the use of a resource ended, told to whoever closes it: commit or roll back, keep or destroy. Exactly one of the
 * three questions is answered with true. Python's arguments of {@code __aexit__}.
 *
 * <pre>{@code
 * AsyncResource<Transaction> transaction = AsyncResource.of(
 *         begin, (open, exit) -> exit.isCompleted() ? open.commit() : open.rollback());
 * }</pre>
 */
public interface Exit {

    /** The body gave its result, and nothing closed since has failed. */
    boolean isCompleted();

    /** The body failed, or something closed since. */
    boolean isFailed();

    /** The subscriber left before the body had ended. */
    boolean isCancelled();

    /** The first failure: always there when failed, and after a cancel if something closed since has failed. */
    Optional<Throwable> error();
}
