/** HTTPS: certificates that are renewed, clients that need one, and those that speak something else. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { readTls, type TlsTexts } from '../../src/access/read-tls.ts';
import { openStartupServer } from '../../src/http/startup-server.ts';
import { modelStore } from '../model/model-store.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';
import { testServer, type TestServer } from './client.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('http: TLS', (it) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-tls-'));
  it.after(() => fs.rmSync(folder, { recursive: true }));

  if (!hasOpenssl) {
    it.skipAloud('certificates', 'package openssl is not installed');
    return;
  }

  /** A certificate that its own key signs, in two files. */
  function made(name: string): { tlsCert: string; tlsKey: string } {
    const tlsCert = path.join(folder, `${name}.pem`);
    const tlsKey = path.join(folder, `${name}.key`);
    const self = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'.split(' ');
    const files = ['-subj', `/CN=${name}`, '-keyout', tlsKey, '-out', tlsCert];
    execFileSync('openssl', [...self, ...files], { stdio: 'ignore' });
    return { tlsCert, tlsKey };
  }

  const first = made('first');
  const textsOf = (files: { tlsCert: string; tlsKey: string }, tlsClientCa?: string): TlsTexts => {
    const { texts, findings } = readTls({ ...files, tlsClientCa });
    assert.equal(findings, []);
    return texts!;
  };

  async function secured(
    tls: TlsTexts,
    limits = {},
  ): Promise<TestServer & { renew(t: TlsTexts): void }> {
    const listen = { address: '127.0.0.1', port: 0, tls };
    const startup = await openStartupServer(listen, () => 'testing');
    const server = await testServer(modelStore({ names: ['a.b'] }), { limits }, 0, startup);
    return { ...server, renew: (texts) => startup.renewTls(texts) };
  }

  /** Who answered, and what. */
  function ask(
    port: number,
    options: https.RequestOptions = {},
  ): Promise<[name: string, text: string]> {
    return new Promise((resolve, reject) => {
      const given = { host: '127.0.0.1', port, path: '/metrics/index.json', agent: false };
      const request = https.get({ ...given, rejectUnauthorized: false, ...options }, (response) => {
        const { CN } = (response.socket as TLSSocket).getPeerCertificate().subject;
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve([String(CN), text]));
      });
      request.on('error', reject);
    });
  }

  it('answers with the certificate in force, which may change', async () => {
    const server = await secured(textsOf(first));
    assert.equal(await ask(server.port), ['first', '["a.b"]']);
    server.renew(textsOf(made('second')));
    assert.equal(await ask(server.port), ['second', '["a.b"]']);
    await server.close();
  });

  it('asks clients for a certificate of its authority', async () => {
    const client = made('client');
    const stranger = made('stranger');
    const server = await secured(textsOf(first, client.tlsCert));
    const pair = ({ tlsCert, tlsKey }: typeof first) => ({
      cert: fs.readFileSync(tlsCert),
      key: fs.readFileSync(tlsKey),
    });
    assert.equal(await ask(server.port, pair(client)), ['first', '["a.b"]']);
    for (const options of [{}, pair(stranger)]) {
      const refused = await ask(server.port, options).then(
        () => 'answered',
        () => 'refused',
      );
      assert.is(refused, 'refused');
    }
    await server.close();
  });

  it('counts connections as without, and lets those go that say nothing of TLS', async () => {
    const server = await secured(textsOf(first), { connections: 8 });
    const sockets = Array.from({ length: 12 }, () => net.connect(server.port, '127.0.0.1'));
    let closed = 0;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.on('close', () => (closed += 1));
      socket.write('GET / HTTP/1.1\r\n\r\n');
    }
    await until(() => closed === sockets.length);
    const agent = new https.Agent({ keepAlive: true });
    for (let i = 0; i < 30; i++) assert.is((await ask(server.port, { agent }))[1], '["a.b"]');
    const [, page] = await ask(server.port, { agent, path: '/metrics' });
    assert.match(page, /tallyd_http_connections_open 1\n/);
    agent.destroy();
    await server.close();
  });

  it('files that are no certificate and key are a sentence', () => {
    const sentence = (files: Partial<Parameters<typeof readTls>[0]>): string => {
      const none = { tlsCert: undefined, tlsKey: undefined, tlsClientCa: undefined };
      return readTls({ ...none, ...files })
        .findings.map(({ text }) => text)
        .join('; ');
    };
    assert.is(sentence({}), '');
    assert.match(sentence({ tlsCert: first.tlsCert }), /alone read, expected tlsCert and tlsKey$/);
    assert.match(sentence({ ...first, tlsKey: '/nosuch.key' }), /^\/nosuch.key: ENOENT, expected/);
    assert.match(sentence({ ...first, tlsKey: made('other').tlsKey }), /key.*expected a PEM/);
    assert.match(sentence({ ...first, tlsCert: 'package.json' }), /expected a PEM certificate/);
  });
});
