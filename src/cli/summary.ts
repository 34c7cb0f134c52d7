/** Banner and capability summary, on standard error: what the command may do, and what nono does not hold. Pure text. */
import { networkMode } from '../policy/compile-network.ts';
import { badges, describePolicy } from '../policy/describe.ts';
import { type Withheld, withheldText } from '../policy/environment.ts';
import { limitsText } from '../policy/limits.ts';
import type { PolicyRule, ResolvedPolicy } from '../policy/model.ts';
import { netRuleText } from '../policy/resolve-network.ts';
import { landlockAbiAtLeast, notInForce } from '../sandbox/linux/not-in-force.ts';
import { visibleText } from '../terminal/visible-text.ts';
import type { Paint } from './theme.ts';

const BADGE_COLUMN = 4;
const LABEL_COLUMN = 12;

/** `asking`: supervised, with somebody to ask. */
export type RunningMode = 'wrapped' | 'supervised' | 'asking';

const modeWords: Readonly<Record<RunningMode, string>> = {
  wrapped: 'direct (the kernel alone; nothing of nono remains)',
  supervised: 'supervised',
  asking: 'supervised',
};

const NESTED = 'inside another session: the kernel alone holds this one, the other supervises';

export interface SummaryRequest {
  readonly version: string;
  readonly policy: ResolvedPolicy;
  readonly mode: RunningMode;
  /** Variables of the user that the command does not get. */
  readonly withheld?: readonly Withheld[];
  readonly verbose: number;
  /** Inside another session, whose supervisor this one cannot have a second one beside. */
  readonly nested?: boolean;
  readonly kernel?: string;
}

function row(look: Paint, label: string, text: string): string {
  return `    ${look.label(label.padEnd(LABEL_COLUMN))} ${text}`;
}

function ruleRow(look: Paint, rule: PolicyRule): string {
  const badge = rule.verdict === 'deny' ? 'deny' : badges[rule.access];
  const paint = rule.verdict === 'deny' ? look.bad : look.good;
  return `    ${paint(badge.padEnd(BADGE_COLUMN))} ${visibleText(rule.path)}  ${look.dim(rule.source)}`;
}

/** What is open of the network, and what holds the rest. */
function networkRows(look: Paint, policy: ResolvedPolicy, mode: RunningMode, verbose: boolean): string[] {
  const network = networkMode(policy, { supervise: mode !== 'wrapped', asks: mode === 'asking' });
  if (network === 'free') return [row(look, 'net', 'outbound allowed')];
  if (network === 'closed')
    return [row(look, 'net', `outbound blocked${verbose ? ': no internet socket can be made' : ''}`)];
  const how = mode === 'asking' ? 'outbound blocked, each connection can be approved' : 'outbound blocked, but for';
  const rules = (policy.netRules ?? []).filter((rule) => verbose || rule.verdict === 'allow');
  return [
    row(look, 'net', how),
    ...rules.map((rule) => {
      const verdict = rule.verdict === 'deny' ? 'deny ' : rule.verdict === 'override' ? 'lifted: ' : '';
      return row(
        look,
        '',
        `${verdict}${visibleText(netRuleText(rule))}${verbose ? `  ${visibleText(rule.source)}` : ''}`,
      );
    }),
  ];
}

export function summary(request: SummaryRequest, look: Paint): string {
  const { policy, verbose } = request;
  const { rows, groupPaths, denyPaths, overrides } = describePolicy(policy);
  const abi = landlockAbiAtLeast(request.kernel);

  const lines = [
    `  ${look.bold(look.name(`nono v${request.version}`))}  profile ${look.name(visibleText(policy.profile))}`,
    '  Capabilities:',
  ];
  if (verbose > 0) lines.push(...policy.rules.map((rule) => ruleRow(look, rule)));
  else {
    for (const { badge, path, kind } of rows)
      lines.push(`    ${look.good(badge.padEnd(BADGE_COLUMN))} ${visibleText(path)} (${kind})`);
    lines.push(`    ${'+'.padEnd(BADGE_COLUMN)} ${groupPaths} system/group paths, ${denyPaths} denied (-v to show)`);
  }
  lines.push(...overrides.map((path) => row(look, 'override', `${visibleText(path)} (a deny rule is lifted)`)));
  lines.push(...networkRows(look, policy, request.mode, verbose > 0));
  const limits = limitsText(policy.limits ?? {});
  if (limits !== undefined) lines.push(row(look, 'limits', limits));
  const { ipc } = policy;
  if (ipc?.sharedMemory) lines.push(row(look, 'ipc', 'System V IPC and message queues allowed'));
  if (ipc?.keyring) lines.push(row(look, 'keyring', 'kernel keyrings allowed'));
  const withheld = withheldText(request.withheld ?? [], verbose > 0);
  if (withheld !== undefined) lines.push(row(look, 'left out', `${visibleText(withheld)} (--env NAME passes one on)`));
  lines.push(
    row(look, 'kernel', `Landlock ABI ${abi} or later`),
    row(look, 'mode', request.nested === true ? NESTED : modeWords[request.mode]),
  );
  const missing = notInForce(abi, { ...policy, supervised: request.mode !== 'wrapped' && request.nested !== true });
  lines.push(
    row(look, 'not in force', missing.length === 0 ? look.dim('nothing of this') : look.warn(missing.join(', '))),
  );
  return `${lines.join('\n')}\n`;
}
