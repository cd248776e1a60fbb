/**
 * Every recorded /render answer of graphite-web 1.1.10 (test/conformance/graphite), one test each,
 * through parsing, evaluation and formats, without HTTP.
 */
import type { Store } from '../../src/storage/roles.ts';
import { difference, goldenCases } from '../support/golden.ts';
import { assert, describe } from '../support/suite.ts';
import { datasetEvents, datasetStore } from './support/dataset.ts';
import { renderGolden } from './support/render.ts';

describe('recorded /render answers', (it) => {
  let store: Store;
  const events = datasetEvents();
  it.before(async () => {
    store = await datasetStore();
  });
  const cases = goldenCases().filter(
    ({ request, compare, category }) =>
      request.path === '/render' &&
      request.body === undefined &&
      compare.mode !== 'image' &&
      category !== 'images',
  );
  it('are there', () => assert.ok(cases.length > 1000));
  for (const golden of cases) {
    it(golden.id, async () => {
      const found = difference(golden, await renderGolden(store, events, golden));
      if (found !== undefined) assert.unreachable(found);
    });
  }
});
