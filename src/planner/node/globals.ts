/** What the code of a start finds without importing it (scripts/build/planner.mjs puts these in the place of the free names). */
import { host } from '../host.ts';
import * as childProcess from './child_process.ts';
import * as os from './os.ts';

export { Buffer, TextDecoder } from './buffer.ts';

const engine = globalThis.JSON;

/** A plan holds its policy as JSON: a tenth of the time with the engine's own. */
const json = {
  parse: engine.parse,
  stringify: (value: unknown, replacer?: null, space?: number): string =>
    (replacer === undefined && space === undefined ? host.json(value) : undefined) ??
    engine.stringify(value, replacer, space),
};

export { json as JSON };

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

let environment: Record<string, string> | undefined;

export const process = {
  get env(): Record<string, string> {
    environment ??= host.environment;
    return environment;
  },
  // Another object takes its place while the values that are read are noted.
  set env(noted: Record<string, string>) {
    environment = noted;
  },
  platform: 'linux',
  get execPath(): string {
    return host.words[1] ?? '';
  },
  get pid(): number {
    return host.pid;
  },
  versions: { node: '' },
  cwd: () => host.cwd(),
  getuid: () => host.uid,
  geteuid: () => host.euid,
  getBuiltinModule: (name: string) => whole(name, modules[name] ?? {}),
};
