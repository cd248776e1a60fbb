import { UserError } from '../../../src/lib/errors.ts';
import { evaluateTargets, type EvaluateRequest } from '../../../src/query/evaluate/evaluate.ts';
import { assert, describe } from '../../support/suite.ts';
import { type ColumnStore, columnStore } from '../support/column-store.ts';

const ramp = (length: number, step: number): { step: number; values: number[] } => ({
  step,
  values: Array.from({ length }, (_, i) => i),
});

function store(): ColumnStore {
  return columnStore({ 'a.x': ramp(100, 60), 'a.y': ramp(100, 60), fine: ramp(600, 10) });
}

async function evaluated(
  targets: string[],
  changes: Partial<EvaluateRequest> = {},
  from = store(),
): Promise<string[]> {
  const series = await evaluateTargets(from, {
    targets,
    from: 600,
    until: 900,
    now: 6000,
    ...changes,
  });
  return series.map(({ name, values }) => `${name}: ${values.join(' ')}`);
}

async function refuses(
  targets: string[],
  sentence: RegExp,
  changes: Partial<EvaluateRequest> = {},
): Promise<void> {
  try {
    await evaluated(targets, changes);
  } catch (error) {
    assert.instance(error, UserError);
    assert.match((error as UserError).message, sentence);
    return;
  }
  assert.unreachable(`${targets.join(' ')} was evaluated`);
}

