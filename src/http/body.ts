/**
 * Bodies of requests, of every content type as text: forms, JSON, and multipart forms, which are
 * brought into the form that they stand for. All that are held at a time share one limit; when it is
 * reached the largest that is still coming gives way. A body is held until its answer is sent,
 * because the parameters of a request that waits are pieces of it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest, UserError } from '../lib/errors.ts';
import { counter, gauge } from '../health/own-metric.ts';
import type { SelfMetric } from '../health/prometheus.ts';
import { clip } from './params.ts';

interface Coming {
  bytes: number;
  fail(error: UserError): void;
}

export class Bodies {
  refused = 0;
  private held = 0;
  private readonly heldMax: number;
  private readonly coming = new Set<Coming>();
  /** Of the requests that have a body. */
  private readonly responses = new WeakMap<IncomingMessage, ServerResponse>();

  constructor(heldMax: number) {
    this.heldMax = heldMax;
  }

  /** Before a request is answered. */
  follow(request: IncomingMessage, response: ServerResponse): void {
    const { headers } = request;
    const hasBody = headers['content-length'] ?? headers['transfer-encoding'];
    if (hasBody !== undefined) this.responses.set(request, response);
  }

  /** Resolves when all of it is there. */
  read(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const body: Coming = { bytes: 0, fail: (error) => end(() => reject(error)) };
      const end = (settle: () => void): void => {
        if (!this.coming.delete(body)) return;
        request.removeListener('data', take).resume();
        settle();
      };
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        body.bytes += chunk.length;
        this.held += chunk.length;
        if (body.bytes > bytesMax) body.fail(tooLarge(bytesMax));
        else if (this.held > this.heldMax) this.makeRoom();
      };
      this.coming.add(body);
      this.responses.get(request)?.once('close', () => {
        this.held -= body.bytes;
        // An error costs as much as a small body; most have come whole.
        if (!this.coming.has(body)) return;
        body.fail(new UserError('abandoned', 'body: the connection ended in it'));
      });
      request.on('data', take);
      request.once('end', () => end(() => resolve(Buffer.concat(chunks))));
      request.once('error', () => body.fail(badRequest('body: it could not be read')));
    });
  }

  metrics(): SelfMetric[] {
    return [
      gauge('http.body_bytes', 'Bytes of the bodies of requests that are held.', this.held),
      counter('http.bodies_refused', 'Bodies refused because too much was held.', this.refused),
    ];
  }

  private makeRoom(): void {
    let largest: Coming | undefined;
    for (const body of this.coming) {
      if (largest === undefined || body.bytes > largest.bytes) largest = body;
    }
    if (largest === undefined) return;
    this.refused += 1;
    largest.fail(
      new UserError('busy', `requests hold ${this.heldMax} bytes of bodies: try again later`),
    );
  }
}

/** Reads the bodies of all routes. */
export function readBodies(app: FastifyInstance, bodies: Bodies): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const { headers, routeOptions } = request;
    const coding = headers['content-encoding'] ?? 'identity';
    if (coding.toLowerCase() !== 'identity') {
      throw unsupported(`content-encoding ${clip(coding)}: expected none`);
    }
    const type = headers['content-type'] ?? '';
    const isMultipart = /^\s*multipart\//i.test(type);
    if (isMultipart && !/^\s*multipart\/form-data\s*;/i.test(type)) {
      throw unsupported(`content-type ${clip(type)}: expected a form or JSON`);
    }
    const bytes = await bodies.read(payload, routeOptions.bodyLimit);
    return isMultipart ? await formOf(bytes, type) : bytes.toString('utf8');
  });
}

/** `name=value&…` of a multipart form; a file stands for its text, as in Graphite's forms none is. */
async function formOf(bytes: Buffer, type: string): Promise<string> {
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  } catch {
    throw badRequest('body: expected a multipart form as its content-type says');
  }
  const pairs = new URLSearchParams();
  for (const [name, value] of form) {
    pairs.append(name, typeof value === 'string' ? value : await value.text());
  }
  return pairs.toString();
}

function tooLarge(bytesMax: number): UserError {
  return new UserError('tooLarge', `body: larger than ${bytesMax} bytes`);
}

function unsupported(sentence: string): UserError {
  return new UserError('unsupported', sentence);
}
