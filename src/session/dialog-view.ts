/** The text of every dialog. Pure: a dialog and a width in, lines out. */
import type { PolicyNetRule, PolicyRule } from '../policy/model.ts';
import { cutEnd, cutMiddle, textWidth, visibleName, visibleText } from '../terminal/visible-text.ts';
import { grantRules, ruleText, type Target, targetsOf, typedFor } from './approvals.ts';
import type { Line, Span, Tone } from './chrome-model.ts';
import type { Console } from './console.ts';
import { consoleText } from './console-view.ts';
import type { DenialRow } from './denial-row.ts';
import { helpItems } from './help-items.ts';
import { keyFor, withKeys } from './key-words.ts';
import { type Keymap, keyLabel } from './keymap.ts';
import type { Action, Binding, KeyContext } from './keys/binding.ts';
import { addressNote, isNetPath } from './net-target.ts';
import {
  denyRule,
  pathText,
  type RuleTables,
  ruleName,
  sourceName,
  spelling,
  targetText,
  verbText,
} from './row-text.ts';
import type { Dialog } from './ui-state.ts';
import { EMPTY, field, lineWidth, prose, span, words, wrapped } from './wrapped-lines.ts';

const GAP = 3;

/** What a dialog says besides its own data. */
export interface DialogContext {
  readonly rules: RuleTables;
  readonly target: Target;
  readonly profile: string;
  readonly notices: readonly string[];
  readonly console: Console | undefined;
  readonly keymap: Keymap;
  /** Columns and lines of text. */
  readonly width: number;
  readonly height: number;
}

/** A dialog as lines of any number; the caller cuts and scrolls. */
export interface DialogText {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Line and column of a text cursor. */
  readonly cursor?: { readonly line: number; readonly column: number };
  /** A line to keep in sight, counted after the first two, which stay where they are. */
  readonly follow?: number;
  /** The place that it keeps while less of it is shown: what is typed must not move it. */
  readonly least?: { readonly columns: number; readonly lines: number };
  /** How far PgUp and PgDn go, where that is not a page of the list. */
  readonly page?: number;
}

const lasts = (text: string, width: number): readonly Line[] => field('lasts', text, width, 'plain', prose);

function denied(rule: PolicyRule | PolicyNetRule): string {
  if ('operations' in rule) return 'connect to';
  return rule.access === 'writeconnect' ? 'write' : rule.access;
}

/** How long each of the approving keys of a row holds. */
function lifetimes(row: DenialRow, c: DialogContext): string {
  if (row.grant !== undefined && row.holds.size === 0) return LIFETIMES[row.grant];
  const k = (action: Action): string => keyFor(c.keymap, 'details', action);
  const once = row.kind === 'path' && row.holds.size > 0 ? `${k('allow-once')}: this call; ` : '';
  return `${once}${k('allow-session')}: until this session ends; ${k('allow-profile')}: in every later session with this profile, too`;
}

const LIFETIMES = {
  once: 'was for that call',
  session: 'until this session ends',
  profile: 'in every later session with this profile, too',
  override: 'lifted',
} as const;

/** What the row is about: both sides of a rename or link, each by itself. */
function sidesOf(row: DenialRow): readonly (readonly [label: string, text: string])[] {
  if (row.kind === 'startup') return [];
  if (isNetPath(row.path)) return [['address', targetText(row, '')]];
  if (row.other === undefined) return [['path', pathText(spelling(row), '')]];
  const [from, to] = row.other.first ? [row.other, row] : [row, row.other];
  return [
    ['from', pathText(spelling(from), '')],
    ['to', pathText(spelling(to), '')],
  ];
}

