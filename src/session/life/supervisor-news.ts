/** What the supervisor says: into the rows of the list, and answered at once where an answer was given before. */
import type { SupervisorEvent } from '../../sandbox/linux/wire.ts';
import type { SessionController } from '../controller.ts';
import { type DenialRow, othersAsk } from '../rows/denial-row.ts';

const MAX_NOTICES = 50;

/** Takes one event. */
export function takeNews(session: SessionController, event: SupervisorEvent): void {
  const { list, ui, options, refusals, granter } = session;
  const change = list.apply(event, options.now());
  const held = event.type === 'held' || event.type === 'net-held';
  if (held && change.row !== undefined) refusals.mute(change.row);
  if (held && change.row !== undefined && !change.row.muted && granter.patternAllows(change.row)) {
    options.send({ type: 'verdict', holdId: event.holdId, allow: true });
    change.row.grant = 'session';
  }
  if (held && change.row?.muted) {
    options.send({ type: 'verdict', holdId: event.holdId, allow: false });
  }
  if (event.type === 'released' && event.outcome === 'changed') {
    session.say('denied: the object at this path changed after it was shown');
  }
  // Answered with no, and hidden for that: the next key must not mean a row that nobody sees.
  if (event.type === 'released' && ui.focus === 'list' && ui.hideMuted) session.keepSelection();
  if (held || event.type === 'released') askersChanged(session, change.row);
  if (event.type === 'notice') notice(session, event.text);
  if (change.news && ui.focus !== 'list' && change.row?.fold?.kind !== 'startup') {
    ui.unseen += 1;
    options.bell?.();
  }
  if (change.row !== undefined || event.type === 'dropped') options.changed(held);
}

/** The open page names whom an answer concerns: one that joined is on it before a key counts again. */
function askersChanged(session: SessionController, row: DenialRow | undefined): void {
  const { dialog } = session.ui;
  if (row !== undefined && dialog?.kind === 'details' && dialog.row === row && othersAsk(row, dialog.askers))
    session.showRow(row);
}

function notice(session: SessionController, text: string): void {
  if (session.notices.length < MAX_NOTICES) session.notices.push(text);
  // At the start they stand in the empty list, where nothing has to be taken away again.
  if (session.asking.begun) session.say(text);
  else session.options.changed(false);
}
