/** node:child_process: of the programs that a start may ask there is one that never asks back. */
import { host } from '../host.ts';
import { Buffer } from './buffer.ts';

interface Answered {
  readonly status: number;
  readonly signal: null;
  readonly stdout: Buffer;
}

export function spawnSync(
  program: string,
  words: readonly string[],
  options: { readonly input?: Uint8Array },
): Answered {
  if (words.length > 0 || options.input === undefined || !program.endsWith('/native/build/nono-search'))
    return host.giveUp('another program');
  return { status: 0, signal: null, stdout: Buffer.from(host.search(program, options.input)) };
}
