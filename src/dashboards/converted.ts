/** What a dashboard of others became, and what of it has no place here. */
import {
  type Dashboard,
  DASHBOARD_BYTES_MAX,
  type Panel,
  PANELS_MAX,
  TARGETS_MAX,
} from './dashboard.ts';

/** A panel, variable or part of one that was not taken over. */
export interface LeftOut {
  title: string;
  why: string;
}

export interface Converted {
  dashboard: Dashboard;
  leftOut: LeftOut[];
}

/** What is named of what was left out. */
const LEFT_OUT_MAX = 1000;

/** As much of it as a dashboard may have. */
export function limited(dashboard: Dashboard, leftOut: readonly LeftOut[]): Converted {
  const left = leftOut.slice(0, LEFT_OUT_MAX);
  const panels: Panel[] = [];
  let room = DASHBOARD_BYTES_MAX - JSON.stringify(dashboard.variables).length - 1000;
  for (const panel of dashboard.panels) {
    const { title, targets } = panel;
    if (targets.length > TARGETS_MAX) {
      left.push({ title, why: `${targets.length - TARGETS_MAX} of its targets: too many` });
    }
    const taken = { ...panel, targets: targets.slice(0, TARGETS_MAX) };
    const bytes =
      panels.length < PANELS_MAX ? Buffer.byteLength(JSON.stringify(taken)) + 1 : room + 1;
    if (bytes <= room) {
      room -= bytes;
      panels.push(taken);
    } else if (left.length < LEFT_OUT_MAX) {
      left.push({ title, why: `more than ${PANELS_MAX} panels or ${DASHBOARD_BYTES_MAX} bytes` });
    }
  }
  return { dashboard: { ...dashboard, panels }, leftOut: left };
}
