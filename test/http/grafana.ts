/**
 * Grafana's Graphite data source as a server meets it: what the front end and the backend send
 * (headers, bodies that are not percent-encoded, keys in alphabetical order, gzip), and what each
 * reads out of an answer. It throws where Grafana would show an error or lose a panel. Facts:
 * conformance/graphite/GRAFANA.md.
 */
import http from 'node:http';
import zlib from 'node:zlib';

export interface Frame {
  /** From the last word of the target: without it Grafana does not know whose series this is. */
  refId: string;
  name: string;
  labels: Record<string, string>;
  times: number[];
  values: (number | null)[];
  /** Of Metrictank's meta: what the panel's corner says. */
  notice: string | undefined;
}

export interface FoundOption {
  text: string;
  expandable: boolean;
}

interface Sent {
  method?: 'GET' | 'POST';
  path: string;
  body?: string;
  headers?: Record<string, string>;
}

interface RenderedSeries {
  target: unknown;
  tags?: Record<string, unknown>;
  datapoints: [unknown, unknown][];
  meta?: Record<string, string | number>[];
}

/** What data.message or the status text would be: a request that failed. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PARAM_TYPES = (
  'aggFunc aggOrSeriesFunc any boolean date float integer interval intOrInf intOrInterval node ' +
  'nodeOrTag series seriesList seriesLists string tag'
).split(' ');

/** The target as recent front ends send it. */
export function wrapped(target: string, refId: string): string {
  return `aliasSub(${target}, "(^.*$)", "\\1 ${refId}")`;
}

export class Grafana {
  /** Connections stay open, as those of Grafana's proxy do. */
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 60 });
  private readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  close(): void {
    this.agent.destroy();
  }

  /** A panel of the front end: targets by refId. */
  async panel(
    targets: Record<string, string>,
    range: { from: string | number; until: string | number; maxDataPoints: number; more?: string },
    panelId = 1,
  ): Promise<Frame[]> {
    const list = Object.entries(targets)
      .map(([refId, target]) => `target=${encodeURIComponent(wrapped(target, refId))}`)
      .join('&');
    const { from, until, maxDataPoints, more = '' } = range;
    const rest = `from=${from}&until=${until}&format=json&maxDataPoints=${maxDataPoints}${more}`;
    const headers = {
      ...FORM,
      'x-dashboard-id': '12',
      'x-panel-id': String(panelId),
      'x-panel-plugin-id': 'timeseries',
    };
    const text = await this.send({ path: '/render', body: `${list}&${rest}`, headers });
    return readFrames(JSON.parse(text), true);
  }

  /** One query of the backend: keys in alphabetical order, epochs as text, the target unwrapped. */
  async query(
    target: string,
    range: { from: number; until: number; maxDataPoints: number },
    meta = false,
  ): Promise<Frame[]> {
    const { from, until, maxDataPoints } = range;
    const body =
      `format=json&from=${from}&maxDataPoints=${maxDataPoints}` +
      `&target=${encodeURIComponent(target)}&until=${until}`;
    const path = meta ? '/render?meta=true' : '/render';
    return readFrames(JSON.parse(await this.send({ path, body, headers: FORM })), false);
  }

  /** `search` is the URL's query; the pattern goes into the body as it is typed. */
  async find(pattern: string, search: string): Promise<FoundOption[]> {
    const path = `/metrics/find${search === '' ? '' : `?${search}`}`;
    const text = await this.send({ path, body: `query=${pattern}`, headers: FORM });
    return (JSON.parse(text) as Record<string, unknown>[]).map(({ text: name, expandable }) => {
      if (typeof name !== 'string') throw new Error(`find: ${String(name)} is no text`);
      return { text: name, expandable: Boolean(expandable) };
    });
  }

  async expand(query: string, search: string): Promise<string[]> {
    const text = await this.send({
      path: `/metrics/expand?query=${encodeURIComponent(query)}&${search}`,
    });
    return texts((JSON.parse(text) as { results: unknown }).results);
  }

  async complete(what: 'tags' | 'values', search: string): Promise<string[]> {
    return texts(JSON.parse(await this.send({ path: `/tags/autoComplete/${what}?${search}` })));
  }

  async events(search: string): Promise<{ when: number; what: string; tags: string[] }[]> {
    const list = JSON.parse(await this.send({ path: `/events/get_data?${search}` })) as {
      when: unknown;
      what: unknown;
      tags: unknown;
    }[];
    return list.map(({ when, what, tags }) => {
      if (typeof when !== 'number' || typeof what !== 'string') throw new Error('events: shape');
      // An array, or a text that older servers join with blanks or commas.
      return { when, what, tags: typeof tags === 'string' ? tags.split(/[ ,]+/) : texts(tags) };
    });
  }

  async version(): Promise<[major: number, minor: number]> {
    const match = /^(\d+)\.(\d+)\.\d+\s*$/.exec(await this.send({ path: '/version' }));
    if (match === null) throw new Error('version: no semver');
    return [Number(match[1]), Number(match[2])];
  }

  /** Names of what the query editor offers, with the parameters that it asks for. */
  async functions(): Promise<Map<string, string[]>> {
    const text = await this.send({ path: '/functions' });
    const patched = text.replace(/"default": ?Infinity/g, '"default": 1e9999');
    const offered = new Map<string, string[]>();
    for (const [key, one] of Object.entries(JSON.parse(patched) as Record<string, EditorEntry>)) {
      if (one.name !== key || one.group === '' || one.description === '') {
        throw new Error(`functions: ${key} has no name, group or description`);
      }
      if (one.group === 'Graph') continue;
      const [first] = one.params;
      const isPiped = first?.multiple !== true && /^seriesLists?$/.test(first?.type ?? '');
      const params = isPiped ? one.params.slice(1) : one.params;
      for (const { name, type, options } of params) {
        if (PARAM_TYPES.includes(type) && (options === undefined || Array.isArray(options))) {
          continue;
        }
        throw new Error(`functions: ${key}(${name}): type ${type}`);
      }
      offered.set(
        key,
        params.map(({ name }) => name),
      );
    }
    return offered;
  }

  /** The text of a 2xx answer, unpacked; throws Refused for others. */
  send({ method, path, body, headers = {} }: Sent): Promise<string> {
    const { agent, port } = this;
    const sent = { 'accept-encoding': 'gzip', 'x-grafana-org-id': '1', ...headers };
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          host: '127.0.0.1',
          port,
          agent,
          path,
          method: method ?? (body === undefined ? 'GET' : 'POST'),
          headers: sent,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            const isPacked = response.headers['content-encoding'] === 'gzip';
            const text = (isPacked ? zlib.gunzipSync(bytes) : bytes).toString('utf8');
            const status = response.statusCode ?? 0;
            if (status >= 200 && status < 300) resolve(text);
            else reject(new Refused(status, text));
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }
}

