/** What `config/` has for those who run tallyd as a service, checked by what is on this machine. */
import { spawnSync } from 'node:child_process';
import { assert, describe } from '../support/suite.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { loadConfig } from '../../src/config/load.ts';
import fs from 'node:fs';

const UNIT = 'config/systemd/tallyd.service';

function analyze(...args: string[]): { code: number | null; text: string } {
  const ran = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { code: ran.status, text: ran.stdout + ran.stderr };
}

describe('the service of systemd', (it) => {
  if (analyze('--version').code !== 0) {
    it.skipAloud('is one, and hardened', 'needs the Debian package systemd');
    return;
  }

  it('is one without a mistake', () => {
    // It reads the machine's own units as well, which are no matter of ours.
    const { code, text } = analyze('verify', '--man=no', UNIT);
    assert.equal(
      { code, ours: text.split('\n').filter((line) => line.includes('tallyd')) },
      { code: 0, ours: [] },
    );
  });

  it('is hardened: its exposure, 10 without any of it, is below 2', () => {
    const { text } = analyze('security', '--offline=true', '--no-pager', UNIT);
    const level = Number(/exposure level for tallyd\.service: ([\d.]+)/.exec(text)?.[1]);
    assert.ok(level < 2, text.slice(-200));
  });
});

describe('what is shipped for containers', (it) => {
  it('has the ports and folders that tallyd has', () => {
    const dockerfile = fs.readFileSync('config/docker/Dockerfile', 'utf8');
    const compose = fs.readFileSync('config/docker/compose.yaml', 'utf8');
    const pod = fs.readFileSync('config/kubernetes/statefulset.yaml', 'utf8');
    const { port, carbonPort, carbonPicklePort, httpPort } = OPTIONS;
    for (const { default: number } of [port, carbonPort, carbonPicklePort, httpPort]) {
      assert.match(dockerfile, new RegExp(`EXPOSE .*\\b${number}/`));
      assert.match(pod, new RegExp(`containerPort: ${number}\\b`));
    }
    for (const [, file] of compose.matchAll(/- \.\.\/(\S+?):/g)) {
      assert.ok(fs.existsSync(`config/${file}`), file);
    }
    const text = fs.readFileSync('config/kubernetes/tallyd.json5', 'utf8');
    const { findings } = loadConfig({ file: 'tallyd.json5', text, env: {}, flags: {} });
    assert.equal(findings, []);
  });

  it('lists files of kustomize that are there, all of them', () => {
    const files = fs.readdirSync('config/kubernetes');
    const text = fs.readFileSync('config/kubernetes/kustomization.yaml', 'utf8');
    const listed = [...text.matchAll(/^ +- (\S+\.\w+)$/gm)].map(([, file]) => file);
    const all = files.filter((file) => file !== 'kustomization.yaml');
    assert.equal(new Set(listed), new Set(all));
  });
});
