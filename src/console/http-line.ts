/**
 * Finds an HTTP request in what a connection of the console sends. A web page can have a browser
 * send a body of its choice to any port, and lines of that body would be commands: so the
 * connection ends with the request line, in whichever reads that comes. For `commands.ts`.
 */

/** `POST /path HTTP/1.1`: known by its start, so that none of a body is read before. */
const REQUEST_LINE =
  /^[ \t]*(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|PRI) [^\r\n]*|[A-Z]{3,20} [^ \r\n]+ HTTP\/\d[^\r\n]*)/m;
/** Bytes of an unfinished line that are remembered: no method is longer. */
const TAIL_MAX = 64;

export class HttpWatch {
  /** The line that the last read left without an end. */
  private tail = '';

  /** The request line, when this read shows or completes one. */
  lineIn(text: string): string | undefined {
    const seen = this.tail + text;
    const last = seen.slice(Math.max(seen.lastIndexOf('\n'), seen.lastIndexOf('\r')) + 1);
    this.tail = last.slice(0, TAIL_MAX);
    // A command may end without a line feed, and a request begin with the next read.
    return (REQUEST_LINE.exec(seen) ?? REQUEST_LINE.exec(text))?.[0];
  }
}
