/** Many pieces of asynchronous work as one: tasks, groups, gather, wait, race. */
@NullMarked
package io.github.asyncio4j.task;

import org.jspecify.annotations.NullMarked;
