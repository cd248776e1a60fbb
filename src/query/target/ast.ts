/**
 * A target as parsed: a tree whose leaves are paths and literals. `at` and `end` are offsets into
 * the target's text, for errors and for looking up what was written. Pipes are calls here:
 * `a|f(1)` is the call `f(a,1)`.
 */
export type Node = PathNode | CallNode | TemplateNode | LiteralNode;
export type LiteralNode = NumberNode | StringNode | BooleanNode | NoneNode;

interface Place {
  at: number;
  end: number;
}

/** A path with globs, braces and `$variables`, without the backslashes that it is written with. */
export interface PathNode extends Place {
  kind: 'path';
  text: string;
}

export interface CallNode extends Place {
  kind: 'call';
  name: string;
  /** Offset of the name: after the bar when the first argument was piped in. */
  nameAt: number;
  args: Node[];
  named: NamedNode[];
}

export interface NamedNode {
  name: string;
  value: Node;
  at: number;
}

/** `template(body, a, b)` with variables $1, $2, or `template(body, x=a)` with $x. */
export interface TemplateNode extends Place {
  kind: 'template';
  body: Node;
  variables: Record<string, string | number>;
}

interface NumberNode extends Place {
  kind: 'number';
  value: number;
}

interface StringNode extends Place {
  kind: 'string';
  value: string;
}

interface BooleanNode extends Place {
  kind: 'boolean';
  value: boolean;
}

interface NoneNode extends Place {
  kind: 'none';
}
