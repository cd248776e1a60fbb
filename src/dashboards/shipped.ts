/**
 * The dashboards that come with tallyd: `config/dashboards/<id>.json`, read when the server starts. They
 * can be copied and not changed. Works from the sources and from the compiled package.
 */
import { readdir, readFile } from 'node:fs/promises';
import { completeDashboard, type Dashboard } from './dashboard.ts';
import { type ListedDashboard, listedOf } from './dashboard-records.ts';

const FOLDER = new URL('../../config/dashboards/', import.meta.url);

export interface ShippedDashboard extends ListedDashboard {
  text: string;
}

/** By id. */
export async function readShippedDashboards(): Promise<Map<string, ShippedDashboard>> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json')).sort();
  const all = new Map<string, ShippedDashboard>();
  for (const file of files) {
    const read = JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as Dashboard;
    const dashboard = completeDashboard(read);
    const id = file.slice(0, -'.json'.length);
    const text = JSON.stringify(dashboard);
    all.set(id, { ...listedOf(id, text, dashboard), text });
  }
  return all;
}
