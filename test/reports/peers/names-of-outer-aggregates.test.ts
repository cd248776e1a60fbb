import { assert, describe } from '../../support/suite.ts';
import { namesOf, ramp } from './series-of-one-window.ts';

const CALLS: [target: string, name: string][] = [
  ['sumSeries(sin("x",2))', 'sumSeries(x)'],
  ['sumSeries(sinFunction("x",2))', 'sumSeries(x)'],
  ['sumSeries(time("x"))', 'sumSeries(x)'],
  ['sumSeries(timeFunction("x",30))', 'sumSeries(x)'],
  ['sumSeries(randomWalk("x"))', 'sumSeries(x)'],
  ['sumSeries(randomWalkFunction("x"))', 'sumSeries(x)'],
  ['sumSeries(identity("x"))', 'sumSeries(identity("x"))'],
  ['sumSeries(timeSlice(a.*,"00:01_19700101"))', 'sumSeries(a.*)'],
  ['maxSeries(timeSlice(scale(a.*,2),"00:01_19700101"))', 'maxSeries(scale(a.x,2),scale(a.y,2))'],
];

describe('what an outer aggregate is called', (it) => {
  for (const [target, name] of CALLS) {
    it(target, async () => {
      assert.equal(await namesOf({ 'a.x': ramp(20), 'a.y': ramp(20) }, target), [name]);
    });
  }
});
