/**
 * `verify` of database `name`: records that decode and belong to their keys, canonical names, ids
 * and places in the rings that are one series' only, classes that are there.
 */
import { canonicalName } from '../../index/tagged-name.ts';
import { AGGREGATION_METHODS } from '../../retention/archives.ts';
import { MERGE_POINT } from '../../../wire/merge.ts';
import { type SeriesRecord, decodeSeries, nameKey } from '../db/series-record.ts';
import type { Check } from './check.ts';
import { shown, textOf } from './check.ts';
import type { Classes } from './classes.ts';

export class NameCheck implements Check {
  readonly database = 'name';
  private readonly classes: Classes;
  private readonly ids = new Set<number>();
  private readonly columns = new Map<number, Set<number>>();

  constructor(classes: Classes) {
    this.classes = classes;
  }

  where(key: Uint8Array): string {
    const text = textOf(key);
    return text === undefined ? `series with the hash ${hex(key)}` : `series ${shown(text)}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const found = decodeSeries(key, value);
    if (found === undefined) return `its checksum is wrong (${value.length} bytes)`;
    const { name, series } = found;
    if (Buffer.compare(nameKey(name), key) !== 0) return `its record is that of ${shown(name)}`;
    if (name === '') return 'it has no name';
    if (canonicalName(name) !== name) return `its name should be ${shown(canonicalName(name))}`;
    return numbersFault(series) ?? this.classFault(series) ?? this.takenFault(series);
  }

  loss(): string {
    return 'the series with all its points';
  }

  private classFault({ classId, column, older }: SeriesRecord): string | undefined {
    const { known, unreadable } = this.classes;
    if (unreadable.has(classId)) return `class ${classId} cannot be read`;
    if (!known.has(classId)) return `class ${classId} is not there`;
    this.classes.noteColumns(classId, column + 1);
    const count = this.classes.sidCount(classId);
    if (column >= count) return `its column is ${column}, the class has ${count}`;
    for (const place of older) {
      this.classes.noteColumns(place.classId, place.column + 1);
      const isThere =
        known.has(place.classId) && place.column < this.classes.sidCount(place.classId);
      if (!isThere)
        return `its older place, column ${place.column} of class ${place.classId}, is not there`;
    }
    return undefined;
  }

  private takenFault({ id, classId, column }: SeriesRecord): string | undefined {
    if (this.ids.has(id)) return `its id ${id} is another series' already`;
    let columns = this.columns.get(classId);
    if (columns === undefined) this.columns.set(classId, (columns = new Set()));
    if (columns.has(column))
      return `its column ${column} of class ${classId} is another series' already`;
    this.ids.add(id);
    columns.add(column);
    return undefined;
  }
}

function numbersFault({ merge, method, xFilesFactor }: SeriesRecord): string | undefined {
  if (merge > MERGE_POINT) return `its way to join values is ${merge}`;
  if (method >= AGGREGATION_METHODS.length) return `its aggregation method is ${method}`;
  if (!(xFilesFactor >= 0 && xFilesFactor <= 1)) return `its xFilesFactor is ${xFilesFactor}`;
  return undefined;
}

function hex(key: Uint8Array): string {
  return Buffer.from(key.subarray(1, 9)).toString('hex');
}
