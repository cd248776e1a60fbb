"""
Reads the whisper files that carbon-cache wrote: count_whisper.py FOLDER START UNTIL SAMPLE.
Prints {"files", "points", "sample": {name: [values]}} of the finest archive as JSON; the sample is
every SAMPLE-th file, all of its values in order.
"""
import json
import os
import sys

import whisper

folder, start, until, every = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
files = points = 0
sample = {}
for where, _, names in sorted(os.walk(folder)):
    for name in sorted(names):
        file = os.path.join(where, name)
        path = os.path.relpath(file, folder)[:-4].replace("/", ".")
        if path.startswith("carbon."):
            continue
        _, values = whisper.fetch(file, start - 1, until)
        points += sum(value is not None for value in values)
        if files % every == 0:
            sample[path] = values
        files += 1
print(json.dumps({"files": files, "points": points, "sample": sample}))
