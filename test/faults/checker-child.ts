/** Checks one data folder a line of standard input, answers with a line of JSON; see power-cut.ts. */
import readline from 'node:readline';
import { type Standing, checkAfterCrash } from './history-check.ts';

interface Question {
  dataDir: string;
  acknowledged: number;
  steadyCount: number;
  goOn: number;
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line) as Question)));
}

async function answer({ dataDir, acknowledged, steadyCount, goOn }: Question): Promise<Standing> {
  try {
    return await checkAfterCrash(dataDir, steadyCount, acknowledged, goOn);
  } catch (error) {
    const complaint = error instanceof Error ? error.message : String(error);
    return { step: -1, lost: 0, badRecords: 1, points: 0, complaint };
  }
}
