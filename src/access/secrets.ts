/**
 * Passwords and tokens as `access.json5` keeps them: nothing there lets anybody in.
 *
 *     scrypt$15$8$1$<salt>$<hash>     a password: log2 of the cost, block size, lanes (RFC 7914)
 *     sha256$<hash>                   a token, which is long and random: no guess finds it
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

interface Cost {
  /** log2(N). */
  cost: number;
  blockSize: number;
  lanes: number;
}

export interface PasswordHash extends Cost {
  salt: Buffer;
  hash: Buffer;
}

/** 32 MB and some 50 ms a check. */
const COST: Cost = { cost: 15, blockSize: 8, lanes: 1 };
/** Of a file's: more would let one request take the machine. */
const COST_MAX = 17;
const COST_MIN = 14;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const TOKEN_BYTES = 32;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await hashOf(password, salt, COST);
  const { cost, blockSize, lanes } = COST;
  const fields = [cost, blockSize, lanes, salt.toString('base64url'), hash.toString('base64url')];
  return `scrypt$${fields.join('$')}`;
}

/** Undefined for what is no hash of a password, or one that costs too little or too much. */
export function readPasswordHash(text: string): PasswordHash | undefined {
  const [, cost, blockSize, lanes, salt, hash] =
    /^scrypt\$(\d{2})\$(8)\$(1)\$([\w-]{22,64})\$([\w-]{43})$/.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const read = { cost: Number(cost), blockSize: Number(blockSize), lanes: Number(lanes) };
  if (read.cost < COST_MIN || read.cost > COST_MAX) return undefined;
  return {
    ...read,
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

/** What is checked for a user that is not there, which takes as long as for one that is. */
export const NOBODYS_HASH: PasswordHash = {
  ...COST,
  salt: randomBytes(SALT_BYTES),
  hash: randomBytes(HASH_BYTES),
};

/** Runs on a thread of Node's pool. */
export async function isPassword(password: string, expected: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await hashOf(password, expected.salt, expected), expected.hash);
}

/** A new token, and what the file has of it. */
export function newToken(): { token: string; secret: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, secret: `sha256$${tokenHash(token)}` };
}

/** The hash in the text of a token's secret; undefined for what is none. */
export function readTokenSecret(text: string): string | undefined {
  return /^sha256\$([\w-]{43})$/.exec(text)?.[1];
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function hashOf(password: string, salt: Buffer, { cost, blockSize, lanes }: Cost): Promise<Buffer> {
  const N = 2 ** cost;
  const maxmem = 256 * N * blockSize;
  return derive(password.normalize('NFC'), salt, HASH_BYTES, { N, r: blockSize, p: lanes, maxmem });
}
