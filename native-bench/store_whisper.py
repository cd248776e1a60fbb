"""python3-whisper in the store benchmark: updates and fetches on files of the same retentions.

Usage: store_whisper.py FOLDER FILES READS. Prints one line of JSON: points a CPU second of update()
one point at a time, milliseconds of a fetch of six hours, of as many fetches one after the other,
and bytes a slot.
"""
import json
import os
import random
import shutil
import sys
import time

import whisper

ARCHIVES = [(10, 2160), (60, 10080)]
PASSES = 25

folder, files, reads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
now = int(time.time()) // 60 * 60
paths = [os.path.join(folder, "%d.wsp" % i) for i in range(files)]
whisper.create(paths[0], ARCHIVES, xFilesFactor=0.3, aggregationMethod="average")
points = [(now - 10 * i, random.random() * 100) for i in range(2160)]
whisper.update_many(paths[0], points, now=now)
for path in paths[1:]:
    shutil.copyfile(paths[0], path)

# Into the page cache and warm, as the store's file is.
for path in paths:
    whisper.update(path, 1.0, now, now)
started = time.process_time()
for i in range(1, PASSES + 1):
    for path in paths:
        whisper.update(path, random.random() * 100, now + 10 * i, now + 10 * i)
update_cpu = time.process_time() - started


def costs(work, rounds):
    """Sorted milliseconds by the wall and of CPU."""
    wall, cpu = [], []
    for i in range(rounds):
        begun, used = time.perf_counter(), time.process_time()
        work(i)
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    return sorted(wall), sorted(cpu)


def fetch(i):
    whisper.fetch(paths[i % files], now - 21600, now, now)


def fetch_many(_):
    for i in range(reads):
        fetch(i)


costs(fetch, 300)
one, one_cpu = costs(fetch, 300)
many, many_cpu = costs(fetch_many, 5)
slots = sum(count for _, count in ARCHIVES)
print(json.dumps({
    "pointsACpuSecond": PASSES * files / update_cpu,
    "oneMs": one[len(one) // 2],
    "oneCpuMs": one_cpu[len(one) // 2],
    "manyMs": many[0],
    "manyCpuMs": many_cpu[0],
    "bytesASlot": os.path.getsize(paths[0]) / slots,
}))