describe('evaluation', (it) => {
  it('answers all targets in their order, empty ones with nothing', async () => {
    assert.equal(await evaluated(['a.y', ' ', 'a.x', 'nosuch.*']), [
      'a.y: 11 12 13 14 15',
      'a.x: 11 12 13 14 15',
    ]);
  });

  it('reads what all targets need at once, each series once', async () => {
    const columns = store();
    await evaluated(['sumSeries(a.*)', 'scale(a.x,2)', 'a.{x,y}|alias("z")', 'fine'], {}, columns);
    assert.equal(columns.fetches, [{ names: ['a.x', 'a.y', 'fine'], from: 600, until: 900 }]);
  });

  it('reads a wider window once for equal calls', async () => {
    const columns = store();
    const target = 'movingAverage(a.x,3)';
    const answers = await evaluated([target, `scale(${target},10)`], {}, columns);
    assert.equal(answers, [
      'movingAverage(a.x,3): 10 11 12 13 14',
      'scale(movingAverage(a.x,3),10): 100 110 120 130 140',
    ]);
    assert.equal(
      columns.fetches.map(({ from }) => from),
      [600, 420],
    );
  });

  it('keeps template variables in a wider window, as Graphite does not', async () => {
    const answers = await evaluated(['template(movingMax(a.$n,2),n="x")']);
    assert.equal(answers, ['movingMax(a.x,2): 11 12 13 14 15']);
  });

  it('prefers the variables of the request', async () => {
    const changes = { templates: { n: 'y' } };
    assert.equal(await evaluated(['template(a.$n,n="x")'], changes), ['a.y: 11 12 13 14 15']);
    assert.equal(await evaluated(['a.$n'], changes), []);
    const [name] = await evaluated(['template(scale(a.x,$f),f="2")']);
    assert.is(name, 'scale(a.x,2): 22 24 26 28 30');
    assert.equal(await evaluated(['template(alias($p,$n),p="a.x",n="named")']), [
      'named: 11 12 13 14 15',
    ]);
  });

  it('brings mixed steps to a common one', async () => {
    // fine starts at 610: its first six points, 61 to 66, meet the first point of a.x.
    assert.equal(await evaluated(['sumSeries(a.x,fine)']), [
      'sumSeries(a.x,fine): 74.5 81.5 88.5 95.5 102.5',
    ]);
  });

  it('sets xFilesFactor for what follows, later targets too, not for what was before', async () => {
    const sparse = columnStore({
      s: { step: 60, values: Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? i : null)) },
    });
    const sum = 'summarize(s,"5min","sum",true)';
    const answers = await evaluated([sum, 'setXFilesFactor(s,0.9)', sum], {}, sparse);
    assert.equal(
      [answers[0], answers[2]],
      ['summarize(s, "5min", "sum", true): 26', 'summarize(s, "5min", "sum", true): NaN'],
    );
  });

  it('reads a path that is given by keyword', async () => {
    const target = 'fallbackSeries(nosuch,fallback=a.x)';
    assert.equal(await evaluated([target]), ['a.x: 11 12 13 14 15']);
  });

  it('hands events over', async () => {
    const asked: unknown[] = [];
    const answers = await evaluated(['events("deploy","api")'], {
      until: 603,
      events: (...question) => {
        asked.push(question);
        return [{ when: 601 }, { when: 601.9 }, { when: 603 }];
      },
    });
    assert.equal(answers, ['events("deploy", "api"): NaN 2 NaN']);
    assert.equal(asked, [[['deploy', 'api'], 600, 603]]);
  });

  it('says which function, what it read and where', async () => {
    await refuses(['nosuch(a.x)'], /^function nosuch at column 1 is not known/);
    await refuses(['sumSeries(a.x, nosuch(a.x))'], /column 16/);
    await refuses(
      ['scale(a.x,"abc")'],
      /^scale: "abc" read for factor, expected a number at column 11$/,
    );
    await refuses(['scale(a.x)'], /^scale: factor is missing/);
    await refuses(['scale(a.x,1,2)'], /^scale: 2 read, expected at most 2 at column 13/);
    await refuses(['scale(a.x,factr=2)'], /keyword factr read, expected one of seriesList, factor/);
    await refuses(['scale(a.x,2,factor=2)'], /factor is given twice/);
    await refuses(['alias(true,"x")'], /^alias: true read for seriesList, expected series/);
    await refuses(['alias(a.x,a.y)'], /^alias: series read for newName, expected a string/);
    await refuses(['mapSeries(a.*,1)'], /lists of series read/);
    await refuses(
      ['scale(movingAverage(a.x,"5x"),2)'],
      /^movingAverage: interval "5x".*\(column 7\)$/,
    );
    await refuses(['groupByNode(a.*,0,"movingAverage")'], /windowSize is missing/);
  });

  it('limits series, datapoints, calls and time', async () => {
    await refuses(['*.*'], /match over 1 series/, { limits: { seriesMax: 1 } });
    await refuses(['a.*'], /over 5 datapoints read/, { limits: { pointsMax: 5 } });
    await refuses(['randomWalk("x",1)'], /^randomWalk: 300 datapoints: at most 100/, {
      limits: { pointsMax: 100 },
    });
    const four = 'group(a.x,a.x,a.x,a.x)'; // the second is one too many
    const pointsMax = 500;
    await refuses([`summarize(${four},"1s")`], /: 602 datapoints: at most/, {
      limits: { pointsMax },
    });
    await refuses([`hitcount(${four},"1s")`], /: 600 datapoints: at most/, {
      limits: { pointsMax },
    });
    await refuses([`polyfit(${four},1,"5h")`], /: 610 datapoints: at most/, {
      limits: { pointsMax },
    });
    await refuses(['scale(scale(a.x,1),1)'], /over 1 function calls/, { limits: { callsMax: 1 } });
    await refuses(['scale(a.x,1)'], /over -1 ms spent/, { limits: { timeMs: -1 } });
    let asked = 0;
    const isWanted = () => ++asked < 3;
    const long = "fft(randomWalk('w'),'abs')"; // takes many slices of time
    await refuses([long], /given up by its sender/, { isWanted, until: 4_000_000 });
    assert.is(asked, 3);
  });

  it('evaluates nested wider windows without doubling the work at each level', async () => {
    const depth = 30;
    const target = 'movingMin('.repeat(depth) + 'a.x' + ',1)'.repeat(depth);
    const [answer] = await evaluated([target], { limits: { callsMax: 2 * depth * depth } });
    assert.match(answer!, /: 11 12 13 14 15$/);
  });

  it('refuses names that double at each call', async () => {
    const target = `${'aliasSub('.repeat(40)}a.x${',"(.+)","\\1\\1")'.repeat(40)}`;
    await refuses([target], /a pattern of 6 instructions on a name of \d+ characters/);
    const limits = { nameBytesMax: 5000 };
    await refuses([target], /names of over 5000 characters .* \(httpLimits.nameBytes\)/, {
      limits,
    });
  });

  it.slow('lets other work run in the middle of a long request', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const target = `${'offset('.repeat(50)}randomWalk("x",1)${',1)'.repeat(50)}`;
    await evaluated([target], { from: 0, until: 1_000_000 });
    clearInterval(timer);
    assert.ok(turns > 2, `${turns} turns`);
  });

  it('refuses a window before the year 1', async () => {
    await refuses(['timeShift(a.x,"9000y")'], /expected a year of 1 to 9999/);
  });
});
