/** The text of the dialogs that something is typed into. */
import { visibleName, visibleText } from '../../terminal/visible-text.ts';
import { ruleText, typedFor } from '../approval/approvals.ts';
import { keyFor } from '../keys/key-words.ts';
import { denyRule, ruleName, targetText } from '../rows/row-text.ts';
import type { Line } from '../screen/chrome-model.ts';
import type { Dialog } from '../screen/ui-state.ts';
import type { DialogContext, DialogText } from './dialog-text.ts';
import { lineOf } from './line-editor.ts';
import { typedWindow } from './typed-window.ts';
import { EMPTY, field, prose, span, wrapped } from './wrapped-lines.ts';

export function override(dialog: Extract<Dialog, { kind: 'override' }>, c: DialogContext): DialogText {
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
  const { shown, column } = typedWindow(lineOf(dialog.typed), c.width - 3);
  const ok = dialog.typed === wanted;
  const input: Line = [span('> '), span(shown, ok ? 'granted' : 'plain')];
  const state: Line = [
    span(
      ok ? 'complete: Enter asks how long' : wanted.startsWith(dialog.typed) ? '' : `differs from the ${word}`,
      'quiet',
    ),
  ];
  return {
    title: 'Lift a deny rule',
    lines: [...head, input, state],
    cursor: { line: head.length, column: 2 + column },
  };
}

export function edit(dialog: Extract<Dialog, { kind: 'edit' }>, c: DialogContext): DialogText {
  const { line, rule, covers } = dialog;
  const { shown, column } = typedWindow(line, c.width - 3);
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
    cursor: { line: about.length + 1, column: 2 + column },
  };
}
