/** Reads the file of rights that the configuration names; it must be there. */
import fs from 'node:fs';
import type { Finding } from '../config/findings.ts';
import { type AccessRules, parseAccess } from './access-file.ts';

interface AccessRead {
  /** Undefined where no file is named, or it cannot be read: `findings` then has an error. */
  rules: AccessRules | undefined;
  text: string | undefined;
  findings: Finding[];
}

export function readAccess(file: string | undefined): AccessRead {
  if (file === undefined) return { rules: undefined, text: undefined, findings: [] };
  try {
    const text = fs.readFileSync(file, 'utf8');
    return { ...parseAccess(text, file), text };
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const text = `${file}: ${code}, expected the readable file that access names`;
    return { rules: undefined, text: undefined, findings: [{ severity: 'error', text }] };
  }
}
