/** The `$variables` of template(): names to values, put into the paths of its body. */
import { pathText } from './scan.ts';

export type Variables = Readonly<Record<string, string | number>>;

/**
 * A path with its variables filled in. A path that is nothing but one variable is that value, a
 * number when it looks like one: `template(scale(a,$f),f=2)`. Longer names go first, so that `$h`
 * does not eat the start of `$host`.
 */
export function substitute(path: string, variables: Variables | undefined): string | number {
  if (variables === undefined || !path.includes('$')) return path;
  const whole = Object.hasOwn(variables, path.slice(1)) ? variables[path.slice(1)] : undefined;
  if (path.startsWith('$') && whole !== undefined) {
    return typeof whole === 'string' && /^-?\d+(\.\d+)?$/.test(whole) ? Number(whole) : whole;
  }
  const names = Object.keys(variables).sort((a, b) => b.length - a.length);
  let filled = path;
  for (const name of names)
    filled = filled.replaceAll(`$${name}`, () => pathText(String(variables[name])));
  return filled;
}
