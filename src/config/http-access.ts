/** Options that say who may ask over HTTP, and how (see options.ts). */
import { option } from './option.ts';
import { readHosts, readOrigins, readPeers } from './peers.ts';

export const HTTP_ACCESS = {
  adminPeers: option('words', 'Who, beside this machine, may change series by HTTP.', {
    default: [],
    cost: 'Whoever has one of these addresses can read, delete and rename every series.',
    read: readPeers,
  }),
  httpHosts: option('words', 'Names under which the store may be changed by HTTP.', {
    default: [],
    cost: 'Pages of a site with one of these names can post events and change tags.',
    read: readHosts,
  }),
  corsOrigins: option('words', 'Sites whose pages may read answers of HTTP.', {
    default: [],
    cost: 'Their pages read whatever the person who looks at them may read here.',
    read: readOrigins,
  }),
  tlsCert: option('path', 'Certificate (PEM, with those between) of HTTP, which then is HTTPS.', {
    guards: true,
  }),
  tlsKey: option('path', 'Its key (PEM).', { guards: true }),
  tlsClientCa: option('path', 'Authority (PEM) whose certificates clients need.', {
    guards: true,
    cost: 'Whoever has none gets no answer at all: probes, /metrics and verbs need one too.',
  }),
  access: option('path', 'Who may read and change what: a file such as access.json5.', {
    guards: true,
    cost: 'Memory: the names that may be read, once for each set of rules that some visitor has.',
  }),
};
