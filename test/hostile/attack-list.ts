/**
 * Requests that were made to cost: each once held HTTP for seconds, took gigabytes, or ended the
 * server. `big.**` is 3,000 series.
 */
export interface Attack {
  name: string;
  path: string;
  /** Makes it a POST; a form unless it starts with `[` or `{`. */
  body?: string;
}

const many = (count: number, each: (i: number) => string, glue = '&'): string =>
  Array.from({ length: count }, (_, i) => each(i)).join(glue);

const render = (name: string, target: string, more = ''): Attack => ({
  name,
  path: '/render',
  body: `format=json${more}&target=${encodeURIComponent(target)}`,
});

const HOUR = '&from=-1h';

export function attacks(): Attack[] {
  const wide = `'${'a'.repeat(900_000)}'`;
  const nested = (times: number): string => "'" + '\\1'.repeat(times) + "'";
  return [
    render("aliasSub(big.**,'.*','a' x 900,000)", `aliasSub(big.**,'.*',${wide})`, HOUR),
    render("alias(big.**,'a' x 900,000)", `alias(big.**,${wide})`, HOUR),
    render(
      'aliasSub nested, \\1 x 60, \\1 x 900',
      `aliasSub(aliasSub(big.**,'(.*)',${nested(60)}),'(.*)',${nested(900)})`,
      HOUR,
    ),
    render(
      "aliasSub(alias(x,'a' x 30,000),'','a' x 3,000)",
      `aliasSub(alias(big.**,'${'a'.repeat(30_000)}'),'','${'a'.repeat(3000)}')`,
      HOUR,
    ),
    render('aliasSub, a pattern of 4,000 steps', `aliasSub(big.**,'(a?b?){500}$','x')`, HOUR),
    render(
      'grep, a quadratic pattern',
      `aliasSub(alias(big.**,'${'a'.repeat(9000)}'),'a(.*b)?','c')`,
    ),
    render(
      'sumSeries filled to 990 KB',
      `sumSeries(${many(70_000, (i) => `big.*.*${i}`, ',').slice(0, 980_000)}big.z)`,
      HOUR,
    ),
    render(
      'sumSeries of one path, 990 KB',
      `sumSeries(${many(140_000, () => 'big.*.*', ',').slice(0, 980_000)}big.z)`,
      HOUR,
    ),
    render('group(big.**) x 1,000', `group(${many(1000, () => 'big.**', ',')})`, HOUR),
    render(
      'group(scale(big.**)) x 1,000',
      `group(${many(1000, (i) => `scale(big.**,${i})`, ',')})`,
      HOUR,
    ),
    {
      name: 'target=big.** x 1,000',
      path: `/render?format=json${HOUR}`,
      body: many(1000, () => 'target=big.**'),
    },
    {
      name: 'target=scale(big.**) x 1,000, maxDataPoints=1',
      path: `/render?format=json&from=-6h&maxDataPoints=1`,
      body: many(1000, (i) => `target=scale(big.**,${i})`),
    },
    render('big.** over 6 h', 'big.**', '&from=-6h'),
    render('big.** over a year, maxDataPoints=10', 'big.**', '&from=-1y&maxDataPoints=10'),
    ...['csv', 'raw', 'pickle', 'msgpack', 'dygraph', 'rickshaw'].map((format) => ({
      name: `900 series x 6 h as ${format}`,
      path: `/render?format=${format}&from=-6h&target=big.a1*.**`,
    })),
    {
      name: 'long names as csv',
      path: '/render?format=csv&from=-6h',
      body: `target=alias(big.a0.b0,${wide})`,
    },
    {
      name: 'a long path as pickle',
      path: '/render?format=pickle',
      body: `target=big.{${many(100_000, (i) => `a${i}`, ',')}}.*`,
    },
    render('baselineAberration, a wide range', "baselineAberration(big.**,'1h',-5000,5000)", HOUR),
    render('baseline of one, a wide range', "baseline(big.a0.b0,'1s',-1000000,1000000)", HOUR),
    render('timeStack, a wide range', "timeStack(big.**,'1h',-1000000,1000000)", HOUR),
    render('timeStack of one, a wide range', "timeStack(big.a0.b0,'1s',0,1000000000)", HOUR),
    render('holtWintersAberration', 'holtWintersAberration(big.**)', HOUR),
    render('fft', "fft(big.**,'abs')", '&from=-6h'),
    render('ifft of a million', 'ifft(sin("x",1,1))', '&from=-990000s'),
    render(
      'movingMedian of a million, half of it',
      'movingMedian(sin("x",1,1),490000)',
      '&from=-500000s',
    ),
    render('asPercent by pairs', 'asPercent(big.**,big.**)', '&from=-6h'),
    render('pearson', 'pearson(big.a0.b0,big.a0.b1,2000)', '&from=-6h'),
    render(
      'ksTest2, a large window',
      'ksTest2(randomWalk("a",1),randomWalk("b",1),20000)',
      '&from=-1d',
    ),
    render('movingMedian, a large window', 'movingMedian(big.**,2000)', '&from=-6h'),
    render('movingMedian of a made series', 'movingMedian(randomWalk("x",1),1000)', '&from=-200d'),
    render(
      'a made series of each second',
      'sumSeries(randomWalk("x",1),time("y",1))',
      '&from=-230d',
    ),
    render('tukeyAbove', 'tukeyAbove(big.**,1,10)', '&from=-6h'),
    render('removeBetweenPercentile', 'removeBetweenPercentile(big.**,20)', '&from=-6h'),
    render('hitcount, a second', "hitcount(big.**,'1s')", '&from=-6h'),
    render('summarize, a second', "summarize(big.**,'1s')", '&from=-6h'),
    render('polyfit far ahead', "polyfit(big.**,20,'10y')", '&from=-6h'),
    render('interpolate', 'interpolate(big.**)', '&from=-6h'),
    render('applyByNode, all nodes', "applyByNode(big.**,2,'scale(%,2)')", HOUR),
    render('aliasQuery', "aliasQuery(big.**,'(.*)','\\1','x %d')", HOUR),
    render('useSeriesAbove', "useSeriesAbove(big.**,-1,'b','b')", HOUR),
    render('groupByNode of all', "groupByNode(big.**,2,'asPercent')", HOUR),
    render('mapSeries', "reduceSeries(mapSeries(big.**,1,2),'asPercent',2,'b1','b2')", HOUR),
    render('stacked', 'stacked(big.**)', '&from=-6h'),
    render('groupByTags', `groupByTags(big.**,'sum',${many(5000, (i) => `'t${i}'`, ',')})`, HOUR),
    render(
      'aliasByNode, 50,000 nodes',
      `aliasByNode(big.**,${many(50_000, () => '1', ',')})`,
      HOUR,
    ),
    render('legendValue, many', `legendValue(big.**,${many(5000, () => "'avg'", ',')})`, HOUR),
    render('seriesByTag, many terms', `seriesByTag(${many(20_000, (i) => `'t${i}=~a'`, ',')})`),
    render('nested 100 deep', `${'scale('.repeat(100)}big.**${',2)'.repeat(100)}`, '&from=-6h'),
    render('nested 100,000 deep', `${'scale('.repeat(100_000)}a${',2)'.repeat(100_000)}`),
    render('pipes', `big.**${'|scale(2)'.repeat(99)}`, '&from=-6h'),
    render('a target of 250,000 arguments', `group(${many(250_000, () => 'a', ',')})`),
    render('a path of a million dots', '.'.repeat(999_990)),
    render(
      'a path of 500,000 nodes',
      many(499_000, () => 'a', '.'),
    ),
    render('braces', `big.${'{a,b}'.repeat(100_000)}`),
    render('one brace of 300,000', `big.{${many(300_000, () => 'a', ',')}}`),
    render('globs', `big.${'*a'.repeat(100_000)}`),
    render(
      'globstars',
      many(50_000, () => '**', '.'),
    ),
    render('quotes', `alias(a,"${'""'.repeat(400_000)}")`),
    render('backslashes', '\\'.repeat(900_000)),
    {
      name: 'template of itself',
      path: '/render?format=json',
      body: `target=template(${'$a'.repeat(300_000)})&template[a]=${'x'.repeat(1_000_000)}`,
    },
    {
      name: '4,000 variables in 100,000 paths',
      path: '/render?format=json',
      body: `target=template(group(${many(100_000, () => '$v', ',')}))&${many(900, (i) => `template[v${i}]=x`)}`,
    },
    {
      name: 'calls with long variables',
      path: '/render?format=json',
      body: `target=template(group(${many(5000, (i) => `scale($a,${i})`, ',')}))&template[a]=${'x'.repeat(2_000_000)}`,
    },
    {
      name: '500,000 parameters',
      path: '/render?format=json',
      body: many(500_000, (i) => `p${i}=1`),
    },
    {
      name: '2,000,000 ampersands',
      path: '/render?format=json&target=a',
      body: '&'.repeat(3_900_000),
    },
    { name: 'escapes', path: '/render?format=json', body: `target=${'%41'.repeat(1_300_000)}` },
    {
      name: 'broken escapes',
      path: '/render?format=json',
      body: `target=${'%4'.repeat(1_900_000)}`,
    },
    { name: 'JSON nested deep', path: '/render', body: `[${'['.repeat(3_900_000)}` },
    {
      name: 'JSON nested deep, whole',
      path: '/render',
      body: `{"a":${'['.repeat(1_900_000)}${']'.repeat(1_900_000)}}`,
    },
    {
      name: 'JSON of a long list',
      path: '/render',
      body: `{"target":[${many(1_900_000, () => '1', ',')}]}`,
    },
    {
      name: 'JSON of many keys',
      path: '/render',
      body: `{${many(300_000, (i) => `"k${i}":1`, ',')}}`,
    },
    {
      name: 'get-metadata, 20,000 metrics',
      path: '/metrics/get-metadata?key=color',
      body: many(20_000, (i) => `metric=m${i}`),
    },
    {
      name: 'get-metadata, 900 metrics',
      path: '/metrics/get-metadata?key=color',
      body: many(900, (i) => `metric=m${i}`),
    },
    {
      name: 'set-metadata, 20,000 operations',
      path: '/metrics/set-metadata',
      body: `[${many(20_000, (i) => `{"metric":"m${i}","key":"k","value":"v"}`, ',')}]`,
    },
    {
      name: 'findSeries, 20,000 expr',
      path: '/tags/findSeries',
      body: many(20_000, (i) => `expr=a${i}=~b`),
    },
    {
      name: 'findSeries, 1,000 large patterns',
      path: '/tags/findSeries',
      body: many(1000, (i) => `expr=name=~${encodeURIComponent('(?i)\\pL?'.repeat(200))}${i}`),
    },
    {
      name: 'findSeries, a costly pattern on each value',
      path: '/tags/findSeries',
      body: `expr=name=~${encodeURIComponent('(a?b?i?t?){400}x$')}`,
    },
    {
      name: 'autoComplete/tags, 5,000 expr',
      path: '/tags/autoComplete/tags',
      body: many(5000, (i) => `expr=a${i}=b`),
    },
    {
      name: 'autoComplete/values, 5,000 expr',
      path: '/tags/autoComplete/values',
      body: `tag=x&${many(5000, (i) => `expr=a${i}=b`)}`,
    },
    {
      name: 'autoComplete/tags, 900 expr',
      path: '/tags/autoComplete/tags',
      body: many(900, () => 'expr=name=~.*'),
    },
    {
      name: 'expand, 20,000 x *.*.*',
      path: '/metrics/expand',
      body: many(20_000, () => 'query=*.*.*'),
    },
    {
      name: 'expand, 900 x *.*.*',
      path: '/metrics/expand',
      body: many(900, (i) => `query=*.*.*&x${i}=1`),
    },
    {
      name: 'expand, 900 different',
      path: '/metrics/expand?groupByExpr=1',
      body: many(900, (i) => `query=*.*.${'*'.repeat(i + 1)}`),
    },
    { name: 'find, a long query', path: '/metrics/find', body: `query=${'*.'.repeat(500_000)}*` },
    {
      name: 'find, a long glob',
      path: '/metrics/find',
      body: `query=big.${'*a'.repeat(500_000)}*.b*`,
    },
    {
      name: 'find, a brace of 500,000',
      path: '/metrics/find',
      body: `query=big.{${many(500_000, () => 'a', ',')}}`,
    },
    {
      name: 'find, completer',
      path: '/metrics/find?format=completer',
      body: `query=${'..'.repeat(500_000)}`,
    },
    {
      name: 'tagMultiSeries, 50,000 paths',
      path: '/tags/tagMultiSeries',
      body: many(50_000, (i) => `path=a;b=${i}`),
    },
    {
      name: 'delSeries, 50,000 paths',
      path: '/tags/delSeries',
      body: many(50_000, (i) => `path=a;b=${i}`),
    },
    {
      name: 'a long path of a tag',
      path: '/tags/tagSeries',
      body: `path=a${';b=c'.repeat(900_000)}`,
    },
    { name: 'DELETE-like queries', path: '/series', body: many(20_000, () => 'query=a.*') },
    {
      name: 'events, nested',
      path: '/events',
      body: `{"what":"x","tags":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    },
    {
      name: 'events, many members',
      path: '/events',
      body: `{"what":"x",${many(300_000, (i) => `"k${i}":1`, ',')}}`,
    },
    {
      name: 'events, many tags',
      path: '/events',
      body: `{"what":"x","tags":[${many(800_000, () => '"a"', ',')}]}`,
    },
    { name: 'functions', path: '/functions?all=1&pretty=1' },
    { name: 'index.json', path: '/metrics/index.json' },
    { name: 'a long URL', path: `/render?target=${'a'.repeat(15_000)}&format=json` },
  ];
}
