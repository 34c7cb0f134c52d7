/** Banner and capability summary, on standard error: what the command may do, and what nono does not hold. Pure text. */
import type { FileSystem } from '../policy/file-system.ts';
import type { PolicyRule, ResolvedPolicy } from '../policy/model.ts';
import { landlockAbiAtLeast, notInForce } from '../sandbox/linux/not-in-force.ts';
import { visibleText } from '../terminal/visible-text.ts';
import type { Style } from './output.ts';

const badges = { read: 'r  ', write: 'w  ', readwrite: 'r+w' } as const;
const LABEL_COLUMN = 12;

export interface SummaryRequest {
  readonly version: string;
  readonly policy: ResolvedPolicy;
  readonly fs: FileSystem;
  readonly mode: string;
  readonly verbose: number;
  readonly kernel?: string;
}

function isUsers(rule: PolicyRule): boolean {
  return rule.source.startsWith('cli:') || rule.source.startsWith('profile:') || rule.source === 'workdir';
}

function pathRow(rule: PolicyRule, fs: FileSystem, withSource: boolean): string {
  const kind = fs.kind(rule.path) === 'directory' ? 'dir' : 'file';
  const badge = rule.verdict === 'deny' ? '-  ' : badges[rule.access];
  return `    ${badge} ${visibleText(rule.path)} (${kind})${withSource ? `  ${rule.source}` : ''}`;
}

function row(label: string, text: string): string {
  return `    ${label.padEnd(LABEL_COLUMN)} ${text}`;
}

export function summary(request: SummaryRequest, style: Style): string {
  const { policy, fs, verbose } = request;
  const grants = policy.rules.filter((rule) => rule.verdict !== 'deny');
  const users = grants.filter(isUsers);
  const others = grants.filter((rule) => !isUsers(rule));
  const denies = policy.rules.filter((rule) => rule.verdict === 'deny');
  const abi = landlockAbiAtLeast(request.kernel);

  const lines = [
    `  ${style.bold(`nono v${request.version}`)}  profile ${visibleText(policy.profile)}`,
    '  Capabilities:',
  ];
  lines.push(...users.map((rule) => pathRow(rule, fs, verbose > 0)));
  if (verbose > 0) lines.push(...[...others, ...denies].map((rule) => pathRow(rule, fs, true)));
  else lines.push(`    +   ${others.length} system/group paths, ${denies.length} denied (-v to show)`);
  lines.push(row('net', policy.blockNetwork ? 'outbound blocked' : 'outbound allowed'));
  lines.push(row('kernel', `Landlock ABI ${abi} or later`), row('mode', request.mode));
  lines.push(row('not in force', style.dim(notInForce(abi, policy).join(', '))));
  return `${lines.join('\n')}\n`;
}
