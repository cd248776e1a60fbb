/**
 * Reads Python pickles of plain lists, tuples, dicts, texts and numbers (protocols 0 to 5), as
 * Graphite answers them; anything else is an error. Opcodes: Python's `pickletools`.
 */

const MARK = Symbol('mark');

export function unpickle(bytes: Buffer): unknown {
  return new Reader(bytes).read();
}

class Reader {
  private readonly bytes: Buffer;
  private at = 0;
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  read(): unknown {
    while (this.at < this.bytes.length) {
      const code = String.fromCharCode(this.bytes[this.at++]!);
      if (code === '.') return this.stack.pop();
      if (!this.scalar(code) && !this.container(code) && !this.remember(code)) {
        throw new SyntaxError(`pickle: opcode ${JSON.stringify(code)} at ${this.at - 1}`);
      }
    }
    throw new SyntaxError('pickle: no end');
  }

  private scalar(code: string): boolean {
    const value = this.scalarValue(code);
    if (value === undefined) return false;
    this.stack.push(value);
    return true;
  }

  private scalarValue(code: string): unknown {
    switch (code) {
      case 'N':
        return null;
      case '\x88':
        return true;
      case '\x89':
        return false;
      case 'K':
        return this.bytes[this.skip(1)];
      case 'M':
        return this.bytes.readUInt16LE(this.skip(2));
      case 'J':
        return this.bytes.readInt32LE(this.skip(4));
      case 'G':
        return this.bytes.readDoubleBE(this.skip(8));
      case '\x8a':
        return this.long(this.bytes[this.skip(1)]!);
      case 'U':
      case '\x8c':
        return this.text(this.bytes[this.skip(1)]!);
      case 'X':
        return this.text(this.bytes.readUInt32LE(this.skip(4)));
      case 'F':
        return Number(this.line());
      case 'I':
      case 'L':
        return this.numberLine();
      case 'V':
        return this.line();
      case 'S':
        return this.line().slice(1, -1);
      default:
        return undefined;
    }
  }

  private container(code: string): boolean {
    const { stack } = this;
    if (code === ']' || code === ')') stack.push([]);
    else if (code === '}') stack.push({});
    else if (code === '(') stack.push(MARK);
    else if (code === 'l' || code === 't') stack.push(this.toMark());
    else if (code === 'd') stack.push(Object.fromEntries(pairs(this.toMark())));
    else if (code === 'a') this.appendAll([stack.pop()]);
    else if (code === 'e') this.appendAll(this.toMark());
    else if (code === 's') this.setAll(stack.splice(-2));
    else if (code === 'u') this.setAll(this.toMark());
    else if (code >= '\x85' && code <= '\x87') {
      stack.push(stack.splice(-(code.charCodeAt(0) - 0x84)));
    } else return false;
    return true;
  }

  private remember(code: string): boolean {
    const { stack, memo } = this;
    if (code === '\x80') this.skip(1);
    else if (code === '\x95') this.skip(8);
    else if (code === '\x94') memo.set(memo.size, stack.at(-1));
    else if (code === 'q') memo.set(this.bytes[this.skip(1)]!, stack.at(-1));
    else if (code === 'r') memo.set(this.bytes.readUInt32LE(this.skip(4)), stack.at(-1));
    else if (code === 'p') memo.set(Number(this.line()), stack.at(-1));
    else if (code === 'h') stack.push(memo.get(this.bytes[this.skip(1)]!));
    else if (code === 'j') stack.push(memo.get(this.bytes.readUInt32LE(this.skip(4))));
    else if (code === 'g') stack.push(memo.get(Number(this.line())));
    else return false;
    return true;
  }

  private appendAll(items: unknown[]): void {
    (this.stack.at(-1) as unknown[]).push(...items);
  }

  private setAll(items: unknown[]): void {
    Object.assign(this.stack.at(-1) as object, Object.fromEntries(pairs(items)));
  }

  private toMark(): unknown[] {
    return this.stack.splice(this.stack.lastIndexOf(MARK)).slice(1);
  }

  private skip(count: number): number {
    this.at += count;
    return this.at - count;
  }

  private text(length: number): string {
    const from = this.skip(length);
    return this.bytes.toString('utf8', from, from + length);
  }

  private line(): string {
    const from = this.at;
    this.at = this.bytes.indexOf(10, from) + 1;
    return this.bytes.toString('utf8', from, this.at - 1);
  }

  private numberLine(): number | boolean {
    const text = this.line().replace(/L$/, '');
    return text === '00' ? false : text === '01' ? true : Number(text);
  }

  private long(length: number): number {
    let value = 0n;
    const from = this.skip(length);
    for (let i = from + length - 1; i >= from; i--) value = (value << 8n) | BigInt(this.bytes[i]!);
    return Number(BigInt.asIntN(Math.max(1, length * 8), value));
  }
}

function pairs(items: unknown[]): [string, unknown][] {
  const found: [string, unknown][] = [];
  for (let i = 0; i < items.length; i += 2) found.push([String(items[i]), items[i + 1]]);
  return found;
}
