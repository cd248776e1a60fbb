/** The programs of `npm run test:clients`, in its order. */
import type { LightProgram, Program } from './program.ts';
import { carbonKilled } from './carbon-killed.ts';
import { collectd } from './collectd.ts';
import { glancesGraphite, glancesStatsd } from './glances.ts';
import { aiodogstatsd, perlNetStatsd, python3Statsd, rubyStatsd } from './libraries.ts';
import { mtail } from './mtail.ts';
import { netdata } from './netdata.ts';
import { hotShots, hotShotsUds, lynx, nodeStatsd, statsdClient } from './npm-clients.ts';
import { proxyNodes } from './proxy.ts';
import { carbonCRelay, carbonRelay } from './relays.ts';
import { statsdItself } from './statsd-itself.ts';
import { gunicorn, uwsgi } from './web-servers.ts';

/** They take seconds and install nothing: part of `npm test`. */
export const LIGHT: readonly LightProgram[] = [hotShots, python3Statsd, perlNetStatsd, rubyStatsd];

/** Those that need an npm install, or packages that are too heavy for every change. */
export const PROGRAMS: readonly Program[] = [
  hotShotsUds,
  statsdClient,
  nodeStatsd,
  lynx,
  statsdItself,
  aiodogstatsd,
  collectd,
  netdata,
  glancesStatsd,
  glancesGraphite,
  gunicorn,
  uwsgi,
  mtail,
  carbonRelay,
  carbonCRelay,
  carbonKilled,
  proxyNodes,
];

/** What CI's machine has: none of them may be skipped there. */
export const IN_CI: readonly Program[] = [
  ...LIGHT,
  statsdClient,
  nodeStatsd,
  lynx,
  carbonRelay,
  carbonKilled,
  proxyNodes,
];
