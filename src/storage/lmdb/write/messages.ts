/**
 * What crosses between the embedded store on the main thread and its worker. Each request carries a
 * job number; it is answered in `committed` when its effects are durable, or in `dropped`.
 */
import type { PrefixOptions } from '../../../rejections/prefix-limit.ts';
import type { Rejection } from '../../../rejections/rejections.ts';
import type { SampleBatch, SampleReport, SeriesDictionary } from '../../../wire/sample-batch.ts';
import type { SketchKind } from '../../../wire/statistics.ts';
import type { ImportedArchive, SeriesInfo } from '../../roles.ts';
import type { RetentionRulesData } from '../../retention/rules.ts';
import type { SketchSettings } from '../../retention/sketch-rules.ts';
import type { Archive } from '../../retention/archives.ts';
import type { TimerLink } from '../db/sketch-links.ts';
import type { Sketched, SketchedName } from '../db/sketch-names.ts';

/** Of names whose first nodes are the same (rejections/prefix-limit.ts). */
export type PrefixLimits = Omit<PrefixOptions, 'secret'>;

export interface WorkerOptions {
  dataDir: string;
  /** Of the folder's owner, this process. */
  token: string;
  mapSizeBytes: number;
  diskHeadroomBytes: number;
  maxPendingFlushes: number;
  maxSeries: number;
  /** How far ahead of the clock ready-made points may be; undefined: one step. */
  futureToleranceMs?: number | undefined;
  /** Bounds on series with one prefix; undefined: none. */
  prefixes: PrefixLimits | undefined;
  rules: RetentionRulesData;
  sketches: SketchSettings;
}

export interface BatchRequest {
  kind: 'batch';
  job: number;
  /** Epoch seconds. */
  now: number;
  batch: SampleBatch;
}

/** Of a batch whose values were given up (write-queue.ts): later ones rely on what it declared. */
export interface DictionaryRequest {
  kind: 'dictionary';
  job: number;
  producer: number;
  isFlush: boolean;
  series: SeriesDictionary;
}

export type Request =
  | BatchRequest
  | DictionaryRequest
  | { kind: 'import'; job: number; info: SeriesInfo; archives: ImportedArchive[] }
  | { kind: 'register'; job: number; name: string }
  | { kind: 'delete'; job: number; names: string[] }
  /** `clean`: into columns that the history can be copied to. */
  | { kind: 'retain'; job: number; changes: SeriesInfo[]; clean: boolean }
  /** Resolves to how many of the series still have history elsewhere. */
  | { kind: 'copy'; job: number; names: string[] }
  /** Resolves to the number of records removed; there may be more. */
  | { kind: 'sweep'; job: number; names: string[] }
  | { kind: 'rename'; job: number; pairs: { from: string; to: string }[] }
  | { kind: 'record'; job: number; key: string; text: string | undefined }
  /** Nothing but a commit, from which on an owner before this one can write no more. */
  | { kind: 'claim'; job: number }
  | { kind: 'rules'; job: number; rules: RetentionRulesData; sketches: SketchSettings }
  | { kind: 'close'; job: number };

/** What a job resolves to. */
export type JobResult = SampleReport | number | boolean | undefined;

interface ClassInfo {
  classId: number;
  archives: Archive[];
}

export interface SketchClassInfo {
  classId: number;
  archives: Archive[];
  kind: SketchKind;
}

/** What a commit changed about sketched timers and sets. */
export interface SketchChanges {
  /** All that changed, were removed or are new. */
  names: SketchedName[];
  /** Those that there are now. */
  known: Sketched[];
  classes: SketchClassInfo[];
  /** By series: the timer it is a statistic of, undefined: none any more. */
  links: [series: number, link: TimerLink | undefined][];
}

/** What a commit changed about names. */
export interface NameChanges {
  /** Names that are no more. */
  gone: string[];
  /** Series that are new, or known ones with new columns. */
  names: string[];
  /** packSeries of each (series-columns.ts), back to back. */
  packed: Float64Array;
  classes: ClassInfo[];
  sketched?: SketchChanges;
}

export interface WriterStatus {
  /** Why new series are refused; undefined while there is room. */
  lowSpace?: string;
  lastDurableFlush: number;
  lastCommitMs: number;
  refusedSeries: number;
  rejections: Rejection[];
  pointsStored: number;
  lateMerged: number;
  corruptRecords: number;
}

export type Reply =
  | { kind: 'ready'; status: WriterStatus }
  | {
      kind: 'committed';
      jobs: { job: number; result: JobResult }[];
      changes: NameChanges | undefined;
      status: WriterStatus;
    }
  /** Given up, because the queue was full or the store closed while the disk failed. */
  | { kind: 'dropped'; job: number; status: WriterStatus }
  | { kind: 'failing'; reason: string; status: WriterStatus }
  | { kind: 'log'; level: 'info' | 'warn' | 'error'; message: string };
