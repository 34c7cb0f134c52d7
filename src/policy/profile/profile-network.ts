/** Network and unix-socket words of profiles and flags: what each key promises, before it becomes rules. */
import type { JsoncDocument, JsonPath } from '../../config/jsonc-document.ts';
import { NonoError } from '../../platform/errors.ts';
import {
  anyEndpoint,
  EndpointProblem,
  loopbackEndpoints,
  type NetEndpoint,
  parseEndpoints,
  parsePorts,
} from '../decide/net-endpoint.ts';
import type { Written } from './profile.ts';
import type { ProfileFile } from './schema.ts';

/**
 * `open`: connect and listen on loopback · `listen`: listen on any address · `connect-port`: connect to any address · `connect`, `bind`: to one
 * endpoint. TCP, unless an endpoint says `udp://`.
 */
export type NetForm = 'open' | 'listen' | 'connect-port' | 'connect' | 'bind';

export interface NetWord extends Written {
  readonly form: NetForm;
}

/** Which sockets a path stands for: that one, those directly in a directory, those anywhere below it. */
export type SocketExtent = 'socket' | 'directory' | 'subtree';

export interface SocketGrant extends Written {
  readonly extent: SocketExtent;
  readonly bind: boolean;
}

export interface NetMeaning {
  readonly operations: readonly ('connect' | 'bind')[];
  readonly endpoints: readonly NetEndpoint[];
}

/** What a word grants. Throws EndpointProblem. */
export function netMeaning(form: NetForm, text: string): NetMeaning {
  switch (form) {
    case 'open':
      return { operations: ['connect', 'bind'], endpoints: loopbackEndpoints('tcp', parsePorts(text)) };
    case 'listen':
      return { operations: ['bind'], endpoints: [anyEndpoint('tcp', parsePorts(text, 0))] };
    case 'connect-port':
      return { operations: ['connect'], endpoints: [anyEndpoint('tcp', parsePorts(text))] };
    case 'connect':
      return { operations: ['connect'], endpoints: parseEndpoints(text) };
    case 'bind':
      return { operations: ['bind'], endpoints: parseEndpoints(text, 0) };
  }
}

/** The keys of the `network` section that grant ports and addresses, and how each is written. */
export const netKeys = [
  ['open_port', 'open'],
  ['open_port_range', 'open'],
  ['listen_port', 'listen'],
  ['listen_port_range', 'listen'],
  ['connect_port', 'connect-port'],
  ['allow_connect', 'connect'],
  ['allow_listen', 'bind'],
] as const satisfies readonly (readonly [keyof NonNullable<ProfileFile['network']>, NetForm])[];

/** A port, a range or an address as it was written at `path`; what means none is complained of, and is no word. */
export function netWord(
  document: JsoncDocument,
  path: JsonPath,
  entry: number | string | readonly number[],
  form: NetForm,
): readonly NetWord[] {
  const text = typeof entry === 'object' ? entry.join('-') : String(entry);
  const at = document.locate(path);
  try {
    netMeaning(form, text);
  } catch (error) {
    if (!(error instanceof EndpointProblem)) throw error;
    document.complain(new NonoError('profile-invalid', `${at}: ${error.message}`));
    return [];
  }
  return [{ text, at, form }];
}

/** The words of the `network` section that ports and addresses are granted with. */
export function readNetWords(
  document: JsoncDocument,
  section: ProfileFile['network'],
  prefix: JsonPath,
): readonly NetWord[] {
  return netKeys.flatMap(([key, form]) =>
    (section?.[key] ?? []).flatMap((entry: number | string | number[], i) =>
      netWord(document, [...prefix, 'network', key, i], entry, form),
    ),
  );
}

const socketKeys = [
  ['unix_socket', 'socket', false],
  ['unix_socket_bind', 'socket', true],
  ['unix_socket_dir', 'directory', false],
  ['unix_socket_dir_bind', 'directory', true],
  ['unix_socket_subtree', 'subtree', false],
  ['unix_socket_subtree_bind', 'subtree', true],
] as const satisfies readonly (readonly [keyof NonNullable<ProfileFile['filesystem']>, SocketExtent, boolean])[];

/** `words`: the entries of a key of `filesystem`. */
export function readSocketGrants(
  words: (key: (typeof socketKeys)[number][0]) => readonly Written[],
): readonly SocketGrant[] {
  return socketKeys.flatMap(([key, extent, bind]) => words(key).map((word) => ({ ...word, extent, bind })));
}
