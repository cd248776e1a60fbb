/**
 * Errors and warnings about a configuration, gathered while it is read so that all are reported at
 * once. Every sentence starts with its place: `file:line:column`, `--flag` or `TALLYD_NAME`.
 */
import { asObject } from '../lib/given.ts';
import path from 'node:path';
import type { Located } from './json5.ts';
import { didYouMean } from './suggest.ts';

/** Something in a configuration file that is wrong (`error`) or has no effect (`warning`). */
export interface Finding {
  severity: 'error' | 'warning';
  /** A warning at start (backends of others have keys of their own), an error for `check`. */
  unknownKey?: true;
  /** `file:line:column: what was read, what was expected`. */
  text: string;
}

export class Findings {
  readonly list: Finding[] = [];

  error(place: string, sentence: string): void {
    this.list.push({ severity: 'error', text: `${place}: ${sentence}` });
  }

  warning(place: string, sentence: string): void {
    this.list.push({ severity: 'warning', text: `${place}: ${sentence}` });
  }

  /** A warning when the server starts; `check` calls it an error. */
  unknown(place: string, key: string, known: Iterable<string>): void {
    const text = `${place}: unknown key "${key}"${didYouMean(key, known)}`;
    this.list.push({ severity: 'warning', unknownKey: true, text });
  }
}

/** Characters that a finding shows of the start and of the end of what it says. */
const SHOWN_START = 300;
const SHOWN_END = 300;

/** The finding, cut in its middle when it quotes a text that nobody reads to its end. */
export function shortened(finding: Finding): Finding {
  const { text } = finding;
  if (text.length <= SHOWN_START + SHOWN_END) return finding;
  const left = text.length - SHOWN_START - SHOWN_END;
  const cut = `${text.slice(0, SHOWN_START)}… ${left} characters …${text.slice(-SHOWN_END)}`;
  return { ...finding, text: cut };
}

/** Findings about flags, variables and the file as a whole, then the rest in the order of lines. */
export function inOrder(findings: readonly Finding[], file: string | undefined): Finding[] {
  const keyed = findings.map((finding) => {
    const rest = file !== undefined && finding.text.startsWith(`${file}:`) ? file.length : -1;
    const at = rest < 0 ? null : /^:(\d+):(\d+):/.exec(finding.text.slice(rest));
    return { finding, line: Number(at?.[1] ?? 0), column: Number(at?.[2] ?? 0) };
  });
  keyed.sort((a, b) => a.line - b.line || a.column - b.column);
  return keyed.map((one) => one.finding);
}

/** The file as values with places; paths are `/servers/0/port`, a key itself `/servers#`. */
export class FileValues {
  readonly root: Record<string, unknown>;
  private readonly name: string;
  private readonly folder: string;
  private readonly places: Map<string, string>;

  constructor(name: string, located: Located | undefined) {
    this.name = name;
    this.folder = path.dirname(name);
    this.places = located?.places ?? new Map();
    this.root = asObject(located?.value) ?? {};
  }

  /** A path that the file names, from the current folder. */
  beside(named: string): string {
    return named === '' ? '' : path.isAbsolute(named) ? named : path.join(this.folder, named);
  }

  /** Place of the value or key; where it is absent, the place of the object that lacks it. */
  place(key: string): string {
    for (let at = key; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const found = this.places.get(at);
      if (found !== undefined) return `${this.name}:${found}`;
    }
    return `${this.name}:${this.places.get('') ?? '1:1'}`;
  }
}
