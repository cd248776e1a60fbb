import fc from 'fast-check';
import { UserError } from '../../../src/lib/errors.ts';
import type { Node } from '../../../src/query/target/ast.ts';
import {
  parseTarget,
  parseTargetStart,
  TARGET_DEPTH_LIMIT,
  TARGET_DEPTH_MAX,
  TARGET_LENGTH_MAX,
} from '../../../src/query/target/parse.ts';
import { cpuSeconds } from '../../support/cpu-time.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

/** A tree in one line: paths bare, strings quoted, calls as they are. */
function written(node: Node): string {
  switch (node.kind) {
    case 'path':
      return node.text;
    case 'string':
      return JSON.stringify(node.value);
    case 'none':
      return 'None';
    case 'template':
      return `template(${written(node.body)},${JSON.stringify(node.variables)})`;
    case 'call': {
      const named = node.named.map(({ name, value }) => `${name}=${written(value)}`);
      return `${node.name}(${[...node.args.map(written), ...named].join(',')})`;
    }
    default:
      return `<${node.value}>`;
  }
}

function reads(target: string, expected: string): void {
  assert.is(written(parseTarget(target)), expected, target);
}

function refuses(target: string, sentence: RegExp): void {
  try {
    parseTarget(target);
  } catch (error) {
    assert.instance(error, UserError);
    assert.match((error as UserError).message, sentence);
    return;
  }
  assert.unreachable(`${target} was read`);
}

