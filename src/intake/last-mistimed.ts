/**
 * The last samples whose times the store had no place for, as `/health` shows them: the line as
 * carbon has it, when it came, and who sent it.
 */
import type { Rejection } from '../rejections/rejections.ts';
import { type SampleBatch, type SampleReport, senderAt } from '../wire/sample-batch.ts';

type Mistimed = 'tooOld' | 'inFuture';

const EXAMPLE_CHARACTERS = 200;

export class LastMistimed {
  private readonly lasts: { [reason in Mistimed]?: NonNullable<Rejection['last']> } = {};

  /** `nameOf` gives the name that a ref of the batch stands for; `now` in epoch seconds. */
  note(
    report: SampleReport,
    batch: SampleBatch,
    nameOf: (ref: number) => string | undefined,
    now: number,
  ): void {
    this.noteAt('tooOld', report.lastTooOld, batch, nameOf, now);
    this.noteAt('inFuture', report.lastInFuture, batch, nameOf, now);
  }

  /** Undefined while there is none, and for other reasons. */
  of(reason: string): Rejection['last'] {
    return Object.hasOwn(this.lasts, reason) ? this.lasts[reason as Mistimed] : undefined;
  }

  private noteAt(
    reason: Mistimed,
    at: number | undefined,
    batch: SampleBatch,
    nameOf: (ref: number) => string | undefined,
    now: number,
  ): void {
    const name = at === undefined ? undefined : nameOf(batch.refs[at]!);
    if (at === undefined || name === undefined) return;
    const { times, values } = batch;
    const time = typeof times === 'number' ? times : times[at]!;
    const sender = senderAt(batch, at);
    this.lasts[reason] = {
      example: `${name} ${values[at]} ${time}`.slice(0, EXAMPLE_CHARACTERS),
      time: now,
      ...(sender === undefined ? {} : { sender }),
    };
  }
}
