/** What `nono why` is asked, from its flags: about a path, a socket, an address, a command, a variable or a scope. */

import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { currentDirectory } from '../../platform/current-directory.ts';
import { NonoError } from '../../platform/errors.ts';
import { netAccess } from '../../policy/decide/decide-network.ts';
import { anyAddress, EndpointProblem, endpointText, hostRange, parsePorts } from '../../policy/decide/net-endpoint.ts';
import { explainAddress } from '../../policy/explain/explain-address.ts';
import { explainCommand, type FoundCommand } from '../../policy/explain/explain-command.ts';
import { explainPath } from '../../policy/explain/explain-path.ts';
import { explainScope } from '../../policy/explain/explain-scope.ts';
import { explainSocket } from '../../policy/explain/explain-socket.ts';
import { explainVariable } from '../../policy/explain/explain-variable.ts';
import type { Explanation, PathOperation } from '../../policy/explain/explanation.ts';
import type { ResolvedPolicy } from '../../policy/model.ts';
import type { FileSystem } from '../../policy/plan/file-system.ts';
import { homeDirectory } from '../../policy/resolve/variables.ts';
import { formatAddress, parseAddress } from '../../sandbox/linux/net-address.ts';
import type { Options } from '../tables/flags.ts';

const DEFAULT_PORT = 443;

export interface Question {
  /** As shown: `read /etc/shadow`. */
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** The answers, one for each object that is meant: a name may have several addresses. */
  ask(policy: ResolvedPolicy, fs: FileSystem, inside: boolean): readonly Answered[] | Promise<readonly Answered[]>;
}

export interface Answered extends Explanation {
  /** What was asked, where that is not what was written: where links lead, an address of a name. */
  readonly object?: string;
}

function oneOf<T extends string>(flag: string, value: string | undefined, words: readonly [T, ...T[]]): T {
  const found = words.find((word) => word === (value ?? words[0]));
  if (found !== undefined) return found;
  throw new NonoError('usage', `${flag}: '${value}' is none of ${words.join(', ')}`);
}

function absolute(path: string): string {
  const home = homeDirectory(process.env);
  if (path === '~' || path.startsWith('~/')) return home + path.slice(1);
  return resolve(currentDirectory(), path);
}

const modes: Readonly<Record<PathOperation, number>> = {
  read: constants.R_OK,
  write: constants.W_OK,
  readwrite: constants.R_OK | constants.W_OK,
};

/** What the kernel refuses this user in any case: no rule changes it, and no denied path is listed for it. */
function refusedAnyway(path: string, operation: PathOperation): string | undefined {
  try {
    accessSync(path, modes[operation]);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EROFS') return 'its file system is read-only, with or without nono';
    return code === 'EACCES' ? 'its permissions refuse it to you, with or without nono' : undefined;
  }
}

function pathQuestion(written: string, operation: PathOperation): Question {
  const path = absolute(written);
  return {
    text: `${operation} ${written}`,
    json: { kind: 'path', path, op: operation },
    ask: (policy, fs, inside) => {
      const found = explainPath(policy, path, operation, fs, inside);
      const anyway = found.real.ofCaller ? undefined : refusedAnyway(found.real.path, operation);
      const details = [found.details, anyway].filter((one) => one !== undefined).join('; ');
      const object = found.real.path === path ? {} : { object: found.real.path };
      return [{ ...found, ...(details === '' ? {} : { details }), ...object }];
    },
  };
}

function socketQuestion(written: string, operation: 'connect' | 'bind'): Question {
  const path = written.startsWith('@') ? written : absolute(written);
  return {
    text: `${operation} ${written}`,
    json: { kind: 'unix_socket', path, op: operation },
    ask: (policy, fs) => {
      const found = explainSocket(policy, path, operation, fs);
      const real = found.real?.path;
      return [real === undefined || real === path ? found : { ...found, object: real }];
    },
  };
}

/** What the shell would start. */
function findCommand(name: string): FoundCommand {
  const places = (process.env['PATH'] ?? '').split(delimiter).filter((place) => place.startsWith('/'));
  const files = name.includes('/') ? [resolve(currentDirectory(), name)] : places.map((place) => join(place, name));
  let missing = name.includes('/') ? 'there is no such file' : 'no directory of PATH has it';
  for (const file of files)
    try {
      if (!statSync(file).isFile()) continue;
      missing = `${file} is not executable`;
      accessSync(file, constants.X_OK);
      return { file };
    } catch {} // The next directory may have it.
  return { missing };
}

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

function port(text: string): number {
  try {
    const { firstPort, lastPort } = parsePorts(text, 0);
    if (firstPort === lastPort) return firstPort;
  } catch (error) {
    if (!(error instanceof EndpointProblem)) throw error;
  }
  throw new NonoError('usage', `--port: '${text}' is not a port`);
}

