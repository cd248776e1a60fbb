/** Members of many sets in one table: each set's own, in order, found without looking at the rest. */
import { SetMembers } from '../../../src/ingest/aggregate/set.ts';
import { littleEndianView } from '../../../src/ingest/protocol/words.ts';
import { assert, describe } from '../../support/suite.ts';

function add(members: SetMembers, set: number, member: string): number {
  const length = Buffer.byteLength(member);
  const bytes = Buffer.alloc(length + 8);
  bytes.write(member);
  return members.add(set, littleEndianView(bytes), 0, length, true);
}

/** Reads of the table's entries from now on. */
function countReads(members: SetMembers): { reads: number } {
  const count = { reads: 0 };
  const table = members as unknown as { entries: Int32Array };
  table.entries = new Proxy(table.entries, {
    get(entries, key) {
      count.reads += 1;
      return Reflect.get(entries, key, entries) as unknown;
    },
  });
  return count;
}

describe('set members', (it) => {
  it('tells the members of each set in the order in which they came', () => {
    const members = new SetMembers(1 << 20, 7);
    for (const member of ['a', 'b', '', 'a', 'é']) {
      add(members, 3, member);
      add(members, 9, `${member}!`);
    }
    assert.equal(members.membersOf(3), ['a', 'b', '', 'é']);
    assert.equal(members.membersOf(9), ['a!', 'b!', '!', 'é!']);
    assert.equal(members.membersOf(4), []);
    members.clear();
    assert.equal(members.membersOf(3), []);
  });

  it('reads all sets at a cost of their members, however many sets there are', () => {
    const readsOf = (sets: number): number => {
      const members = new SetMembers(1 << 24, 7);
      for (let i = 0; i < 2000; i++) add(members, i % sets, `member${i}`);
      const count = countReads(members);
      let found = 0;
      for (let set = 0; set < sets; set++) found += members.membersOf(set).length;
      assert.is(found, 2000);
      return count.reads;
    };
    assert.is(readsOf(1000), readsOf(1));
  });
});
