/** `nono attach` becomes the relay of another terminal; `nono detach` asks the session to let its own go. */
import { openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { nonoDirectories } from '../../config/directories.ts';
import { NonoError } from '../../platform/errors.ts';
import { nativeProgram } from '../../platform/installation.ts';
import { isTerminal } from '../../platform/terminal.ts';
import type { SessionRecord } from '../../registry/session-record.ts';
import { sessionFiles } from '../../registry/session-store.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { answer } from '../output/output.ts';
import { isDumb } from '../pane/interactive.ts';
import { overError, sessionNamed, whyNotAttachable } from './session-list.ts';

function attachableSession(typed: string): SessionRecord {
  const session = sessionNamed(typed);
  const id = session.session_id;
  if (session.status === 'exited') throw overError(session, 'has ended');
  if (!session.attachable)
    throw new NonoError('session-state', `${id} cannot be attached or detached: ${whyNotAttachable(session)}`, {
      hint: session.attachment === 'detached' ? `nono logs --output ${id}` : 'only nono shell in the pane can',
    });
  return session;
}

function socketOf(session: SessionRecord): string {
  return sessionFiles(nonoDirectories(process.env).state, session.session_id).socket;
}

/** Returns only by throwing: this process becomes the relay. */
export function attach(typed: string): never {
  const session = attachableSession(typed);
  if (!isTerminal(0) || !isTerminal(1) || isDumb())
    throw new NonoError('session-state', 'nono attach needs a terminal', {
      hint: 'nono logs shows what happens in it',
    });
  if (session.attachment === 'attached')
    throw new NonoError('session-state', `${session.session_id} has a terminal`, {
      hint: `nono detach ${session.session_id} takes it away`,
    });
  if (process.execve === undefined)
    throw new NonoError('installation', `Node.js ${process.versions.node} cannot replace its own process`);
  const relay = nativeProgram('nono-relay');
  const args = ['nono-relay', '--', nativeProgram('nono-attach'), socketOf(session), relay];
  for (const ignored of ['SIGPIPE', 'SIGXFSZ'] as const) process.on(ignored, () => {});
  return process.execve(relay, args, {}) as never;
}

const ANSWER_MS = 5000;

export async function detach(typed: string): Promise<number> {
  const session = attachableSession(typed);
  const { connect } = await import('node:net');
  const { FrameReader, frame } = await import('../../session/outer/attached-terminal.ts');
  const path = socketOf(session);
  const directory = openSync(dirname(path), 'r');
  const socket = connect(`/proc/self/fd/${directory}/${basename(path)}`);
  const lost = (cause?: unknown): NonoError =>
    new NonoError('session-state', `${session.session_id} does not answer`, { cause });
  const said = await new Promise<{ type: string; payload: Buffer }>((resolve, reject) => {
    const reader = new FrameReader();
    socket.setTimeout(ANSWER_MS, () => reject(lost()));
    socket.on('error', (cause) => reject(lost(cause)));
    socket.on('close', () => reject(lost()));
    socket.on('data', (chunk: Buffer) => {
      for (const one of reader.push(chunk)) resolve(one);
    });
    socket.write(frame('h', 'd'));
  });
  socket.destroy();
  if (said.type !== 'y') {
    const text = said.payload
      .toString()
      .trim()
      .replace(/^nono: /, '');
    throw new NonoError('session-state', `${session.session_id}: ${visibleText(text)}`);
  }
  answer(`detached ${session.session_id}\n`);
  return 0;
}
