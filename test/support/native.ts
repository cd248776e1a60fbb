/** Whether the native receiver can be tested here. */
import { loadNative, type NativeSockets } from '../../src/lib/native/native.ts';

const loaded = loadNative();
const reason = typeof loaded === 'string' ? loaded : '';

export const NATIVE: NativeSockets | undefined = typeof loaded === 'string' ? undefined : loaded;
export const NO_NATIVE = `no addon (${reason}): needs Linux, and Debian's gcc and libc6-dev`;
