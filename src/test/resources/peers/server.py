"""What aiohttp's own server makes of our requests. Prints its port."""

import asyncio
import hashlib

from aiohttp import WSMsgType, web

routes = web.RouteTableDef()


@routes.post("/form")
async def form(request):
    fields = await request.post()
    return web.json_response(
        [
            [name, value.filename, value.content_type, value.file.read().decode("latin-1")]
            if isinstance(value, web.FileField)
            else [name, value]
            for name, value in fields.items()
        ]
    )


@routes.get("/query")
async def query(request):
    return web.json_response([[name, value] for name, value in request.query.items()])


@routes.get("/path/{part}")
async def path(request):
    return web.json_response({"part": request.match_info["part"], "raw": request.raw_path})


@routes.get("/login")
async def login(request):
    response = web.HTTPSeeOther("/who")
    response.set_cookie("name", "Ada Lovelace", httponly=True, max_age=60)
    response.set_cookie("elsewhere", "no", path="/other")
    raise response


@routes.get("/who")
async def who(request):
    return web.json_response(dict(request.cookies))


@routes.post("/digest")
async def digest(request):
    total = hashlib.sha256()
    async for piece in request.content.iter_any():
        total.update(piece)
    return web.Response(text=total.hexdigest())


@routes.get("/stream/{pieces}")
async def stream(request):
    response = web.StreamResponse()
    if request.query.get("pack"):
        response.enable_compression()
    await response.prepare(request)
    for number in range(int(request.match_info["pieces"])):
        await response.write(b"%08d\n" % number)
        if number % 100 == 0:
            await asyncio.sleep(0)
    await response.write_eof()
    return response


@routes.get("/hang")
async def hang(request):
    await asyncio.sleep(60)


@routes.get("/json")
async def json(request):
    return web.json_response({"text": "\u00e4\U0001f600"}, content_type="application/problem+json")


@routes.get("/ws")
async def websocket(request):
    socket = web.WebSocketResponse(protocols=("b", "c"), compress=True)
    await socket.prepare(request)
    async for message in socket:
        if message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        elif message.data == "close":
            await socket.close(code=4001, message=b"as you wish")
        else:
            await socket.send_str(message.data)
    return socket


async def main():
    app = web.Application(client_max_size=1 << 20)
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
