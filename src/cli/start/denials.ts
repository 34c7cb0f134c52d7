/** What a session was denied, folded: the footer after a failed command names each path once, with the smallest flag that would have granted it. */
import { basename } from 'node:path';
import { endpointText } from '../../policy/decide/net-endpoint.ts';
import type { PolicyNetRule, PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import { parentOf } from '../../policy/paths.ts';
import { networkMode } from '../../policy/plan/compile-network.ts';
import { isGrantedByUser, isLifted } from '../../policy/resolve/lifting.ts';
import { access as accessBits } from '../../sandbox/linux/constants.ts';
import type { AccessRecord, AskedAccess, NetRecord } from '../../sandbox/linux/wire.ts';
import { netPath, netTarget, netText, scopedEndpoint } from '../../session/rows/net-target.ts';
import { visibleName, visibleText } from '../../terminal/visible-text.ts';
import { quoted } from '../output/quote.ts';
import { type Paint, plainPaint } from '../output/theme.ts';

const MAX_PATHS = 1000;
const MAX_ROWS = 12;

interface Denial {
  readonly record: AccessRecord;
  access: number;
  count: number;
}

interface NetDenial {
  readonly record: NetRecord;
  count: number;
}

export interface DeniedPath {
  readonly record: AccessRecord;
  readonly access: AskedAccess;
  readonly count: number;
}

export type DeniedNet = Readonly<NetDenial>;

export interface DenialList {
  add(record: AccessRecord): void;
  addNet(record: NetRecord): void;
  drop(count: number): void;
  /** Each denied path and address once, with all that was asked of it. */
  entries(): { readonly paths: readonly DeniedPath[]; readonly nets: readonly DeniedNet[]; readonly dropped: number };
  /** Empty when nothing was denied, and nothing could be without being seen. */
  footer(policy: ResolvedPolicy, look?: Paint): string;
}

function accessName(bits: number): AskedAccess {
  if (bits === accessBits.read) return 'read';
  if (bits === accessBits.connect) return 'connect';
  return bits === accessBits.write ? 'write' : 'readwrite';
}

/** `--read-file /x` for a file, `--read /x` for a directory, and the directory it would be in for what does not exist. */
export function smallestFlag(path: string, access: AskedAccess, object: AccessRecord['object']): string {
  if (access === 'connect') return `--allow-unix-socket ${quoted(path)}`;
  const word = access === 'readwrite' ? 'allow' : access;
  if (object === 'directory') return `--${word} ${quoted(path)}`;
  if (object === 'missing') return `--${word} ${quoted(parentOf(path))}`;
  return `--${word}-file ${quoted(path)}`;
}

/** The same, as an entry of a manifest: no flag goes beside one. */
function manifestEntry(path: string, access: AskedAccess, object: AccessRecord['object']): string {
  if (access === 'connect') return `more_grants: ${JSON.stringify({ path, access, type: 'itself' })}`;
  const at = object === 'missing' ? parentOf(path) : path;
  const file = object !== 'missing' && object !== 'directory';
  return `grants: ${JSON.stringify({ path: at, access, ...(file ? { type: 'file' } : {}) })}`;
}

/** What a rule denies opens to the grant and the override together, if at all: nono's own files stay closed. */
function lifting(denial: Denial, policy: ResolvedPolicy): string {
  const { path, object } = denial.record;
  const access = accessName(denial.access);
  if (access === 'connect' || policy.manifest !== undefined || !isLifted(policy, path, access)) return '';
  const grant = isGrantedByUser(policy, path, access) ? '' : `${smallestFlag(path, access, object)} `;
  return `; ${grant}--override-deny ${quoted(path)} lifts it`;
}

function remedy(denial: Denial, rule: PolicyRule | undefined, policy: ResolvedPolicy): string {
  const { path, object, reason } = denial.record;
  const manifest = policy.manifest !== undefined;
  if (rule?.verdict === 'deny') return `denied by ${rule.source}${lifting(denial, policy)}`;
  if (reason === 'not-brokered') return 'not possible in this version';
  if (reason === 'refused-command' && manifest) return 'named in process.refused_commands of the manifest';
  if (reason === 'refused-command') return `a refused command; --allow-command ${quoted(basename(path))} lifts it`;
  if (reason === 'cannot-perform' && denial.record.verb.startsWith('execve'))
    return 'granted, but made or approved after the start: it cannot be executed under a debugger, by a program that hides its memory, or above 256 MB';
  if (reason === 'caller-unreadable') return 'the program hides its memory, so nothing can be granted to it';
  const access = accessName(denial.access);
  return manifest ? visibleText(manifestEntry(path, access, object)) : smallestFlag(path, access, object);
}

/** The flag for exactly this address and port; the word `listen` in a profile or on the command line covers binding. */
export function smallestNetFlag(record: NetRecord): string {
  const target = netTarget(record);
  const endpoint = scopedEndpoint(target, 'endpoint');
  if (endpoint === undefined) return 'not possible in this version';
  return `${target.operation === 'bind' ? '--allow-listen' : '--allow-connect'} ${quoted(endpointText(endpoint))}`;
}

function netRemedy(record: NetRecord, rules: readonly PolicyNetRule[]): string {
  const rule = record.reason === 'denied-by-rule' ? rules.find((one) => one.id === record.ruleId) : undefined;
  // Naming the address is what lifts such a rule.
  if (rule !== undefined) return `denied: ${rule.why ?? rule.raw}; ${smallestNetFlag(record)} lifts it`;
  if (record.reason === 'caller-unreadable') return 'the program hides its memory, so nothing can be granted to it';
  return smallestNetFlag(record);
}

function netRow({ record }: NetDenial, rules: readonly PolicyNetRule[], manifest: boolean): string {
  const { verb } = record;
  const listen = netTarget(record).operation === 'bind';
  const remedy = manifest ? `network.${listen ? 'allow_listen' : 'allow_connect'}` : netRemedy(record, rules);
  return `  ${verb.padEnd(9)} ${netText(netPath(netTarget(record)))}  ${remedy}`;
}

export function createDenialList(): DenialList {
  const nets = new Map<string, NetDenial>();
  const denials = new Map<string, Denial>();
  let dropped = 0;
  return {
    add(record) {
      // Connecting is granted by a flag of its own.
      const key = record.access === 'connect' ? `connect ${record.path}` : record.path;
      const known = denials.get(key);
      if (known !== undefined) {
        known.access |= accessBits[record.access];
        known.count += 1;
      } else if (denials.size < MAX_PATHS) {
        denials.set(key, { record, access: accessBits[record.access], count: 1 });
      } else dropped += 1;
    },
    addNet(record) {
      const key = netPath(netTarget(record));
      const known = nets.get(key);
      if (known !== undefined) known.count += 1;
      else if (nets.size < MAX_PATHS) nets.set(key, { record, count: 1 });
      else dropped += 1;
    },
    drop(count) {
      dropped += count;
    },
    entries() {
      const paths = [...denials.values()].map(({ record, access, count }) => ({
        record,
        access: accessName(access),
        count,
      }));
      return { paths, nets: [...nets.values()], dropped };
    },
    footer(policy, look = plainPaint) {
      // Refused sockets are no events: the filter answers them alone.
      const closed = networkMode(policy, { supervise: true }) === 'closed';
      if (denials.size + nets.size === 0 && !closed) return '';
      const rules = new Map(policy.rules.map((rule) => [rule.id, rule]));
      const lines: string[] = [];
      if (denials.size > 0) lines.push(look.bad('Denied paths during this session:'));
      for (const denial of [...denials.values()].slice(0, MAX_ROWS)) {
        const verb = accessName(denial.access).padEnd(9);
        lines.push(
          `  ${verb} ${visibleName(denial.record.path)}  ${look.name(remedy(denial, rules.get(denial.record.ruleId), policy))}`,
        );
      }
      if (nets.size > 0) lines.push(look.bad('Denied network access during this session:'));
      for (const denial of [...nets.values()].slice(0, MAX_ROWS))
        lines.push(netRow(denial, policy.netRules ?? [], policy.manifest !== undefined));
      const more = Math.max(0, denials.size - MAX_ROWS) + Math.max(0, nets.size - MAX_ROWS) + dropped;
      if (more > 0) lines.push(`  and ${more} more`);
      if (policy.manifest !== undefined)
        lines.push(`The policy is ${visibleText(policy.manifest)}: no flag changes it, what is missing goes there`);
      else if (closed)
        lines.push('The network is blocked: --allow-connect ADDRESS:PORT or --open-port PORT opens a part of it');
      return lines.map((line) => `${look.dim('[nono]')} ${line}\n`).join('');
    },
  };
}
