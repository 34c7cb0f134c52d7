/** The words in a row of the list. Pure. */

import type { PolicyNetRule, PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import type { Verb } from '../../sandbox/linux/constants.ts';
import { visibleName, visibleText } from '../../terminal/visible-text.ts';
import type { Span } from '../screen/chrome-model.ts';
import { askers, type DenialRow } from './denial-row.ts';
import { isNetPath, netText } from './net-target.ts';

/** What a session's rule ids stand for. */
export interface RuleTables {
  readonly paths: readonly PolicyRule[];
  readonly net: readonly PolicyNetRule[];
}

/** Those of a policy. */
export function ruleTables({ rules, netRules }: Pick<ResolvedPolicy, 'rules' | 'netRules'>): RuleTables {
  return { paths: rules, net: netRules ?? [] };
}

const WORDS: Partial<Record<Verb, string>> = {
  execve: 'exec',
  execveat: 'exec',
  utime: 'touch',
  setxattr: 'setxattr',
  sendto: 'send',
  creat: 'create',
};
const OPENS: readonly Verb[] = ['open', 'openat', 'openat2', 'none'];

/** `read`, `write` or what the call does; "open" says too little. */
export function verbText({ verb, access }: Pick<DenialRow, 'verb' | 'access'>): string {
  if (!OPENS.includes(verb)) return WORDS[verb] ?? verb;
  return access === 'readwrite' ? 'rd+wr' : access;
}

/** What a row is about, as shown: an address, or a path. */
export function targetText(row: DenialRow, home: string): string {
  if (isNetPath(row.path)) return netText(row.path);
  if (row.other === undefined) return pathText(spelling(row), home);
  const path = sideText(spelling(row), home);
  const other = sideText(spelling(row.other), home);
  return row.other.first ? `${other} -> ${path}` : `${path} -> ${other}`;
}

/** One side of a rename or link: a name with an arrow in it must not look like both. */
export function sideText(path: string, home: string): string {
  return pathText(path, home).replaceAll(' -> ', '\\x20->\\x20');
}

/** Two names that are no UTF-8 are the same text, and not the same to the user. */
export const spelling = ({ path, spelled }: Pick<DenialRow, 'path' | 'spelled'>): string => spelled ?? path;

/** A path as shown: escaped, the home directory as `~`. */
export function pathText(path: string, home: string): string {
  const short =
    home !== '' && home !== '/' && (path === home || path.startsWith(`${home}/`))
      ? `~${path.slice(home.length)}`
      : path;
  return visibleName(short);
}

/** Where the user finds a rule: the group's own name, or what brought it in. */
export function sourceName(source: string): string {
  return source.startsWith('group:') ? source.slice('group:'.length) : source;
}

const REASONS: Partial<Record<DenialRow['reason'], string>> = {
  'insufficient-access': 'not granted for this',
  'caller-unreadable': 'caller unreadable',
  'not-brokered': 'cannot be approved yet',
  'too-many-held': 'too many waiting',
  'denied-by-user': 'denied by you',
  'object-changed': 'object changed',
  'cannot-perform': 'cannot be done for it',
  'refused-command': 'refused command',
};

const GRANTED = {
  once: 'one call',
  session: 'this session',
  profile: 'in the profile',
  override: 'rule lifted',
} as const;

/** The rule that denied a row. Ids of rules on paths and on addresses are numbered apart. */
export function denyRule(row: DenialRow, rules: RuleTables): PolicyRule | PolicyNetRule | undefined {
  if (row.reason !== 'denied-by-rule') return undefined;
  return isNetPath(row.path) ? rules.net[row.ruleId] : rules.paths[row.ruleId];
}

/** Why: the deny rule's group, or that nothing grants it. */
export function ruleName(row: DenialRow, rules: RuleTables): string {
  if (row.kind === 'startup') return 'before the first prompt';
  if (row.grant !== undefined && row.holds.size === 0) return GRANTED[row.grant];
  const rule = denyRule(row, rules);
  if (rule !== undefined) return visibleText(sourceName(rule.source));
  if (row.reason === 'denied-by-rule') return 'deny rule';
  return REASONS[row.reason] ?? 'not granted';
}

/** In a narrow list, in place of words that would be cut. */
const SHORT: Readonly<Record<string, string>> = {
  'before the first prompt': 'start-up',
  'not granted for this': 'not granted',
  'caller unreadable': 'unreadable',
  'cannot be approved yet': 'unsupported',
  'too many waiting': 'too many',
  'denied by you': 'by you',
  'object changed': 'changed',
  'cannot be done for it': 'impossible',
  'refused command': 'refused',
  'this session': 'session',
  'in the profile': 'profile',
};

/** The same in at most eleven columns; the name of a rule is not ours to shorten. */
export function shortRule(name: string): string {
  return SHORT[name] ?? name;
}

/** A program chooses its own name: with an arrow in it, it would name another process and a parent. */
export function processName(comm: string): string {
  return visibleName(comm).replaceAll('←', '\\u{2190}').replaceAll('<-', '\\x3c-');
}

/** `the waiting call`, `the 3 waiting calls`. */
export function waitingCalls({ holds }: Pick<DenialRow, 'holds'>): string {
  return holds.size === 1 ? 'the waiting call' : `the ${holds.size} waiting calls`;
}

/** `cat(4312) ← bash`; of more than one that waits, how many. */
export function processText(row: DenialRow): string {
  if (row.kind === 'startup') return '';
  const name = processName(row.comm);
  const all = askers(row);
  const who = row.kind === 'fold' ? name : `${name}(${all.length > 1 ? `${all.length} processes` : all[0].pid})`;
  const parents = [...new Set(all.map(({ parentComm }) => parentComm))];
  return parents.join('') === '' ? who : `${who} ← ${parents.map(processName).join(', ')}`;
}

/** One answer is for all of them. The column has eight places, the last one blank. */
function heldText(calls: number): string {
  if (calls === 1) return 'HELD';
  return calls > 99 ? 'HELD>99' : `HELD ${calls}`;
}

/** State in a word and a tone. */
export function stateText(row: DenialRow): Span {
  if (row.holds.size > 0) return { text: heldText(row.holds.size), tone: 'held' };
  if (row.grant === 'once') return { text: 'once', tone: 'granted' };
  if (row.grant !== undefined) return { text: row.grant === 'override' ? 'lifted' : 'allowed', tone: 'granted' };
  if (row.muted) return { text: 'muted', tone: 'quiet' };
  if (row.outcome === 'gone') return { text: 'gone', tone: 'quiet' };
  if (row.outcome === 'allowed') return { text: 'allowed', tone: 'granted' };
  if (row.outcome === 'revoked') return { text: 'revoked', tone: 'denied' };
  return { text: row.reason === 'denied-by-rule' ? 'DENY' : 'denied', tone: 'denied' };
}

const STEPS: readonly (readonly [number, number, string])[] = [
  [60_000, 3_600_000, 'm'],
  [3_600_000, 86_400_000, 'h'],
  [86_400_000, Number.POSITIVE_INFINITY, 'd'],
];
const FRESH_MS = 10_000;

/** Coarse on purpose: an age that ticks every second would cost a frame every second. */
export function ageText(ms: number): string {
  if (ms < FRESH_MS) return 'now';
  if (ms < 60_000) return '<1m';
  for (const [unit, until, letter] of STEPS) if (ms < until) return `${Math.floor(ms / unit)}${letter}`;
  return '';
}

/** Milliseconds until `ageText` says something else. */
export function ageChangesIn(ms: number): number {
  if (ms < FRESH_MS) return FRESH_MS - ms;
  if (ms < 60_000) return 60_000 - ms;
  for (const [unit, until] of STEPS) if (ms < until) return unit - (ms % unit);
  return 86_400_000;
}
