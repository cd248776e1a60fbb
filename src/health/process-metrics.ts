/** The process: its memory as series, and all that Prometheus' clients tell of one (`process_…`). */
import { readFileSync } from 'node:fs';
import { openFiles, openFilesMax } from '../lib/open-files.ts';
import { gauge, type OwnMetric } from './own-metric.ts';
import type { SelfMetric } from './prometheus.ts';

export function memoryMetrics(): OwnMetric[] {
  const memory = process.memoryUsage();
  return [
    gauge('process.rss_bytes', 'Memory of the process.', memory.rss),
    gauge('process.heap_bytes', 'JavaScript heap in use, main thread.', memory.heapUsed),
  ];
}

/**
 * What runs, and the process under the names that every Prometheus client gives it. `startedMs`: by
 * the wall clock. Figures that this system does not tell are left out.
 */
export function processMetrics(version: string, startedMs: number): SelfMetric[] {
  const { user, system } = process.cpuUsage();
  const max = openFilesMax();
  const told = (name: string, help: string, value: number): SelfMetric[] =>
    Number.isFinite(value) && value > 0 ? [{ name, help, type: 'gauge', value }] : [];
  const build = { version, node: process.version, platform: process.platform, arch: process.arch };
  return [
    {
      name: 'tallyd_build_info',
      help: 'What runs: always 1.',
      type: 'gauge',
      value: 1,
      labels: build,
    },
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of all threads, user and system.',
      type: 'counter',
      value: (user + system) / 1e6,
    },
    ...told('process_start_time_seconds', 'When it started, epoch seconds.', startedMs / 1000),
    ...told('process_resident_memory_bytes', 'Memory of the process.', process.memoryUsage.rss()),
    ...told('process_virtual_memory_bytes', 'Address space of the process.', virtualBytes()),
    ...told('process_open_fds', 'Open files and sockets.', openFiles()),
    ...told('process_max_fds', 'Files and sockets that may be open.', max),
  ];
}

function virtualBytes(): number {
  try {
    const [, kib] = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}
