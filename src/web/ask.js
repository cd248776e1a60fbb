/**
 * Questions to the server that the page came from, and to no other. An error is the one sentence that
 * the server gave.
 */

/** @typedef {string | number | boolean | undefined | readonly string[]} Value */

/** URLs longer than this go as a form: proxies cut long ones. */
const URL_MAX = 6000;

/**
 * Parameters as a query string; lists are repeated, undefined and '' are left out.
 *
 * @param {Record<string, Value>} values
 */
export function query(values) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '' && one !== false) params.append(name, String(one));
    }
  }
  return params.toString();
}

/**
 * Asks for JSON.
 *
 * @param {string} path relative to the page, so that a prefix of a proxy stays
 * @param {Record<string, Value>} [values]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>} what the JSON says
 */
export async function ask(path, values = {}, signal) {
  const text = query(values);
  const isLong = text.length > URL_MAX;
  const url = text === '' || isLong ? path : `${path}?${text}`;
  const response = await fetch(url, {
    headers: {
      accept: 'application/json',
      ...(isLong ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    ...(isLong ? { method: 'POST', body: text } : {}),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error) => {
    if (error.name === 'AbortError') throw error;
    throw new Error('the server does not answer');
  });
  return read(response, path);
}

/**
 * Reads, keeps or removes a document.
 *
 * @param {'GET' | 'POST' | 'PUT' | 'DELETE'} method
 * @param {string} path
 * @param {unknown} [body] a text as it is, else JSON
 * @param {Record<string, string>} [condition] headers
 * @returns {Promise<{ value: any, label: string }>} label is the ETag
 */
export async function send(method, path, body, condition = {}) {
  const isSent = body !== undefined;
  const response = await fetch(path, {
    method,
    headers: { ...condition, ...(isSent ? { 'content-type': 'application/json' } : {}) },
    ...(isSent ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    cache: 'no-store',
  }).catch(() => {
    throw new Error('the server does not answer');
  });
  return { value: await read(response, path), label: response.headers.get('etag') ?? '' };
}

/**
 * @param {Response} response
 * @param {string} path
 */
async function read(response, path) {
  const text = await response.text();
  if (!response.ok && !path.startsWith('health'))
    throw new Failure(response.status, sentence(text));
  return text === '' ? undefined : JSON.parse(text);
}

/** An answer other than 2xx. */
export class Failure extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @param {string} text plain, or `{"error": "…"}` */
function sentence(text) {
  try {
    const { error } = JSON.parse(text);
    if (typeof error === 'string') return error;
  } catch {
    // It is plain text.
  }
  return text.trim();
}

/** @param {unknown} error */
export function isAborted(error) {
  return error instanceof Error && error.name === 'AbortError';
}