function details(dialog: Extract<Dialog, { kind: 'details' }>, c: DialogContext): DialogText {
  const { row, process } = dialog;
  const rule = denyRule(row, c.rules);
  const net = isNetPath(row.path);
  const would = grantRules(row, c.target);
  const what =
    row.kind === 'startup'
      ? []
      : field('call', net ? row.verb : `${row.verb} (${verbText(row)}), ${row.object}`, c.width);
  const path = sidesOf(row).flatMap(([label, text]) => field(label, text, c.width, 'strong'));
  const note = row.net === undefined ? [] : field('', addressNote(row.net.address), c.width, 'quiet', prose);
  const name =
    row.name === undefined
      ? []
      : field('name', `${row.name.name}, the answer of ${row.name.server}; a grant is for the address`, c.width);
  const members = row.members.slice(0, 100).flatMap((m) => field('', targetText(m, ''), c.width));
  return {
    title: row.kind === 'startup' ? 'Denied during start-up' : 'Denied access',
    lines: [
      ...path,
      ...note,
      ...name,
      ...what,
      ...(row.kind === 'path' ? field('process', `${visibleName(row.comm)}(${row.pid})`, c.width) : []),
      ...(process === undefined || row.kind !== 'path'
        ? row.kind === 'path'
          ? field('', 'has ended', c.width, 'quiet')
          : []
        : [
            ...field('argv', process.argv.map(visibleName).join(' '), c.width),
            ...field('cwd', visibleName(process.cwd ?? '?'), c.width),
            ...field(
              'parents',
              process.parents.map((p) => `${visibleName(p.name)}(${p.pid})`).join(' ← '),
              c.width,
              'plain',
              words,
            ),
          ]),
      ...field('why', ruleName(row, c.rules), c.width, rule === undefined ? 'plain' : 'denied'),
      ...(rule === undefined
        ? []
        : field(
            'rule',
            `deny ${denied(rule)} ${visibleText(rule.raw)} (${visibleText(sourceName(rule.source))})`,
            c.width,
          )),
      ...(rule?.why === undefined ? [] : field('', visibleText(rule.why), c.width, 'quiet', prose)),
      ...('refused' in would
        ? field('adds', withKeys(would.refused, c.keymap), c.width, 'quiet', prose)
        : [
            ...would.flatMap((one, i) => field(i === 0 ? 'adds' : '', visibleName(ruleText(one)), c.width)),
            ...lasts(lifetimes(row, c), c.width),
          ]),
      ...members,
    ],
  };
}

const DIFF: Record<string, Tone> = { '+': 'granted', '-': 'denied' };

function diff(lines: readonly string[], width: number): readonly Line[] {
  return lines.map((line) => [span(cutMiddle(visibleText(line), width), DIFF[line[0] ?? ''] ?? 'quiet')]);
}

/** The question whole, and as much of the diff as there is room for. */
function question(
  title: string,
  before: readonly Line[],
  change: readonly Line[],
  answer: readonly Line[],
  { height }: Pick<DialogContext, 'height'>,
  whole: 'both ends' | 'beginning' = 'both ends',
): DialogText {
  if (change.length === 0) return { title, lines: [...before, EMPTY, ...answer] };
  const room = height - before.length - answer.length - 2;
  // Then it has pages, and there is no reason to leave anything out.
  if (room < 1) return { title, lines: [...before, EMPTY, ...change, EMPTY, ...answer] };
  // The file at the beginning and the rule, which stands towards the end, are what matters of a change; of a text it is the beginning.
  const first = whole === 'both ends' ? Math.min(1, room - 1) : room - 1;
  const cut: Line = [span(`… ${change.length - room + 1} more lines`, 'quiet')];
  const shown =
    change.length <= room
      ? change
      : [...change.slice(0, first), cut, ...change.slice(change.length - (room - 1 - first))];
  return { title, lines: [...before, EMPTY, ...shown, EMPTY, ...answer] };
}

/** `y: save and allow   Esc: change nothing`, with the user's own keys; over as many lines as they need, since none may be missing. */
function answers(c: DialogContext, context: KeyContext, all: readonly (readonly [Action, string])[]): readonly Line[] {
  const lines: Span[][] = [];
  let used = 0;
  for (const [action, does] of all) {
    const one = [span(keyFor(c.keymap, context, action), 'strong'), span(`: ${does}`)];
    const width = lineWidth(one);
    const line = lines.at(-1);
    const beside = line !== undefined && used + GAP + width <= c.width;
    if (beside) line.push(span(' '.repeat(GAP)), ...one);
    else lines.push(one);
    used = beside ? used + GAP + width : width;
  }
  return lines;
}

const targetWords: Readonly<Record<Target, string>> = {
  file: 'file',
  directory: 'directory',
  endpoint: 'host and port',
  host: 'host',
  port: 'port',
};

function save(dialog: Extract<Dialog, { kind: 'save' }>, c: DialogContext): DialogText {
  const targets = targetsOf(dialog.row);
  const other = targets.map((target) => targetWords[target]).join(' / ');
  const before = [
    ...dialog.rules.flatMap((rule, i) =>
      field(i === 0 ? 'rule' : 'and', visibleName(ruleText(rule)), c.width, 'strong'),
    ),
    ...lasts('in this and every later session with this profile', c.width),
    ...(dialog.row.holds.size > 0 ? field('now', 'the waiting call continues', c.width) : []),
  ];
  const answer = answers(c, 'save', [
    ['confirm', 'save and allow'],
    ['back', 'change nothing'],
    ...(targets.length > 1 ? [['toggle-target', other] as const] : []),
  ]);
  return question('Save to the profile?', before, diff(dialog.preview, c.width), answer, c);
}

