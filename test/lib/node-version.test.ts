import { oldNodeSentence } from '../../src/lib/node-version.ts';
import { assert, describe } from '../support/suite.ts';

describe('the version of Node', (it) => {
  it('is new enough, or told with what is needed', () => {
    for (const version of ['20.19.0', '20.20.2', '22.0.0', '26.12.1']) {
      assert.is(oldNodeSentence(version), undefined, version);
    }
    for (const version of ['18.20.4', '20.18.3', '14.21.3']) {
      assert.match(oldNodeSentence(version)!, `needs Node.js 20.19 or newer, this is ${version} (`);
    }
  });
});
