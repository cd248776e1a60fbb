/**
 * A carbon.conf that was given in the place of tallyd's own file: it is told for what it is, and
 * which of its keys becomes what here. `config/tallyd.json5` explains the keys that are named;
 * `config/moving.md` has the same table, with those that are not needed.
 */
import type { Findings } from './findings.ts';

/** What a key of carbon's becomes: the option by name, or what to do. */
const BECOMES: Record<string, string> = {
  LINE_RECEIVER_PORT: 'carbonPort',
  LINE_RECEIVER_INTERFACE: 'carbonAddress',
  UDP_RECEIVER_PORT: 'carbonPort, which takes UDP as well',
  UDP_RECEIVER_INTERFACE: 'carbonAddress',
  ENABLE_UDP_LISTENER: 'carbonPort, which takes UDP as well',
  PICKLE_RECEIVER_PORT: 'carbonPicklePort',
  PICKLE_RECEIVER_INTERFACE: 'carbonAddress',
  MAX_RECEIVER_CONNECTIONS: 'maxConnections',
  CONF_DIR: 'storageSchemas, storageAggregation, carbonRewriteRules and carbonAggregationRules',
  STORAGE_DIR: 'dataDir; its whisper folder comes in by `tallyd import whisper`',
  LOCAL_DATA_DIR: '`tallyd import whisper` of this folder',
  WHITELISTS_DIR: 'carbonWhitelist and carbonBlacklist',
  USE_WHITELIST: 'carbonWhitelist and carbonBlacklist',
  REWRITE_RULES: 'carbonRewriteRules',
  AGGREGATION_RULES: 'carbonAggregationRules',
  MAX_CREATES_PER_MINUTE: 'maxStoredSeries and maxStoredSeriesPerPrefix',
  MAX_CACHE_SIZE: 'maxPendingFlushes',
  DESTINATIONS: 'graphiteHost with graphitePort, for what StatsD lines become',
  DESTINATION_PROTOCOL: 'graphiteProtocol',
  MAX_QUEUE_SIZE: 'graphiteQueueBytes',
};

/** The `[cache]` or `[relay:b]` that a carbon.conf has and no JSON5 does. */
const SECTION = /^\[(?:cache|relay|aggregator|aggregator-cache)(?::[^\]]*)?\]\s*$/;
const ASSIGNMENT = /^([A-Z][A-Z0-9_]*)\s*=\s*(.*)$/;

/** Tells all of it and returns true, where the text is a carbon.conf; `name` is the file's. */
export function explainCarbonConf(text: string, name: string, findings: Findings): boolean {
  const lines = text.split(/\r?\n/);
  const section = lines.findIndex((line) => SECTION.test(line));
  if (section < 0) return false;
  findings.error(
    `${name}:${section + 1}:1`,
    `read ${lines[section]!.trim()} of a carbon.conf, expected tallyd's own file ` + // it was found
      '(config/tallyd.json5 explains it); what carbon was told, tallyd is told so:',
  );
  let others = 0;
  for (const [i, line] of lines.entries()) {
    const [, key, value] = ASSIGNMENT.exec(line) ?? [];
    if (key === undefined) continue;
    const becomes = BECOMES[key];
    if (becomes === undefined) others += 1;
    else findings.warning(`${name}:${i + 1}:1`, `${key} = ${value!.trim()} becomes ${becomes}`);
  }
  if (others > 0) {
    const end = `${name}:${lines.length}:1`;
    findings.warning(
      end,
      `${others} other keys of carbon's have no counterpart, nor need one (config/moving.md)`,
    );
  }
  return true;
}
