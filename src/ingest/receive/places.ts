/**
 * The places that a listener has for connections, in all and for one address. Where there is none left,
 * the connection that has been silent longest gives its place up, if that is long enough for whoever
 * sends now and then. One a listener; `streams.ts` opens and closes the connections.
 */
import type { Socket } from 'node:net';

/** Senders that come once a minute keep theirs. */
const SILENT_MS = 90_000;

interface Place {
  /** Its address; unix sockets have none, and no limit by address. */
  source: string | undefined;
  /** When its last bytes came, or it did. */
  heardMs: number;
}

export class Places {
  /** Each connection that has a place, the longest silent first. */
  private readonly taken = new Map<Socket, Place>();
  private readonly bySource = new Map<string, number>();
  private readonly limits: { connections: number; connectionsPerSource: number };
  private readonly nowMs: () => number;

  constructor(
    limits: { connections: number; connectionsPerSource: number },
    nowMs = (): number => performance.now(),
  ) {
    this.limits = limits;
    this.nowMs = nowMs;
  }

  get count(): number {
    return this.taken.size;
  }

  /** `giveUp` is told who has to go; the answer is what there is too much of, if anything. */
  take(
    socket: Socket,
    source: string | undefined,
    giveUp: (silent: Socket) => void,
  ): 'tooMany' | 'tooManyFromSource' | undefined {
    const { connections, connectionsPerSource } = this.limits;
    if (source !== undefined && (this.bySource.get(source) ?? 0) >= connectionsPerSource) {
      if (!this.makeRoom(giveUp, source)) return 'tooManyFromSource';
    }
    if (this.taken.size >= connections && !this.makeRoom(giveUp)) return 'tooMany';
    this.taken.set(socket, { source, heardMs: this.nowMs() });
    if (source !== undefined) this.bySource.set(source, (this.bySource.get(source) ?? 0) + 1);
    return undefined;
  }

  /** Bytes came. */
  heard(socket: Socket): void {
    const place = this.taken.get(socket);
    if (place === undefined) return;
    place.heardMs = this.nowMs();
    this.taken.delete(socket);
    this.taken.set(socket, place);
  }

  /** Nobody was listened to, so that nobody was silent. */
  heardAll(): void {
    for (const place of this.taken.values()) place.heardMs = this.nowMs();
  }

  /** The connection has gone. Safe to call twice. */
  leave(socket: Socket): void {
    const source = this.taken.get(socket)?.source;
    if (!this.taken.delete(socket) || source === undefined) return;
    const count = this.bySource.get(source)! - 1; // it was counted when it came
    if (count > 0) this.bySource.set(source, count);
    else this.bySource.delete(source);
  }

  clear(): void {
    this.taken.clear();
    this.bySource.clear();
  }

  private makeRoom(giveUp: (silent: Socket) => void, source?: string): boolean {
    for (const [socket, place] of this.taken) {
      if (this.nowMs() - place.heardMs < SILENT_MS) return false;
      if (source !== undefined && place.source !== source) continue;
      this.leave(socket);
      giveUp(socket);
      return true;
    }
    return false;
  }
}
