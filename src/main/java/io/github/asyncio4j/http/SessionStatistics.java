package io.github.asyncio4j.http;

/**
 * What a session's connections are doing at this moment.
 *
 * <p>aiohttp's connector keeps these to itself.
 *
 * @param inUse connections with a request on them, those being made included
 * @param idle connections at rest
 * @param waiting requests that wait for a connection
 * @param created connections made so far
 * @param reused requests so far that found a connection at rest
 */
public record SessionStatistics(int inUse, int idle, int waiting, long created, long reused) {}
