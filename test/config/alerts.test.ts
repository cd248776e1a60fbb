/** The alerts that are shipped: tried by promtool, each with its paragraph in the runbook. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { assert, describe } from '../support/suite.ts';

const ALERTS = 'config/prometheus/alerts.yml';
const TESTS = 'config/prometheus/alerts.test.yml';

function namesIn(file: string, pattern: RegExp): string[] {
  const found = fs.readFileSync(file, 'utf8').matchAll(pattern);
  return [...new Set(Array.from(found, ([, name]) => name!))].sort(); // each pattern has a group
}

describe('alerts', (it) => {
  const alerts = namesIn(ALERTS, /- alert: (\w+)/g);

  it('have a paragraph each in the runbook, which has no other', () => {
    assert.ok(alerts.length >= 15);
    assert.equal(namesIn('config/runbook.md', /^## (\w+)$/gm), alerts);
    const paragraphs = fs.readFileSync('config/runbook.md', 'utf8').split(/^## /m).slice(1);
    const lacking = paragraphs.filter((one) => !/^- Look: /m.test(one) || !/^- Do: /m.test(one));
    assert.equal(lacking, []);
  });

  it('are tried each, and are what /health names', () => {
    assert.equal(namesIn(TESTS, /alertname: (\w+)/g), alerts);
    const inHealth = namesIn('src/health/reasons.ts', /^ {2}(Tallyd\w+):/gm);
    assert.ok(inHealth.length >= 12);
    assert.equal(
      inHealth.filter((name) => !alerts.includes(name)),
      [],
    );
  });

  const name = 'fire when they should, by promtool test rules';
  if (spawnSync('promtool', ['--version']).status !== 0) {
    it.skipAloud(name, 'promtool is missing (Debian package prometheus)');
    return;
  }
  it(name, () => {
    for (const args of [
      ['check', 'rules', ALERTS],
      ['test', 'rules', TESTS],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
      assert.is(status, 0, stdout + stderr);
    }
  });
});
