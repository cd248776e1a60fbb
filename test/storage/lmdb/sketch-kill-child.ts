/**
 * Appends flushes of timers until it is killed, and prints the number of each one once it is
 * acknowledged. Arguments: data folder, number of the first flush. Values: `valuesOf`.
 */
import { DEFAULT_SKETCHES } from '../../../src/storage/retention/sketch-rules.ts';
import { timerFrame } from '../../support/timer-frame.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn } from './open.ts';
import { EPOCH, TIMERS, valuesOf } from './sketch-kill-values.ts';

const [dataDir, first] = process.argv.slice(2);
const options = { thread: true, sketches: DEFAULT_SKETCHES };
const store = await openIn(dataDir!, rulesOf({ '': '10s:1h,1m:1d' }), options);
console.log('open');
for (let number = Number(first); number < Number(first) + 5000; number++) {
  const timers = Object.fromEntries(TIMERS.map((name, i) => [name, valuesOf(number, i)]));
  await store.append(timerFrame(EPOCH + number * 10, timers));
  // As text: numbers are coloured where the environment asks for colours.
  console.log(String(number));
}
