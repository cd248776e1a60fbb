/**
 * An empty server: lines to paste that send a first metric, which is drawn when it comes. Empty is a
 * server that has no names but its own.
 */
import { ask } from './ask.js';
import { fill, make, say } from './dom.js';
import { quoteName } from './grammar.js';
import { changeView, view } from './view.js';

const AGAIN_MS = 1000;
/** Where the names of senders begin, whatever the namespace that is configured. */
const ROOTS = ['*', 'stats.*', 'stats_counts.*', 'stats.{counters,gauges,sets,timers}.*'];
/** The server's own, and what stands before everybody's. */
const OWN = /^(?:tallyd|stats|stats_counts|statsd|numStats|counters|gauges|sets|timers)$/;
const DEPTH_MAX = 12;

/** @typedef {{ text: string, id: string, leaf: number }} Node */

/** @param {string} pattern @returns {Promise<Node[]>} */
const find = (pattern) => ask('metrics/find', { query: pattern });

/**
 * A series that somebody sent; undefined where there is none yet.
 *
 * @returns {Promise<string | undefined>}
 */
async function firstSeries() {
  for (const pattern of ROOTS) {
    const found = (await find(pattern)).filter(({ text }) => !OWN.test(text));
    if (found[0] !== undefined) return leafBelow(pattern, found[0]);
  }
  return undefined;
}

/**
 * @param {string} pattern that found it
 * @param {Node} node
 */
async function leafBelow(pattern, node) {
  const base = pattern.slice(0, pattern.lastIndexOf('.') + 1);
  let path = `${base}${quoteName(node.text)}`;
  for (let depth = 0; node.leaf !== 1 && depth < DEPTH_MAX; depth++) {
    const below = await find(`${path}.*`);
    const next = below.find(({ leaf }) => leaf === 1) ?? below[0];
    if (next === undefined) break;
    path += `.${quoteName(next.text)}`;
    node = next;
  }
  return path;
}

/**
 * Shows the lines in place of the stage while there is nothing to draw; answers what ends it.
 *
 * @param {HTMLElement} host
 */
export function awaitFirstMetric(host) {
  let isLeft = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const look = async () => {
    if (isLeft || view().target.length > 0) {
      fill(host);
      return;
    }
    const target = await firstSeries().catch(() => undefined);
    if (isLeft || view().target.length > 0) return;
    if (target === undefined) {
      if (host.childElementCount === 0) fill(host, await lines());
      timer = setTimeout(() => void look(), AGAIN_MS);
    } else if (host.childElementCount > 0) {
      fill(host);
      changeView({ target: [target], from: '-5min' });
      say('The first metric has come.');
    }
  };
  void look();
  return () => {
    isLeft = true;
    clearTimeout(timer);
  };
}

async function lines() {
  const { host, port } = await statsdAddress();
  const shown = [
    ['With netcat', `echo 'first.metric:1|c' | nc -u -w1 ${host} ${port}`],
    ['With bash alone', `echo 'first.metric:1|c' > /dev/udp/${host}/${port}`],
    [
      'A timer each second, until Ctrl-C',
      `while sleep 1; do echo "first.timer:$((RANDOM % 100))|ms" > /dev/udp/${host}/${port}; done`,
    ],
  ];
  return make(
    'section',
    { class: 'first', 'aria-label': 'First metric' },
    make('h2', {}, 'No metrics yet. Paste one of these into a terminal:'),
    ...shown.map(([title = '', line = '']) =>
      make(
        'div',
        {},
        make('p', {}, title),
        make(
          'pre',
          {},
          make('code', {}, line),
          make(
            'button',
            {
              type: 'button',
              onclick: async () => {
                await navigator.clipboard?.writeText(line);
                say('Copied');
              },
            },
            'Copy',
          ),
        ),
      ),
    ),
    make(
      'p',
      { class: 'note', role: 'status' },
      'It is drawn here after the next flush, within seconds. StatsD and DogStatsD clients send to the same port.',
    ),
  );
}

/** Where StatsD's lines go, as this browser would reach it. */
async function statsdAddress() {
  const { listeners = [] } = await ask('health').catch(() => ({}));
  const found = listeners.find((/** @type {{ name: string }} */ { name }) => name === 'statsd udp');
  const [, address = '', port = '8125'] = /^(.*):(\d+)$/.exec(found?.address ?? '') ?? [];
  const isAnywhere = /^(0\.0\.0\.0|\[?::\]?|)$/.test(address);
  return { host: isAnywhere ? location.hostname : address.replace(/[[\]]/g, ''), port };
}
