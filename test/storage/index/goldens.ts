/** What graphite-web 1.1.10 answered about the data set of test/conformance/graphite. */
import fs from 'node:fs';

const ROOT = new URL('../../conformance/graphite/', import.meta.url);

export interface Golden {
  id: string;
  path: string;
  /** Values of each parameter; `expr[]` is kept apart from `expr`. */
  params: Map<string, string[]>;
  status: number;
  body: string;
}

interface GoldenLine {
  id: string;
  request: { method: string; path: string; params: [string, string][] };
  response: { status: number; body?: string };
}

export function readGoldens(category: string): Golden[] {
  return lines<GoldenLine>(`goldens/${category}.jsonl`).map(({ id, request, response }) => {
    const params = new Map<string, string[]>();
    for (const [key, value] of request.params) {
      params.set(key, [...(params.get(key) ?? []), value]);
    }
    return { id, path: request.path, params, status: response.status, body: response.body ?? '' };
  });
}

/** Names of the 80 series, in the order of the file. */
export function dataSetNames(): string[] {
  return lines<{ name: string }>('dataset/series.jsonl').map(({ name }) => name);
}

function lines<Line>(file: string): Line[] {
  const text = fs.readFileSync(new URL(file, ROOT), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}
