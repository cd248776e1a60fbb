/** Carbon's plaintext of [from, to) of a packet: every line by the full parser. */
import {
  type CarbonRules,
  type CarbonSink,
  readCarbonLine,
} from '../../src/ingest/protocol/carbon/plaintext.ts';

export function readCarbonLines(
  packet: Uint8Array,
  from: number,
  to: number,
  rules: CarbonRules,
  sink: CarbonSink,
): void {
  let at = from;
  while (at < to) at = readCarbonLine(packet, at, to, rules, sink);
}
