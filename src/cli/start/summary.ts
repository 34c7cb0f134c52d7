/** Banner and capability summary, on standard error: what the command may do, and what nono does not hold. Pure text. */

import { badges, describePolicy } from '../../policy/explain/describe.ts';
import type { PolicyRule, ResolvedPolicy } from '../../policy/model.ts';
import { networkMode } from '../../policy/plan/compile-network.ts';
import { limitsText } from '../../policy/profile/limits.ts';
import { type Withheld, withheldText } from '../../policy/resolve/environment.ts';
import { netRuleText } from '../../policy/resolve/resolve-network.ts';
import { landlockAbiAtLeast, notInForce } from '../../sandbox/linux/not-in-force.ts';
import { textWidth, visibleText } from '../../terminal/visible-text.ts';
import { foldWords } from '../output/fold-words.ts';
import type { Paint } from '../output/theme.ts';

const INDENT = 4;
const BADGE_COLUMN = 4;
const LABEL_COLUMN = 12;
/** Between a path and where it comes from. */
const GAP = 2;
/** Where a text begins that has no room beside its head. */
const BELOW = INDENT + 2;
/** Below this, lines are longer than the terminal is wide. */
const NARROWEST_TEXT = 16;

/** `asking`: supervised, with somebody to ask. */
export type RunningMode = 'wrapped' | 'supervised' | 'asking';

const modeWords: Readonly<Record<RunningMode, string>> = {
  wrapped: 'direct (the kernel alone decides)',
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

/** Where the lines go: their colours, and the columns there are for them. */
interface Page {
  readonly look: Paint;
  readonly width: number;
}

/** A head and its text beside it. What does not fit goes on below the text. */
function beside(head: string, column: number, page: Page, texts: readonly Text[]): string {
  const { width } = page;
  // No room beside it: below it.
  if (width - column < NARROWEST_TEXT && column > BELOW)
    return `${head.trimEnd()}\n${beside(' '.repeat(BELOW), BELOW, page, texts)}`;
  const room = Math.max(width - column, NARROWEST_TEXT);
  const lines: string[] = [];
  let taken = 0;
  for (const { words, paint } of texts) {
    const whole = words.join(' ');
    const fits = lines.length > 0 && taken + GAP + textWidth(whole) <= room;
    const folded = textWidth(whole) <= room ? [whole] : foldWords(words, room);
    const painted = folded.map(paint);
    if (fits) lines.push(`${lines.pop()}${' '.repeat(GAP)}${painted[0]}`);
    else lines.push(...painted);
    taken = textWidth(folded.at(-1) ?? '') + (fits ? taken + GAP : 0);
  }
  return head + lines.join(`\n${' '.repeat(column)}`);
}

/** Words that stay whole, and their colour. */
interface Text {
  readonly words: readonly string[];
  paint(text: string): string;
}

function row(page: Page, label: string, text: string, paint: Text['paint'] = String): string {
  const head = `    ${page.look.label(label.padEnd(LABEL_COLUMN))} `;
  return beside(head, INDENT + LABEL_COLUMN + 1, page, [{ words: text.split(' '), paint }]);
}

/** A path is one word, whatever is in it. */
function badgeRow(page: Page, badge: string, paint: Text['paint'], ...texts: readonly Text[]): string {
  return beside(
    `    ${paint(badge.padEnd(BADGE_COLUMN))} `,
    INDENT + Math.max(BADGE_COLUMN, badge.length) + 1,
    page,
    texts,
  );
}

function ruleRow(page: Page, rule: PolicyRule): string {
  const { look } = page;
  const badge = rule.verdict === 'deny' ? 'deny' : badges[rule.access];
  const path = { words: [visibleText(rule.path)], paint: String };
  return badgeRow(page, badge, rule.verdict === 'deny' ? look.bad : look.good, path, {
    words: rule.source.split(' '),
    paint: look.dim,
  });
}

/** What is open of the network, and what holds the rest. */
function networkRows(page: Page, policy: ResolvedPolicy, mode: RunningMode, verbose: boolean): string[] {
  const network = networkMode(policy, { supervise: mode !== 'wrapped', asks: mode === 'asking' });
  if (network === 'free') return [row(page, 'net', 'outbound allowed')];
  if (network === 'closed')
    return [row(page, 'net', `outbound blocked${verbose ? ': no internet socket can be made' : ''}`)];
  const how = mode === 'asking' ? 'outbound blocked, each connection can be approved' : 'outbound blocked, but for';
  const rules = (policy.netRules ?? []).filter((rule) => verbose || rule.verdict === 'allow');
  return [
    row(page, 'net', how),
    ...rules.map((rule) => {
      const verdict = rule.verdict === 'deny' ? 'deny ' : rule.verdict === 'override' ? 'lifted: ' : '';
      return row(
        page,
        '',
        `${verdict}${visibleText(netRuleText(rule))}${verbose ? `  ${visibleText(rule.source)}` : ''}`,
      );
    }),
  ];
}

/** `width`: unlimited for what is no terminal, so that what reads it finds a row in a line. */
export function summary(request: SummaryRequest, look: Paint, width = Number.POSITIVE_INFINITY): string {
  const page = { look, width };
  const { policy, verbose } = request;
  const { rows, groupPaths, denyPaths, overrides } = describePolicy(policy);
  const abi = landlockAbiAtLeast(request.kernel);

  const lines = [
    `  ${look.bold(look.name(`nono v${request.version}`))}  ${policy.manifest === undefined ? 'profile' : 'manifest'} ${look.name(visibleText(policy.profile))}`,
    '  Capabilities:',
  ];
  if (verbose > 0) lines.push(...policy.rules.map((rule) => ruleRow(page, rule)));
  else {
    for (const { badge, path, kind } of rows)
      lines.push(badgeRow(page, badge, look.good, { words: [visibleText(path), `(${kind})`], paint: String }));
    const rest = `${groupPaths} system/group paths, ${denyPaths} denied (-v to show)`;
    lines.push(badgeRow(page, '+', String, { words: rest.split(' '), paint: String }));
  }
  lines.push(...overrides.map((path) => row(page, 'override', `${visibleText(path)} (a deny rule is lifted)`)));
  lines.push(...networkRows(page, policy, request.mode, verbose > 0));
  const limits = limitsText(policy.limits ?? {});
  if (limits !== undefined) lines.push(row(page, 'limits', limits));
  const { ipc } = policy;
  if (ipc?.sharedMemory)
    lines.push(row(page, 'ipc', `System V IPC${ipc.messageQueues ? ' and message queues' : ''} allowed`));
  if (ipc?.keyring) lines.push(row(page, 'keyring', 'kernel keyrings allowed'));
  const withheld = withheldText(request.withheld ?? [], verbose > 0);
  if (withheld !== undefined) lines.push(row(page, 'left out', `${visibleText(withheld)} (--env NAME passes one on)`));
  lines.push(
    row(page, 'kernel', `Landlock ABI ${abi} or later`),
    row(page, 'mode', request.nested === true ? NESTED : modeWords[request.mode]),
  );
  const missing = notInForce(abi, { ...policy, supervised: request.mode !== 'wrapped' && request.nested !== true });
  lines.push(
    missing.length === 0
      ? row(page, 'not in force', 'none', look.dim)
      : row(page, 'not in force', missing.join(', '), look.warn),
  );
  return `${lines.join('\n')}\n`;
}
