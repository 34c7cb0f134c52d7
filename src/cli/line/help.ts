/** `--help` and docs/cli.md, made from the tables in tables/. */

import { fold } from '../output/fold-words.ts';
import { type CommandName, commands, subcommandsOf } from '../tables/commands.ts';
import { flagsOf } from '../tables/flags.ts';
import { type Command, commandGroups, type Flag, flagGroups } from '../tables/model.ts';

const FLAG_COLUMN = 34;
/** Wider text is harder to read; a narrower terminal has less. */
const WIDEST = 118;
const NAME_COLUMN = 10;
/** Where less is left beside a name, a text stands below it. */
const LEAST_BESIDE = 30;
const BELOW = 10;
const HEADLINE = 'Run any command in a kernel-enforced sandbox';

function spelled(flag: Flag): string {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  const value = flag.value === undefined ? '' : ` <${flag.value}>`;
  return `${short}--${flag.long}${value}${flag.kind === 'count' ? '...' : ''}`;
}

function described(flag: Flag): string {
  const notes: string[] = [];
  if (flag.aliases !== undefined) notes.push(`[also: ${flag.aliases.map((alias) => `--${alias}`).join(', ')}]`);
  if (flag.env !== undefined) notes.push(`[env: ${flag.env}=]`);
  return [flag.help, ...notes].join(' ');
}

function room(width: number): number {
  return Math.min(width, WIDEST);
}

/** A name and its text: beside it, or below where the terminal is narrow. */
function entry(name: string, text: string, column: number, width: number): string[] {
  const beside = room(width) - column - 3;
  const left = beside < LEAST_BESIDE ? BELOW : column + 3;
  const lines = fold(text, room(width) - left).map((line) => ' '.repeat(left) + line);
  if (left === BELOW || name.length > column) return [`  ${name}`, ...lines];
  return [`  ${name.padEnd(column)} ${lines[0]?.slice(left) ?? ''}`, ...lines.slice(1)];
}

function paragraph(text: string, width: number): string[] {
  return fold(text, room(width) - 2).map((line) => `  ${line}`);
}

function flagLines(flags: readonly Flag[], width: number): string[] {
  return flags
    .filter((flag) => !flag.hidden)
    .flatMap((flag) => entry(spelled(flag), described(flag), FLAG_COLUMN, width));
}

function byGroup<T extends { readonly group: string }>(items: readonly T[], order: readonly string[]): [string, T[]][] {
  return order
    .map((group): [string, T[]] => [group, items.filter((item) => item.group === group)])
    .filter(([, list]) => list.length > 0);
}

function commandsByGroup(): [string, Command[]][] {
  const all: readonly Command[] = commands;
  return byGroup(
    all.filter((command) => !command.name.includes(' ')),
    commandGroups,
  );
}

/** What `nono --help` prints, for a terminal of this many columns. */
export function generalHelp(width: number = WIDEST): string {
  const lines = [...fold(HEADLINE, width), '', 'USAGE', '  nono <command> [flags]'];
  for (const [group, list] of commandsByGroup()) {
    lines.push('', group, ...list.flatMap((command) => entry(command.name, command.summary, NAME_COLUMN, width)));
  }
  lines.push('', 'OPTIONS', ...flagLines(flagsOf(undefined), width));
  const more = paragraph('Use `nono <command> --help` for more information about a command.', width);
  lines.push('', 'LEARN MORE', ...more, '');
  return lines.join('\n');
}

/** What `nono <command> --help` prints. */
export function commandHelp(name: CommandName, width: number = WIDEST): string {
  const command: Command = commands.find((c) => c.name === name) as Command;
  const lines = [...fold(command.summary, width), '', 'USAGE', ...paragraph(command.usage, width)];
  if (command.details.length > 0) lines.push('', ...command.details.flatMap((line) => paragraph(line, width)));
  const below = subcommandsOf(name);
  if (below.length > 0) {
    const rows = below.map((one) => entry(one.name.slice(name.length + 1), one.summary, NAME_COLUMN, width));
    lines.push('', 'COMMANDS', ...rows.flat());
  }
  for (const [group, list] of byGroup(flagsOf(name), flagGroups)) lines.push('', group, ...flagLines(list, width));
  lines.push('', 'EXAMPLES', ...exampleLines(command, width), '');
  return lines.join('\n');
}

/** To be copied, so never folded: where the words about one do not fit beside it, they stand above. */
function exampleLines({ examples }: Command, width: number): string[] {
  const column = Math.max(...examples.map(({ line }) => line.length));
  const beside = examples.map(({ line, what }) => `  ${line.padEnd(column)}  # ${what}`);
  if (width >= WIDEST || beside.every((line) => line.length <= width)) return beside;
  return examples.flatMap(({ line, what }) => [
    ...fold(`# ${what}`, width - 2).map((words) => `  ${words}`),
    `  ${line}`,
  ]);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function flagRow(flag: Flag): string {
  const spellings = [
    flag.short === undefined ? [] : [`-${flag.short}`],
    `--${flag.long}`,
    (flag.aliases ?? []).map((alias) => `--${alias}`),
  ].flat();
  const names = spellings.map((name) => `\`${name}\``).join(', ');
  const value = flag.value === undefined ? '' : ` ${flag.value}`;
  return `| ${names}${value} | ${flag.env === undefined ? '' : `\`${flag.env}\``} | ${cell(flag.help)} |`;
}

/** docs/cli.md. */
export function cliPage(): string {
  const lines = ['# Commands and flags', '', '<!-- Generated by `npm run generate` from src/cli/tables/. -->', ''];
  lines.push(
    'Flags stand between the command and the words it runs: everything after `--`, or from the first word that is no flag, is the command.',
  );
  lines.push('A value follows after a space or `=`. A flag wins over its environment variable.', '');
  for (const command of commands as readonly Command[]) {
    lines.push(
      `## nono ${command.name}`,
      '',
      `${command.summary}.`,
      '',
      '```',
      command.usage,
      '```',
      '',
      ...(command.details.length > 0 ? [...command.details, ''] : []),
    );
    for (const [group, list] of byGroup(flagsOf(command.name as CommandName), flagGroups)) {
      const title = group.charAt(0) + group.slice(1).toLowerCase();
      lines.push(
        `| ${title} | Variable | What it does |`,
        '|---|---|---|',
        ...list.filter((flag) => !flag.hidden).map(flagRow),
        '',
      );
    }
    lines.push('```sh', ...command.examples.map(({ line, what }) => `${line}  # ${what}`), '```', '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
