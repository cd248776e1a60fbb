/** Reads the certificate, key and certificate authority that the configuration names. */
import fs from 'node:fs';
import tls from 'node:tls';
import type { Finding } from '../config/findings.ts';

/** PEM texts. */
export interface TlsTexts {
  cert: string;
  key: string;
  /** Clients need a certificate of one of these. */
  ca?: string | undefined;
}

interface TlsFiles {
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  tlsClientCa: string | undefined;
}

/** `texts` is undefined without TLS, and where a finding says what is wrong. */
export function readTls({ tlsCert, tlsKey, tlsClientCa }: TlsFiles): {
  texts: TlsTexts | undefined;
  files: string[];
  findings: Finding[];
} {
  const files = [tlsCert, tlsKey, tlsClientCa].filter((file) => file !== undefined);
  const findings: Finding[] = [];
  const error = (text: string): number => findings.push({ severity: 'error', text });
  const textOf = (file: string | undefined, option: string): string | undefined => {
    if (file === undefined) return undefined;
    try {
      return fs.readFileSync(file, 'utf8');
    } catch (fault) {
      const { code = String(fault) } = fault as NodeJS.ErrnoException;
      error(`${file}: ${code}, expected the readable PEM file that ${option} names`);
      return undefined;
    }
  };
  if (files.length > 0 && (tlsCert === undefined || tlsKey === undefined)) {
    error(`TLS: ${files.join(', ')} alone read, expected tlsCert and tlsKey`);
  }
  const cert = textOf(tlsCert, 'tlsCert');
  const key = textOf(tlsKey, 'tlsKey');
  const ca = textOf(tlsClientCa, 'tlsClientCa');
  if (findings.length > 0 || cert === undefined || key === undefined) {
    return { texts: undefined, files, findings };
  }
  const texts = { cert, key, ca };
  try {
    tls.createSecureContext(texts);
    return { texts, files, findings };
  } catch (fault) {
    error(
      `${files.join(', ')}: ${(fault as Error).message}, expected a PEM certificate and its key`,
    );
    return { texts: undefined, files, findings };
  }
}

/** What a server of Node's is made with. */
export function serverOptions(texts: TlsTexts): tls.TlsOptions {
  const { cert, key, ca } = texts;
  return {
    cert,
    key,
    handshakeTimeout: HANDSHAKE_MS,
    ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
  };
}

/** Nobody who means it takes longer. */
const HANDSHAKE_MS = 10_000;
