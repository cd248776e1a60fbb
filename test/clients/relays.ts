/** Carbon's relays before our carbon ports: Debian's own with pickle, carbon-c-relay with text. */
import net from 'node:net';
import { once } from 'node:events';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { type Running, findDebian } from './children.ts';
import type { Program } from './program.ts';

const SERIES = 100;
const SECONDS = 20;

/** `relayed.<i>` has the values i, i + 1, … in the seconds before now. */
function lines(now: number): string {
  let text = '';
  for (let second = 0; second < SECONDS; second++) {
    for (let i = 0; i < SERIES; i++)
      text += `relayed.s${i} ${i + second} ${now - SECONDS + second}\n`;
  }
  return text + `relayed.tagged;zone=b;app=web 7.5 ${now}\n`;
}

const SUM = SECONDS * ((SERIES * (SERIES - 1)) / 2) + SERIES * ((SECONDS * (SECONDS - 1)) / 2);

async function write(running: Running, port: number, text: string): Promise<void> {
  let socket: net.Socket | undefined;
  await until(async () => {
    if (running.isOver) throw new Error(running.how());
    const attempt = net.connect(port, '127.0.0.1');
    try {
      await once(attempt, 'connect');
      socket = attempt;
      return true;
    } catch {
      return false;
    }
  }, `${running.title} listens`);
  const closed = once(socket!, 'close');
  socket!.end(text);
  socket!.resume();
  await closed;
}

const expected = {
  'relayed.s*': SUM,
  'relayed.s42': SECONDS * 42 + (SECONDS * (SECONDS - 1)) / 2,
};

export const carbonRelay: Program = {
  name: 'carbon-relay',
  from: 'Debian graphite-carbon',
  sends: `${SERIES * SECONDS + 1} points as pickle messages to the pickle port`,
  find: () => findDebian('graphite-carbon'),
  async run(stage) {
    const server = await stage.open();
    const port = await freePort();
    const { folder } = stage;
    stage.file('storage-schemas.conf', '[all]\npattern = .*\nretentions = 1s:1h\n');
    stage.file('relay-rules.conf', '[default]\ndefault = true\ndestinations = 127.0.0.1\n');
    const file = stage.file(
      'carbon.conf',
      `[relay]
STORAGE_DIR = ${folder}
CONF_DIR = ${folder}
LOG_DIR = ${folder}
PID_DIR = ${folder}
USER =
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = ${port}
PICKLE_RECEIVER_PORT = 0
RELAY_METHOD = consistent-hashing
DESTINATIONS = 127.0.0.1:${server.port('pickle tcp')}:a
DESTINATION_PROTOCOL = pickle
MAX_QUEUE_SIZE = 10000
MAX_DATAPOINTS_PER_MESSAGE = 500
CARBON_METRIC_INTERVAL = 1
`,
    );
    const flags = [`--config=${file}`, `--pidfile=${folder}/pid`, `--logdir=${folder}`];
    const running = stage.start('/usr/bin/carbon-relay', [...flags, '--nodaemon', 'start']);
    await write(running, port, lines(Math.floor(Date.now() / 1000)));
    await stage.sums(expected);
    await stage.latest({ 'relayed.tagged;app=web;zone=b': 7.5 });
    await stage.some(['carbon.relays.*.metricsReceived'], 'its own', (value) => value >= 0);
    await running.stop();
  },
};

export const carbonCRelay: Program = {
  name: 'carbon-c-relay',
  from: 'Debian carbon-c-relay',
  sends: `${SERIES * SECONDS + 1} points over one TCP connection`,
  find: () => findDebian('carbon-c-relay'),
  async run(stage) {
    const server = await stage.open();
    const port = await freePort();
    const file = stage.file(
      'relay.conf',
      `listen type linemode 127.0.0.1:${port} proto tcp;
cluster tallyd forward 127.0.0.1:${server.port('carbon tcp')};
match * send to tallyd stop;
`,
    );
    const running = stage.start('/usr/bin/carbon-c-relay', ['-f', file]);
    await write(running, port, lines(Math.floor(Date.now() / 1000)));
    await stage.sums(expected);
    await stage.latest({ 'relayed.tagged;app=web;zone=b': 7.5 });
    await running.stop();
  },
};