function override(dialog: Extract<Dialog, { kind: 'override' }>, c: DialogContext): DialogText {
  const { row } = dialog;
  const why = denyRule(row, c.rules)?.why;
  const word = row.net === undefined ? 'path' : 'address';
  const wanted = typedFor(row);
  const head = [
    ...field('rule', `${ruleName(row, c.rules)} forbids this`, c.width, 'danger', prose),
    ...(why === undefined ? [] : field('', visibleText(why), c.width, 'quiet', prose)),
    ...field(word, targetText(row, ''), c.width, 'strong'),
    EMPTY,
    ...wrapped(
      `Type the whole ${word} to lift the rule for it, then ${keyFor(c.keymap, 'override', 'accept-text')}:`,
      c.width,
    ),
  ];
  const shown = dialog.typed.slice(-(c.width - 3));
  const ok = dialog.typed === wanted;
  const input: Line = [span('> '), span(visibleText(shown), ok ? 'granted' : 'plain')];
  const state: Line = [
    span(
      ok ? 'complete: Enter asks how long' : wanted.startsWith(dialog.typed) ? '' : `differs from the ${word}`,
      'quiet',
    ),
  ];
  return {
    title: 'Lift a deny rule',
    lines: [...head, input, state],
    cursor: { line: head.length, column: 2 + textWidth(visibleText(shown)) },
  };
}

function overrideConfirm(dialog: Extract<Dialog, { kind: 'override-confirm' }>, c: DialogContext): DialogText {
  const before = [
    ...field('rule', visibleName(ruleText(dialog.rule)), c.width, 'danger'),
    ...(dialog.always
      ? []
      : lasts('until this session ends: a rule of a group is lifted for good in a profile file only', c.width)),
  ];
  const answer = answers(c, 'override-confirm', [
    ['confirm-session', 'this session'],
    ...(dialog.always ? [['confirm-profile', 'save the change above'] as const] : []),
    ['back', 'nothing'],
  ]);
  return question('Lift a deny rule: for how long?', before, diff(dialog.preview, c.width), answer, c);
}

function grant(dialog: Extract<Dialog, { kind: 'grant' }>, c: DialogContext): DialogText {
  const before = [
    ...dialog.rules.flatMap((rule) => field('rule', visibleName(ruleText(rule)), c.width, 'strong')),
    ...dialog.covers.flatMap((text, i) => field(i === 0 ? 'covers' : '', text, c.width, 'plain', prose)),
    ...lasts(
      dialog.preview.length === 0
        ? 'until this session ends'
        : `${keyFor(c.keymap, 'grant', 'confirm-session')}: until this session ends; ${keyFor(c.keymap, 'grant', 'confirm-profile')}: in every later session with this profile, too`,
      c.width,
    ),
  ];
  const answer = answers(c, 'grant', [
    ['confirm-session', 'this session'],
    ...(dialog.preview.length === 0 ? [] : [['confirm-profile', 'save the change above'] as const]),
    ['back', 'nothing'],
  ]);
  return question('Allow?', before, diff(dialog.preview, c.width), answer, c);
}

function edit(dialog: Extract<Dialog, { kind: 'edit' }>, c: DialogContext): DialogText {
  const { line, rule, covers } = dialog;
  const before = visibleText(Array.from(line.text).slice(0, line.at).join(''));
  const start = Math.max(0, textWidth(before) - (c.width - 4));
  const shown = cutEnd(visibleText(line.text).slice(start), c.width - 3);
  const refused = 'refused' in rule;
  const about = prose(
    'A path; a directory with everything below it, ending in /; or a pattern (* within a name, ** any depth), for this session only.',
    c.width,
    'quiet',
  );
  return {
    title: 'What should it cover?',
    lines: [
      ...about,
      EMPTY,
      [span('> '), span(shown)],
      EMPTY,
      ...(refused
        ? field('rule', rule.refused, c.width, 'denied', prose)
        : field('rule', visibleName(ruleText(rule)), c.width, 'strong')),
      ...covers.flatMap((text, i) =>
        field(i === 0 ? 'covers' : '', text, c.width, text.startsWith('not ') ? 'danger' : 'plain', prose),
      ),
    ],
    cursor: { line: about.length + 1, column: 2 + textWidth(before) - start },
  };
}

