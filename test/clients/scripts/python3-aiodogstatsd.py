"""python3-aiodogstatsd through its whole interface. The one argument is JSON with the port.

Its dice always fall on "send".
"""
import asyncio
import json
import sys

import aiodogstatsd
import aiodogstatsd.client

ports = json.loads(sys.argv[1])
aiodogstatsd.client.random = lambda: 0.0


async def main():
    async with aiodogstatsd.Client(
        host="127.0.0.1",
        port=ports["udp"],
        namespace="aio",
        constant_tags={"env": "t"},
        read_timeout=0.1,
    ) as client:
        client.increment("hits")
        client.increment("hits", value=3)
        client.decrement("hits", value=1)
        client.increment("sampled", value=2, sample_rate=0.1)
        client.gauge("level", value=4.5, tags={"x": "y", "n": 1})
        client.histogram("sizes", value=7)
        client.distribution("sizes", value=8)
        client.timing("took", value=9)
        client.timing("rare", value=9, sample_rate=0.25)
        with client.timeit("block"):
            pass
        await client.timeit_task(asyncio.sleep(0), "task")


asyncio.run(main())
