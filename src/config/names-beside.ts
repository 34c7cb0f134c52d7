/** What nono makes beside a file while it replaces it. */
import { basename, dirname, join } from 'node:path';

/**
 * Both names follow from the file's, so that a session which is granted the directory can be kept from them (src/policy/resolve/protection.ts): who opens the new text
 * before it takes the file's name could write into it afterwards.
 */
export function namesBeside(target: string): { readonly lock: string; readonly fresh: string } {
  return { lock: `${target}.lock`, fresh: join(dirname(target), `.${basename(target)}.nono-new`) };
}
