import type { Params } from './params.ts';
export function readRange(
  params: Params,
  serverNow: number,
): { now: number; from: number | undefined; until: number | undefined } {
  const n = (s: string | undefined) =>
    s === undefined || s === 'undefined' ? undefined : Number(s);
  return { now: serverNow, from: n(params.last('from')), until: n(params.last('until')) };
}
