/**
 * The page: walk the metric tree, type a target, see its last hour as lines, and tallyd's health.
 * Plain browser JavaScript over Graphite's own API; everything shown is set as text, never as HTML.
 */
const WIDTH = 800;
const HEIGHT = 320;
const COLORS = [
  '#2f6fde',
  '#d9482b',
  '#2a9d5c',
  '#9b51c9',
  '#c98a12',
  '#138d9c',
  '#b8336a',
  '#555',
];
const REFRESH_MS = 10_000;
const LINES_MAX = 40;

const byId = (id) => document.getElementById(id);

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function ask(url) {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  const text = await response.text();
  if (!response.ok && !url.startsWith('health')) throw new Error(text.trim());
  return JSON.parse(text.replaceAll('1e9999', 'null'));
}

// The tree: a branch opens in place, a leaf becomes the target.

async function fillTree(list, query) {
  const nodes = await ask(`metrics/find?query=${encodeURIComponent(query)}`);
  list.replaceChildren(...nodes.slice(0, 500).map(treeItem));
  if (nodes.length === 0) list.append(element('li', 'nothing found'));
}

function treeItem(node) {
  const item = element('li', '');
  const button = element('button', node.text + (node.leaf ? '' : ' ›'), { type: 'button' });
  item.append(button);
  button.addEventListener('click', () => {
    if (node.leaf) return draw(node.id);
    const open = item.querySelector('ul');
    if (open) return open.remove();
    const list = element('ul', '');
    item.append(list);
    return shown(fillTree(list, `${node.id}.*`));
  });
  return item;
}

function searchPattern(text) {
  if (text === '') return '*';
  return /[*?[{.]/.test(text) ? text : `*${text}*`;
}

// The graph.

function draw(target) {
  if (target !== undefined) byId('target').value = target;
  const wanted = byId('target').value.trim();
  if (wanted === '') return undefined;
  location.hash = new URLSearchParams({ target: wanted, from: byId('from').value });
  return shown(refresh());
}

async function refresh() {
  const target = byId('target').value.trim();
  if (target === '') return;
  const query = new URLSearchParams({
    target,
    from: byId('from').value,
    format: 'json',
    maxDataPoints: WIDTH,
  });
  const series = await ask(`render?${query}`);
  paint(series.slice(0, LINES_MAX));
  byId('message').textContent = series.length === 0 ? 'no such series in this time' : '';
}

function paint(series) {
  const points = series.flatMap(({ datapoints }) => datapoints);
  const values = points.map(([value]) => value).filter(Number.isFinite);
  const times = points.map(([, time]) => time);
  const low = Math.min(0, minimum(values));
  const high = Math.max(maximum(values), low + 1e-9);
  const first = minimum(times);
  const last = Math.max(maximum(times), first + 1);
  const x = (time) => ((time - first) / (last - first)) * WIDTH;
  const y = (value) => HEIGHT - ((value - low) / (high - low)) * (HEIGHT - 8) - 4;
  byId('graph').replaceChildren(
    ...series.map(({ datapoints }, index) => {
      const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      line.setAttribute('d', pathOf(datapoints, x, y));
      line.setAttribute('stroke', COLORS[index % COLORS.length]);
      return line;
    }),
  );
  byId('legend').replaceChildren(...series.map(legendItem));
  const clock = (time) => new Date(time * 1000).toLocaleTimeString();
  byId('range').textContent =
    values.length === 0
      ? ''
      : `${clock(first)} – ${clock(last)}, from ${short(low)} to ${short(high)}`;
}

/** A gap in the data is a gap in the line; a lonely point becomes a dot. */
function pathOf(datapoints, x, y) {
  let path = '';
  let pen = 'M';
  for (const [value, time] of datapoints) {
    if (!Number.isFinite(value)) pen = 'M';
    else {
      const at = `${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
      path += pen === 'M' ? `M${at}h.1` : `L${at}`;
      pen = 'L';
    }
  }
  return path;
}

function legendItem({ target, datapoints }, index) {
  const last = datapoints.findLast(([value]) => value !== null)?.[0];
  const item = element('li', `${target} = ${last === undefined ? 'no data' : short(last)}`);
  item.style.setProperty('--line', COLORS[index % COLORS.length]);
  return item;
}

const minimum = (numbers) => numbers.reduce((a, b) => Math.min(a, b), numbers[0] ?? 0);
const maximum = (numbers) => numbers.reduce((a, b) => Math.max(a, b), numbers[0] ?? 0);
const short = (value) => Number(value.toPrecision(5)).toLocaleString();

// Health, and joining it all.

async function health() {
  const { status, reason, receive, store } = await ask('health');
  const numbers = receive
    ? `${short(receive.metrics)} metrics, ${short(receive.badLines)} bad lines, ` +
      `${receive.kernelDrops ?? '?'} dropped, ${short(store.seriesCount)} series`
    : '';
  byId('health').textContent = [status, reason, numbers].filter(Boolean).join(' · ');
  byId('health').className = status;
}

async function shown(work) {
  try {
    await work;
  } catch (error) {
    byId('message').textContent = error.message;
  }
}

byId('query').addEventListener('submit', (event) => {
  event.preventDefault();
  void draw();
});
byId('from').addEventListener('change', () => void draw());
byId('search').addEventListener('input', () => {
  void shown(fillTree(byId('tree'), searchPattern(byId('search').value.trim())));
});
const linked = new URLSearchParams(location.hash.slice(1));
const linkedFrom = [...byId('from').options].find(({ value }) => value === linked.get('from'));
if (linkedFrom !== undefined) linkedFrom.selected = true;
void shown(fillTree(byId('tree'), '*'));
void shown(health());
if (linked.has('target')) void draw(linked.get('target'));
setInterval(() => {
  if (document.hidden) return;
  void health().catch((error) => (byId('health').textContent = error.message));
  void shown(refresh());
}, REFRESH_MS);
