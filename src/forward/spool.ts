/**
 * Payloads on disk, in order, there again after a crash: what the Graphite backend keeps while its
 * peer is away. Files of a folder, each a run of records:
 *
 *     000000000007.queue    length u32 | time u32 | crc32 u32 of time and payload | payload …
 *     sent                  "7 4096  ": the record at that place and all before it need no sending
 *
 * (little-endian). A file goes once all of it was sent; a record that is cut off or damaged ends its
 * file and is counted. The position is not synced: after a power cut some payloads may be sent once
 * more, which Graphite takes as the same points.
 */
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  readdir,
  rm,
  statfs,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';

const HEAD_BYTES = 12;
/** Room is given back a file at a time. */
const FILE_BYTES = 1024 * 1024;
const FILE_NAME = /^(\d{12})\.queue$/;
const SENT_FILE = 'sent';
const SENT_CHARACTERS = 40;
/**
 * What is left free for the store: twice what it wants free for itself (`diskHeadroomBytes`, at most
 * a twentieth of the disk), or where it wants nothing, twice what one of its commits may need.
 */
const HEADROOM_TIMES = 2;
const HEADROOM_BYTES_MIN = 64 * 1024 * 1024;
const DISK_PART = 0.05;

/** Where a payload is. */
export interface Place {
  file: number;
  /** Of its record. */
  offset: number;
}

export interface Spooled {
  place: Place;
  time: number;
  /** Bytes of the payload. */
  length: number;
}

interface SpoolOptions {
  /** The store's `diskHeadroomBytes`. */
  headroomBytes: number;
  /** Of the file system; tests have one of their own. */
  space?(folder: string): Promise<DiskSpace>;
}

interface DiskSpace {
  freeBytes: number;
  totalBytes: number;
}

export class Spool {
  /** Records found damaged or cut off. */
  damaged = 0;
  private readonly folder: string;
  private readonly options: SpoolOptions;
  private current: { file: number; handle: FileHandle; bytes: number } | undefined;
  private nextFile = 1;
  /** Files that are there, oldest first. */
  private readonly files: number[] = [];

  private constructor(folder: string, options: SpoolOptions) {
    this.folder = folder;
    this.options = options;
  }

  /** Opens or makes the folder; what waits in it, oldest first. */
  static async open(
    folder: string,
    options: SpoolOptions = { headroomBytes: 0 },
  ): Promise<{ spool: Spool; waiting: Spooled[] }> {
    await mkdir(folder, { recursive: true });
    const spool = new Spool(folder, options);
    const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
    const sent = await spool.readSent();
    const waiting: Spooled[] = [];
    for (const name of names) {
      const file = Number(FILE_NAME.exec(name)![1]); // filtered
      spool.files.push(file);
      spool.nextFile = file + 1;
      for (const one of spool.scan(file, await readFile(path.join(folder, name)))) {
        if (isAfter(one.place, sent)) waiting.push(one);
      }
    }
    await spool.removeBefore(waiting[0]?.place.file ?? spool.nextFile);
    return { spool, waiting };
  }

  /** Why so many bytes more would leave the store too little room; undefined where they do not. */
  async lowDisk(bytes: number): Promise<string | undefined> {
    const { headroomBytes, space = spaceOf } = this.options;
    const disk = await space(this.folder).catch(() => undefined);
    if (disk === undefined) return undefined; // a system that does not tell
    const own = Math.min(Math.max(headroomBytes, HEADROOM_BYTES_MIN), disk.totalBytes * DISK_PART);
    const least = Math.round(HEADROOM_TIMES * own);
    if (disk.freeBytes - bytes >= least) return undefined;
    return `the disk of the data folder has ${disk.freeBytes} bytes free, and ${least} stay free for the store`;
  }

