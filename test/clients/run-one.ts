/** One program from its start to its result, whatever happens in between. */
import type { HealthReport } from '../../src/health/health.ts';
import type { Program, Result } from './program.ts';
import { Stage } from './stage.ts';

const TIMEOUT_MS = 90_000;

export async function runProgram(program: Program): Promise<Result> {
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  const found = await program.find();
  if ('missing' in found) {
    const reason = `needs ${found.missing}`;
    return {
      program,
      verdict: 'skipped',
      version: '-',
      checks: [],
      counted: '',
      seconds: 0,
      reason,
    };
  }
  const stage = new Stage();
  let counted = '';
  let reason: string | undefined;
  try {
    await limited(async () => {
      await program.run(stage);
      counted = [await intake(stage), ...stage.figures].filter((text) => text !== '').join('; ');
    }, program.timeoutMs ?? TIMEOUT_MS);
  } catch (error) {
    reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    await stage.close();
  }
  const { checks } = stage;
  const isGood = reason === undefined && checks.length > 0 && checks.every(({ holds }) => holds);
  return {
    program,
    verdict: isGood ? 'passed' : 'failed',
    version: found.version,
    checks,
    counted,
    seconds: seconds(),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** What tallyd counted; nothing may be bad or dropped but what the program says it sends so. */
async function intake(stage: Stage): Promise<string> {
  if (!stage.isOpen) return '';
  const { receive } = await stage.server.json<HealthReport>('/health');
  const { datagrams, metrics, badLines, kernelDrops } = receive;
  const bad = badLines === 0 ? '' : ` of them ${receive.lastBadLines.join(' ¶ ')}`;
  stage.notes(`/health bad lines${bad}`, stage.badLines, badLines);
  stage.notes('/health kernel drops', 0, kernelDrops);
  return `${datagrams} datagrams, ${metrics} metrics, ${badLines} bad lines`;
}

async function limited(body: () => Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took over ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
  }
}
