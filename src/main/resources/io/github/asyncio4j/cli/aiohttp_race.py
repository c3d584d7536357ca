"""What RivalRace reads: URLs from standard input, fetched together; status and seconds of each, and of all."""

import asyncio
import sys
import time

import aiohttp


async def fetch(session: aiohttp.ClientSession, url: str) -> str:
    started = time.perf_counter()
    try:
        async with session.get(url) as response:
            await response.read()
            status = response.status
    except (aiohttp.ClientError, asyncio.TimeoutError):
        status = 0
    return f"{status:03},{time.perf_counter() - started:.6f}"


async def main() -> None:
    urls = sys.stdin.read().split()
    connector = aiohttp.TCPConnector(limit=int(sys.argv[1]))
    timeout = aiohttp.ClientTimeout(total=float(sys.argv[2]))
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        started = time.perf_counter()
        lines = await asyncio.gather(*(fetch(session, url) for url in urls))
        taken = time.perf_counter() - started
    print("\n".join(lines))
    print(f"wall,{taken:.6f}")


asyncio.run(main())
