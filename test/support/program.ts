/**
 * Child processes of tests start as the tests themselves were: from sources under tsx, or compiled
 * (`test/compiled.mjs`).
 */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Of the repository; tests run in it. */
export const ROOT = process.cwd();

export const FROM_SOURCES = import.meta.url.endsWith('.ts');

/** Node's flags before a module of this repository. */
export const LOADER = FROM_SOURCES ? ['--import', import.meta.resolve('tsx')] : [];

/** The file of a module that is named without its ending: `moduleFile(import.meta.url, './child')`. */
export function moduleFile(callerUrl: string, module: string): string {
  return fileURLToPath(new URL(module + (FROM_SOURCES ? '.ts' : '.js'), callerUrl));
}

/** What `node` must be given to run such a module; its arguments follow. */
export function scriptArgs(callerUrl: string, module: string): string[] {
  return [...LOADER, moduleFile(callerUrl, module)];
}

const BUNDLE = fileURLToPath(new URL('../../bundle/main.js', import.meta.url));

/** What `node` must be given to run tallyd; a verb and its flags follow. */
export const TALLYD = fs.existsSync(BUNDLE)
  ? [BUNDLE]
  : scriptArgs(import.meta.url, '../../src/main');
