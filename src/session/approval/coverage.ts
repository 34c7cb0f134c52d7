/** How much a rule would cover now: counted by the deciding function over what is there, with an end to the looking. */
import { decide } from '../../policy/decide/decide.ts';
import type { PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import { childOf } from '../../policy/paths.ts';
import { isPattern, unescapePattern } from '../../policy/pattern/pattern.ts';
import type { FileSystem } from '../../policy/plan/file-system.ts';
import type { ApprovedPath } from './profile-saver.ts';

export interface Coverage {
  /** Files and directories that the rule would grant and nothing grants yet. */
  readonly granted: number;
  /** Those that it reaches and that a deny rule keeps closed all the same. */
  readonly denied: number;
  /** There is more than was looked at. */
  readonly more: boolean;
}

const MOST_ENTRIES = 5000;
const MOST_MS = 60;

/** The directory above every match. */
function rootOf(rule: ApprovedPath): string {
  if (rule.kind !== 'pattern') return rule.path;
  const parts = rule.path.split('/');
  const wild = parts.findIndex((part) => isPattern(part));
  return unescapePattern(parts.slice(0, Math.max(1, wild)).join('/')) || '/';
}

/** Where a pattern has nothing for any depth, nothing below this many names matches it. */
function deepestMatch(rule: ApprovedPath): number {
  return rule.kind !== 'pattern' || rule.path.includes('**') ? Number.POSITIVE_INFINITY : depth(rule.path);
}

/**
 * The beginnings of a pattern, by their depth: below a directory that none of them matches, nothing does. They end before what may stand
 * for several names.
 */
function beginnings(asked: PolicyRule): ReadonlyMap<number, PolicyRule> {
  if (asked.kind !== 'pattern') return new Map();
  const parts = asked.path.split('/');
  const wild = parts.findIndex((part) => isPattern(part));
  const open = parts.findIndex((part) => part.includes('**') || /[{[]/.test(part));
  const found = new Map<number, PolicyRule>();
  for (let names = wild + 1; names <= (open < 0 ? parts.length - 1 : open); names += 1)
    found.set(names, { ...asked, path: parts.slice(0, names).join('/') });
  return found;
}

function depth(path: string): number {
  return path.split('/').length;
}

export function coverage(rule: ApprovedPath, policy: ResolvedPolicy, fs: FileSystem, now: () => number): Coverage {
  const asked: PolicyRule = { ...rule, id: policy.rules.length + 1_000_000, raw: rule.path, source: 'session' };
  const rules = [...policy.rules, asked];
  const until = now() + MOST_MS;
  const found = { granted: 0, denied: 0, more: false };
  /** Whether the rule reaches it. */
  const look = (path: string): boolean => {
    if (decide({ rules: [asked] }, { path, access: rule.access }).verdict !== 'allow') return false;
    const answer = decide({ rules }, { path, access: rule.access });
    if (answer.verdict === 'deny') found.denied += 1;
    else if (decide(policy, { path, access: rule.access }).verdict === 'deny') found.granted += 1;
    return true;
  };
  const root = rootOf(rule);
  const kind = fs.kind(root);
  if (kind !== undefined) look(root);
  if (rule.kind === 'exact' || kind !== 'directory') return found;
  const slow = fs.slowMounts?.() ?? new Set<string>();
  const deepest = deepestMatch(rule);
  const begin = beginnings(asked);
  const canHold = (path: string): boolean => {
    const names = depth(path);
    const beginning = begin.get(names);
    return (
      names < deepest &&
      (beginning === undefined || decide({ rules: [beginning] }, { path, access: rule.access }).verdict === 'allow')
    );
  };
  const waiting = [root];
  let seen = 0;
  for (let directory = waiting.shift(); directory !== undefined; directory = waiting.shift()) {
    for (const entry of (fs.scan ?? fs.list).call(fs, directory) ?? []) {
      seen += 1;
      if (seen > MOST_ENTRIES || now() > until) return { ...found, more: true };
      const path = childOf(directory, entry.name);
      const reached = look(path);
      // A directory that matches is covered with all that lies in it.
      if (entry.kind === 'directory' && (reached || canHold(path)) && !slow.has(path)) waiting.push(path);
    }
  }
  return found;
}

export function coverageText({ granted, denied, more }: Coverage): string {
  // "More than 0" would say nothing.
  const none = more && granted === 0;
  const count = none ? 'none of the names that were looked at; there are more' : counted(granted, more);
  return denied === 0 ? count : `${count}; ${denied} stay denied by rules`;
}

function counted(granted: number, more: boolean): string {
  return `${more ? 'more than ' : ''}${granted} ${granted === 1 ? 'name' : 'names'} there now`;
}
