/**
 * The house rules as a test: who may import whom, who owns a package, what pure rooms must not
 * touch, how long a file may be. A plain scan of import lines, after TigerBeetle's tidy.
 */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './support/program.ts';
import {
  exportsOf,
  functionsOf,
  readImportedNames,
  readSources,
  type Source,
} from './support/source-scan.ts';
import { assert, describe } from './support/suite.ts';

const sources = readSources();

const below = (file: string, ...folders: string[]): boolean =>
  folders.some((folder) => file === folder || file.startsWith(`${folder}/`));

/** Everything that breaks a rule, one line each; the rule holds when there is none. */
function violations(rule: (source: Source) => string[]): string[] {
  return sources.flatMap((source) => rule(source).map((what) => `${source.file}: ${what}`));
}

function holds(rule: (source: Source) => string[]): void {
  assert.equal(violations(rule), []);
}

const WINGS = ['ingest', 'storage', 'query'];
const GROUND = ['wire', 'sketch', 'rejections', 'lib', 'config'];
/** What query may know of storage: the interface and its types. */
const STORE_INTERFACE = ['storage/roles.ts', 'storage/retention/archives.ts'];

const PURE = [
  'ingest/protocol',
  'ingest/aggregate',
  'storage/retention',
  'storage/ring',
  'query/target',
  'query/chart',
  'query/functions',
  'query/series',
  'sketch',
];

const OWNERS: Record<string, string[]> = {
  lmdb: ['storage/lmdb'],
  fastify: ['http'],
  commander: ['cli', 'main.ts'],
  'node:dgram': ['ingest/receive', 'forward', 'proxy', 'cli'],
  re2js: ['lib/pattern.ts'],
  pino: ['daemon.ts', 'http', 'cli'],
  'node-sqlite3-wasm': ['cli'],
  uplot: ['web'],
  fontkit: ['picture'],
  pdfkit: ['picture'],
  'd3-scale': ['query/chart'],
  'd3-shape': ['query/chart'],
  'd3-time-format': ['query/chart'],
};

/** Functions over 70 lines, and how long they may be. This list may only shrink. */
const LONG_FUNCTIONS: Record<string, number> = {
  // One pass over a datagram's bytes with every view in a local: a call per part costs a third.
  'ingest/aggregate/statsd-fast-path.ts countKnownLines': 143,
  'ingest/aggregate/carbon-fast-path.ts takePlainPoints': 98,
};

/** Words that were given up for the field's own (src/ARCHITECTURE.md, "Words"), and their heirs. */
const BANNED_WORDS: Record<string, RegExp> = {
  column: /\bsids?\b|[a-z]Sids?\b/,
  'retention history, previous retention': /\bstitch|[sS]titched|\bolder places?\b|olderPlace/,
  'new, declare, retire, recycle': /\b(?:born|bear|bury|buried)\b|\bborn[A-Z]/,
  'sample batch, refs': /[fF]lush ?[fF]rame|PointBatch|NumberedPoints|NumberedNames|[fF]rameIds?\b/,
  'event, service check': /[nN]oticeKeeper|\b[a-z]+Notices?\b/,
  'wrong port, wrong protocol': /[mM]isdirected|\bmistaken\b/,
  rejection: /\b[rR]efusals?\b/,
  'self-metrics': /\b[vV]itals?\b/,
  limit: /\btakes?Room\b|\b[a-z]*Budget\b/,
  'newest row': /\b(?:head|open)Rows?\b|\bopen row\b/,
  'WriteQueue, CommitLoop, StoreWorker': /[oO]utbox|WriteLoop|WriterLink/,
};
/** Outward names and what carries them: `refusals` of /health, Grafana's error budget. */
const WORDS_MAY_STAY: Record<string, RegExp> = {
  rejection: /^(?:storage\/roles|storage\/lmdb\/write\/.*|health\/.*)\.ts$/,
  limit: /^query\/functions\/slo\.ts$/,
};

/** What the root of src holds beside its rooms. */
const ROOT_FILES = ['ARCHITECTURE.md', 'daemon.ts', 'main.ts'];

