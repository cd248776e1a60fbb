/** What clients write for a line feed in events and checks, and what they get told when one is raw. */
import { assert, describe } from '../../support/suite.ts';
import { countedOf } from './counted.ts';

describe('reports/statsd: escapes of events and checks', (it) => {
  it('are taken back in titles, texts and messages', () => {
    const { aggregator } = countedOf(
      '_e{6,13}:ti\\nle|first\\nsecond\n_sc|db|2|m:first\\nsecond, dm\\: x|#a:b',
    );
    const [event, check] = aggregator.takeEvents();
    assert.equal([event?.what, event?.data], ['ti\nle', 'first\nsecond']);
    assert.is(check?.data, 'first\nsecond, dm: x');
  });

  it('a raw line feed in an event is told, its own escapes are no mistake', () => {
    const { told } = countedOf('_e{5,24}:title|first\nsecond\\nthird|p:low|#a:b');
    assert.equal(told, [
      'lines.bad noType 1',
      'lines.bad badEvent 1',
      'lines.mistaken eventSplit 1',
    ]);
    assert.equal(countedOf('_sc|db|OK|m:a\\nb').told, [
      'lines.bad badCheck 1',
      'lines.mistaken checkForm 1',
    ]);
  });
});
