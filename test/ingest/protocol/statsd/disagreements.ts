/**
 * Recorded lines that `extended` reads otherwise than the project they come from, by reason. The
 * reasons are those of config/dialects.md, word for word.
 */
export const DISAGREEMENTS: Record<string, string[]> = {
  'Names are sanitised as by StatsD: a character that it drops is dropped here.': [
    'dogstatsd-018',
    'statsd_exporter-016',
    'statsd_exporter-017',
  ],
  'An empty tag, and a tag with an empty value, is left out: Graphite has no such tags.': [
    'dogstatsd-042',
    'vector-007',
    'vector-008',
  ],
  'Of several values of one tag the last counts: Graphite keeps one.': ['vector-003'],
  'A bare tag is kept, as tag=true; statsd_exporter drops it.': [
    'statsd_exporter-023',
    'statsd_exporter-024',
  ],
  'Tags in several styles on one line are joined; statsd_exporter refuses the line.': [
    'statsd_exporter-027',
    'statsd_exporter-028',
  ],
  'Keys of tags stay as they are; statsd_exporter makes Prometheus labels of them.': [
    'statsd_exporter-019',
  ],
  'A container id is read and makes no tag, lest every container has series of its own.': [
    'statsd_exporter-057',
    'statsd_exporter-058',
    'statsd_exporter-059',
    'statsd_exporter-060',
    'statsd_exporter-061',
    'statsd_exporter-063',
    'statsd_exporter-064',
    'statsd_exporter-065',
    'statsd_exporter-066',
    'statsd_exporter-071',
  ],
  'A timestamp must be one, as for the Datadog agent; statsd_exporter looks at none.': [
    'statsd_exporter-073',
  ],
  'Packed values are read for every type; statsd_exporter takes them for some types and tags only.':
    [
      'statsd_exporter-039',
      'statsd_exporter-041',
      'statsd_exporter-042',
      'statsd_exporter-043',
      'statsd_exporter-044',
      'statsd_exporter-045',
    ],
  'A type is written in small letters; brubeck has `C` for counts that grow, netdata for any.': [
    'brubeck-002',
    'netdata-002',
  ],
  'm counts, as c does; netdata calls it a meter.': ['netdata-007'],
  "statsite's own type kv, which is none of the others', is refused.": ['statsite-001'],
  'h is kept apart from ms: it may be negative.': ['gostatsd-004', 'gostatsd-005', 'statsite-003'],
  'A timer keeps its sample rate, which weighs its values.': ['collectd-003'],
  'What brubeck and collectd cannot read is read: sets, tags, h, several samples, any name.': [
    'brubeck-009',
    'brubeck-010',
    'brubeck-013',
    'brubeck-014',
    'collectd-007',
    'collectd-008',
  ],
  'Dots in names stay; Telegraf makes underscores of them.': [
    'telegraf-002',
    'telegraf-003',
    'telegraf-004',
    'telegraf-005',
    'telegraf-006',
  ],
  'A wrong sample rate, 0 among them, makes a bad line, as in StatsD; others take it for 1.': [
    'telegraf-015',
    'vector-005',
  ],
  "netdata's own grammar is not read: `=` for `:`, counters cut to integers, values that are no numbers, dictionaries, zinit, changes of gauges divided by the rate.":
    ['netdata-003', 'netdata-008', 'netdata-009', 'netdata-010', 'netdata-012', 'netdata-016'],
};
