/** What crosses between the pool and a thread that draws: one request, then one answer. */
import type { ErrorCode } from '../lib/errors.ts';
import type { PictureRequest } from './draw-picture.ts';

export type DrawMessage = PictureRequest;

export type DrawnMessage =
  | { kind: 'drawn'; bytes: Uint8Array }
  /** What is wrong with the request. */
  | { kind: 'rejected'; code: ErrorCode; sentence: string }
  | { kind: 'failed'; stack: string };