interface EditorEntry {
  name: string;
  group: string;
  description: string;
  params: { name: string; type: string; multiple?: boolean; options?: unknown }[];
}

function readFrames(answer: unknown, isWrapped: boolean): Frame[] {
  const list = (Array.isArray(answer) ? answer : (answer as { series: unknown }).series) as
    RenderedSeries[] | undefined;
  if (!Array.isArray(list)) throw new Error('render: neither a list nor {"series": [...]}');
  return list.map((one) => readFrame(one, isWrapped));
}

function readFrame({ target, tags, datapoints, meta }: RenderedSeries, isWrapped: boolean): Frame {
  if (typeof target !== 'string') throw new Error('render: a target that is no text');
  const blank = target.lastIndexOf(' ');
  if (isWrapped && blank < 0) throw new Error(`render: ${target} ends in no refId`);
  const name = isWrapped ? target.slice(0, blank) : target;
  const labels: Record<string, string> = {};
  for (const [tag, value] of Object.entries(tags ?? {})) {
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`tag ${tag}`);
    labels[tag] = String(value);
  }
  if (!isWrapped) labels['name'] = target.split(';', 1)[0]!; // one part at least
  const times: number[] = [];
  const values: (number | null)[] = [];
  for (const [value, time] of datapoints) {
    if (typeof time !== 'number' || !Number.isInteger(time)) throw new Error('a time that is none');
    if (value !== null && typeof value !== 'number') throw new Error('a value that is none');
    times.push(time);
    values.push(value);
  }
  const refId = isWrapped ? target.slice(blank + 1) : '';
  return { refId, name, labels, times, values, notice: noticeOf(meta?.[0]) };
}

/** As the front end words it from the first meta object of a series. */
function noticeOf(meta: Record<string, string | number> | undefined): string | undefined {
  if (meta === undefined) return undefined;
  const archive = Number(meta['archive-read']);
  if (archive > 0) {
    const schema = String(meta['schema-retentions']).split(',')[archive] ?? '';
    const by = String(meta['consolidator-normfetch']).replace('Consolidator', '').toLowerCase();
    const interval = schema.split(':')[0]!; // one part at least
    return `Data is rolled up, aggregated over ${interval} using ${by} function`;
  }
  const folded = Number(meta['aggnum-rc']);
  if (!(folded > 0)) return undefined;
  const by = String(meta['consolidator-rc']).replace('Consolidator', '').toLowerCase();
  return `Data is runtime consolidated, ${folded} datapoints combined using ${by} function`;
}

function texts(list: unknown): string[] {
  if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list;
  throw new Error(`expected a list of texts: ${JSON.stringify(list)?.slice(0, 80)}`);
}
