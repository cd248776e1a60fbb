import { difference, type GoldenAnswer, type GoldenCase, goldenCases } from '../support/golden.ts';
import { assert, describe } from '../support/suite.ts';

const cases = goldenCases();

function asRecorded({ response }: GoldenCase): GoldenAnswer {
  const { status, contentType, body, bodyBase64 } = response;
  const bytes =
    bodyBase64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyBase64, 'base64');
  return { status, contentType, body: bytes };
}

function changed(id: string, change: (text: string) => string): string | undefined {
  const golden = cases.find((candidate) => candidate.id === id)!;
  const answer = asRecorded(golden);
  return difference(golden, { ...answer, body: Buffer.from(change(answer.body.toString())) });
}

describe('golden comparison', (it) => {
  it('accepts every recorded answer as itself', () => {
    const wrong = cases
      .filter(({ category }) => category !== 'images')
      .filter(({ compare }) => compare.mode !== 'image')
      .map((golden) => [golden.id, difference(golden, asRecorded(golden))] as const)
      .filter(([, what]) => what !== undefined);
    assert.equal(wrong, []);
    assert.ok(cases.length > 1000);
  });

  it('sees a number, a name, a tag, an order and a status that differ', () => {
    assert.is(
      changed('formats.raw.001', (text) => text),
      undefined,
    );
    assert.ok(changed('formats.raw.001', (text) => text.replace('237.0', '237.1')));
    assert.ok(changed('formats.csv.002', (text) => text.replace('3.0', '')));
    assert.ok(changed('grafana.panel.001', (text) => text.replace('db01', 'db02')));
    assert.ok(
      changed('grafana.panel.001', (text) => text.replace('"tags": {', '"tags": {"x":"y",')),
    );
    assert.ok(changed('find.treejson.010', (text) => text.replace('db01', 'web09')));
    assert.ok(changed('tags.findErr.004', () => 'no'));
    const golden = cases.find(({ id }) => id === 'find.treejson.010')!;
    assert.match(difference(golden, { ...asRecorded(golden), status: 500 }) ?? '', /^status/);
    const html = { ...asRecorded(golden), contentType: 'text/html' };
    assert.match(difference(golden, html) ?? '', /^contentType/);
  });

  it('forgives what prints differently and is the same', () => {
    const id = 'fn.events.002';
    assert.is(
      changed(id, (text) => text.replaceAll('null', 'null ')),
      undefined,
    );
    assert.is(
      changed('formats.raw.001', (text) => text.replace('237.0', '237.00000000001')),
      undefined,
    );
  });
});
