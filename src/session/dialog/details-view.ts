/** The text of what is known about one row. */
import type { PolicyNetRule, PolicyRule } from '../../policy/model.ts';
import { visibleName, visibleText } from '../../terminal/visible-text.ts';
import { grantRules, ruleText } from '../approval/approvals.ts';
import type { Action } from '../keys/binding.ts';
import { keyFor, withKeys } from '../keys/key-words.ts';
import type { DenialRow } from '../rows/denial-row.ts';
import { addressNote, isNetPath } from '../rows/net-target.ts';
import {
  denyRule,
  pathText,
  processName,
  ruleName,
  sourceName,
  spelling,
  stateText,
  targetText,
  verbText,
} from '../rows/row-text.ts';
import type { Line } from '../screen/chrome-model.ts';
import type { Asker, Dialog } from '../screen/ui-state.ts';
import { type DialogContext, type DialogText, lasts } from './dialog-text.ts';
import { field, prose, words } from './wrapped-lines.ts';

function denied(rule: PolicyRule | PolicyNetRule): string {
  if ('operations' in rule) return 'connect to';
  return rule.access === 'writeconnect' ? 'write' : rule.access;
}

/** As the row says it: what waits was not denied. */
function titleOf(row: DenialRow): string {
  if (row.kind === 'startup') return 'Denied during start-up';
  const { tone } = stateText(row);
  if (tone === 'denied' && row.outcome === 'revoked') return 'Access that was taken back';
  return tone === 'held' ? 'Held access' : tone === 'granted' ? 'Allowed access' : 'Denied access';
}

/** How long each of the approving keys of a row holds. */
function lifetimes(row: DenialRow, c: DialogContext): string {
  if (row.grant !== undefined && row.holds.size === 0) return LIFETIMES[row.grant];
  const k = (action: Action): string => keyFor(c.keymap, 'details', action);
  const once =
    row.kind === 'path' && row.holds.size > 0
      ? `${k('allow-once')}: ${row.holds.size === 1 ? 'this call' : `these ${row.holds.size} calls`}; `
      : '';
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

/** Each process that an answer concerns, whole: one that is left out would be allowed unseen. */
function askerLines(row: DenialRow, { pid, process }: Asker, width: number): readonly Line[] {
  const head = field('process', `${processName(row.comm)}(${pid})`, width);
  if (process === undefined) return [...head, ...field('', 'has ended', width, 'quiet')];
  const parents = process.parents.map((one) => `${processName(one.name)}(${one.pid})`).join(' ← ');
  return [
    ...head,
    ...field('argv', process.argv.map(visibleName).join(' '), width),
    ...field('cwd', visibleName(process.cwd ?? '?'), width),
    ...field('parents', parents, width, 'plain', words),
  ];
}

const MOST_MEMBERS = 100;

/** What lies in a folded row, under a name of its own; what is not shown is counted. */
function memberLines(row: DenialRow, width: number): readonly Line[] {
  const shown = row.members.slice(0, MOST_MEMBERS);
  const label = isNetPath(row.path) ? 'to' : 'paths';
  const more = row.distinct - shown.length;
  return [
    ...shown.flatMap((one, i) => field(i === 0 ? label : '', targetText(one, ''), width)),
    ...(shown.length > 0 && more > 0 ? field('', `and ${more} more`, width, 'quiet') : []),
  ];
}

export function details(dialog: Extract<Dialog, { kind: 'details' }>, c: DialogContext): DialogText {
  const { row } = dialog;
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
  return {
    title: titleOf(row),
    lines: [
      ...path,
      ...note,
      ...name,
      ...what,
      ...dialog.askers.flatMap((one) => askerLines(row, one, c.width)),
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
      ...memberLines(row, c.width),
    ],
  };
}
