"""Plays points into whisper files and shows what is in them: the reference for store tests.

One JSON object a line: {series: [{archives, method, xFilesFactor}], values, updates, fetches};
`values` are doubles in base64, little-endian; updates are [series, now, many, times] with as many
values, in order; fetches are [series, from, until, now]. Answers one line each: {files: [base64],
refused: points that `update` refused, fetches: [[start, end, step, values, known] or null]}.
"""
import base64
import io
import json
import os
import struct
import sys
import tempfile

import whisper


def answer(world, folder):
    files = []
    for index, series in enumerate(world["series"]):
        path = os.path.join(folder, "%d.wsp" % index)
        archives = [tuple(archive) for archive in series["archives"]]
        whisper.create(path, archives, series["xFilesFactor"], series["method"])
        with open(path, "rb") as file:
            files.append(io.BytesIO(file.read()))
        os.unlink(path)
    values = [value for (value,) in struct.iter_unpack("<d", base64.b64decode(world["values"]))]
    at = refused = 0
    for index, now, many, times in world["updates"]:
        points = list(zip(times, values[at:at + len(times)]))
        at += len(times)
        if many:
            points.sort(key=lambda point: point[0], reverse=True)
            whisper.file_update_many(files[index], points, now)
            continue
        for time, value in points:
            try:
                whisper.file_update(files[index], value, time, now)
            except whisper.TimestampNotCovered:
                refused += 1
    fetches = []
    for index, start, until, now in world["fetches"]:
        try:
            found = whisper.file_fetch(files[index], start, until, now)
        except whisper.InvalidTimeInterval:
            found = None
        fetches.append(found and list(found[0]) + packed(found[1]))
    encoded = [base64.b64encode(file.getvalue()).decode() for file in files]
    return {"files": encoded, "refused": refused, "fetches": fetches}


def packed(values):
    data = b"".join(struct.pack("<d", 0.0 if value is None else value) for value in values)
    return [base64.b64encode(data).decode(), "".join(str(int(v is not None)) for v in values)]


def plain_sum(values):
    """As Python's own before 3.12, which then began to carry the rounding errors along."""
    total = 0
    for value in values:
        total += value
    return total


def in_order(values):
    """Where two coarse slots share a place, which one stays depends on the order of a set."""
    return sorted(set(values))


whisper.LOCK = False
whisper.sum = plain_sum
whisper.set = in_order
with tempfile.TemporaryDirectory() as folder:
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), folder)), flush=True)