  /** Resolves when the payload is on disk. One at a time. */
  async append(time: number, payload: Uint8Array): Promise<Place> {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(payload.length, 0);
    head.writeUInt32LE(time, 4);
    head.writeUInt32LE(checksum(head, payload), 8);
    const current = await this.file();
    const place = { file: current.file, offset: current.bytes };
    try {
      await current.handle.write(head, 0, HEAD_BYTES, place.offset);
      await current.handle.write(payload, 0, payload.length, place.offset + HEAD_BYTES);
      await current.handle.datasync();
    } catch (error) {
      // What was written of it would stand between the records: the next one starts a new file.
      await current.handle.truncate(place.offset).catch(() => {});
      await this.endFile();
      throw error;
    }
    current.bytes += HEAD_BYTES + payload.length;
    return place;
  }

  /** Undefined when the record is damaged or gone. */
  async read({ place, length }: Spooled): Promise<Uint8Array | undefined> {
    const record = Buffer.alloc(HEAD_BYTES + length);
    try {
      const handle = await open(this.pathOf(place.file), 'r');
      try {
        await handle.read(record, 0, record.length, place.offset);
      } finally {
        await handle.close();
      }
    } catch {
      this.damaged += 1;
      return undefined;
    }
    const payload = record.subarray(HEAD_BYTES);
    if (record.readUInt32LE(8) === checksum(record, payload)) return payload;
    this.damaged += 1;
    return undefined;
  }

  /** All up to this record needs no sending any more; `next` is the oldest file still needed. */
  async delivered(place: Place, next: number | undefined): Promise<void> {
    // First what makes room: a full disk does not take the position.
    await this.removeBefore(next ?? this.nextFile);
    const text = `${place.file} ${place.offset}`.padEnd(SENT_CHARACTERS) + '\n';
    const file = path.join(this.folder, SENT_FILE);
    // Over what stands there, which takes no room.
    await writeFile(file, text, { flag: 'r+' }).catch(() => writeFile(file, text));
  }

  async close(): Promise<void> {
    await this.endFile();
  }

  private async file(): Promise<NonNullable<Spool['current']>> {
    if (this.current !== undefined && this.current.bytes < FILE_BYTES) return this.current;
    await this.endFile();
    const file = this.nextFile++;
    const handle = await open(this.pathOf(file), 'w');
    this.files.push(file);
    this.current = { file, handle, bytes: 0 };
    return this.current;
  }

  private async endFile(): Promise<void> {
    const handle = this.current?.handle;
    this.current = undefined;
    await handle?.close();
  }

  private async removeBefore(file: number): Promise<void> {
    while (this.files.length > 0 && this.files[0]! < file) {
      const old = this.files.shift()!; // there is one
      if (old === this.current?.file) await this.endFile();
      await rm(this.pathOf(old), { force: true });
    }
  }

  private *scan(file: number, bytes: Buffer): Generator<Spooled> {
    let offset = 0;
    while (offset < bytes.length) {
      const length = offset + HEAD_BYTES <= bytes.length ? bytes.readUInt32LE(offset) : Infinity;
      const end = offset + HEAD_BYTES + length;
      const record = end <= bytes.length ? bytes.subarray(offset, end) : undefined;
      const payload = record?.subarray(HEAD_BYTES);
      if (record === undefined || checksum(record, payload!) !== record.readUInt32LE(8)) {
        this.damaged += 1;
        return;
      }
      yield { place: { file, offset }, time: record.readUInt32LE(4), length };
      offset = end;
    }
  }

  private async readSent(): Promise<Place> {
    const text = await readFile(path.join(this.folder, SENT_FILE), 'utf8').catch(() => '');
    const [, file, offset] = /^(\d+) (\d+) *\n$/.exec(text) ?? [];
    return { file: Number(file ?? 0), offset: Number(offset ?? 0) };
  }

  private pathOf(file: number): string {
    return path.join(this.folder, `${String(file).padStart(12, '0')}.queue`);
  }
}

async function spaceOf(folder: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

function isAfter(place: Place, sent: Place): boolean {
  return place.file > sent.file || (place.file === sent.file && place.offset > sent.offset);
}

/** Over the time and the payload. */
function checksum(head: Buffer, payload: Uint8Array): number {
  return crc32(payload, crc32(head.subarray(4, 8)));
}
