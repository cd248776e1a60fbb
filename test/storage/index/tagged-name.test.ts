import { canonicalName, parseTaggedName } from '../../../src/storage/index/tagged-name.ts';
import { assert, describe } from '../../support/suite.ts';

const becomes = (name: string, canonical: string): void =>
  assert.is(canonicalName(name), canonical, name);

describe('tagged names', (it) => {
  it('have one spelling', () => {
    becomes('a;y=2;x=1', 'a;x=1;y=2');
    becomes('a;x=1;y=2', 'a;x=1;y=2');
    becomes('a.b;x=1;x=2', 'a.b;x=2');
    becomes('a;x=b=c', 'a;x=b=c');
    becomes('a;service=web site;b= 1', 'a;b= 1;service=web site');
    becomes('a;B=1;a=2;_=3', 'a;B=1;_=3;a=2');
    becomes('cpu.load{server="t9",env="x"}', 'cpu.load;env=x;server=t9');
    becomes('a{x="q\\"r"}', 'a;x=q"r');
    becomes('a;x=1;name=b', 'a;x=1');
  });

  it('stay as they are when they are plain or not valid', () => {
    for (const name of ['a.b', 'a;', 'a;x', ';x=1', 'a;x=', 'a;=1', 'a;x!=1', 'a;x^=1', 'a;x=~b']) {
      becomes(name, name);
      assert.is(parseTaggedName(name), undefined, name);
    }
    for (const name of [
      'a{b}',
      'a{x=1}',
      'a{x="1"',
      'a{x="1"y="2"}',
      'a{}',
      '{x="1"}',
      'a{x="~1"}',
    ]) {
      becomes(name, name);
      assert.is(parseTaggedName(name), undefined, name);
    }
  });

  it('are taken apart', () => {
    assert.equal(parseTaggedName('disk.used;rack=a1;dc=1'), {
      path: 'disk.used',
      tags: [
        ['dc', '1'],
        ['rack', 'a1'],
      ],
    });
  });
});
