/**
 * The first act of a host that was started while its launcher looked for a cached plan: the launcher's word is waited for, and under `run` the command begins. In a bundle of its
 * own, and small: nothing that a plan is made with is loaded before the word, since the launcher takes the names and times of those files until then.
 */
import { closeSync, fstatSync, readSync } from 'node:fs';
import { promisePlanRecord } from '../../platform/asked.ts';
import { askingLauncher, launcherHas, VARIABLE } from '../../sandbox/linux/launcher-variable.ts';
import { type RememberedLauncher, takeRememberedLauncher, writeBegin } from '../../sandbox/linux/waiting-launcher.ts';
import { holdSignals } from './signals.ts';

/** native/start/front.c. */
const HAVE = 'H'.charCodeAt(0);
const MAKE = 'M'.charCodeAt(0);
const MAKE_TO_KEEP = 'K'.charCodeAt(0);

/** A command that runs. */
export interface Begun {
  readonly launcher: RememberedLauncher;
  /** It could not be told: nobody was there any more. */
  readonly failure: Error | undefined;
  /** Once signals are listened to by somebody else. */
  readonly release: () => void;
}

/** Undefined: its end. */
function wordOf(plan: number): number | undefined {
  try {
    if (!fstatSync(plan).isSocket()) return undefined;
    const word = new Uint8Array(1);
    return readSync(plan, word, 0, 1, null) === 1 ? word[0] : undefined;
  } catch {
    return undefined;
  }
}

function beginRun(): Begun | undefined {
  const launcher = takeRememberedLauncher('run');
  if (launcher === undefined) return undefined;
  // A signal that came before would end this process in the command's place.
  const release = holdSignals();
  let failure: Error | undefined;
  try {
    writeBegin(launcher.plan);
  } catch (error) {
    failure = error as Error;
  }
  return { launcher, failure, release };
}

/** Undefined: the rest is as without a cache, or `shell`, which knows the size of its terminal later. */
export function begin(): Begun | undefined {
  const asking = askingLauncher(process.env);
  if (asking === undefined) return undefined;
  const { name, fds } = asking;
  const [, plan = -1] = fds.map(Number);
  const word = wordOf(plan);
  if (word === HAVE) {
    launcherHas(process.env, name, fds, true);
    return name === 'run' ? beginRun() : undefined;
  }
  if (word === MAKE || word === MAKE_TO_KEEP) {
    launcherHas(process.env, name, fds.slice(0, -1), false);
    closeSync(Number(fds.at(-1)));
    if (word === MAKE_TO_KEEP) promisePlanRecord(process.env);
  } else {
    // It is gone, and one is started in its place.
    delete process.env[VARIABLE];
  }
  return undefined;
}

/** Run by the build before it saves the code cache. */
export function warmUp(): void {
  process.env[VARIABLE] = 'run-asks:1:-1:-1:-1';
  begin();
  process.env[VARIABLE] = 'run-cached:1:-1:-1:-1';
  beginRun();
  holdSignals()();
}
