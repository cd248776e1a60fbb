/**
 * Copies the history of series out of their previous retentions into the newest one, for good
 * (`retain` with `rewrite`): a bounded part a step, and a step a transaction. Until the last part
 * is durable, reads and late points go by the old retentions, so that an end in between changes
 * nothing; the next attempt starts again. Driven by LmdbStore.
 */
import type { SeriesInfo } from '../../roles.ts';
import { newestRow } from '../../ring/values/newest.ts';
import { BLOCK_SERIES, CHUNK_ROWS, longestRetention, retentionSeconds } from '../../ring/ring.ts';
import {
  type RetentionHistory,
  convertHistory,
  firstOwnRow,
} from '../../ring/retention-history.ts';
import { methodOfCode } from '../../ring/rollup/rollup.ts';
import { historyKey, historyOf } from './history-groups.ts';
import { type Span, nextInSpans, spansOf } from './data-spans.ts';
import type { Environment } from '../db/environment.ts';
import { ringReader, valueDatabases } from '../db/ring-records.ts';
import type { LatePoints } from '../write/late-points.ts';
import type { Progress } from '../db/meta.ts';
import type { Retainer } from './retainer.ts';
import type { RingClass, SeriesTable } from '../write/series-table.ts';

/** Series copied together: as many as share a block. */
const SERIES_MAX = BLOCK_SERIES;
/** Decoded blocks changed in one step: 61 KB each. */
const BLOCKS_MAX = 192;
/** Values read in one step: 16 MB. */
const VALUES_MAX = 2_000_000;

interface Job {
  names: string[];
  ids: number[];
  /** What the series were when the job began; a change in between starts it again. */
  key: string;
  /** The next row to copy. */
  archiveIndex: number;
  row: number;
  spans: Span[];
}

interface CopierParts {
  retainer: Retainer;
  late: LatePoints;
  /** Newest time of a series, 0 unknown. */
  lastWriteOf(id: number): number;
}

export class Copier {
  private readonly environment: Environment;
  private readonly table: SeriesTable;
  private readonly progress: Progress;
  private readonly retainer: Retainer;
  private readonly late: LatePoints;
  private readonly lastWriteOf: CopierParts['lastWriteOf'];
  /** By the first name of what is copied together. */
  private readonly jobs = new Map<string, Job>();

  constructor(
    environment: Environment,
    table: SeriesTable,
    progress: Progress,
    { retainer, late, lastWriteOf }: CopierParts,
  ) {
    this.environment = environment;
    this.table = table;
    this.progress = progress;
    this.retainer = retainer;
    this.late = late;
    this.lastWriteOf = lastWriteOf;
  }

  /**
   * One part of the copies of these series; resolves to how many still have previous retentions.
   */
  step(names: readonly string[]): number {
    const { table } = this;
    const waiting = names.filter((name) => table.columns.hasPrevious(table.find(name)));
    const first = waiting[0];
    if (first === undefined) return 0;
    const job = this.jobOf(first, waiting);
    const done = this.copyPart(job);
    if (!done) return waiting.length;
    this.finish(job);
    return waiting.length - job.ids.length;
  }

  /** The job under way; a new one when there is none, or its series are not what they were. */
  private jobOf(first: string, waiting: readonly string[]): Job {
    const { columns } = this.table;
    const known = this.jobs.get(first);
    if (known !== undefined) {
      const same = known.names.every((name, i) => {
        const id = this.table.find(name);
        return id === known.ids[i] && this.keyOf(id) === known.key;
      });
      if (same) return known;
      this.drop(known);
    }
    this.takeCleanColumns(waiting);
    const key = this.keyOf(this.table.find(first));
    const names = waiting
      .filter((name) => this.keyOf(this.table.find(name)) === key)
      .sort((a, b) => columns.columnOf(this.table.find(a)) - columns.columnOf(this.table.find(b)));
    names.splice(names.indexOf(first), 1);
    names.unshift(first);
    names.length = Math.min(names.length, SERIES_MAX);
    const ids = names.map((name) => this.table.find(name));
    const spans = spansOf(this.environment, this.table, ids);
    const job: Job = { names, ids, key, archiveIndex: 0, row: -1, spans };
    this.jobs.set(first, job);
    for (const id of ids) this.late.copying.add(id);
    return job;
  }

  /** A column that somebody had within the retention would hide what is copied there. */
  private takeCleanColumns(names: readonly string[]): void {
    const { table, retainer } = this;
    const moved: number[] = [];
    for (const name of names) {
      const id = table.find(name);
      const { since, method, xFilesFactor } = table.columns.get(id);
      const archives = [...table.ringsOf(id).rings.archives];
      if (since === 0 || since < this.progress.newest - longestRetention(archives)) continue;
      const aggregationMethod = methodOfCode(method);
      const info: SeriesInfo = { name, archives, aggregationMethod, xFilesFactor };
      if (retainer.move(info, id, true)) moved.push(id);
    }
    retainer.seed(moved);
  }

