/** A process of `run-files.ts`: runs the files of tests that it is sent, one after the other. */
import { cpuSeconds } from './cpu-time.ts';
import { type FileResult, NO_MORE, RESULT_MARK } from './runner-messages.ts';

/** uvu's suites: each runs its tests and tells the failures as text, passed, skipped, all. */
type Suite = () => Promise<[string | true, number, number, number]>;

const queue: Suite[][] = [];
Object.assign(globalThis, { UVU_DEFER: 1, UVU_QUEUE: queue });
// Some tests put another in its place for a while; the result must reach the runner whatever they leave.
const write = process.stdout.write.bind(process.stdout);

process.on('message', (url: string) => {
  if (url === NO_MORE) process.disconnect();
  else void runFile(url).then((result) => write(`\n${RESULT_MARK}${JSON.stringify(result)}\n`));
});

async function runFile(url: string): Promise<FileResult> {
  const startedAt = cpuSeconds();
  const { costs, leftOut } = await import('./suite.ts');
  const before = leftOut.length;
  const sum = { total: 0, passed: 0, skipped: 0, leftOut: 0 };
  const suites: Suite[] = (queue[0] = []);
  try {
    await import(url);
  } catch (error) {
    console.error('   FAIL  cannot be loaded:', error);
    sum.total += 1;
  }
  costs.push({ name: 'loading it', seconds: cpuSeconds() - startedAt });
  for (const suite of suites) {
    const [failures, passed, skipped, total] = await suite();
    sum.total += total;
    sum.passed += passed;
    sum.skipped += skipped;
    if (typeof failures === 'string') write(`\n${failures}\n`);
  }
  sum.leftOut = leftOut.length - before;
  return { ...sum, seconds: cpuSeconds() - startedAt, parts: costs.splice(0) };
}
