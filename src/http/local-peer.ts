/**
 * Who may change the store over HTTP: programs on this machine and peers that the configuration
 * names (`adminPeers`), never a web page that a browser happens to show there. Called by the admin
 * routes and `DELETE /series`.
 */
import type { FastifyRequest } from 'fastify';
import { isIn, networks, plainAddress } from '../config/peers.ts';
import { UserError } from '../lib/errors.ts';
import { clip } from './params.ts';

/** Headers of proxies: the peer is then not who asks. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];
const LOCAL_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

type PeerCheck = (request: FastifyRequest) => void;

/** A check that throws `forbidden`; peers that are no addresses or networks count for nothing. */
export function peerCheck(peers: readonly string[]): PeerCheck {
  const { networks: allowed } = networks(peers);
  return (request) => {
    const { remoteAddress = '', localAddress = '' } = request.socket;
    const own = isLoopback(remoteAddress) || remoteAddress === localAddress;
    if (!own && !isIn(allowed, remoteAddress)) {
      throw forbidden(
        `asked from ${remoteAddress}, expected this machine${peers.length > 0 ? ' or one of adminPeers' : ''}`,
      );
    }
    // A browser tells where a request comes from whenever it is not a plain GET.
    const { origin } = request.headers;
    if (origin !== undefined) {
      throw forbidden(`asked by a web page (${clip(origin)}), expected a program`);
    }
    const proxy = PROXY_HEADERS.find((name) => request.headers[name] !== undefined);
    if (proxy !== undefined) {
      throw forbidden(`asked through a proxy (${proxy}), expected no one between`);
    }
    const host = request.headers.host ?? '';
    // Another site's name that leads to this machine is a trick (DNS rebinding).
    if (isLoopback(remoteAddress) && !LOCAL_HOST.test(host)) {
      throw forbidden(`asked as "${clip(host)}", expected 127.0.0.1, [::1] or localhost`);
    }
  };
}

function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || plain.startsWith('127.');
}

function forbidden(sentence: string): UserError {
  return new UserError('forbidden', `admin: ${sentence}`);
}
