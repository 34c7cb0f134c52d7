/** What is asked in lines of text: numbered choices, and what each does. The same granter, and the same conditions, as on the screen. */

import { visibleName, visibleText } from '../../terminal/visible-text.ts';
import { approvable } from '../approval/approvable.ts';
import { defaultTarget, grantRules, ruleText, type Target, targetsOf } from '../approval/approvals.ts';
import type { SessionController } from '../controller.ts';
import { dialogKey } from '../dialog/dialog-keys.ts';
import { emptyLine } from '../dialog/line-editor.ts';
import type { DenialRow } from '../rows/denial-row.ts';
import { denyRule, type RuleTables, waitingCalls } from '../rows/row-text.ts';
import { rowWords } from './row-words.ts';

/** What follows an answer: another question, the shell, or whatever dialog the answer opened. */
export type Next = Question | 'shell' | 'dialog';

export interface Choice {
  readonly label: string;
  readonly run: () => Next | Promise<Next>;
}

export interface Question {
  readonly lines: readonly string[];
  /** Answered by their number. */
  readonly choices: readonly Choice[];
  /** Answered by a letter. */
  readonly letters?: Readonly<Record<string, Choice>>;
  /** A whole line of text is taken instead. */
  readonly text?: (line: string) => Next | Promise<Next>;
  /** Whether pasted text may become part of that line. */
  readonly pasteable?: true;
  /** Asked by the prefix key, which pressed once more is the shell's. */
  readonly first?: true;
  readonly prompt: string;
  /** Everything that an answer depends on; when it is another by then, the answer does not count. */
  readonly about?: () => string;
}

const MOST_LISTED = 9;

function newestFirst(session: SessionController): readonly DenialRow[] {
  const rows = [...session.list.all()].filter((row) => row.kind !== 'fold' || row.holds.size === 0);
  const waiting = rows.filter((row) => row.holds.size > 0);
  const rest = rows.filter((row) => row.holds.size === 0 && row.kind !== 'startup' && row.fold === undefined);
  return [...waiting, ...rest.reverse()];
}

/** After the prefix. */
export function menu(session: SessionController, rules: RuleTables, all = false): Question {
  const rows = newestFirst(session);
  const shown = rows.slice(0, all ? 50 : MOST_LISTED);
  const { held, denied } = session.list;
  return {
    lines: [`${held} waiting, ${denied} denied.`, ...session.notices.slice(0, all ? undefined : 0).map(visibleText)],
    choices: shown.map((row) => ({ label: rowWords(row, rules), run: () => rowQuestion(session, rules, row) })),
    letters: {
      ...(rows.length > shown.length
        ? { a: { label: `all ${rows.length}`, run: () => menu(session, rules, true) } }
        : {}),
      c: { label: 'command line', run: () => commandLine(session) },
      ...(session.granter.journal.last === undefined
        ? {}
        : { z: { label: 'take the last approval back', run: () => undone(session) } }),
      q: {
        label: 'end the session',
        run: () => {
          session.ui.dialog = { kind: 'quit' };
          return 'dialog';
        },
      },
    },
    first: true,
    prompt: 'Number or letter, then Enter; Enter alone goes back to the shell: ',
  };
}

async function undone(session: SessionController): Promise<Next> {
  await session.granter.undo();
  return 'shell';
}

function targetChoices(session: SessionController, row: DenialRow): readonly Choice[] {
  return targetsOf(row).flatMap((target: Target): Choice[] => {
    const rules = grantRules(row, target);
    if ('refused' in rules) return [];
    const words = rules.map((rule) => visibleName(ruleText(rule))).join(' and ');
    const wanted = (run: () => void, next: Next) => (): Next => {
      session.ui.target = target;
      run();
      return next;
    };
    return [
      { label: `until this session ends: ${words}`, run: wanted(() => session.granter.session(row), 'shell') },
      {
        label: `save to the profile, asks once more: ${words}`,
        run: wanted(() => session.granter.askToSave(row), 'dialog'),
      },
    ];
  });
}

