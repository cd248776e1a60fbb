/** Pickles that no sender of metrics makes: each must be refused as a whole, and cost little. */

function message(...parts: (string | Buffer)[]): Buffer {
  const pickle = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  const head = Buffer.alloc(4);
  head.writeUInt32BE(pickle.length);
  return Buffer.concat([head, pickle]);
}

/** Below the steps that one message may ask for. */
const MANY = 200_000;

/** By what they try. */
export const BAD_PICKLES: Record<string, Buffer> = {
  'os.system by GLOBAL and REDUCE': message("cos\nsystem\n(S'true'\ntR."),
  STACK_GLOBAL: message(
    Buffer.from('8004', 'hex'),
    '\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.',
  ),
  BUILD: message('}}b.'),
  INST: message("(S'true'\nios\nsystem\n."),
  OBJ: message("(cos\nsystem\nS'true'\no."),
  NEWOBJ: message('cos\nsystem\n)\x81.'),
  EXT: message('\x82\x01.'),
  PERSID: message('Pother\n.'),
  'a dictionary': message('}.'),
  'protocol 6': message('\x80\x06].'),
  'LONG of 2 GB': message('\x8b\xff\xff\xff\x7f'),
  'negative LONG': message('\x8b\xff\xff\xff\xff'),
  'LONG of 200 digits': message(']', `L${'9'.repeat(200_000)}L\n`, 'N.'),
  'a string of 4 GB': message('X\xff\xff\xff\xff'),
  'a string of 2^63': message('\x8d\xff\xff\xff\xff\xff\xff\xff\x7f'),
  'a frame of 2^63': message('\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f'),
  marks: message('('.repeat(MANY), '.'),
  'recall of nothing': message('h\x07.'),
  'an empty stack': message('.'),
  pops: message('0'.repeat(10), '.'),
  'no end': message(']'),
  nothing: message(''),
};

/** What is no list of points in the end, entry by entry: the message is read, entries are refused. */
export const NO_POINTS: Record<
  string,
  { bytes: Buffer; entries: number; reason: 'badLine' | 'nameTooLong' }
> = {
  'one long name for 60,000 points': {
    bytes: message(
      `(l(S'${'x'.repeat(400_000)}'\n(I1\nF1\ntt`,
      'q\x00a',
      'h\x00a'.repeat(59_999),
      '.',
    ),
    entries: 60_000,
    reason: 'nameTooLong',
  },
  'one long number for 60,000 points': {
    bytes: message(
      `(l(S'x'\n(I1\nS'${'1'.repeat(400_000)}'\ntt`,
      'q\x00a',
      'h\x00a'.repeat(59_999),
      '.',
    ),
    entries: 60_000,
    reason: 'badLine',
  },
  'lists in lists': {
    bytes: message(']'.repeat(MANY), 'a'.repeat(MANY - 1), '.'),
    entries: 1,
    reason: 'badLine',
  },
  'tuples in tuples': {
    bytes: message(')', '\x85'.repeat(MANY), '.'),
    entries: 1,
    reason: 'badLine',
  },
  'marks and closes': {
    bytes: message('(', '(l'.repeat(MANY), '.'),
    entries: 0,
    reason: 'badLine',
  },
  'a list that holds itself': { bytes: message(']q\x00h\x00a.'), entries: 1, reason: 'badLine' },
  'doubling by the memo': {
    bytes: message(']q\x00', '(h\x00h\x00lq\x00'.repeat(40), '.'),
    entries: 2,
    reason: 'badLine',
  },
  'memo growth': {
    bytes: message(']', ...Array.from({ length: MANY / 4 }, (_, i) => `p${i}\n`), '.'),
    entries: 0,
    reason: 'badLine',
  },
  'numbers for points': { bytes: message('(lI1\naI2\naI3\na.'), entries: 3, reason: 'badLine' },
  'None for points': { bytes: message('(lNaNa.'), entries: 2, reason: 'badLine' },
  'a list of one list 60,000 times': {
    bytes: message('(l', ']q\x00', 'a', 'h\x00a'.repeat(59_999), '.'),
    entries: 60_000,
    reason: 'badLine',
  },
};