describe('targets', (it) => {
  it('reads paths with globs, braces, brackets and escapes', () => {
    for (const path of [
      'a',
      'trailing.',
      'tt.{a1,}.x',
      'tt.a{,-}1.x',
      '{a,{b,c}d}.x',
      '{a,b.c,d}.x',
      'a.[x,y|].b',
      'a.[!],].b',
      'lone{brace.b}ace.br[cket.br]cket',
      'a.b-c.d_e',
      'servers.*.cpu.{user,system}',
      'a.web[0-9]?.**',
      'x{a,b}y{c,d}.z',
      'weird.colon:8080.count',
      'disk.used;datacenter=dc1;server=web01',
      '2xx.count',
      'é.ü',
      'servers..cpu',
      'template',
      'a=b',
    ]) {
      reads(path, path);
      reads(` ${path}\n`, path);
    }
  });

  it('drops the backslashes that let characters into a path', () => {
    reads('a\\.b.c\\(d\\)', 'a.b.c(d)');
    reads('f(sys.mnt\\|data.\\=\\,\\\'\\"\\ x,1)', 'f(sys.mnt|data.=,\'" x,<1>)');
    reads('tt.a[\\-_]1.x', 'tt.a[-_]1.x');
    reads('a\\', 'a');
  });

  it('ends a path at a comma that no braces hold', () => {
    reads('f({a,b,{c,d})', 'f({a,b,{c,d})');
    reads('f(a{b.c,d})', 'f(a{b.c,d})');
    reads('f(a{b, c})', 'f(a{b,c})');
    reads('f(a[b.c,d])', 'f(a[b.c,d])');
    reads('f([{a]b,c})', 'f([{a]b,c})');
  });

  it('reads brackets without partners in linear time', () => {
    for (const text of ['{', '[', '{,', '[,', '{[', '{a.', '[!', '\\{']) {
      const started = cpuSeconds();
      parseTargetStart(`f(${text.repeat(200_000)})`);
      // Of the processor: a look at the rest for each would take minutes.
      assert.ok(cpuSeconds() - started < 5, text);
    }
  });

  it('reads calls with literals of every kind', () => {
    reads('f()', 'f()');
    reads('f( a.b , 1 )', 'f(a.b,<1>)');
    reads('f(a,-2.5,1e-2,1E3)', 'f(a,<-2.5>,<0.01>,<1000>)');
    reads('f(a,true,FALSE,None,inf)', 'f(a,<true>,<false>,None,<Infinity>)');
    reads('f(a,"x, (y)",\'z\')', 'f(a,"x, (y)","z")');
    reads('f(a,k="v", m = 3)', 'f(a,k="v",m=<3>)');
    reads('f(g(h(a)),b)', 'f(g(h(a)),b)');
  });

  it('tells numbers and words from paths that start like them', () => {
    reads('f(2xx.count,truely.x,none.y,info)', 'f(2xx.count,truely.x,none.y,info)');
    reads('f(10.5.b)', 'f(10.5.b)');
    reads('f(1e+2)', 'f(1e+2)');
  });

  it('keeps what a string holds, escapes and doubled quotes too', () => {
    reads('f(a,"a \\"b\\" c")', 'f(a,"a \\\\\\"b\\\\\\" c")');
    reads("f(a,'it''s')", 'f(a,"it\'\'s")');
    reads('f(a,"","b")', 'f(a,"","b")');
  });

  it('puts what stands before a pipe first', () => {
    reads('a.b|f(1)|g("x")', 'g(f(a.b,<1>),"x")');
    reads('h(a | f(), b)', 'h(f(a),b)');
  });

  it('reads template() with plain or keyword values', () => {
    reads('template(f(a.$1),"x",2)', 'template(f(a.$1),{"1":"x","2":2})');
    reads('template(a.$h, h = "web*")', 'template(a.$h,{"h":"web*"})');
    refuses('template(a.$h,h=b.c)', /"b.c\)" read at column 17, expected a number or a string/);
    refuses('template(a.$h,"x",h="y")', /either only plain or only keyword/);
  });

  it('says what it read, what it expected, and where', () => {
    refuses('', /the end read at column 1, expected a path or a function/);
    refuses('app.ramp)', /"\)" read at column 9, expected the end of the target/);
    refuses('scale(app.ramp,', /the end read at column 16/);
    refuses(
      'scale(app.ramp 2)',
      /"2\)" read at column 16, expected "," or "\)" in the call of scale/,
    );
    refuses('scale(a,.5)', /"\.5\)" read at column 9, expected a number such as 0\.5 or 5$/);
    refuses('alias(a,\'mixed")', /column 9/);
    refuses('..', /column 1/);
    refuses('.app', /column 1/);
    refuses('f(a=1)', /expected an argument without keyword first/);
    refuses('f(a,b=1,c)', /expected a keyword argument after another/);
    refuses('a|', /expected a function call after "\|"/);
    refuses('a|b', /expected a function call after "\|"/);
  });

  it('limits nesting, pipes and length', () => {
    const deep = (depth: number): string => 'f('.repeat(depth) + 'a' + ')'.repeat(depth);
    const piped = (depth: number): string => `a${'|f()'.repeat(depth)}`;
    for (const chain of [deep, piped]) {
      parseTarget(chain(TARGET_DEPTH_MAX));
      refuses(chain(TARGET_DEPTH_MAX + 1), /over 100 calls inside each other at column \d+$/);
      parseTarget(chain(TARGET_DEPTH_LIMIT), TARGET_DEPTH_LIMIT);
      assert.throws(() => parseTarget(chain(4), 3), /over 3 calls inside each other/);
    }
    // Brackets and pipes add up: either is far below the limit here.
    refuses(`${'f('.repeat(60)}a${'|f())'.repeat(60)}`, /over 100 calls inside each other/);
    refuses(piped(200_000), /over 100 calls/);
    refuses('a'.repeat(TARGET_LENGTH_MAX + 1), /at most 1000000 are read/);
  });

  it('gives a tree or a UserError for any text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab1.,(){}[]|\'"\\$=* \n'), maxLength: 40 });
    fc.assert(
      fc.property(text, (target) => {
        parseTargetStart(target);
        try {
          const { end } = parseTarget(target);
          return end <= target.length;
        } catch (error) {
          return error instanceof UserError;
        }
      }),
      { numRuns: rounds(700, 2000) },
    );
  });
});
