/** The home directory of the account that this process runs as: where a nono looks that is started without this HOME. */
import { readFileSync } from 'node:fs';
import { currentlyAsked } from './asked.ts';

const ACCOUNTS = '/etc/passwd';

/** The home of a user in the text of passwd(5); undefined when it names none. */
export function homeInAccounts(text: string, uid: number): string | undefined {
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    if (fields.length >= 7 && fields[2] === String(uid)) return fields[5]?.startsWith('/') ? fields[5] : undefined;
  }
  return undefined;
}

/** Undefined where the user has no account, as in many containers. */
export function accountHome(uid: number): string | undefined {
  let text = '';
  try {
    text = readFileSync(ACCOUNTS, 'utf8');
    currentlyAsked()?.ask('content', ACCOUNTS, `=${text}`);
  } catch {
    currentlyAsked()?.doubt();
  }
  const home = homeInAccounts(text, uid);
  if (home !== undefined) return home;
  // An account of a directory service, perhaps: nothing that a cached plan could ask again.
  currentlyAsked()?.doubt();
  try {
    // Loaded here: half a millisecond that hardly any start needs.
    const found = process.getBuiltinModule('node:os').userInfo().homedir;
    return found.startsWith('/') ? found : undefined;
  } catch {
    return undefined;
  }
}
