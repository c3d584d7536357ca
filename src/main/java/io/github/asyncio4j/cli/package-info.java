/**
 * The fetch benchmark, a command line tool: {@code compare} shows what concurrent fetching gains over sequential
 * fetching, {@code serve} is the server it measures against. {@link io.github.asyncio4j.cli.FetchBenchmark} is its main
 * class; nothing else here is API.
 */
@NullMarked
package io.github.asyncio4j.cli;

import org.jspecify.annotations.NullMarked;
