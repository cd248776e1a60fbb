/**
 * `verify` of the sketches' databases: checksums, numbers in their slots, no more sketches than the
 * class has, every sketch decoded; names and links that decode, ids and places that are one's only.
 */
import { mergeEncoded } from '../../../sketch/codec.ts';
import { DistinctSketch } from '../../../sketch/distinct.ts';
import { mergeEncodedDistinct } from '../../../sketch/distinct-codec.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import { SKETCH_TIMER } from '../../../wire/statistics.ts';
import { CHUNK_ROWS, ROW_RING, chunkSlots } from '../../ring/ring.ts';
import { BLOCK_TIMERS } from '../../ring/sketches/sketch-columns.ts';
import { BUNDLE_PARTS_MAX, SketchBundle } from '../../ring/sketches/sketch-record.ts';
import { canonicalName } from '../../index/tagged-name.ts';
import type { Archive } from '../../retention/archives.ts';
import { type Sketched, decodeLink, decodeSketched, sketchedKey } from '../db/sketch-names.ts';
import { type Check, shown, textOf } from './check.ts';
import type { Classes } from './classes.ts';
import { type Place, placeFault, placeOf, ringWhere } from './ring-records.ts';

/** `classes` are those of sketches. */
export function sketchChecks(classes: Classes): Check[] {
  return [
    new NamedCheck(classes),
    new LinkCheck(),
    new BundleCheck(classes, 'srow'),
    new BundleCheck(classes, 'schunk'),
  ];
}

class BundleCheck implements Check {
  readonly database: 'srow' | 'schunk';
  private readonly classes: Classes;
  private readonly isRow: boolean;

  constructor(classes: Classes, database: 'srow' | 'schunk') {
    this.classes = classes;
    this.database = database;
    this.isRow = database === 'srow';
  }

  where(key: Uint8Array): string {
    return ringWhere(this.classes, key, this.isRow ? 'block' : 'timer');
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const place = placeOf(key);
    if (place === undefined) return `its key has ${key.length} bytes, expected 11`;
    const slotsOf = (archive: Archive): number => (this.isRow ? ROW_RING : chunkSlots(archive));
    const outside = placeFault(this.classes, place, slotsOf, this.isRow ? BLOCK_TIMERS : 1);
    if (outside !== undefined) return outside;
    const bundle = SketchBundle.read(value);
    if (bundle === undefined) return `its checksum is wrong (${value.length} bytes)`;
    const { number } = bundle;
    const slots = slotsOf(this.classes.archive(place.classId, place.archiveIndex)!); // not outside
    if (number % slots !== place.slot) {
      const what = this.isRow ? 'row' : 'chunk';
      return `it is of ${what} ${number}, whose slot is ${number % slots}`;
    }
    return this.numberFault(place, number) ?? this.partsFault(place, bundle);
  }

  loss(): string {
    return this.isRow
      ? `one sketch each of up to ${BLOCK_TIMERS} timers`
      : `up to ${CHUNK_ROWS} sketches of a timer`;
  }

  private numberFault(place: Place, number: number): string | undefined {
    const { classId, archiveIndex, unit } = place;
    if (!this.isRow) {
      this.classes.noteColumns(classId, unit + 1);
      return undefined;
    }
    const head = this.classes.head(classId, archiveIndex);
    if (head !== undefined && number > head) {
      return `it is of row ${number}, after the newest one ${head}`;
    }
    this.classes.seeRow(classId, archiveIndex, number);
    return undefined;
  }

  private partsFault({ classId, unit }: Place, bundle: SketchBundle): string | undefined {
    const timers = this.classes.sidCount(classId) - unit * BLOCK_TIMERS;
    const most = this.isRow ? Math.min(BLOCK_TIMERS, timers) : CHUNK_ROWS;
    const isTimer = this.classes.mended(classId)['kind'] === SKETCH_TIMER;
    for (let i = 0; i < BUNDLE_PARTS_MAX; i++) {
      const part = bundle.part(i);
      if (part === undefined) continue;
      if (i >= most) return `it has a sketch ${i}, there are ${most}`;
      const fault = sketchFault(part, isTimer);
      if (fault !== undefined) return `sketch ${i}: ${fault}`;
    }
    return undefined;
  }
}

class NamedCheck implements Check {
  readonly database = 'sname';
  private readonly classes: Classes;
  private readonly ids = new Set<number>();
  private readonly columns = new Set<string>();

  constructor(classes: Classes) {
    this.classes = classes;
  }

  where(key: Uint8Array): string {
    const kind = key[0] === SKETCH_TIMER ? 'timer' : 'set';
    return `${kind} ${shown(textOf(key.subarray(1)) ?? Buffer.from(key).toString('hex'))}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const found = decodeSketched(key, value);
    if (found === undefined) return `its checksum is wrong (${value.length} bytes)`;
    const { name, one } = found;
    if (Buffer.compare(sketchedKey(one.kind, name), key) !== 0) {
      return `its record is that of ${shown(name)}`;
    }
    const canonical = canonicalName(name);
    if (canonical !== name) return `its name should be ${shown(canonical)}`;
    return this.classFault(one) ?? this.takenFault(one);
  }

  loss(): string {
    return 'the timer or set with all its sketches; its series stay';
  }

  private classFault({ classId, column }: Sketched): string | undefined {
    const { known, unreadable } = this.classes;
    if (unreadable.has(classId)) return `class ${classId} of sketches cannot be read`;
    if (!known.has(classId)) return `class ${classId} of sketches is not there`;
    this.classes.noteColumns(classId, column + 1);
    const count = this.classes.sidCount(classId);
    return column < count ? undefined : `its column is ${column}, the class has ${count}`;
  }

  private takenFault({ id, classId, column }: Sketched): string | undefined {
    const place = `${classId}/${column}`;
    if (this.ids.has(id)) return `its id ${id} is another one's already`;
    if (this.columns.has(place))
      return `its column ${column} of class ${classId} is another one's already`;
    this.ids.add(id);
    this.columns.add(place);
    return undefined;
  }
}

class LinkCheck implements Check {
  readonly database = 'slink';

  where(key: Uint8Array): string {
    if (key.length !== 4) return `key ${Buffer.from(key).toString('hex')}`;
    return `series with id ${new DataView(key.buffer, key.byteOffset).getUint32(0)}`;
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    if (key.length !== 4) return `its key has ${key.length} bytes, expected 4`;
    if (decodeLink(key, value) !== undefined) return undefined;
    return `its checksum is wrong (${value.length} bytes)`;
  }

  loss(): string {
    return 'nothing: which statistic a series is comes again with the next start';
  }
}

function sketchFault(bytes: Uint8Array, isTimer: boolean): string | undefined {
  try {
    if (isTimer) mergeEncoded(bytes, new Sketch());
    else mergeEncodedDistinct(bytes, new DistinctSketch());
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
