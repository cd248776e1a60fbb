/**
 * Whether a node of the proxy is well: its management console is asked `health` every interval, as
 * StatsD's proxy does. An answer with `up` is well; anything else, a refused connection or silence is not.
 */
import net from 'node:net';
import type { ProxyNode } from './proxy-config.ts';

/** A console that takes longer is as good as down. */
const ANSWER_MS_MAX = 5000;
const ANSWER_BYTES_MAX = 4096;

/** Resolves to whether the node says that it is up; never rejects. */
function isUp(node: ProxyNode): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: node.host, port: node.adminPort });
    let answer = '';
    const end = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket.setTimeout(ANSWER_MS_MAX, () => end(false));
    socket.on('connect', () => socket.write('health\r\n'));
    socket.on('data', (data: Buffer) => {
      answer += data.toString('latin1');
      if (answer.includes('up')) end(true);
      else if (answer.includes('\n') || answer.length > ANSWER_BYTES_MAX) end(false);
    });
    socket.on('error', () => end(false));
    socket.on('end', () => end(false));
  });
}

/** Asks all nodes every interval until it is stopped. */
export class NodeHealth {
  private readonly up: boolean[];
  private readonly timer: NodeJS.Timeout;
  private stopped = false;

  /** All nodes count as up at first. `onChange` is told of each that goes or comes back. */
  constructor(
    nodes: readonly ProxyNode[],
    intervalMs: number,
    onChange: (index: number, up: boolean) => void,
  ) {
    this.up = nodes.map(() => true);
    const checking = nodes.map(() => false);
    const check = async (node: ProxyNode, i: number): Promise<void> => {
      if (checking[i]) return;
      checking[i] = true;
      const up = await isUp(node);
      checking[i] = false;
      if (this.stopped || up === this.up[i]) return;
      this.up[i] = up;
      onChange(i, up);
    };
    const checkAll = (): void => nodes.forEach((node, i) => void check(node, i));
    this.timer = setInterval(checkAll, intervalMs);
    checkAll();
  }

  isUp(index: number): boolean {
    return this.up[index] === true;
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }
}
