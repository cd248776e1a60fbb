"""python3-statsd through its whole interface: UDP, TCP, unix stream, pipelines, timers, deltas.

The one argument is JSON with the ports. Its dice always fall on "send".
"""
import json
import random
import sys
from datetime import timedelta

from statsd import StatsClient, TCPStatsClient, UnixSocketStatsClient

ports = json.loads(sys.argv[1])
random.random = lambda: 0.0

client = StatsClient("127.0.0.1", ports["udp"], prefix="py", maxudpsize=512)
for i in range(500):
    client.incr("hits", 3)
client.decr("hits", 100)
client.incr("half", 0.5)
client.incr("sampled", 2, rate=0.1)
client.gauge("level", 40)
client.gauge("level", 2, delta=True)
client.gauge("level", -0.5, delta=True)
client.gauge("below", -5)
client.timing("took", 320)
client.timing("took", timedelta(seconds=1.5))
client.timing("rare", 9, rate=0.25)
client.set("users", "alice")
client.set("users", "bob")
client.set("users", "alice")
with client.timer("block"):
    pass


@client.timer("function")
def timed():
    return 1


timed()
with client.pipeline() as pipe:
    for i in range(50):
        pipe.incr("piped")
    pipe.gauge("pipelevel", -1)
    pipe.timing("pipetook", 4)
client.close()

for kind, stream in (
    ("pytcp", TCPStatsClient("127.0.0.1", ports["tcp"], prefix="pytcp")),
    ("pyunix", UnixSocketStatsClient(ports["unix"], prefix="pyunix")),
):
    for i in range(200):
        stream.incr("hits")
    stream.gauge("level", -3)
    stream.gauge("level", 1, delta=True)
    stream.timing("took", 12.25)
    with stream.pipeline() as pipe:
        for i in range(100):
            pipe.incr("piped", 2)
    stream.reconnect()
    stream.incr("again")
    stream.close()
