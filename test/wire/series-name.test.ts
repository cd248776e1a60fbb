import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import {
  canonicalName,
  isTaggedName,
  type NameFault,
  nameFault,
  requireName,
} from '../../src/wire/series-name.ts';
import { assert, describe, rounds } from '../support/suite.ts';

const becomes = (name: string, form: string): void => {
  assert.is(canonicalName(name), form, name);
  assert.is(canonicalName(form), form, form);
  assert.is(nameFault(name), undefined, name);
};
const refuses = (name: string, fault: NameFault): void => {
  assert.is(canonicalName(name), undefined, name);
  assert.is(nameFault(name), fault, name);
};

/** Texts of the characters that mean something in names. */
const anyName = fc
  .array(
    fc.constantFrom('a', 'b', '.', ';', '=', '~', '!', '^', '{', '"', '}', ',', '\\', ' ', 'é'),
    {
      maxLength: 14,
    },
  )
  .map((characters) => characters.join(''));

describe("a series' name", (it) => {
  it('has no empty nodes and no leading tilde', () => {
    becomes('app..web.hits', 'app.web.hits');
    becomes('.lead.x', 'lead.x');
    becomes('x.', 'x');
    becomes('...a...b...', 'a.b');
    becomes('~plain', 'plain');
    becomes('~~.~a.~b', 'a.~b');
    becomes('a..b;k=v..w.', 'a.b;k=v..w.');
    becomes('~t;k=v', 't;k=v');
    becomes('a b/c.d|e', 'a b/c.d|e');
  });

  it('has its tags in the order of carbon', () => {
    becomes('a;y=2;x=1', 'a;x=1;y=2');
    becomes('m;host=a;host2=b', 'm;host2=b;host=a');
    becomes('a.b;x=1;x=2', 'a.b;x=2');
    becomes('a;x=b=c', 'a;x=b=c');
    becomes('a;service=web site;b= 1', 'a;b= 1;service=web site');
    becomes('a;B=1;a=2;_=3', 'a;B=1;_=3;a=2');
    becomes('a;\u{1f600}=1;\uffee=2', 'a;\uffee=2;\u{1f600}=1');
    becomes('cpu.load{server="t9",env="x"}', 'cpu.load;env=x;server=t9');
    becomes('a{x="q\\"r"}', 'a;x=q"r');
    becomes('a;x=1;name=b', 'a;x=1');
    becomes('bad3;name=x', 'bad3');
  });

  it('may have braces that hold no tags', () => {
    for (const name of ['a{b}', 'a{x=1}', 'a{x="1"', 'a{}', 'a{b="c",}']) becomes(name, name);
  });

  it('is refused with the reason where it has no form', () => {
    for (const name of ['', '.', '...', '~', '.~.', ';a=b', '..;a=b', '~;k=v', '{x="1"}']) {
      refuses(name, 'emptyName');
    }
    for (const name of [
      'a;',
      'a;x',
      'bad;env=',
      'bad2;env',
      'a;=1',
      'a;x!=1',
      'a;x^=1',
      'a;x=~b',
    ]) {
      refuses(name, 'badTags');
    }
    for (const name of ['m;a=b;', 'm;;a=b', 'a{x="1"y="2"}', 'a{x="~1"}', 'a{x=""}']) {
      refuses(name, 'badTags');
    }
    for (const name of ['a\nb', 'a;x=1\n', '\0', 'a\x7f', 'a\u0085b', 'a\u2028b', 'a\ud800']) {
      refuses(name, 'badName');
    }
    assert.throws(() => requireName('a;b'), /^"a;b" is no name: tags are ;tag=value/);
    assert.throws(() => requireName('a\nb'), /^"a\\nb" is no name/);
  });

  it('has tags where every semicolon starts one', () => {
    for (const name of ['m;a=b', 'disk.used;dc=1;rack=a1', 'm;a==', 'm;a=b=c']) {
      assert.is(isTaggedName(name), true, name);
    }
    for (const name of ['m', '', ';', ';a=b', 'm;', 'm;a', 'm;=b', 'm;a=', 'm;a=b;', 'm;a=b;c']) {
      assert.is(isTaggedName(name), false, name);
    }
  });

  it('is in its form once brought there', () => {
    fc.assert(
      fc.property(anyName, (text) => {
        const form = canonicalName(text);
        assert.is(form === undefined, nameFault(text) !== undefined);
        if (form === undefined) return;
        assert.is(canonicalName(form), form, text);
        assert.not.match(form.split(';')[0]!, /^[.~]|\.\.|\.$/);
      }),
      { numRuns: rounds(2000, 200_000) },
    );
  });

  const names = fc.sample(anyName, rounds(500, 20_000));
  const script =
    'import sys, json\nfrom carbon.util import TaggedSeries\n' +
    'def path(name):\n  try: return TaggedSeries.parse(name).path\n  except Exception: return None\n' +
    'print(json.dumps([path(name) for name in json.load(sys.stdin)]))';
  const python = spawnSync('/usr/bin/python3', ['-c', script], {
    encoding: 'utf8',
    input: JSON.stringify(names),
  });
  if (python.status !== 0) {
    it.skipAloud('is that of carbon', 'needs the Debian package graphite-carbon');
    return;
  }
  it('is that of carbon', () => {
    const paths = JSON.parse(python.stdout) as (string | null)[];
    for (const [i, path] of paths.entries()) {
      const name = names[i]!;
      const form = canonicalName(name);
      // Carbon takes `m;n{a="b"}` and `{{=b"}` for OpenMetrics, and makes of it what it does not read again.
      if (name.endsWith('"}') && (name.includes(';') || form === undefined)) continue;
      // Without the dots at its end `{{=b"}.` would be taken for that as well.
      if (form === undefined && /\{.*"\}\.+$/s.test(name)) continue;
      if (path === null) assert.is(form, undefined, name);
      else if (form === undefined) assert.match(path, /^[.~]*(;|$)/, name);
      else assert.is(form, canonicalName(path), name);
    }
  });
});
