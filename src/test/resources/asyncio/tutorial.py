import asyncio


# region coroutine
async def greet(name):
    await asyncio.sleep(1)
    return "Hello, " + name
# endregion


print(asyncio.run(greet("Ann")))
