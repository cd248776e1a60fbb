import { UserError } from '../../../src/lib/errors.ts';
import { circularDefines, expandDefines, readDefines } from '../../../src/query/target/define.ts';
import { assert, describe } from '../../support/suite.ts';

const DEFINES = readDefines({
  answer: 'app.answer',
  perMinute: 'perSecond({{.argString}})|scale(60)',
  ratio: 'divideSeries({{index .args 0}},{{ index .args 1 }})',
  named: 'alias({{index .args 0}},{{index .kwargs "as"}})',
  hourly: 'perMinute({{.argString}})|scale(60)',
  scale: 'scale({{index .args 0}},2)',
  loop: 'sum(loop({{.argString}}))',
  ping: 'pong({{.argString}})',
  pong: 'ping({{.argString}})',
  twice: 'group({{.argString}},{{.argString}})',
  broken: 'sum({{.argString}}',
});
const NO_SCALE = new Map([...DEFINES].filter(([name]) => name !== 'scale'));

function expands(from: string, to: string): void {
  assert.is(expandDefines(from, NO_SCALE), to);
}

function sentenceOf(target: string): string {
  try {
    return expandDefines(target, DEFINES);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.ok(error.status >= 400 && error.status < 500);
    return error.message;
  }
}

describe('define', (it) => {
  it('leaves targets without macros as they are', () => {
    for (const target of ['a.b', 'sum( a , b )|alias("perMinute( x")', ' ', 'perMinuteOf(a)']) {
      expands(target, target);
    }
    assert.is(expandDefines('perMinute(', new Map()), 'perMinute(');
  });

  it('fills in all arguments, one, and one by keyword', () => {
    expands('perMinute(a.b)', 'scale(perSecond(a.b),60)');
    expands('sum(x, perMinute(a, b), y)', 'sum(x, scale(perSecond(a, b),60), y)');
    expands('ratio(sum(a,b),c)', 'divideSeries(sum(a,b),c)');
    expands('named(a,as="x, (y")', 'alias(a,"x, (y")');
    expands('perMinute(a, by=1)', 'scale(perSecond(a, by=1),60)');
    expands('sum(a,answer)', 'sum(a,app.answer)');
    expands('answer(ignored)', 'app.answer');
  });

  it('goes through pipes, templates, keywords and other macros', () => {
    expands('a.b|perMinute()|alias("x")', 'alias(scale(perSecond(a.b),60),"x")');
    expands('perMinute(a)|named(0,as="x")', 'alias(scale(perSecond(a),60),"x")');
    expands('template(perMinute($x),x="a")', 'template(scale(perSecond($x),60),x="a")');
    expands('f(a,by=perMinute(b))', 'f(a,by=scale(perSecond(b),60))');
    expands('hourly(perMinute(a))', 'scale(scale(perSecond(scale(perSecond(a),60)),60),60)');
  });

  it('may stand before the function of its own name', () => {
    assert.is(expandDefines('sum(scale(a,5))', DEFINES), 'sum(scale(a,2))');
  });

  it('says in one sentence what is wrong', () => {
    assert.is(sentenceOf('ratio(a)'), 'define ratio: argument 2 is missing');
    assert.match(sentenceOf('broken(a)'), /^define broken: its text with arguments: .* column 6/);
    assert.match(sentenceOf('perMinute(a'), /^target: the end read at column 12/);
    for (const target of ['loop(a)', 'ping(a)']) {
      assert.match(sentenceOf(target), /^define \w+: over 20 macros inside each other$/);
    }
  });

  it('bounds what macros make of a target', () => {
    let target = 'a.b.c';
    for (let i = 0; i < 18; i++) target = `twice(${target})`;
    assert.match(sentenceOf(target), /^define twice: macros make over 1000000 characters/);
  });

  it('bounds how deep macros make a target', () => {
    const inner = `${'f('.repeat(90)}{{.argString}}${')'.repeat(90)}`;
    const deep = readDefines({ deep: inner, deeper: 'deep(deep({{.argString}}))' });
    assert.match(expandDefines('deep(a)', deep), /^(f\(){90}a\){90}$/);
    const over = /^target: over 100 calls inside each other$/;
    assert.throws(() => expandDefines('deeper(deeper(deeper(a)))', deep), over);
    expandDefines('deeper(a)', deep, 200);
  });

  it('refuses texts that are no templates', () => {
    for (const text of ['{{.other}}', 'a{{', '{{index .args}}', '{{index .kwargs x}}', '{{}}']) {
      assert.throws(() => readDefines({ bad: text }), /^define bad: .* read, expected \{\{\.arg/);
    }
  });

  it('tells those that go round in a circle, and those that lead into one', () => {
    const all = '{{.argString}}';
    const texts = {
      a: `b(${all})`,
      b: `scale(a(${all}),2)`,
      into: 'two(a(x))',
      two: 'sum({{index .args 0}})',
      sumSeries: `sumSeries(${all})`, // hides the function of its own name
      fine: `two(${all}, sumSeries(${all}))`,
    };
    assert.equal(circularDefines(texts), ['a', 'b', 'into']);
  });
});
