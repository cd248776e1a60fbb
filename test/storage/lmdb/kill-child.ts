/**
 * Appends frames until it is killed, and prints the number of each one once it is acknowledged.
 * Arguments: data folder, number of the first frame, series. Values: see `valueOf` in kill.test.ts.
 */
import { frameOf } from '../../support/frame.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn } from './open.ts';

const [dataDir, first, seriesCount] = process.argv.slice(2);
const names = Array.from({ length: Number(seriesCount) }, (_, i) => `kill.s${i}`);
const store = await openIn(dataDir!, rulesOf({ '': 'sum 10s:20m,1m:2h' }), { thread: true });
console.log('open');
for (let number = Number(first); number < Number(first) + 5000; number++) {
  const values = Object.fromEntries(names.map((name, i) => [name, number * 1000 + i]));
  await store.append(frameOf(1_700_000_000 + number * 10, values));
  // As text: numbers are coloured where the environment asks for colours.
  console.log(String(number));
}
