/** Where a profile holds a grant on internet addresses or on a unix socket, and what to change for one more, or one less. Pure. */
import type { JsonPath } from '../../config/jsonc-document.ts';
import type { ListChange } from '../../config/jsonc-edit.ts';
import { endpointText, endpointWithin, type NetEndpoint, type NetOperation } from '../decide/net-endpoint.ts';
import { isWithin, parentOf } from '../paths.ts';
import { netKeys, netMeaning } from './profile-network.ts';

/** One grant on addresses as it is saved. */
export interface NetToSave {
  readonly operation: NetOperation;
  readonly endpoint: NetEndpoint;
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** The entries of a list, of whatever type; the profile was parsed before, so each is valid. */
function entries<T>(value: unknown, list: JsonPath): readonly T[] {
  const found = (value as Sections)[list[0] as string]?.[list[1] as string];
  return Array.isArray(found) ? (found as T[]) : [];
}

/** The original's own keys where they say exactly this, ours otherwise. */
function place({ operation, endpoint }: NetToSave): Omit<ListChange, 'op'> {
  const port = endpoint.firstPort;
  const portAlone = endpoint.protocol === 'tcp' && endpoint.family === 0 && port === endpoint.lastPort;
  if (portAlone && operation === 'bind') return { list: ['network', 'listen_port'], entry: port };
  if (portAlone && port > 0) return { list: ['network', 'connect_port'], entry: port };
  const key = operation === 'bind' ? 'allow_listen' : 'allow_connect';
  return { list: ['network', key], entry: endpointText(endpoint) };
}

function isGranted(value: unknown, { operation, endpoint }: NetToSave): boolean {
  return netKeys.some(([key, form]) =>
    entries<string | number | number[]>(value, ['network', key]).some((entry) => {
      const { operations, endpoints } = netMeaning(form, Array.isArray(entry) ? entry.join('-') : String(entry));
      return operations.includes(operation) && endpoints.some((held) => endpointWithin(endpoint, held));
    }),
  );
}

export function changesToSaveNetwork(value: unknown, rule: NetToSave): ListChange[] {
  return isGranted(value, rule) ? [] : [{ op: 'add', ...place(rule) }];
}

export function changesToRemoveNetwork(value: unknown, rule: NetToSave): ListChange[] {
  const at = place(rule);
  return entries<string | number>(value, at.list).includes(at.entry) ? [{ op: 'remove', ...at }] : [];
}

/** A grant to connect to one socket, or to all below a directory. */
export interface SocketToSave {
  readonly path: string;
  readonly kind: 'file' | 'tree';
}

interface SocketNames {
  real(entry: string): string | undefined;
  write(path: string): string;
}

function socketList(rule: SocketToSave): JsonPath {
  return ['filesystem', rule.kind === 'tree' ? 'unix_socket_subtree' : 'unix_socket'];
}

export function changesToSaveSocket(value: unknown, rule: SocketToSave, names: SocketNames): ListChange[] {
  const holds = (key: string, covers: (path: string) => boolean): boolean =>
    [key, `${key}_bind`].some((list) =>
      entries<string>(value, ['filesystem', list]).some((entry) => {
        const path = names.real(entry);
        return path !== undefined && covers(path);
      }),
    );
  const one = rule.kind === 'file';
  const held =
    holds('unix_socket_subtree', (tree) => isWithin(rule.path, tree)) ||
    (one && holds('unix_socket', (path) => path === rule.path)) ||
    (one && holds('unix_socket_dir', (directory) => parentOf(rule.path) === directory));
  return held ? [] : [{ op: 'add', list: socketList(rule), entry: names.write(rule.path) }];
}

export function changesToRemoveSocket(value: unknown, rule: SocketToSave, names: SocketNames): ListChange[] {
  const list = socketList(rule);
  return entries<string>(value, list)
    .filter((entry) => names.real(entry) === rule.path)
    .map((entry) => ({ op: 'remove', list, entry }));
}
