import { firstPathExpression } from '../../../src/query/target/first-path.ts';
import { parseTagExpression, tagsOf } from '../../../src/query/target/tag-expression.ts';
import { substitute } from '../../../src/query/target/variables.ts';
import { assert, describe } from '../../support/suite.ts';

describe('paths inside names', (it) => {
  it('finds the first', () => {
    assert.is(firstPathExpression('a.b.c'), 'a.b.c');
    assert.is(firstPathExpression('scale(a.b.c,10)'), 'a.b.c');
    assert.is(firstPathExpression('summarize(scale(a.*,2), "5min", "avg")'), 'a.*');
    assert.is(firstPathExpression('template(f(a.$x),x="b")'), 'a.$x');
  });

  it('reads as far as it can', () => {
    assert.is(firstPathExpression('a.b (c)'), 'a.b');
    assert.is(firstPathExpression('sum(a b)'), 'sum');
    assert.is(firstPathExpression('scale("text",1)'), undefined);
    assert.is(firstPathExpression('(nothing)'), undefined);
    assert.is(firstPathExpression('f()'), undefined);
  });
});

describe('variables of template()', (it) => {
  it('fills paths, the longest name first', () => {
    assert.is(substitute('a.$h.$host.c', { h: 'x', host: 'y' }), 'a.x.y.c');
    assert.is(substitute('a.$1.$10', { '1': 'x', '10': 'y' }), 'a.x.y');
    assert.is(substitute('a.$other', { h: 'x' }), 'a.$other');
    assert.is(substitute('a.$h', undefined), 'a.$h');
  });

  it('is the value itself where the path is nothing else, a number when it looks like one', () => {
    assert.is(substitute('$f', { f: '2.5' }), 2.5);
    assert.is(substitute('$f', { f: 3 }), 3);
    assert.is(substitute('$f', { f: 'x.y' }), 'x.y');
    assert.is(substitute('$constructor', {}), '$constructor');
  });
});

describe('tag expressions', (it) => {
  it('reads the four operators', () => {
    assert.equal(parseTagExpression('a=b'), { tag: 'a', operator: '=', value: 'b' });
    assert.equal(parseTagExpression('a!=b=c'), { tag: 'a', operator: '!=', value: 'b=c' });
    assert.equal(parseTagExpression('a=~^b.*'), { tag: 'a', operator: '=~', value: '^b.*' });
    assert.equal(parseTagExpression('a!=~b'), { tag: 'a', operator: '!=~', value: 'b' });
    assert.equal(parseTagExpression('a='), { tag: 'a', operator: '=', value: '' });
  });

  it('refuses what is none', () => {
    for (const text of ['', 'a', '=b', 'a;b=c', 'a=b;c']) {
      assert.throws(() => parseTagExpression(text), /expected tag=value/);
    }
  });

  it('knows the tags of a name', () => {
    assert.equal(tagsOf('a.b'), { name: 'a.b' });
    assert.equal(tagsOf('a;x=1;y=2=3'), { name: 'a', x: '1', y: '2=3' });
  });
});
