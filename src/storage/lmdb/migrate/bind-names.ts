/**
 * Records of names that a tallyd before format 3 wrote have a checksum without their key: they are
 * written anew with one that has it, once. Rows and chunks get theirs as their rings turn.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Binary } from '../db/database.ts';
import type { Environment } from '../db/environment.ts';
import { decodeLink, LINK_CODEC } from '../db/sketch-links.ts';
import { decodeSeries, encodeSeries } from '../db/series-names.ts';
import { decodeSketched, encodeSketched } from '../db/sketch-names.ts';
import { commitBatch } from '../db/write-batch.ts';

const PAGE_NAMES = 5000;

/** The record of a key anew; undefined where it is damaged: whoever reads it counts it. */
type Encode = (key: Uint8Array, value: Uint8Array) => Uint8Array | undefined;

/** A page of names a transaction; one that is stopped begins again with the next start. */
export async function bindNames(environment: Environment): Promise<void> {
  await bindAll(environment, environment.names, (key, value) => {
    const found = decodeSeries(key, value);
    return found === undefined ? undefined : encodeSeries(found.name, found.series);
  });
  await bindAll(environment, environment.sketchNames, (key, value) => {
    const found = decodeSketched(key, value);
    return found === undefined ? undefined : encodeSketched(found);
  });
  await bindAll(environment, environment.sketchLinks, (key, value) => {
    const found = decodeLink(key, value);
    return found === undefined ? undefined : LINK_CODEC.encode(found.series, found.link);
  });
}

async function bindAll(environment: Environment, database: Binary, encode: Encode): Promise<void> {
  let start: Uint8Array | undefined;
  for (;;) {
    const page: [key: Uint8Array, value: Uint8Array][] = [];
    const range = start === undefined ? {} : { start };
    for (const { key, value } of database.getRange({ ...range, limit: PAGE_NAMES })) {
      page.push([Uint8Array.from(key), Uint8Array.from(value)]);
    }
    commitBatch(environment, (batch) => {
      for (const [key, value] of page) {
        const bound = encode(key, value);
        if (bound !== undefined) batch.put(database, key, bound);
      }
    });
    if (page.length < PAGE_NAMES) return;
    start = page.at(-1)![0]; // a full page
    await turn();
  }
}
