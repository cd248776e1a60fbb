/**
 * The interface between storage and everything else, by role: whoever takes a role says by its type
 * what it can do to the store. `storage/lmdb` is what `openStore` opens, `test/model` a store in
 * memory for tests; one suite runs on both (test/storage/store-suite.ts).
 *
 * Whatever reads or writes data is asynchronous; names and tags are looked up in memory, at once.
 * Names are Graphite's: dotted, or tagged `name;tag=value;…` (the store sorts and de-duplicates
 * tags, so `a;y=2;x=1` and `a;x=1;y=2` are one series). `now` is epoch seconds and always an
 * argument: the store has no clock of its own.
 */
import type { InSteps } from '../lib/in-steps.ts';
import type { Rejection } from '../rejections/rejections.ts';
import type { SampleBatch, SampleReport } from '../wire/sample-batch.ts';
import type { AggregationMethod, Archive } from './retention/archives.ts';
import type { RetentionRules } from './retention/rules.ts';
import type { SketchSettings } from './retention/sketch-rules.ts';

/** A node of the name tree: a leaf is a series, a branch goes on, a node can be both. */
export interface FoundNode {
  /** Full dotted path, or the full tagged name. */
  path: string;
  /** The last dotted part. */
  text: string;
  leaf: boolean;
  branch: boolean;
  /** The series to fetch, -1 for a pure branch. */
  id: number;
}

export interface SeriesRef {
  id: number;
  /** Canonical name. */
  name: string;
}

/** Datapoints of one series from one archive; absent ones are NaN. */
export interface Fetched {
  /** Epoch seconds of the first value; multiple of step. */
  start: number;
  /** start + values.length * step. */
  end: number;
  step: number;
  values: Float64Array;
  /** Index of the archive that answered, 0 = finest. */
  archiveIndex: number;
}

/** What governs a series: the file lines that chose it are found by `retention show`. */
export interface SeriesInfo {
  name: string;
  archives: Archive[];
  aggregationMethod: AggregationMethod;
  xFilesFactor: number;
  /**
   * Which statistic of which timer or set it is (STAT_* of wire/statistics.ts), where that is known
   * and merged sketches may answer for it (not with averagedTimers).
   */
  timer?: { name: string; stat: number; argument: number };
}

/** A timer or set whose sketches are stored, by its base name: `stats.timers.web01.latency`. */
export interface SketchedRef {
  /** Not an id of a series. */
  id: number;
  /** Canonical name. */
  name: string;
  kind: 'timer' | 'set';
}

/** Sketches of one timer or set from one archive, by slot. */
export interface FetchedSketches {
  /** Epoch seconds of the first slot; multiple of step. */
  start: number;
  /** start + sketches.length * step. */
  end: number;
  step: number;
  /** Index of the sketch archive that answered, 0 = finest. */
  archiveIndex: number;
  /** As bytes (sketch/FORMAT.md); undefined where nothing was counted. */
  sketches: (Uint8Array | undefined)[];
}

/** An archive as read from a whisper file: its points are put as they are, whatever their age. */
export interface ImportedArchive {
  step: number;
  /** Epoch seconds, multiples of step, ascending. */
  times: Float64Array;
  values: Float64Array;
}

export interface FindOptions {
  /** Most nodes to return; more throws `findLimit`. */
  limit?: number;
}

/** A node, tagged series or `tag=value` that a search for parts of names found. */
export interface SearchHit {
  /** Full dotted path, full tagged name, or `tag=value`. */
  path: string;
  /** It is a series. */
  leaf: boolean;
  /** Names go on below it. */
  branch: boolean;
  /** Series at and below it, or with the tag. */
  series: number;
  /** Where it is a tag and its value. */
  tag?: { tag: string; value: string };
}

/** A branch, and the series at and below it. */
export interface NamePrefix {
  prefix: string;
  series: number;
}

/** Series under one node, or of one metric with tags, that are new. */
export interface NewNames {
  path: string;
  count: number;
  /** The last of them. */
  example: string;
  /** Epoch seconds of the newest flush when it came; 0 before the first. */
  time: number;
}

export interface SearchAnswer {
  /** As they were read, in small letters. */
  words: string[];
  /** The best first. */
  hits: SearchHit[];
  /** Hits there are; at least so many where it is not exact. */
  total: number;
  isExact: boolean;
}

/** One tag expression, already split: `name=value`, `!=`, `=~` (anchored at the start), `!=~`. */
export interface TagExpression {
  tag: string;
  operator: '=' | '!=' | '=~' | '!=~';
  value: string;
}

export interface TagValue {
  value: string;
  count: number;
}

export interface TagQuery {
  expressions: TagExpression[];
  /** Only tags or values that start with this. */
  prefix?: string;
  limit?: number;
}

