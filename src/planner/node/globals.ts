/** What the code of a start finds without importing it (scripts/build/planner.mjs puts these in the place of the free names). */
import { host } from '../host.ts';
import * as childProcess from './child_process.ts';
import * as os from './os.ts';

export { Buffer, TextDecoder } from './buffer.ts';

/** What is imported by name, the build knows; what is asked for in this way is known when it is used. */
function whole(name: string, module: object): object {
  return new Proxy(module, {
    get: (target, key) => Reflect.get(target, key) ?? host.giveUp(`${name}.${String(key)}`),
  });
}

const modules: Readonly<Record<string, object>> = {
  'node:tty': { isatty: (fd: number) => host.isTerminal(fd) },
  'node:os': os,
  'node:child_process': childProcess,
};

const [, node = ''] = host.words;

export const process = {
  // Another object takes its place while the values that are read are noted.
  env: host.environment,
  platform: 'linux',
  execPath: node,
  pid: host.pid,
  versions: { node: '' },
  cwd: () => host.cwd(),
  getuid: () => host.uid,
  geteuid: () => host.euid,
  getBuiltinModule: (name: string) => whole(name, modules[name] ?? {}),
};
