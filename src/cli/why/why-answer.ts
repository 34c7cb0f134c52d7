/** What `nono why` answers, in words and as JSON. */
import { NonoError } from '../../platform/errors.ts';
import { installationRoot } from '../../platform/installation.ts';
import { sourceName } from '../../policy/explain/describe.ts';
import type { ProfileEdit } from '../../policy/explain/explanation.ts';
import { groupLocation } from '../../policy/groups/rule-location.ts';
import type { PolicyNetRule, PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import {
  previewEntries,
  previewRule,
  type SavedRule,
  type SaveFile,
  saveFile,
} from '../../policy/profile/save-rule.ts';
import { netRuleText } from '../../policy/resolve/resolve-network.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { labelled } from '../output/columns.ts';
import { quoted } from '../output/quote.ts';
import type { Paint } from '../output/theme.ts';
import type { Answered, Question } from './why-question.ts';

function isPathRule(rule: PolicyRule | PolicyNetRule): rule is PolicyRule {
  return 'kind' in rule;
}

/** Where a rule is written: in a group's file, in a profile's, or on the command line. */
function place(rule: PolicyRule | PolicyNetRule): { at?: string; description?: string } {
  if (rule.at !== undefined) return { at: rule.at };
  if (!rule.source.startsWith('group:')) return {};
  const found = groupLocation(installationRoot(), rule.source.slice(6), isPathRule(rule) ? rule : undefined);
  return {
    ...(found === undefined ? {} : { at: found.at }),
    ...(found?.description === undefined ? {} : { description: found.description }),
  };
}

const accessWords = { read: 'read', write: 'write', readwrite: 'read+write' } as const;

function accessWord(access: PolicyRule['access']): string {
  if (access === 'all') return 'read+write+connect';
  if (access in accessWords) return accessWords[access as keyof typeof accessWords];
  return access.endsWith('connect') && access !== 'connect' ? `${access.replace('connect', '')}+connect` : access;
}

function ruleJson(rule: PolicyRule | PolicyNetRule): Record<string, unknown> {
  return {
    verdict: rule.verdict,
    ...(isPathRule(rule) ? { kind: rule.kind, path: rule.path, access: rule.access } : { endpoint: netRuleText(rule) }),
    raw: rule.raw,
    source: rule.source,
    ...(rule.why === undefined ? {} : { why: rule.why }),
    ...place(rule),
  };
}

function capability(rule: PolicyRule): Record<string, unknown> {
  return { path: rule.path, access: accessWord(rule.access), source: sourceName(rule) };
}

type EditPreview = SavedRule | (SaveFile & { readonly key: string; readonly value: string });

/** What would be written into the profile, or undefined where that cannot be written. */
function preview(policy: ResolvedPolicy, edit: ProfileEdit | undefined): EditPreview | undefined {
  if (edit === undefined) return undefined;
  try {
    if ('key' in edit) return { ...saveFile(policy), ...edit };
    if ('path' in edit) return previewRule(policy, edit);
    return previewEntries(policy, edit.list, edit.entries);
  } catch (error) {
    if (error instanceof NonoError) return undefined;
    throw error;
  }
}

function editJson(edit: EditPreview): Record<string, unknown> {
  const { file, profile, creates } = edit;
  if ('key' in edit) return { file, profile, creates, changes: [{ op: 'set', key: edit.key, value: edit.value }] };
  const changes = edit.edits.map(({ op, list, entry }) => ({ op, key: list.join('.'), entry }));
  return { file, profile, creates, changes, diff: edit.diff };
}

const flagText = (flags: readonly string[]): string =>
  flags.map((word) => (word.startsWith('--') ? word : quoted(word))).join(' ');

export function answerJson(asked: Question, found: Answered, policy: ResolvedPolicy): Record<string, unknown> {
  const { rule, closest } = found;
  const allowedBy = found.status === 'allowed' && rule !== undefined && isPathRule(rule) ? rule : undefined;
  const edit = preview(policy, found.edit);
  return {
    status: found.status,
    reason: found.reason,
    ...(found.details === undefined ? {} : { details: found.details }),
    ...(allowedBy && {
      granted_path: allowedBy.path,
      access: accessWord(allowedBy.access),
      source: sourceName(allowedBy),
    }),
    ...(found.status === 'denied' && rule !== undefined ? { policy_source: rule.source } : {}),
    ...(found.status === 'denied' && closest !== undefined ? { matching_capability: capability(closest) } : {}),
    ...(found.flags === undefined || policy.manifest !== undefined ? {} : { suggested_flag: flagText(found.flags) }),
    ...(rule === undefined ? {} : { rule: ruleJson(rule), rules: (found.rules ?? [rule]).map(ruleJson) }),
    ...(edit === undefined ? {} : { profile_edit: editJson(edit) }),
    ...(found.object === undefined ? {} : { object: found.object }),
    query: asked.json,
    profile: policy.profile,
  };
}

const reasonWords: Readonly<Record<string, string>> = {
  granted_path: 'granted',
  sensitive_path: 'denied by a rule of a policy group',
  filesystem_deny: 'denied by a rule',
  nono_protected: "nono's own files stay closed",
  path_not_granted: 'nothing grants it',
  session_makes: 'the session may make it',
  insufficient_access: 'granted, but not for this',
  socket_not_granted: 'nothing grants connecting to it',
  network_allowed: 'network allowed',
  network_blocked: 'the network is blocked',
  network_denied: 'a range that no wide grant opens',
  command_blocked: 'refused by name',
  command_not_found: 'there is no such program',
};

const verdicts = { allowed: 'ALLOWED', denied: 'DENIED', not_found: 'NOT FOUND' } as const;

function reasonText(reason: string): string {
  const words = reasonWords[reason];
  return words === undefined ? reason : `${reason} (${words})`;
}

function editLines(edit: EditPreview): string[] {
  const changed =
    'key' in edit
      ? [`+ ${edit.key}: "${edit.value}"`]
      : edit.edits.map(
          ({ op, list, entry }) =>
            `${op === 'add' ? '+' : '-'} ${list.join('.')}: ${visibleText(JSON.stringify(entry))}`,
        );
  const creates = edit.creates ? ` (new, extends ${visibleText(edit.profile.replace(/-local$/, ''))})` : '';
  return [`${visibleText(edit.file)}${creates}`, ...changed];
}

function otherText(rule: PolicyRule): string {
  const { at } = place(rule);
  const flag = rule.source.startsWith('cli:') ? [`${rule.source.slice(4)} ${rule.raw}`] : [];
  const words = [accessWord(rule.access), sourceName(rule), ...flag, ...(at === undefined ? [] : [at])];
  return `${visibleText(rule.path)} (${visibleText(words.join(', '))})`;
}

/** `width`: of the terminal. Paths and flags are to be copied, so only sentences are folded. */
export function text(
  asked: Question,
  found: Answered,
  policy: ResolvedPolicy,
  look: Paint,
  width = Number.POSITIVE_INFINITY,
): string {
  const allowed = found.status === 'allowed';
  const lines = [(allowed ? look.good : look.bad)(verdicts[found.status])];
  const row = (label: string, value: string | undefined): void => {
    if (value !== undefined) lines.push(`  ${look.label(`${label}:`)} ${value}`);
  };
  const sentence = (label: string, value: string | undefined): void => {
    if (value !== undefined) lines.push(labelled(look.label(`${label}:`), label.length + 1, value, width));
  };
  const { rule, closest } = found;
  row('Query', `${visibleText(asked.text)}${found.object === undefined ? '' : ` -> ${visibleText(found.object)}`}`);
  sentence('Reason', reasonText(found.reason));
  sentence('Details', found.details && visibleText(found.details));
  if (rule !== undefined) {
    const shown = isPathRule(rule) ? visibleText(rule.path) : netRuleText(rule);
    row(allowed ? 'Granted by' : 'Denied by', shown);
    if (isPathRule(rule) && allowed) row('Access', accessWord(rule.access));
    const { at, description } = place(rule);
    const name = isPathRule(rule) ? sourceName(rule) : rule.source;
    sentence('Source', `${visibleText(name)}${description === undefined ? '' : ` (${description})`}`);
    if (!allowed) row('Policy', `${visibleText(rule.source)} ${visibleText(rule.raw)}`);
    sentence('Why', rule.why);
    row('Written at', at && visibleText(at));
    for (const other of found.rules?.slice(1) ?? [])
      row(allowed ? 'Also granted by' : 'Also denied by', otherText(other));
  }
  if (!allowed && closest !== undefined)
    row('Closest match', `${visibleText(closest.path)} (${accessWord(closest.access)}, ${sourceName(closest)})`);
  if (policy.manifest === undefined) row('Suggested fix', found.flags && flagText(found.flags));
  else if (found.status === 'denied')
    row('Suggested fix', `no flag goes beside a manifest: change ${visibleText(policy.manifest)}`);
  const edit = preview(policy, found.edit);
  if (edit !== undefined) {
    const [first, ...rest] = editLines(edit);
    row('Profile edit', first);
    lines.push(...rest.map((line) => `    ${line}`));
  }
  return lines.join('\n');
}
