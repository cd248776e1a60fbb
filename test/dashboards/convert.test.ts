import { convertDashboard } from '../../src/dashboards/convert.ts';
import { DASHBOARD_BYTES_MAX } from '../../src/dashboards/dashboard.ts';
import { readShippedDashboards } from '../../src/dashboards/shipped.ts';
import type { Dashboard } from '../../src/dashboards/dashboard.ts';
import { parseTarget } from '../../src/query/target/parse.ts';
import { assert, describe } from '../support/suite.ts';

type Converted = ReturnType<typeof convertDashboard>;

const convert = (given: unknown): Converted =>
  convertDashboard(typeof given === 'string' ? given : JSON.stringify(given), JSON.parse);

describe('dashboards of graphite-web', (it) => {
  const state = {
    name: 'web',
    timeConfig: {
      type: 'relative',
      relativeStartQuantity: '2',
      relativeStartUnits: 'hours',
      relativeUntilUnits: 'now',
    },
    graphs: [
      ['target=a', { target: ['a.b', 'sum(c.*)'], title: 'A', yMin: '0', width: 400 }, '/render?…'],
      ['target=d', { target: ['d'], from: '-1d', areaMode: 'stacked' }, '/render?…'],
      ['nothing', { title: 'none' }, ''],
    ],
  };

  it('become panels with what their graphs say of drawing', () => {
    for (const given of [state, { state }, { state: JSON.stringify(state) }]) {
      const { source, dashboard, leftOut } = convert(given);
      assert.is(source, 'graphite');
      assert.equal(leftOut, [{ title: 'graph 3', why: 'it has no targets' }]);
      assert.equal(dashboard, {
        title: 'web',
        range: { from: '-2hours', until: 'now' },
        variables: [],
        panels: [
          {
            title: 'A',
            targets: ['a.b', 'sum(c.*)'],
            options: { yMin: '0' },
            position: { x: 0, y: 0, width: 8, height: 7 },
          },
          {
            title: 'd',
            targets: ['d'],
            options: { areaMode: 'stacked' },
            range: { from: '-1d', until: 'now' },
            position: { x: 8, y: 0, width: 8, height: 7 },
          },
        ],
      });
    }
  });

  it('come as URLs too, a line each', () => {
    const { dashboard, leftOut, source } = convert(
      'https://g/render?target=a.%7Bb%2Cc%7D&target=d&from=-3h&title=T&lineMode=staircase\n\n' +
        'nonsense\ntarget=x&__proto__=1\n',
    );
    assert.is(source, 'urls');
    assert.equal(leftOut, [{ title: 'nonsense', why: 'it has no target=' }]);
    const [first, second] = dashboard.panels;
    assert.equal(first!.targets, ['a.{b,c}', 'd']);
    assert.equal(
      [first!.options, first!.range],
      [{ lineMode: 'staircase' }, { from: '-3h', until: 'now' }],
    );
    assert.equal([second!.title, second!.position!.x], ['x', 8]);
    assert.throws(() => convert('hello'), /expected lines such as/);
  });
});

