/** Reads the rule files that the configuration names; a file that is named must be there. */
import fs from 'node:fs';
import type { Config } from '../config/config.ts';
import type { Finding } from '../config/findings.ts';
import {
  type CarbonRules,
  parseAggregationRules,
  parsePatternList,
  parseRewriteRules,
} from './carbon-rules.ts';

/** Texts of the files, by what they hold. */
export type CarbonFiles = Config['carbonRules'];

export function readCarbonRules(named: CarbonFiles): {
  rules: CarbonRules;
  texts: CarbonFiles;
  files: string[];
  findings: Finding[];
} {
  const findings: Finding[] = [];
  const files: string[] = [];
  const textOf = (file: string | undefined): string | undefined => {
    if (file === undefined) return undefined;
    files.push(file);
    try {
      return fs.readFileSync(file, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      findings.push({ severity: 'error', text: `${file}: ${code}, expected a readable file` });
      return undefined;
    }
  };
  const texts = {
    whitelist: textOf(named.whitelist),
    blacklist: textOf(named.blacklist),
    rewriteRules: textOf(named.rewriteRules),
    aggregationRules: textOf(named.aggregationRules),
  };
  const white = parsePatternList(texts.whitelist ?? '', named.whitelist ?? '');
  const black = parsePatternList(texts.blacklist ?? '', named.blacklist ?? '');
  const rewrite = parseRewriteRules(texts.rewriteRules ?? '', named.rewriteRules ?? '');
  const aggregation = parseAggregationRules(
    texts.aggregationRules ?? '',
    named.aggregationRules ?? '',
  );
  for (const parsed of [white, black, rewrite, aggregation]) findings.push(...parsed.findings);
  const rules = {
    whitelist: texts.whitelist === undefined ? undefined : white.rules,
    blacklist: black.rules,
    rewritePre: rewrite.rules.pre,
    rewritePost: rewrite.rules.post,
    aggregations: aggregation.rules,
  };
  return { rules, texts, files, findings };
}
