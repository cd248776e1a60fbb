import fs from 'node:fs';
import { parseSketchSchemas } from '../../../src/storage/retention/parse-rules.ts';
import { formatRetentions } from '../../../src/storage/retention/retentions.ts';
import {
  DEFAULT_SKETCH_SCHEMAS,
  SketchRules,
} from '../../../src/storage/retention/sketch-rules.ts';
import { assert, describe } from '../../support/suite.ts';

const texts = ({ findings }: ReturnType<typeof parseSketchSchemas>) =>
  findings.map(({ severity, text }) => `${severity} ${text}`);

describe('sketch schemas', (it) => {
  it('shipped, are the built-in ones', () => {
    const parsed = parseSketchSchemas(fs.readFileSync('config/sketch-schemas.conf', 'utf8'), 's');
    assert.equal(texts(parsed), []);
    assert.equal(
      parsed.rules.map(({ source, archives }) => [source.section, source.pattern, archives]),
      DEFAULT_SKETCH_SCHEMAS.map(({ source, archives }) => [
        source.section,
        source.pattern,
        archives,
      ]),
    );
  });

  it('match from top to bottom; none, or no match, keeps nothing', () => {
    const text = '[a]\npattern = ^off\nretentions = none\n[b]\npattern = ^o\nretentions = 10s:1h\n';
    const { rules, findings } = parseSketchSchemas(text, 's');
    assert.equal(findings, []);
    const sketches = new SketchRules(rules);
    assert.equal(sketches.archivesOf('off.x'), []);
    assert.is(formatRetentions(sketches.archivesOf('on.x')), '10s:1h');
    assert.equal(sketches.archivesOf('x'), []);
    assert.is(sketches.ruleOf('x'), undefined);
  });

  it('are refused with place and sentence', () => {
    assert.equal(
      texts(
        parseSketchSchemas('[a]\npattern = (\nretentions = 10s:1h,None\n[b]\npattern = x\n', 'f'),
      ),
      [
        'error f:2:11: pattern "(": missing closing ): `(`',
        'error f:3:21: retention "None": expected step:duration, such as 10s:6h',
        'error f:4:1: section [b] has no retentions',
      ],
    );
  });
});
