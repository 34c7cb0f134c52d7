/** The text of the questions that one key answers. */
import { cutMiddle, visibleName, visibleText } from '../../terminal/visible-text.ts';
import { ruleText, type Target, targetsOf } from '../approval/approvals.ts';
import type { Action, KeyContext } from '../keys/binding.ts';
import { keyFor } from '../keys/key-words.ts';
import { waitingCalls } from '../rows/row-text.ts';
import type { Line, Span, Tone } from '../screen/chrome-model.ts';
import type { Dialog } from '../screen/ui-state.ts';
import { type DialogContext, type DialogText, lasts } from './dialog-text.ts';
import { EMPTY, field, lineWidth, prose, span, wrapped } from './wrapped-lines.ts';

const GAP = 3;

const DIFF: Record<string, Tone> = { '+': 'granted', '-': 'denied' };

function diff(lines: readonly string[], width: number): readonly Line[] {
  return lines.map((line) => [span(cutMiddle(visibleText(line), width), DIFF[line[0] ?? ''] ?? 'quiet')]);
}

/** All of the question, on pages where it has no room at once. Where that saves a page, blank lines are left out, and then the answers: the last row of the screen names them, in fewer words than fit one line here. */
function question(
  title: string,
  before: readonly Line[],
  change: readonly Line[],
  answer: readonly Line[],
  { height }: Pick<DialogContext, 'height'>,
): DialogText {
  const parts = [before, change, answer].filter((part) => part.length > 0);
  const tight = parts.flat();
  const spaced = parts.flatMap((part, i) => (i === 0 ? part : [EMPTY, ...part]));
  const pages = ({ length }: readonly Line[]) => Math.ceil(length / height);
  const bare = answer.length === 1 ? [...before, ...change] : tight;
  const lines = [spaced, tight, bare].reduce((best, one) => (pages(one) < pages(best) ? one : best));
  return { title, lines };
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

export function save(dialog: Extract<Dialog, { kind: 'save' }>, c: DialogContext): DialogText {
  const targets = targetsOf(dialog.row);
  const other = targets.map((target) => targetWords[target]).join(' / ');
  const before = [
    ...dialog.rules.flatMap((rule, i) =>
      field(i === 0 ? 'rule' : 'and', visibleName(ruleText(rule)), c.width, 'strong'),
    ),
    ...lasts('in this and every later session with this profile', c.width),
    ...(dialog.row.holds.size > 0
      ? field('now', `${waitingCalls(dialog.row)} continue${dialog.row.holds.size === 1 ? 's' : ''}`, c.width)
      : []),
  ];
  const answer = answers(c, 'save', [
    ['confirm', 'save and allow'],
    ['back', 'change nothing'],
    ...(targets.length > 1 ? [['toggle-target', other] as const] : []),
  ]);
  return question('Save to the profile?', before, diff(dialog.preview, c.width), answer, c);
}

export function overrideConfirm(dialog: Extract<Dialog, { kind: 'override-confirm' }>, c: DialogContext): DialogText {
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

export function grant(dialog: Extract<Dialog, { kind: 'grant' }>, c: DialogContext): DialogText {
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

/** Of a text for the clipboard: nobody turns the pages of a million characters. */
const MOST_OF_AN_END = 100;

/** Whole, on as many pages as it takes: what is sent unseen is pasted unseen. Text with its line breaks as such, everything else that could mislead written out. */
export function clipboard(text: string, c: DialogContext): DialogText {
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
  const shown = lines.map((line): Line => [span('  '), ...line]);
  const over = shown.length - 2 * MOST_OF_AN_END;
  const seen =
    over > 0
      ? [
          ...shown.slice(0, MOST_OF_AN_END),
          [span(`… ${over} more lines, which are not shown`, 'danger')],
          ...shown.slice(-MOST_OF_AN_END),
        ]
      : shown;
  return { title: 'Set the clipboard?', lines: [...before, EMPTY, ...seen, EMPTY, ...answer] };
}

export function quit(c: DialogContext): DialogText {
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
