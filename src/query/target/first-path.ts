/**
 * The first path inside a series' name, such as `a.b.c` in `scale(a.b.c,10)`: what aliasByNode and
 * groupByNode count nodes in.
 */
import { parseTargetStart } from './parse.ts';

/** undefined when the name holds no path. */
export function firstPathExpression(name: string): string | undefined {
  let node = parseTargetStart(name);
  while (node !== undefined) {
    if (node.kind === 'path') return node.text;
    if (node.kind === 'call') node = node.args[0];
    else if (node.kind === 'template') node = node.body;
    else return undefined;
  }
  return undefined;
}
