"""The same race for Python's aiohttp, on uvloop where it is installed: aiohttp_race.py url concurrency seconds."""

import asyncio
import sys
import time

import aiohttp

try:
    import uvloop

    uvloop.install()
    NAME = "aiohttp-uvloop"
except ImportError:
    NAME = "aiohttp"

WARM_UP_SECONDS = 3


async def main(url: str, concurrency: int, seconds: int) -> None:
    answered = failed = 0
    over = False

    async def user(session: aiohttp.ClientSession) -> None:
        nonlocal answered, failed
        while not over:
            async with session.get(url) as response:
                if await response.text():
                    answered += 1
                else:
                    failed += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:
        users = [asyncio.ensure_future(user(session)) for _ in range(concurrency)]
        await asyncio.sleep(WARM_UP_SECONDS)
        before, cpu, start = answered, time.process_time(), time.perf_counter()
        await asyncio.sleep(seconds)
        taken, used, count = time.perf_counter() - start, time.process_time() - cpu, answered - before
        over = True
        await asyncio.gather(*users)
    print(f"| {NAME} | {concurrency} | {count / taken:,.0f} | {used / count * 100_000:.2f} | {failed} |")


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
