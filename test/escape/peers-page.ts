/** docs/escape-peers.md: what the same attempts did in other sandboxes, written by the run that made them. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Topic, Verdict } from './model.ts';

/** A sandbox and the user it ran as, in words fit for a heading. */
export interface PeerColumn {
  readonly name: string;
  readonly version: string;
  readonly missing?: string;
}

/** What one column came to in some attempts. An attempt that did not run there counts for neither side. */
export function count(verdicts: readonly (Verdict | undefined)[]): { blocked: number; tried: number; notRun: number } {
  const of = (kind: Verdict['kind']): number => verdicts.filter((verdict) => verdict?.kind === kind).length;
  return { blocked: of('blocked'), tried: of('blocked') + of('escaped'), notRun: of('broken') };
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function landlock(): string {
  try {
    return readFileSync('/sys/kernel/security/lsm', 'utf8').includes('landlock') ? ', Landlock on' : '';
  } catch {
    return '';
  }
}

export function peersPage(
  columns: readonly PeerColumn[],
  topics: readonly Topic[],
  verdict: (id: string, column: string) => Verdict | undefined,
): string {
  const asked = columns.filter((column) => column.missing === undefined);
  const score = (ids: readonly string[], column: string): string => {
    const { blocked, tried, notRun } = count(ids.map((id) => verdict(id, column)));
    if (tried + notRun === 0) return '';
    return `${blocked} of ${tried}${notRun > 0 ? ` (${notRun} not run)` : ''}`;
  };
  const all = topics.flatMap((topic) => topic.attempts.map((attempt) => attempt.id));
  const line = (title: string, ids: readonly string[]): string =>
    `| ${title} | ${asked.map((column) => score(ids, column.name)).join(' | ')} |\n`;
  const through = (column: string): string => {
    const ids = all.filter((id) => verdict(id, column)?.kind === 'escaped');
    return ids.length === 0 ? 'nothing' : ids.map((id) => `\`${id}\``).join(' ');
  };
  return `# The same attempts in other sandboxes

<!-- Written by \`npm run test:escape -- --peers-page docs/escape-peers.md\`. Figures of one run: not edited by hand. -->

The attempts of [escape-catalogue.md](escape-catalogue.md), as far as they do not concern what only nono has, under other sandboxes with the nearest policy that each can express
(\`test/escape/sandboxes.ts\`). It is information about what a user of each gets from these few lines of policy, not a verdict on them: some have no means to deny a path that does not exist yet, or a
pattern, others deny only what is named. *Blocked of tried*; an attempt that did not run there counts for neither. Races of one second.

Linux ${release().split('-')[0]}${landlock()}. ${columns
    .map(
      (column) =>
        `${column.name}: ${column.missing === undefined ? column.version || 'version unknown' : cell(column.missing)}`,
    )
    .join('; ')}.

| topic | ${asked.map((column) => column.name).join(' | ')} |
|---|${asked.map(() => '---|').join('')}
${topics
  .filter((topic) => asked.some((column) => topic.attempts.some((attempt) => verdict(attempt.id, column.name))))
  .map((topic) =>
    line(
      cell(topic.title),
      topic.attempts.map((attempt) => attempt.id),
    ),
  )
  .join('')}${line('**all**', all)}
## What got through

${asked.map((column) => `- ${column.name}: ${through(column.name)}\n`).join('')}`;
}
