/** What a session was denied, folded: the footer after a failed command names each path once, with the smallest flag that would have granted it. */
import type { PolicyRule, ResolvedPolicy } from '../policy/model.ts';
import { parentOf } from '../policy/paths.ts';
import { type AccessName, access as accessBits } from '../sandbox/linux/constants.ts';
import type { AccessRecord } from '../sandbox/linux/wire.ts';
import { visibleText } from '../terminal/visible-text.ts';

const MAX_PATHS = 1000;
const MAX_ROWS = 12;

interface Denial {
  readonly record: AccessRecord;
  access: number;
  count: number;
}

export interface DenialList {
  add(record: AccessRecord): void;
  drop(count: number): void;
  /** Empty when nothing was denied. */
  footer(policy: ResolvedPolicy): string;
}

function accessName(bits: number): AccessName {
  if (bits === accessBits.read) return 'read';
  return bits === accessBits.write ? 'write' : 'readwrite';
}

/** `--read-file /x` for a file, `--read /x` for a directory, and the directory it would be in for what does not exist. */
export function smallestFlag(path: string, access: AccessName, object: AccessRecord['object']): string {
  const word = access === 'readwrite' ? 'allow' : access;
  if (object === 'directory') return `--${word} ${quoted(path)}`;
  if (object === 'missing') return `--${word} ${quoted(parentOf(path))}`;
  return `--${word}-file ${quoted(path)}`;
}

/** As a shell would need it. What cannot be shown as it is cannot be copied either, so it is shown escaped and unquoted. */
function quoted(path: string): string {
  const shown = visibleText(path);
  if (shown !== path || /^[\w@%+=:,./-]+$/.test(path)) return shown;
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function remedy(denial: Denial, rule: PolicyRule | undefined): string {
  const { path, object, reason } = denial.record;
  if (rule?.verdict === 'deny') return `denied by ${rule.source}`;
  if (reason === 'not-brokered') return 'not possible in this version';
  if (reason === 'caller-unreadable') return 'the program hides its memory, so nothing can be granted to it';
  return smallestFlag(path, accessName(denial.access), object);
}

export function createDenialList(): DenialList {
  const denials = new Map<string, Denial>();
  let dropped = 0;
  return {
    add(record) {
      const known = denials.get(record.path);
      if (known !== undefined) {
        known.access |= accessBits[record.access];
        known.count += 1;
      } else if (denials.size < MAX_PATHS) {
        denials.set(record.path, { record, access: accessBits[record.access], count: 1 });
      } else dropped += 1;
    },
    drop(count) {
      dropped += count;
    },
    footer(policy) {
      if (denials.size === 0) return '';
      const rules = new Map(policy.rules.map((rule) => [rule.id, rule]));
      const all = [...denials.values()];
      const lines = ['Denied paths during this session:'];
      for (const denial of all.slice(0, MAX_ROWS)) {
        const verb = accessName(denial.access).padEnd(9);
        lines.push(`  ${verb} ${visibleText(denial.record.path)}  ${remedy(denial, rules.get(denial.record.ruleId))}`);
      }
      const more = all.length - MAX_ROWS + dropped;
      if (more > 0) lines.push(`  and ${more} more`);
      return lines.map((line) => `[nono] ${line}\n`).join('');
    },
  };
}
