"""A WebSocket server made with aiohttp. The path says what it does, the query how. Prints its port."""

import asyncio
import struct

from aiohttp import WSMsgType, web

routes = web.RouteTableDef()
closed = asyncio.Queue()  # codes and reasons that clients gave


def frame(first, payload):
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


async def accept(request, **options):
    socket = web.WebSocketResponse(
        protocols=("b",),
        compress="deflate" in request.query,
        max_msg_size=int(request.query.get("limit", 32 << 20)),
        **options,
    )
    await socket.prepare(request)
    return socket


def content(message):
    return message.data.encode() if message.type == WSMsgType.TEXT else message.data


@routes.get("/echo")
async def echo(request):
    socket = await accept(request)
    reason = ""
    while True:
        message = await socket.receive()
        if message.type == WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        else:
            reason = message.extra or ""
            break
    if "tell" in request.query:
        await closed.put(f"{socket.close_code} {reason}")
    return socket


@routes.get("/fragments")
async def fragments(request):
    socket = await accept(request)
    size = int(request.query["size"])
    async for message in socket:
        data, first, at = content(message), message.type.value, 0
        while at + size < len(data):
            request.transport.write(frame(first, data[at : at + size]))
            if at % (64 * size) == 0:
                await socket.ping(b"between")
            first, at = 0, at + size
        request.transport.write(frame(0x80 | first, data[at:]))
    return socket


@routes.get("/ping")
async def ping(request):
    socket = await accept(request, autoping=False)
    payload = b"p" * int(request.query["size"])
    await socket.ping(payload)
    async for message in socket:
        if message.type == WSMsgType.PONG:
            await socket.send_str("the same" if message.data == payload else "another")
    return socket


@routes.get("/heartbeat")
async def heartbeat(request):
    socket = await accept(request, heartbeat=0.2)
    async for message in socket:
        await socket.send_str(message.data)
    return socket


@routes.get("/close")
async def close(request):
    socket = await accept(request)
    await socket.receive()
    if "code" in request.query:
        await socket.close(code=int(request.query["code"]), message=request.query["reason"].encode())
    else:
        request.transport.write(frame(0x88, b""))
        await socket.receive()
    return socket


@routes.get("/drop")
async def drop(request):
    socket = await accept(request)
    await socket.receive()
    request.transport.abort()
    return socket


@routes.get("/closed")
async def tell(request):
    return web.Response(text=await closed.get())


async def main():
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
