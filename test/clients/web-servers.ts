/** Application servers that report on themselves: gunicorn, uWSGI. */
import { until } from '../support/until.ts';
import { freePort } from '../support/free-port.ts';
import type { Program } from './program.ts';
import { type Running, findDebian, flags } from './children.ts';

const REQUESTS = 25;
const PLUGINS = '/usr/lib/uwsgi/plugins';

const APP = `
def app(environ, start_response):
    found = environ["PATH_INFO"] == "/"
    start_response("200 OK" if found else "404 Not Found", [("Content-Length", "3")])
    return [b"ok\\n"]
`;

/** Asks until the server answers, then so often more. */
async function request(running: Running, url: string, times: number): Promise<void> {
  const ask = async (): Promise<boolean> => {
    if (running.isOver) throw new Error(running.how());
    return fetch(url).then(
      async (response) => (await response.text()).length > 0,
      () => false,
    );
  };
  await until(ask, `${running.title} answers`);
  for (let i = 1; i < times; i++) await ask();
}

export const gunicorn: Program = {
  name: 'gunicorn --statsd-host',
  from: 'Debian gunicorn',
  sends: `its counters, timers and gauges of ${REQUESTS} requests; then with --dogstatsd-tags`,
  find: () => findDebian('gunicorn'),
  async run(stage) {
    const server = await stage.open();
    stage.file('app.py', APP);
    const serve = async (prefix: string, more: Record<string, string>): Promise<void> => {
      const port = await freePort();
      const options = flags({
        bind: `127.0.0.1:${port}`,
        workers: 1,
        'worker-tmp-dir': stage.folder,
        'statsd-host': `127.0.0.1:${server.port('statsd udp')}`,
        'statsd-prefix': prefix,
        ...more,
      });
      const running = stage.start('/usr/bin/gunicorn', [...options, 'app:app']);
      await request(running, `http://127.0.0.1:${port}/`, REQUESTS);
      await request(running, `http://127.0.0.1:${port}/nowhere`, 2);
      await running.stop();
    };
    await serve('gu', {});
    await serve('gt', { 'dogstatsd-tags': 'zone:b,app:web' });
    const tags = ';app=web;zone=b';
    await stage.sums({
      'stats_counts.gu.gunicorn.requests': REQUESTS + 2,
      'stats_counts.gu.gunicorn.request.status.200': REQUESTS,
      'stats_counts.gu.gunicorn.request.status.404': 2,
      'stats.timers.gu.gunicorn.request.duration.count': REQUESTS + 2,
      [`stats_counts.gt.gunicorn.requests${tags}`]: REQUESTS + 2,
      [`stats_counts.gt.gunicorn.request.status.404${tags}`]: 2,
      [`stats.timers.gt.gunicorn.request.duration.count${tags}`]: REQUESTS + 2,
    });
    await stage.some(
      ['maxSeries(stats.gauges.gu.gunicorn.workers)', `stats.gauges.gt.gunicorn.workers${tags}`],
      '0 or 1',
      (value) => value === 0 || value === 1,
    );
  },
};

export const uwsgi: Program = {
  name: 'uwsgi --carbon --stats-push statsd',
  from: 'Debian uwsgi-core',
  sends: 'both pushers at once: the carbon plugin over TCP, the statsd plugin over UDP',
  find: () => findDebian('uwsgi-core'),
  async run(stage) {
    const server = await stage.open();
    const port = await freePort();
    const options = flags({
      'plugins-dir': PLUGINS,
      plugins: 'carbon,stats_pusher_statsd,notfound',
      master: true,
      processes: 1,
      'die-on-term': true,
      'http-socket': `127.0.0.1:${port}`,
      'enable-metrics': true,
      carbon: `127.0.0.1:${server.port('carbon tcp')}`,
      'carbon-freq': 1,
      'carbon-id': 'web',
      'stats-push': `statsd:127.0.0.1:${server.port('statsd udp')},uw`,
      'stats-pusher-default-freq': 1,
    });
    const running = stage.start('/usr/bin/uwsgi', options);
    await request(running, `http://127.0.0.1:${port}/`, REQUESTS);
    // It sends totals as if they were counts; those of a second are what it has served so far.
    await stage.sees('newest stats_counts.uw.worker.1.requests, some multiple', true, async () => {
      const [points] = (await server.render('stats_counts.uw.worker.1.requests')).values();
      const value = points?.at(-1)?.value ?? 0;
      return value > 0 && value % REQUESTS === 0;
    });
    await stage.latest({
      'stats.gauges.uw.core.idle_workers': 1,
      'uwsgi.*.web.active_workers': 1,
      'uwsgi.*.web.requests': REQUESTS,
      'uwsgi.*.web.worker1.requests': REQUESTS,
      'uwsgi.*.web.harakiri': 0,
    });
    await running.stop();
  },
};
