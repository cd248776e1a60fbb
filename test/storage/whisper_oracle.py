"""Plays points into whisper files and prints what it fetches: the reference for store tests.

Reads one JSON object: {series: [{archives, method, xFilesFactor}], points: [[series, time, value,
now]], fetches: [[series, from, until, now]]}; prints [[start, end, step, values] or null, ...].
"""
import json
import os
import sys
import tempfile

import whisper

job = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder:
    def file_of(index):
        return os.path.join(folder, "%d.wsp" % index)

    for index, series in enumerate(job["series"]):
        archives = [tuple(archive) for archive in series["archives"]]
        whisper.create(file_of(index), archives, series["xFilesFactor"], series["method"])
    for index, time, value, now in job["points"]:
        whisper.update(file_of(index), value, time, now=now)
    answers = []
    for index, start, until, now in job["fetches"]:
        found = whisper.fetch(file_of(index), start, until, now=now)
        answers.append(found and list(found[0]) + [found[1]])
    json.dump(answers, sys.stdout)
