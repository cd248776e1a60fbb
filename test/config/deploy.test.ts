/** What `config/` has for those who run tallyd as a service, checked by what is on this machine. */
import { spawnSync } from 'node:child_process';
import { assert, describe } from '../support/suite.ts';

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
    assert.equal(analyze('verify', '--man=no', UNIT), { code: 0, text: '' });
  });

  it('is hardened: its exposure, 10 without any of it, is below 2', () => {
    const { text } = analyze('security', '--offline=true', '--no-pager', UNIT);
    const level = Number(/exposure level for tallyd\.service: ([\d.]+)/.exec(text)?.[1]);
    assert.ok(level < 2, text.slice(-200));
  });
});
