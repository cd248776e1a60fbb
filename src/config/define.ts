/**
 * The option `define`: macros of targets, `{ perMinute: 'perSecond({{.argString}})|scale(60)' }`.
 * Here each text is checked as a template; query/target/define.ts expands targets with them.
 */
import { readTemplate } from '../lib/template.ts';
import { asObject } from '../lib/given.ts';
import { type Reader, show } from './values.ts';

/** Templates by name; every wrong one is reported with its place and left out. */
export const readDefine: Reader<Record<string, string>> = ({ value }, _, { file, findings }) => {
  const object = asObject(value);
  if (object === undefined) {
    return { error: `read ${show(value)}, expected an object of texts by name` };
  }
  const texts: [string, string][] = [];
  for (const [name, text] of Object.entries(object)) {
    const place = file.place(`/define/${name}`);
    const read = typeof text === 'string' ? readTemplate(text) : undefined;
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      findings.error(place, `define: read ${show(name)}, expected a name such as perMinute`);
    } else if (typeof text !== 'string' || read === undefined) {
      findings.error(place, `define ${name}: read ${show(text)}, expected a text`);
    } else if (!Array.isArray(read)) {
      findings.error(place, `define ${name}: ${read.wrong}`);
    } else {
      texts.push([name, text]);
    }
  }
  return { value: Object.fromEntries(texts) };
};
