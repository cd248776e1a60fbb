/** `verify` of database `meta`: format, progress and the classes, which it reads for all others. */
import { FORMAT_VERSION } from '../db/environment.ts';
import type { Check } from './check.ts';
import { shown, textOf } from './check.ts';
import { type Classes, isCount, isObject, parseJson } from './classes.ts';

export const FORMAT_KEY = 'format';
export const PROGRESS_KEY = 'progress';

export class MetaCheck implements Check {
  readonly database = 'meta';
  private readonly series: Classes;
  private readonly sketches: Classes;
  private readonly seen = new Set<string>();

  constructor(series: Classes, sketches: Classes) {
    this.series = series;
    this.sketches = sketches;
  }

  where(key: Uint8Array): string {
    return `record ${shown(textOf(key) ?? 'not UTF-8')}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const name = textOf(key);
    if (name === undefined) return 'its key is not UTF-8';
    this.seen.add(name);
    if (name === FORMAT_KEY) return formatFault(value);
    if (name === PROGRESS_KEY) return progressFault(value);
    const found = this.classOf(name);
    if (found === undefined) return 'it is none that this tallyd knows';
    return found.classes.take(found.classId, value);
  }

  loss(key: Uint8Array): string {
    const name = textOf(key) ?? '';
    if (name === FORMAT_KEY) return 'nothing can be read without it';
    if (name === PROGRESS_KEY) return 'nothing: it is computed anew from the rows';
    const found = this.classOf(name);
    if (found === undefined) return 'nothing that is used';
    return found.classes.known.has(found.classId)
      ? 'nothing: its state is computed anew from the rows'
      : 'all series of the class';
  }

  /** Names and rows must have come by for it. */
  mend(key: Uint8Array): Uint8Array | undefined {
    const name = textOf(key) ?? '';
    const found = this.classOf(name);
    if (found !== undefined) return json(found.classes.mended(found.classId));
    if (name === PROGRESS_KEY) return json(this.series.progress());
    return undefined;
  }

  rest(): { where: string; what: string }[] {
    const faults: { where: string; what: string }[] = [];
    if (!this.seen.has(FORMAT_KEY)) {
      faults.push({ where: `record "${FORMAT_KEY}"`, what: 'it is not there' });
    }
    for (const { known, unreadable, end, kind } of [this.series, this.sketches]) {
      for (let classId = 0; classId < end; classId++) {
        if (known.has(classId) || unreadable.has(classId)) continue;
        faults.push({ where: `record "${kind.prefix}${classId}"`, what: 'it is not there' });
      }
    }
    return faults;
  }

  private classOf(name: string): { classes: Classes; classId: number } | undefined {
    for (const classes of [this.series, this.sketches]) {
      const classId = classes.idOf(name);
      if (classId !== undefined) return { classes, classId };
    }
    return undefined;
  }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function formatFault(value: Uint8Array): string | undefined {
  const format = parseJson(value);
  if (!isObject(format) || !isCount(format['version'])) return 'it has no version';
  const { version } = format;
  if (version >= 1 && version <= FORMAT_VERSION) return undefined;
  return `it is format ${version}, this tallyd reads up to ${FORMAT_VERSION}`;
}

function progressFault(value: Uint8Array): string | undefined {
  const progress = parseJson(value);
  if (!isObject(progress)) return 'it is no JSON object';
  const { lastFlush, newest } = progress;
  if (!isCount(lastFlush) || !isCount(newest)) return 'its times are none';
  return newest < lastFlush ? `its newest time ${newest} is before flush ${lastFlush}` : undefined;
}