/** A name, an address, `host:port`, or a URL. */
function hostAndPort(written: string, portText: string | undefined): HostAndPort {
  const given = portText === undefined ? undefined : port(portText);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) {
    const url = URL.canParse(written) ? new URL(written) : undefined;
    if (url === undefined || url.hostname === '') throw new NonoError('usage', `--host: '${written}' is not a URL`);
    const known: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ssh:': 22, 'ftp:': 21 };
    const implied = url.port === '' ? known[url.protocol] : Number(url.port);
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: given ?? implied ?? DEFAULT_PORT };
  }
  if (parseAddress(written) !== undefined) return { host: written, port: given ?? DEFAULT_PORT };
  const parts = /^(?:\[([^\]\s]+)\]|([^:\s/]+))(?::(\d+))?$/.exec(written);
  if (parts === null) throw new NonoError('usage', `--host: '${written}' is neither a name nor an address`);
  const [, bracketed, plain, own] = parts;
  return { host: bracketed ?? plain ?? '', port: given ?? (own === undefined ? DEFAULT_PORT : port(own)) };
}

/** The addresses of a name, as a program would get them. None when it has none, or when nobody can be asked. */
async function addressesOf(name: string): Promise<readonly string[]> {
  if (name === 'localhost') return ['127.0.0.1', '::1'];
  const { lookup } = process.getBuiltinModule('node:dns').promises;
  try {
    return [...new Set((await lookup(name, { all: true })).map((one) => one.address))];
  } catch {
    return [];
  }
}

function hostQuestion(options: Options, written: string): Question {
  const { host, port: number } = hostAndPort(written, options.queryPort);
  const operation = options.queryListen ? 'bind' : 'connect';
  // Listening on it means any port; nothing can be reached there.
  if (number === 0 && operation === 'connect') throw new NonoError('usage', `--port: '0' is not a port`);
  const protocol = options.queryUdp ? 'udp' : 'tcp';
  const ask = (policy: ResolvedPolicy, address: string | undefined): Answered => {
    const asked = address === undefined ? undefined : netAccess(operation, protocol, address, number);
    const range = asked === undefined ? anyAddress : hostRange(asked.address);
    const endpoint = endpointText({ protocol, ...range, firstPort: number, lastPort: number });
    if (asked === undefined)
      return explainAddress(policy, { operation, protocol, port: number, address: undefined }, endpoint);
    const found = explainAddress(policy, asked, endpoint);
    return address === host ? found : { ...found, object: formatAddress(asked.address) };
  };
  return {
    text: `${operation === 'bind' ? 'listen on' : 'connect to'} ${protocol} ${host}:${number}`,
    json: { kind: 'host', host, port: number, protocol, op: operation === 'bind' ? 'listen' : 'connect' },
    ask: async (policy) => {
      // While the network is open nothing depends on the address, so nobody is asked for it.
      if (!policy.blockNetwork || parseAddress(host) !== undefined)
        return [ask(policy, parseAddress(host) === undefined ? undefined : host)];
      const addresses = await addressesOf(host);
      return addresses.length === 0 ? [ask(policy, undefined)] : addresses.map((address) => ask(policy, address));
    },
  };
}

export function question(options: Options): Question {
  const asked: Question[] = [];
  const { queryPath, queryHost, querySocket, queryScope, queryVariable, queryCommand } = options;
  if (queryPath !== undefined)
    asked.push(pathQuestion(queryPath, oneOf('--op', options.queryOp, ['read', 'write', 'readwrite'])));
  if (queryHost !== undefined) asked.push(hostQuestion(options, queryHost));
  if (querySocket !== undefined)
    asked.push(socketQuestion(querySocket, oneOf('--socket-op', options.querySocketOp, ['connect', 'bind'])));
  if (queryScope !== undefined) {
    const scope = oneOf('--scope', queryScope, ['signal', 'abstract-unix-socket']);
    asked.push({ text: scope, json: { kind: 'scope', scope }, ask: (policy) => [explainScope(policy, scope)] });
  }
  if (queryVariable !== undefined)
    asked.push({
      text: `variable ${queryVariable}`,
      json: { kind: 'variable', name: queryVariable },
      ask: (policy) => [explainVariable(policy, queryVariable, process.env)],
    });
  if (queryCommand !== undefined)
    asked.push({
      text: `command ${queryCommand}`,
      json: { kind: 'command', name: queryCommand },
      ask: (policy, fs) => [explainCommand(policy, basename(queryCommand), findCommand(queryCommand), fs)],
    });
  const [first, second] = asked;
  if (first === undefined)
    throw new NonoError('nothing-asked', '--path or --host is required', {
      hint: 'or --unix-socket, --scope, --env-var or --command',
    });
  if (second !== undefined) throw new NonoError('usage', `one question at a time: ${first.text}, or ${second.text}`);
  return first;
}
