/** After a failed `nono run`: what was denied may be written into the profile, if somebody at the terminal says so. Nothing is asked of anybody else. */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { WhileLocked } from '../../config/file-lock.ts';
import { NonoError } from '../../platform/errors.ts';
import { decide } from '../../policy/decide/decide.ts';
import type { PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import { isWithin } from '../../policy/paths.ts';
import { previewRule, type RuleToSave, type SavedRule, saveRules } from '../../policy/profile/save-rule.ts';
import { netTarget, scopedEndpoint } from '../../session/rows/net-target.ts';
import { NOTHING_BELOW, READABLE_AGAIN } from '../../terminal/readable-again.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { say } from '../output/output.ts';
import { askYesNo } from '../output/prompt.ts';
import type { DenialList, DeniedNet, DeniedPath } from './denials.ts';

const STDIN = 0;
/** More than can be read before saying yes is not offered. */
const MAX_RULES = 12;
const DRAIN_BYTES = 1 << 16;

/** A path under a deny rule is never offered, nor what no grant would open, nor what the profile wants left alone. */
function pathRule(policy: ResolvedPolicy, { record, access }: DeniedPath): RuleToSave | undefined {
  const { path, object, reason } = record;
  if (reason !== 'not-granted' && reason !== 'insufficient-access') return undefined;
  // Not UTF-8: the text names another file than the one that was refused.
  if (path.includes('\uFFFD')) return undefined;
  if (policy.suppressSavePrompt?.some((kept) => isWithin(path, kept))) return undefined;
  const kind = object === 'directory' ? 'tree' : 'file';
  const granted: PolicyRule = {
    id: policy.rules.length,
    verdict: 'allow',
    kind: kind === 'tree' ? 'tree' : 'exact',
    access,
    path,
    raw: path,
    source: 'offer',
  };
  const after = decide({ rules: [...policy.rules, granted] }, { path, access });
  return after.verdict === 'allow' ? { path, access, kind } : undefined;
}

function netRule({ record }: DeniedNet): RuleToSave | undefined {
  if (record.reason !== 'not-granted') return undefined;
  const target = netTarget(record);
  const endpoint = scopedEndpoint(target, 'endpoint');
  return endpoint === undefined ? undefined : { operation: target.operation, endpoint };
}

/** What can be offered: rules that would open what was refused, and nothing that a deny rule keeps. */
function rulesToOffer(policy: ResolvedPolicy, denials: DenialList): readonly RuleToSave[] {
  const { paths, nets } = denials.entries();
  const rules = [...paths.map((path) => pathRule(policy, path)), ...nets.map(netRule)];
  return rules.filter((rule) => rule !== undefined);
}

/** Of proc_pid_stat(5): the process group, the controlling terminal, and the group in its foreground. */
function terminalState(): {
  readonly group: string | undefined;
  readonly terminal: number;
  readonly front: string | undefined;
} {
  const [, fields = ''] = /\) (.*)$/s.exec(readFileSync('/proc/self/stat', 'latin1')) ?? [];
  const words = fields.split(' ');
  return { group: words[2], terminal: Number(words[4]), front: words[5] };
}

/** Whether this process may read from the terminal without being stopped: the command may have left another group in front. */
function mayRead(): boolean {
  const { group, terminal, front } = terminalState();
  return group !== undefined && group === front && terminal === fstatSync(STDIN).rdev;
}

/** What was typed before the question was there is no answer to it. */
function dropTypeAhead(): void {
  // Opened anew: the flag must not stay on the description that the user's shell shares. By this name, since after su(1) the device is another user's.
  const fd = openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const bytes = Buffer.alloc(DRAIN_BYTES);
  try {
    while (readSync(fd, bytes, 0, bytes.length, null) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  } finally {
    closeSync(fd);
  }
}

/** Asks with the terminal in raw mode: an unfinished line would otherwise wait in the kernel, and its end would be taken for the answer. */
function answeredYes(question: string): boolean {
  const { ReadStream } = process.getBuiltinModule('node:tty');
  const terminal = new ReadStream(STDIN);
  try {
    terminal.setRawMode(true);
    dropTypeAhead();
    return askYesNo(question, true) === 'yes';
  } catch {
    return false;
  } finally {
    terminal.setRawMode(false);
    terminal.destroy();
  }
}

/** The lines of the change, as `why` shows them. */
function changeLines(plans: readonly SavedRule[]): readonly string[] {
  const lines = plans.flatMap((plan) =>
    plan.edits.map(({ op, list, entry }) => {
      return `${op === 'add' ? '+' : '-'} ${list.join('.')}: ${visibleText(JSON.stringify(entry))}`;
    }),
  );
  return [...new Set(lines)];
}

/** Another nono that writes the profile is waited for, and Ctrl-C ends that. */
async function interruptible<T>(work: (wait: WhileLocked) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  const waiting = (pid: number | undefined): void => {
    const who = pid === undefined ? '' : ` (${pid})`;
    say(`[nono] another nono${who} is writing this profile: waiting; Ctrl-C gives up\n`);
  };
  process.on('SIGINT', interrupted);
  try {
    return await work({ waiting, signal: stop.signal });
  } finally {
    process.off('SIGINT', interrupted);
  }
}

/** Never throws and never changes the exit code: the command has ended as it did. */
export async function offerToSave(policy: ResolvedPolicy, denials: DenialList): Promise<void> {
  if (policy.manifest !== undefined) return;
  try {
    const offered = rulesToOffer(policy, denials);
    const rules = offered.slice(0, MAX_RULES);
    const plans = rules.map((rule) => previewRule(policy, rule)).filter((plan) => plan.changes);
    const [first] = plans;
    if (first === undefined || !mayRead()) return;
    const base = first.creates ? `, new: extends ${visibleText(policy.profile)}` : '';
    const lines = [`Would be added to profile ${visibleText(first.profile)} (${visibleText(first.file)}${base}):`];
    lines.push(...changeLines(plans).map((line) => `  ${line}`));
    if (offered.length > rules.length)
      lines.push(`  (${offered.length - rules.length} more were denied: not among these)`);
    // The command had this terminal, and may have left it so that the question is not seen, or reads as another one.
    say(`${READABLE_AGAIN}\r\n${NOTHING_BELOW}${lines.map((line) => `[nono] ${line}\n`).join('')}`);
    if (!answeredYes('[nono] Save to the profile?')) return;
    // All that was shown, or nothing.
    await interruptible((wait) => saveRules(policy, rules, wait));
    say(`[nono] Saved; it holds from the next start on.\n`);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const hint = error instanceof NonoError && error.hint !== undefined ? ` (${error.hint})` : '';
    say(`[nono] not saved: ${visibleText(what + hint)}\n`);
  }
}