export interface StoreHealth {
  state: 'ok' | 'behind' | 'failing' | 'closed';
  /** One sentence when not ok. */
  reason?: string;
  seriesCount: number;
  /** Epoch seconds of the newest flush that is durable; 0 when there is none. */
  lastDurableFlush: number;
  /** Flushes accepted and not yet durable. */
  pendingFlushes: number;
  /** Flushes given up because the bounded queue was full. */
  droppedFlushes: number;
  /** Series refused: a limit was reached. */
  refusedSeries: number;
  /** Of them by reason, with the last names. */
  rejections?: Rejection[];
  /** Bytes of the data file. */
  fileBytes: number;
  /** Free on its disk; undefined where that cannot be told. */
  diskFreeBytes?: number | undefined;
  /** Time the last commit took. */
  lastCommitMs: number;
  pointsStored: number;
  lateMerged: number;
  corruptRecords: number;
  /** Memory of what searches for parts of names need; hardly any until the first one. */
  searchBytes: number;
}

/** A part of one database, checked. */
export interface VerifiedPart {
  database: string;
  /** Records and their bytes in this part. */
  records: number;
  bytes: number;
  /** Records of the database, all parts together. */
  total: number;
  faultCount: number;
  /** The first of them, where there are many. */
  faults: { where: string; what: string; loss: string }[];
  /** What to ask for next; undefined after the last part of the last database. */
  next?: string;
}

/** Finds series by their names and reads their datapoints. */
export interface SeriesReader {
  /** Nodes that a glob of dotted parts matches, sorted by path (byte order); no tagged names. */
  find(pattern: string, options?: FindOptions): FoundNode[];
  /** A series by its exact (any tag order) name. */
  lookup(name: string): SeriesRef | undefined;
  /** Names of all series, sorted. */
  allNames(): string[];
  /** Series whose ids are among the next `count` from `id` on, and where to go on, if at all. */
  seriesFrom(id: number, count: number): { series: SeriesRef[]; next: number | undefined };
  info(id: number): SeriesInfo | undefined;
  /**
   * By archive, epoch seconds of the newest known point, 0 where there is none: as `now` of a fetch
   * it gets all that the archive holds, however old.
   */
  newestTimes(id: number): number[];
  /** Epoch seconds (to within ten minutes) at which a value last came, 0 where unknown. */
  lastWrite(id: number): number;
  /**
   * Datapoints in (from, until], one answer a series in the order of ids; undefined where the
   * range is wholly outside what the series can hold. Archive choice, clipping and alignment are
   * whisper's: the finest archive whose retention covers now - from.
   */
  fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]>;
  /** The newest of the series that came since the start, grouped, the newest first. */
  newNames(): NewNames[];
  /**
   * Grows with every write that a reader can see: while it stays, the same question has the same
   * answer.
   */
  revision(): number;
}

/** Finds tagged series by their tags. */
export interface TagReader {
  /** Series that match all expressions, sorted by name. */
  findTagged(expressions: TagExpression[]): SeriesRef[];
  /** Tag names (with `name`) of the series that match, sorted. */
  tagNames(query: TagQuery): string[];
  /** Values of one tag with the number of series that carry each, sorted by value. */
  tagValues(tag: string, query: TagQuery): TagValue[];
  /** The tags with the most different values, `name` not among them, those with the most first. */
  tagCounts(most: number): { tag: string; values: number }[];
}

/**
 * The look-ups of names and tags again, in steps: whoever answers many takes turns. What comes or
 * goes meanwhile may be in the answer or not.
 */
export interface SearchInSteps {
  /**
   * The first `most` of what holds all words of a query in its path or its tags, in any order and
   * case: whole nodes first, then starts of nodes; then the shallower, the shorter, series before
   * branches. The first search makes an index, which `searchBytes` of StoreHealth tells.
   */
  searching(query: string, most: number): InSteps<SearchAnswer>;
  /** The branches that hold the most names, the largest first; by the index of searches. */
  listingPrefixes(most: number): InSteps<NamePrefix[]>;
  /** As SeriesReader.find. */
  finding(pattern: string, options?: FindOptions): InSteps<FoundNode[]>;
  /** Names of all series without tags, sorted. */
  namingPlain(): InSteps<string[]>;
  /** As TagReader.findTagged. */
  findingTagged(expressions: TagExpression[]): InSteps<SeriesRef[]>;
  /** As TagReader.tagNames. */
  namingTags(query: TagQuery): InSteps<string[]>;
  /** As TagReader.tagValues. */
  listingValues(tag: string, query: TagQuery): InSteps<TagValue[]>;
}