const KEYS = 20;
/** Of the width: beside the keys there is something to read. */
const KEYS_PART = 3;
const FEW_KEYS = 8;
/** The filter, and a blank line. */
const HELP_HEAD = 2;

/** As many of a line's keys as there is room for, the first one always. */
function keysText({ keys }: Binding, room: number): string {
  const labels = keys.map(keyLabel);
  while (labels.length > 1 && textWidth(labels.join(' ')) >= room) labels.pop();
  return labels.join(' ');
}

type HelpDialog = Extract<Dialog, { kind: 'help' }>;

function helpLines(items: readonly Binding[], at: number, keys: number, c: DialogContext) {
  const lines: Line[] = [];
  let follow = 0;
  items.forEach((one, i) => {
    const chosen = i === at;
    if (chosen) follow = lines.length;
    const [first = EMPTY, ...rest] = prose(one.help, Math.max(10, c.width - keys - 2));
    lines.push([
      span(`${chosen ? '> ' : '  '}${keysText(one, keys).padEnd(keys)}`, 'strong'),
      ...(chosen ? first.map((s): Span => ({ ...s, tone: 'strong' })) : first),
    ]);
    lines.push(...rest.map((l): Line => [span(' '.repeat(keys + 2)), ...l]));
  });
  return { lines, follow };
}

/** Items that stay in sight of each other: some take more than one line. */
function helpPage(lines: number, items: number, height: number): number {
  return Math.floor(((height - HELP_HEAD - 1) * items) / Math.max(1, lines));
}

function help({ about, filter, at }: HelpDialog, c: DialogContext): DialogText {
  const all = helpItems(c.keymap, about, '');
  const most = Math.min(KEYS, Math.max(FEW_KEYS, Math.floor(c.width / KEYS_PART)));
  const keys = Math.min(most, Math.max(...all.map((one) => textWidth(keysText(one, most)) + 2)));
  const { lines, follow } = helpLines(helpItems(c.keymap, about, filter), at, keys, c);
  const whole = helpLines(all, 0, keys, c).lines;
  const notes =
    filter === '' && about === 'prefix'
      ? c.notices.flatMap((n) => [EMPTY, ...field('note', visibleText(n), c.width)])
      : [];
  const input: Line = [span('filter: ', 'quiet'), span(visibleText(filter))];
  return {
    title: 'Keys',
    lines: [input, EMPTY, ...(lines.length === 0 ? [[span('no key matches', 'quiet')]] : lines), ...notes],
    cursor: { line: 0, column: 8 + textWidth(visibleText(filter)) },
    follow,
    page: helpPage(lines.length, helpItems(c.keymap, about, filter).length, c.height),
    least: { columns: Math.max(...whole.map(lineWidth)), lines: whole.length + 2 },
  };
}

/** Text with its line breaks as such, everything else that could mislead written out. */
function clipboard(text: string, c: DialogContext): DialogText {
  const lines = text.split('\n').flatMap((line) => wrapped(visibleText(line), c.width - 2));
  const warnings = [
    ...(text.includes('\n') ? ['It has line breaks: pasted into a shell, its lines can run at once.'] : []),
    ...(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text) ? ['It has control characters.'] : []),
  ];
  const answer = answers(c, 'clipboard', [
    ['confirm', 'send it to the terminal'],
    ['back', 'refuse'],
  ]);
  const before = [
    ...prose('A program in the shell wants this text in your clipboard:', c.width),
    ...warnings.flatMap((one) => prose(one, c.width, 'danger')),
  ];
  return question(
    'Set the clipboard?',
    before,
    lines.map((line): Line => [span('  '), ...line]),
    answer,
    c,
    'beginning',
  );
}

/** The lines of a dialog. */
export function dialogText(dialog: Dialog, c: DialogContext): DialogText {
  switch (dialog.kind) {
    case 'details':
      return details(dialog, c);
    case 'save':
      return save(dialog, c);
    case 'override':
      return override(dialog, c);
    case 'override-confirm':
      return overrideConfirm(dialog, c);
    case 'edit':
      return edit(dialog, c);
    case 'grant':
      return grant(dialog, c);
    case 'command':
      return c.console === undefined ? { title: '', lines: [] } : consoleText(c.console, c.width, c.height);
    case 'help':
      return help(dialog, c);
    case 'clipboard':
      return clipboard(dialog.wish.text, c);
    case 'quit':
      return {
        title: 'End this session?',
        lines: [
          ...prose('The shell and everything started in it is ended.', c.width),
          EMPTY,
          ...answers(c, 'quit', [
            ['confirm', 'end it'],
            ['back', 'go on'],
          ]),
        ],
      };
  }
}
