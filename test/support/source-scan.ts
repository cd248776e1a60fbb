/**
 * The sources below src/ as `tidy.test.ts` looks at them: imports, exports, functions. A plain scan
 * of lines, which holds because prettier decides how they are broken.
 */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './program.ts';

const SRC = path.join(ROOT, 'src');

export interface Source {
  /** Path below src/, with slashes. */
  file: string;
  text: string;
  /** Imported files below src/. */
  files: string[];
  /** Imported packages and node: modules. */
  packages: string[];
}

/** Every file that is imported from src, test or native-bench, with the names that are taken. */
export type ImportedNames = Map<string, Set<string>>;

const IMPORT =
  /^(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gm;
const NAMED_IMPORTS = [
  /^(?:import|export)\s+(?:type\s+)?(?<names>[^'";]*?)\s+from\s+'(?<file>\.[^']+)'/gm,
  /const\s+\{(?<names>[^}]*)\}\s*=\s*await import\(\s*'(?<file>\.[^']+)'/g,
  /\(await import\('(?<file>\.[^']+)'\)\)\.(?<names>\w+)/g,
];
const EXPORT =
  /^export (?:abstract )?(?:async )?(?:const|function\*?|class|interface|type|let) (\w+)/gm;

export function readSources(): Source[] {
  return sourcesBelow(SRC).map((full) => {
    const text = fs.readFileSync(full, 'utf8');
    const files: string[] = [];
    const packages: string[] = [];
    for (const match of text.matchAll(IMPORT)) {
      const name = match[1] ?? match[2] ?? match[3]!;
      if (name.startsWith('.')) {
        files.push(path.relative(SRC, path.resolve(path.dirname(full), name)));
      } else {
        packages.push(name);
      }
    }
    return { file: path.relative(SRC, full), text, files, packages };
  });
}

/** `*` stands for all names of a file. */
export function readImportedNames(): ImportedNames {
  const imported: ImportedNames = new Map();
  for (const folder of ['src', 'test', 'native-bench']) {
    for (const full of sourcesBelow(path.join(ROOT, folder))) {
      const text = fs.readFileSync(full, 'utf8');
      for (const pattern of NAMED_IMPORTS) {
        for (const { groups } of text.matchAll(pattern)) {
          const file = path.relative(SRC, path.resolve(path.dirname(full), groups!['file']!));
          const names = imported.get(file) ?? new Set();
          imported.set(file, names);
          const taken = groups!['names']!.replace(/\btype\b|[{},]|\bas\s+\w+/g, ' ');
          for (const name of taken.match(/[\w$]+|\*/g) ?? []) names.add(name);
        }
      }
    }
  }
  return imported;
}

export function exportsOf({ text }: Source): string[] {
  return [...text.matchAll(EXPORT)].map((match) => match[1]!);
}

/** A function or method, by its first line, and how many lines it takes. */
export interface ScannedFunction {
  name: string;
  lines: number;
}

const FUNCTION = /^( *)(?:export )?(?:async )?function\*? (\w+)/;
const METHOD =
  /^( {2})(?:(?:async|static|private|protected|override|get|set) )*(?!(?:if|for|while|switch|return|await|throw|super)\b)(#?\w+)(?:<[^(]*>)?\(/;

export function functionsOf({ text }: Source): ScannedFunction[] {
  const lines = text.split('\n');
  const found: ScannedFunction[] = [];
  lines.forEach((line, start) => {
    const match = FUNCTION.exec(line) ?? METHOD.exec(line);
    if (match === null || line.endsWith(';')) return;
    const indent = match[1]!;
    let end = start + 1;
    const inside = (next: string): boolean => next === '' || next.startsWith(`${indent} `);
    while (end < lines.length && (inside(lines[end]!) || lines[end]!.startsWith(`${indent})`))) {
      end += 1;
    }
    if (lines[end]?.startsWith(`${indent}}`) === true) {
      found.push({ name: match[2]!, lines: end - start + 1 });
    }
  });
  return found;
}

/** TypeScript, and what browsers are sent. */
function sourcesBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') || /^web\/.*\.js$/.test(file))
    .map((file) => path.join(folder, file));
}