/** Finds timers and sets whose sketches are stored, and reads them. */
export interface SketchReader {
  /** Sketched timers and sets whose dotted base names a glob matches, sorted by name. */
  findSketched(pattern: string, options?: FindOptions): SketchedRef[];
  /** Sketched timers and sets with tags that match all expressions, sorted by name. */
  findSketchedByTags(expressions: TagExpression[]): SketchedRef[];
  /** Both again in steps, as SearchInSteps has the look-ups of series. */
  findingSketched(pattern: string, options?: FindOptions): InSteps<SketchedRef[]>;
  findingSketchedByTags(expressions: TagExpression[]): InSteps<SketchedRef[]>;
  /**
   * Sketches by slot in (from, until], one answer an id in their order; undefined where the range
   * is wholly outside what is stored. The archive is chosen as `fetch` does, among sketch archives.
   */
  fetchSketches(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(FetchedSketches | undefined)[]>;
}

/** Whatever a target can ask for; it cannot write. */
export interface StoreReader extends SeriesReader, TagReader, SketchReader, SearchInSteps {}

/** A store as somebody sees it who may read some of its names. */
export interface StoreView extends StoreReader {
  /** Series that are visible. */
  readonly size: number;
  /** Nobody asks it any more: it follows the store no longer. */
  close(): void;
}

/** Makes views of a store. */
export interface StoreViews {
  /**
   * Costs a look at each name, and about as much memory as the names that are visible take in the
   * store. What is new in it (`newNames`) counts from here on.
   */
  viewing(isVisible: (name: string) => boolean): InSteps<StoreView>;
}

/** Takes what is to be stored; series that are new are made by the rules of retention. */
export interface SampleWriter {
  /**
   * Resolves when the batch is durable; batches are applied in the order of the calls. `now` is for
   * samples with times of their own, a flush has its time. The columns are the store's until then.
   */
  append(batch: SampleBatch, now?: number): Promise<SampleReport>;
  /**
   * The latest value of every gauge in the newest durable flush: a writer goes on from them after a
   * restart.
   */
  lastGauges(): Promise<{ names: string[]; values: Float64Array }>;
}

/** Makes, changes and removes series, and looks after their data. */
export interface SeriesAdmin {
  /** Creates (or leaves) a series with its own archives and fills them: whisper import. */
  importSeries(info: SeriesInfo, archives: ImportedArchive[]): Promise<void>;
  /** Registers a tagged name without data, or ends `untag`; true when it was new. */
  tagSeries(name: string): Promise<boolean>;
  /**
   * Takes tagged series out of the tag index: searches by tags do not find them until a value comes
   * that is later than `now` (known to within ten minutes), their exact names do. Points stay; series
   * without any are forgotten. Resolves to the number of names that were known.
   */
  untag(names: string[], now: number): Promise<number>;
  /** Forgets series by name; resolves to the number forgotten. */
  delete(names: string[]): Promise<number>;
  /** Number renamed; a pair whose `from` is unknown or whose `to` is taken is left alone. */
  rename(pairs: { from: string; to: string }[]): Promise<number>;
  /**
   * Keeps known series by new archives, method and factor. Older points stay readable: they are
   * converted at each read, or copied for good with `rewrite`. Resolves to the number changed;
   * names that are not known and series that fit already are not.
   */
  retain(changes: SeriesInfo[], options?: { rewrite?: boolean }): Promise<number>;
  /** Series that `retain` changed since the start. */
  readonly retained: number;
  /** Copies the store without free pages into a file that must not exist. */
  backup(file: string): Promise<{ bytes: number }>;
  /**
   * Checks some records while the store goes on, each part in a snapshot of its own: the first part
   * without `after`, then each with the `next` of the one before.
   */
  verifyPart(after?: string): Promise<VerifiedPart>;
}

/** Named records that are stored beside the series (events, metadata, dashboards): JSON text by key. */
export interface RecordStore {
  /** Puts a record, or removes it when there is no text. */
  putRecord(key: string, text: string | undefined): Promise<void>;
  /** Records whose key starts with the prefix, in key order. */
  listRecords(prefix: string): { key: string; text: string }[];
  /** One record's text. */
  getRecord(key: string): string | undefined;
  /**
   * A page of those with the prefix: what stands behind the key `after`, until the texts have so many
   * bytes; one record at least, unless there is none.
   */
  recordsAfter(prefix: string, after: string, bytes: number): { key: string; text: string }[];
}

/** What concerns only whoever opened the store, and its health. */
export interface StoreLifecycle {
  /** Rules for series that are new from now on; known ones stay as they are, as in carbon. */
  setRules(rules: RetentionRules, sketches?: SketchSettings): void;
  health(): StoreHealth;
  /** What of it a stop waits for: nothing is asked of a disk that may not answer. */
  progress(): Pick<StoreHealth, 'pendingFlushes' | 'lastDurableFlush'>;
  close(): Promise<void>;
}

/** All of it: what `openStore` gives, and what is handed on role by role. */
export interface Store
  extends StoreReader, StoreViews, SampleWriter, SeriesAdmin, RecordStore, StoreLifecycle {}
