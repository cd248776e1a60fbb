/**
 * Reaches the store for a verb: directly while no process has the data folder, through the server
 * that has it otherwise (its address stands in the folder's lock), or the server that --url names.
 * There is never a second writer. Settings are read as `start` reads them, so that the same file,
 * variables and flags name the same folder.
 */
import fs from 'node:fs';
import type { Command } from 'commander';
import { configFile } from '../config/read.ts';
import { UserError } from '../lib/errors.ts';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import { findServer } from '../storage/data-dir-lock.ts';
import { rulesInForce } from '../intake/settings.ts';
import { openStore } from '../storage/open-store.ts';
import type { Store } from '../storage/roles.ts';
import { CONFIG_HELP } from './config-flags.ts';
import { httpAdmin, readUrl } from './http-admin.ts';
import { readSettings, requireSettings, type SettingsRead } from './settings.ts';

export interface StoreFlags {
  config?: string;
  dataDir?: string;
  /** A server to ask, whatever the configuration says. */
  url?: string;
  /** Makes the store when there is none; else that is an error. */
  create?: boolean;
}

/** The flags that say which store; read by `withAdmin`. */
export function addStoreFlags(command: Command): Command {
  return command
    .option('-c, --config <file>', CONFIG_HELP)
    .option('--data-dir <path>', 'Where the store is (TALLYD_DATA_DIR).')
    .option('--url <address>', 'Ask the server at this address, such as http://127.0.0.1:8080.');
}

/**
 * Runs the body on the store of the flags, open here or in its server, and closes what was opened.
 * Throws `dataDirTaken` when another process has the folder and serves no HTTP.
 */
export async function withAdmin<Result>(
  flags: StoreFlags,
  body: (admin: StoreAdmin) => Promise<Result>,
): Promise<Result> {
  if (flags.url !== undefined) return closing(httpAdmin(flags.url), body);
  const settings = readStoreSettings(flags);
  const { dataDir } = settings.config;
  let store: Store;
  try {
    store = await openFor(settings, flags.create === true);
  } catch (error) {
    const server = await serverOf(dataDir, error);
    if (server === undefined) throw error;
    return closing(httpAdmin(server.url, server.token), body);
  }
  const { localAdmin } = await import('../storage/admin/local-admin.ts');
  try {
    const rules = () => rulesInForce(settings);
    return await closing(localAdmin(store, dataDir, Infinity, rules), body);
  } finally {
    await store.close();
  }
}

async function closing<Result>(
  admin: StoreAdmin,
  body: (admin: StoreAdmin) => Promise<Result>,
): Promise<Result> {
  try {
    return await body(admin);
  } finally {
    await admin.close();
  }
}

/** The server that has the folder, when that is why it could not be opened. */
async function serverOf(dataDir: string, error: unknown): Promise<ReturnType<typeof findServer>> {
  if (!(error instanceof UserError) || error.code !== 'dataDirTaken') return undefined;
  const server = findServer(dataDir);
  if (server !== undefined) return server;
  throw new UserError('dataDirTaken', `${error.message}; that one serves no HTTP, or not yet`);
}

/** Where the server of the flags answers; throws `notFound` when none has their folder. */
export function serverUrl(flags: StoreFlags): URL {
  if (flags.url !== undefined) return readUrl(flags.url);
  const folder = dataDirOf(flags);
  const server = findServer(folder);
  if (server !== undefined) return new URL(server.url);
  throw new UserError(
    'notFound',
    `no server runs on the data folder "${folder}": start it, or --url`,
  );
}

/** Whatever else is wrong with the configuration: a server is found by its folder. */
export function dataDirOf({ config, dataDir }: StoreFlags): string {
  return readSettings(configFile(config), process.env, { dataDir }).config.dataDir;
}

export function readStoreSettings(flags: StoreFlags): SettingsRead {
  const settings = requireSettings(flags.config, { dataDir: flags.dataDir });
  const { dataDir } = settings.config;
  if (flags.create !== true && !fs.existsSync(dataDir)) {
    throw new UserError('notFound', `no data folder "${dataDir}", expected a store there`);
  }
  return settings;
}

/** A thread for the writer pays where much is written; the others start faster without. */
function openFor({ config, rules, sketches }: SettingsRead, thread: boolean): Promise<Store> {
  return openStore({
    config,
    rules,
    sketches,
    thread,
    onLog: (_level, message) => void process.stderr.write(`${message}\n`),
  });
}