  private copyPart(job: Job): boolean {
    const { columns, classes } = this.table;
    const ringClass = this.table.ringsOf(job.ids[0]!); // a job has series
    const { archives } = ringClass.rings;
    const now = this.nowOf(job.ids[0]!, ringClass);
    for (const one of classes) one.rings.propagate();
    const history = historyOf(columns, job.ids, (classId) => classes[classId]!.rings);
    const blocks = new Set(job.ids.map((id) => Math.floor(columns.columnOf(id) / BLOCK_SERIES)))
      .size;
    let budget = Math.max(1, Math.floor(BLOCKS_MAX / blocks));
    for (; job.archiveIndex < archives.length; job.archiveIndex++, job.row = -1) {
      const archive = archives[job.archiveIndex]!;
      const { until } = history.parts[1]!; // it has a previous retention
      const end = firstOwnRow(archives, job.archiveIndex, until);
      const oldest = Math.floor((now - retentionSeconds(archive)) / archive.step) + 1;
      job.row = Math.max(job.row, oldest, 0);
      for (;;) {
        const next = nextInSpans(job.spans, job.row * archive.step);
        job.row = Math.max(job.row, Math.floor(next / archive.step));
        if (job.row >= end) break;
        if (budget <= 0) return false;
        const chunkEnd = (Math.floor(job.row / CHUNK_ROWS) + 1) * CHUNK_ROWS;
        const to = Math.min(end, chunkEnd, job.row + rowsMax(history, archive.step));
        this.copyRows(history, ringClass, job, to, now);
        if (to >= chunkEnd) budget -= 1;
        budget -= costOf(history, archive.step, to - job.row);
        job.row = to;
      }
    }
    return true;
  }

  private copyRows(
    history: RetentionHistory,
    ringClass: RingClass,
    { ids, archiveIndex, row }: Job,
    endRow: number,
    now: number,
  ): void {
    const { columns, changedClasses } = this.table;
    const { rings } = ringClass;
    const count = endRow - row;
    const { step } = rings.archives[archiveIndex]!;
    const values = convertHistory(history, 1, step, { firstRow: row, count, now });
    for (const [i, id] of ids.entries()) {
      const column = columns.columnOf(id);
      for (let j = 0; j < count; j++) {
        const value = values[i * count + j]!;
        if (value === value) rings.put(archiveIndex, row + j, column, value);
      }
    }
    changedClasses.add(ringClass);
  }

  private finish(job: Job): void {
    const { table } = this;
    job.ids.forEach((id, i) => {
      const series = table.columns.get(id);
      table.leave(series.previous, this.progress.newest);
      table.put(job.names[i]!, { ...series, previous: [] });
    });
    this.drop(job);
  }

  private drop(job: Job): void {
    this.jobs.delete(job.names[0]!);
    for (const id of job.ids) this.late.copying.delete(id);
  }

  /** Series of one key are copied in step. */
  private keyOf(id: number): string {
    const { imported } = this.table.ringsOf(id);
    return `${historyKey(this.table.columns, id)}${imported ? ` seen ${this.lastWriteOf(id)}` : ''}`;
  }

  /** The time that retentions count from: rings of imported series end with their own points. */
  private nowOf(id: number, ringClass: RingClass): number {
    const { newest } = this.progress;
    if (!ringClass.imported) return newest;
    const lastWrite = this.lastWriteOf(id);
    return lastWrite > 0 ? lastWrite : Math.min(newest, this.newestPoint(id));
  }

  private newestPoint(id: number): number {
    const { columns, classes } = this.table;
    const history = historyOf(columns, [id], (classId) => classes[classId]!.rings);
    const ids = [columns.classOf(id), ...columns.previousOf(id).map(({ classId }) => classId)];
    return history.parts.reduce((most, { series }, level) => {
      const classId = ids[level]!;
      const { rings } = classes[classId]!;
      const records = ringReader(valueDatabases(this.environment), classId, rings.archives);
      return rings.archives.reduce((newest, { step }, index) => {
        return Math.max(newest, newestRow(rings, records, index, series) * step);
      }, most);
    }, 0);
  }
}

/**
 * Rows of a step that may be read at once, when they come from the finest archive of the history.
 */
function rowsMax(history: RetentionHistory, step: number): number {
  return Math.max(1, Math.floor(VALUES_MAX / (history.seriesCount * finerPerRow(history, step))));
}

/** In blocks' worth of reading. */
function costOf(history: RetentionHistory, step: number, rows: number): number {
  return (rows * finerPerRow(history, step) * history.seriesCount * BLOCKS_MAX) / (VALUES_MAX * 4);
}

function finerPerRow(history: RetentionHistory, step: number): number {
  const steps = history.parts.slice(1).map(({ source }) => {
    const { archives } = source;
    return archives.findLast((archive) => archive.step <= step)?.step ?? step;
  });
  return Math.max(1, ...steps.map((finer) => step / finer));
}
