/** A folder of whisper files for imports, and a check that a store has all that is in them. */
import fs from 'node:fs';
import path from 'node:path';
import { parseRetentions } from '../../src/storage/retention/retentions.ts';
import { writeWhisper } from '../../src/storage/whisper/write.ts';
import { openFaultStore } from './open-fault-store.ts';

const ARCHIVES = parseRetentions('10s:40m,1m:4h');
/** A multiple of the coarser step. */
const NEWEST = 1_699_999_980;

export function writeWhisperTree(
  folder: string,
  files: number,
): { missingFrom(dataDir: string): Promise<string[]> } {
  for (let i = 0; i < files; i++) {
    const file = path.join(folder, 'imported', `group${i % 10}`, `s${i}.wsp`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const data = ARCHIVES.map(({ step, points }) => ({
      step,
      times: Float64Array.from({ length: points }, (_, j) => NEWEST - (points - 1 - j) * step),
      values: Float64Array.from({ length: points }, (_, j) => valueOf(i, step, points - 1 - j)),
    }));
    const whole = { archives: ARCHIVES, aggregationMethod: 'sum' as const, xFilesFactor: 0, data };
    fs.writeFileSync(file, writeWhisper(whole));
  }
  return { missingFrom: (dataDir) => missingFrom(dataDir, files) };
}

/** Files whose series is not there point for point, one line each. */
async function missingFrom(dataDir: string, files: number): Promise<string[]> {
  const store = await openFaultStore(dataDir);
  try {
    const missing: string[] = [];
    for (let i = 0; i < files; i++) {
      const name = `imported.group${i % 10}.s${i}`;
      const found = store.lookup(name);
      if (found === undefined) {
        missing.push(`${name} is not there`);
        continue;
      }
      for (const { step, points } of ARCHIVES) {
        const [fetched] = await store.fetch([found.id], NEWEST - step * points, NEWEST, NEWEST);
        const { start, values } = fetched!;
        const wrong = values.findIndex(
          (value, j) => value !== valueOf(i, step, (NEWEST - start) / step - j),
        );
        if (values.length !== points || wrong >= 0) {
          missing.push(`${name}, ${step} s: ${values.length} values, number ${wrong} is wrong`);
          break;
        }
      }
    }
    return missing;
  } finally {
    await store.close();
  }
}

/** `age` in steps. */
function valueOf(i: number, step: number, age: number): number {
  return i * 1000 + age + step / 100;
}