describe('tidy', (it) => {
  it('wings never import each other, but for the store interface', () => {
    holds(({ file, files }) => {
      const wing = WINGS.find((name) => below(file, name));
      if (wing === undefined) return [];
      return files
        .filter((to) => WINGS.some((other) => other !== wing && below(to, other)))
        .filter((to) => !(wing === 'query' && STORE_INTERFACE.includes(to)))
        .map((to) => `imports ${to}`);
    });
  });

  it('wings and ground stand on the ground alone', () => {
    holds(({ file, files }) => {
      const room = [...WINGS, 'forward', ...GROUND].find((name) => below(file, name));
      if (room === undefined) return [];
      const allowed = WINGS.includes(room) || room === 'forward' ? [...GROUND, room] : GROUND;
      return files
        .filter((to) => !below(to, ...allowed) && !STORE_INTERFACE.includes(to))
        .map((to) => `imports ${to}`);
    });
  });

  it('only main imports cli, only cli/start imports the daemon', () => {
    holds(({ file, files }) =>
      files
        .filter(
          (to) =>
            (below(to, 'cli') && file !== 'main.ts' && !below(file, 'cli')) ||
            (to === 'daemon.ts' && file !== 'cli/start.ts'),
        )
        .map((to) => `imports ${to}`),
    );
  });

  it('the page knows nothing of the server, nor the server of the page', () => {
    holds(({ file, files }) =>
      files.filter((to) => below(to, 'web') !== below(file, 'web')).map((to) => `imports ${to}`),
    );
  });

  it('functions never see a store or http; lib knows no domain', () => {
    holds(({ file, files }) =>
      files
        .filter(
          (to) =>
            (below(file, 'query/functions') &&
              below(to, 'storage', 'http', 'query/evaluate/evaluate.ts')) ||
            (below(file, 'lib') && !below(to, 'lib')),
        )
        .map((to) => `imports ${to}`),
    );
  });

  it('only storage/open-store names the store that is behind it', () => {
    holds(({ file, files }) =>
      below(file, 'storage/lmdb') || file === 'storage/open-store.ts'
        ? []
        : files.filter((to) => below(to, 'storage/lmdb')).map((to) => `imports ${to}`),
    );
  });

  it('a package has one owner', () => {
    holds(({ file, packages }) =>
      packages
        .filter((name) => OWNERS[name] !== undefined && !below(file, ...OWNERS[name]))
        .map((name) => `imports ${name}`),
    );
  });

  it('pure rooms do no I/O and have no clock', () => {
    const forbidden = /^(node:)?(fs|dgram|net|http|worker_threads|timers|child_process)|^pino$/;
    holds(({ file, text, packages }) => {
      if (!below(file, ...PURE)) return [];
      const calls = text.match(/\b(?:Date\.now|setTimeout|setInterval|performance\.now)\(/g) ?? [];
      return [...packages.filter((name) => forbidden.test(name)), ...calls];
    });
  });

  it('outside text never becomes a backtracking RegExp', () => {
    holds(({ file, text }) =>
      file === 'lib/pattern.ts' ? [] : (text.match(/new RegExp\(/g) ?? []).map(String),
    );
  });

  it('nothing from outside is evaluated', () => {
    holds(({ text }) => (text.match(/\beval\(|new Function\(/g) ?? []).map(String));
  });

  it('there are no import cycles', () => {
    const byFile = new Map(sources.map((source) => [source.file, source]));
    const done = new Set<string>();
    const visit = (file: string, trail: string[]): string[] => {
      if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(' -> ')];
      const source = byFile.get(file);
      if (source === undefined || done.has(file)) return [];
      const found = source.files.flatMap((to) => visit(to, [...trail, file]));
      done.add(file);
      return found;
    };
    assert.equal(
      sources.flatMap((source) => visit(source.file, [])),
      [],
    );
  });

  it('there are no barrels but the list of functions', () => {
    holds(({ file }) =>
      path.basename(file) === 'index.ts' && file !== 'query/functions/index.ts' ? ['barrel'] : [],
    );
  });

  it('files stay short', () => {
    holds(({ file, text }) => {
      const lines = text.split('\n').length - 1;
      const most = file === 'daemon.ts' ? 150 : 500;
      return lines > most ? [`${lines} lines`] : [];
    });
  });

  it('functions stay short', () => {
    holds((source) =>
      functionsOf(source)
        .filter(({ name, lines }) => lines > (LONG_FUNCTIONS[`${source.file} ${name}`] ?? 70))
        .map(({ name, lines }) => `${name} has ${lines} lines`),
    );
  });

  it('the functions that may be longer are there, and are', () => {
    const long = sources.flatMap((source) =>
      functionsOf(source)
        .filter(({ lines }) => lines > 70)
        .map(({ name, lines }) => [`${source.file} ${name}`, lines] as const),
    );
    assert.equal(Object.fromEntries(long), LONG_FUNCTIONS);
  });

  it('what is exported is imported somewhere', () => {
    const imported = readImportedNames();
    holds((source) => {
      const names = imported.get(source.file) ?? new Set();
      return exportsOf(source).filter((name) => !names.has(name) && !names.has('*'));
    });
  });

  it('the root of src holds the entry, the daemon and the map', () => {
    assert.equal(
      fs
        .readdirSync(path.join(ROOT, 'src'), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort(),
      ROOT_FILES,
    );
  });

  it('names say what a file is', () => {
    holds(({ file }) => {
      const name = path.basename(file).replace(/\.[jt]s$/, '');
      const vague = /^(utils?|helpers?|manager|service|misc|common)$/.test(name);
      return vague || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? ['name'] : [];
    });
  });

  it('the words are those of the map', () => {
    holds(({ file, text }) => {
      const words = text.replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
      return Object.entries(BANNED_WORDS)
        .filter(([word]) => WORDS_MAY_STAY[word]?.test(file) !== true)
        .flatMap(([word, banned]) => {
          const found = banned.exec(words);
          return found === null ? [] : [`says ${found[0]}, expected ${word}`];
        });
    });
  });

  it('every file says what it is', () => {
    holds(({ text }) =>
      /^(#!.*\n)?\/\*\*|^(#!.*\n)?\/\//.test(text) ? [] : ['no comment at the top'],
    );
  });

  it('every file of query/functions is listed in its index', () => {
    const index = sources.find(({ file }) => file === 'query/functions/index.ts')!;
    const own = [
      'query/functions/index.ts',
      'query/functions/registry.ts',
      'query/functions/spec.ts',
    ];
    holds(({ file, text }) => {
      if (!below(file, 'query/functions') || own.includes(file)) return [];
      const declares = /: FunctionSpec(\[\])? =/.test(text);
      return declares && !index.files.includes(file) ? ['not listed'] : [];
    });
  });

  it('the top level holds what was agreed', () => {
    const allowed =
      /^(package(-lock)?\.json|tsconfig\.json|src|native-bench|config|test|README\.md|LICENSE|.*\.tgz|\..*|node_modules|dist|data)$/;
    assert.equal(
      fs.readdirSync(ROOT).filter((name) => !allowed.test(name)),
      [],
    );
  });
});