function rowQuestion(session: SessionController, rules: RuleTables, row: DenialRow): Question {
  const { granter } = session;
  const what = approvable(row);
  const rule = denyRule(row, rules);
  session.ui.target = defaultTarget(row);
  const act = (label: string, run: () => void, next: Next = 'shell'): Choice => ({
    label,
    run: () => {
      run();
      return next;
    },
  });
  const choices: Choice[] = [];
  if (what === 'held') choices.push(act(`allow ${waitingCalls(row)}, once`, () => granter.once(row)));
  if (what === 'held' || what === 'denied' || what === 'fold') choices.push(...targetChoices(session, row));
  if (what === 'rule')
    choices.push(act('lift the deny rule: the path has to be typed', () => granter.askToOverride(row), 'dialog'));
  if (what !== 'granted')
    choices.push(
      act(row.muted && row.holds.size === 0 ? 'ask about it again' : 'deny, and do not ask again', () =>
        granter.deny(row),
      ),
    );
  return {
    lines: [rowWords(row, rules), ...(rule?.why === undefined ? [] : [`The rule: ${visibleText(rule.why)}`])],
    choices,
    prompt: 'Number, then Enter; Enter alone changes nothing: ',
    about: () => `${row.id} ${approvable(row)} ${Array.from(row.holds.keys()).join(' ')}`,
  };
}

function commandLine(session: SessionController): Question {
  session.openConsole();
  return {
    lines: ['Command line: help lists the commands; Enter alone leaves it.'],
    choices: [],
    text: (line) => runLine(session, line),
    pasteable: true,
    prompt: ': ',
  };
}

async function runLine(session: SessionController, line: string): Promise<Next> {
  const { console } = session;
  if (console === undefined || line.trim() === '') {
    session.closeConsole();
    return 'shell';
  }
  // By itself: what was refused before is not its beginning.
  console.line = emptyLine;
  console.type(line);
  const before = console.output.at(-1);
  await console.submit();
  // By the line before it: old lines make room, and what is printed then begins elsewhere.
  const printed = before === undefined ? console.output : console.output.slice(console.output.lastIndexOf(before) + 1);
  if (session.ui.dialog?.kind !== 'command') return 'dialog';
  const said = printed.filter((span) => span.tone !== 'strong' || span.text !== `: ${visibleText(line.trim())}`);
  return { ...commandLine(session), lines: said.map((span) => span.text) };
}

/** The question of a dialog that an answer has opened; undefined when none is open. */
export function dialogQuestion(session: SessionController): Question | undefined {
  const { dialog } = session.ui;
  const press = (label: string, action: 'confirm' | 'confirm-session' | 'confirm-profile'): Choice => ({
    label,
    run: async (): Promise<Next> => {
      dialogKey(session, action, '');
      await session.granter.saving;
      return 'dialog';
    },
  });
  const about = (): string => JSON.stringify(session.ui.dialog === dialog);
  const prompt = 'Number, then Enter; Enter alone changes nothing: ';
  switch (dialog?.kind) {
    case 'save':
      return {
        lines: [
          'Save to the profile?',
          ...dialog.rules.map((rule) => visibleName(ruleText(rule))),
          ...dialog.preview.map(visibleText),
        ],
        choices: [press('save and allow', 'confirm')],
        prompt,
        about,
      };
    case 'grant': {
      const saved =
        dialog.preview.length === 0 ? [] : [press('save to the profile, too: the change above', 'confirm-profile')];
      return {
        lines: [
          ...dialog.preview.map(visibleText),
          'Allow?',
          ...dialog.rules.map((rule) => visibleName(ruleText(rule))),
          ...dialog.covers,
        ],
        choices: [press('until this session ends', 'confirm-session'), ...saved],
        prompt,
        about,
      };
    }
    case 'override':
      return {
        lines: ['A deny rule forbids this. To lift it, type the whole path:', visibleName(dialog.row.path)],
        choices: [],
        text: (line) => {
          if (line === '') return cancel(session);
          session.ui.dialog = { ...dialog, typed: line };
          dialogKey(session, 'accept-text', '');
          return 'dialog';
        },
        prompt: 'Path: ',
        about,
      };
    case 'override-confirm':
      return {
        lines: [...dialog.preview.map(visibleText), visibleName(ruleText(dialog.rule)), 'For how long?'],
        choices: [
          press('until this session ends', 'confirm-session'),
          ...(dialog.always ? [press('save the change above', 'confirm-profile')] : []),
        ],
        prompt,
        about,
      };
    case 'quit':
      return {
        lines: ['End this session? Everything started in it is ended.'],
        choices: [press('end it', 'confirm')],
        prompt,
        about,
      };
    case 'command':
      return commandLine(session);
    default:
      return undefined;
  }
}

/** Leaves whatever is open without an answer. */
export function cancel(session: SessionController): Next {
  session.closeDialog();
  if (session.ui.dialog?.kind === 'command') return 'dialog';
  return 'shell';
}