describe("Grafana's dashboards", (it) => {
  it('become panels where they are graphs, and say what is left out', () => {
    const { source, dashboard, leftOut } = convert({
      dashboard: {
        title: 'Shop',
        time: { from: 'now-6h', to: 'now' },
        templating: {
          list: [
            { name: 'host', type: 'query', query: 'web.*', current: { value: ['web01'] } },
            { name: 'step', type: 'interval', query: '1m, 10m' },
            { name: 'ds', type: 'datasource', query: 'graphite' },
          ],
        },
        panels: [
          {
            type: 'timeseries',
            title: 'Hits of $host',
            gridPos: { x: 12, y: 3, w: 12, h: 9 },
            targets: [
              { refId: 'A', target: 'web.${host:glob}.hits', hide: true },
              { refId: 'B', target: 'scale(#A, 60)' },
            ],
            fieldConfig: {
              defaults: { unit: 'reqps', min: 0, custom: { stacking: { mode: 'normal' } } },
            },
          },
          { type: 'row', title: 'more', panels: [{ type: 'stat', title: 'One number' }] },
          { type: 'timeseries', title: 'Prometheus', targets: [{ expr: 'up' }] },
        ],
      },
    });
    assert.is(source, 'grafana');
    assert.equal(dashboard, {
      title: 'Shop',
      range: { from: '-6h', until: 'now' },
      variables: [
        { name: 'host', query: 'web.*', value: 'web01' },
        { name: 'step', values: ['1m', '10m'] },
      ],
      panels: [
        {
          title: 'Hits of $host',
          targets: ['scale(web.$host.hits, 60)'],
          options: { areaMode: 'stacked', yMin: 0, unit: 'reqps' },
          position: { x: 12, y: 3, width: 12, height: 9 },
        },
      ],
    });
    assert.equal(leftOut, [
      { title: 'Hits of $host', why: "1 of its targets: hidden, or no Graphite's" },
      { title: 'One number', why: 'a panel of type stat is no graph' },
      { title: 'Prometheus', why: 'it has no targets of Graphite' },
      { title: '$ds', why: 'a variable of type datasource' },
    ]);
  });

  it('of the old kind have rows of twelve', () => {
    const panel = (span: number) => ({
      type: 'graph',
      title: 'x',
      span,
      targets: [{ target: 'a' }],
    });
    const { dashboard } = convert({
      title: 'Old',
      rows: [{ panels: [panel(6), panel(4), panel(6)] }],
    });
    assert.equal(
      dashboard.panels.map(({ position }) => [position!.x, position!.y, position!.width]),
      [
        [0, 0, 12],
        [12, 0, 8],
        [0, 8, 12],
      ],
    );
  });

  it('cost no more than they should, whatever refers to whatever', () => {
    const targets = Array.from({ length: 26 }, (_, i) => {
      const next = String.fromCharCode(65 + ((i + 1) % 26));
      return { refId: String.fromCharCode(65 + i), target: `#${next}`.repeat(200) };
    });
    const panel = { type: 'graph', targets };
    const started = process.cpuUsage();
    const { dashboard, leftOut } = convert({ panels: Array.from({ length: 1300 }, () => panel) });
    assert.equal([dashboard.panels.length, leftOut.length], [0, 1000]);
    assert.ok(process.cpuUsage(started).user < 5e6);
    const long = { type: 'graph', targets: [{ target: 'x'.repeat(15_000) }] };
    const large = convert({ panels: Array.from({ length: 150 }, () => long) });
    assert.ok(JSON.stringify(large.dashboard).length <= DASHBOARD_BYTES_MAX);
    assert.is(large.dashboard.panels.length + large.leftOut.length, 150);
  });
});

describe('what is no dashboard', (it) => {
  it('is said so', () => {
    assert.throws(() => convert('[1]'), /expected a JSON object/);
    assert.throws(() => convert({}), /neither "graphs" of graphite-web nor/);
    assert.throws(() => convert({ state: {} }), /expected "graphs"/);
    for (const odd of [{ graphs: [null, 1, [], [1, 2]] }, { rows: [null, { panels: [1] }] }]) {
      assert.equal(convert(odd).dashboard.panels, []);
    }
    assert.is(
      convert({ title: 'mine', panels: [{ title: 'p', targets: ['a'] }] }).source,
      'tallyd',
    );
  });
});

describe('shipped dashboards', (it) => {
  it('have targets that can be read, on a grid without overlaps', async () => {
    const shipped = await readShippedDashboards();
    assert.equal([...shipped.keys()], ['golden-signals', 'host', 'tallyd', 'timer']);
    for (const { id, text } of shipped.values()) {
      const { panels, variables } = JSON.parse(text) as Dashboard;
      const names = variables.map(({ name }) => name);
      const taken = new Set<string>();
      for (const { targets, title, position } of panels) {
        for (const target of targets) {
          parseTarget(target);
          for (const [, used] of `${target} ${title}`.matchAll(/\$([a-z]\w*)/g)) {
            assert.ok(names.includes(used!), `${id}: $${used}`);
          }
        }
        const { x, y, width, height } = position!;
        assert.ok(x + width <= 24);
        for (let i = 0; i < width * height; i++) {
          const cell = `${x + (i % width)},${y + Math.floor(i / width)}`;
          assert.not(taken.has(cell), `${id}: ${title} overlaps`);
          taken.add(cell);
        }
      }
    }
  });
});
