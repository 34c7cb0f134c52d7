/** OSC 52: text for the clipboard of the user's terminal. Written only on the user's own key, or by a program whose wish the user has allowed. */

/** More than any terminal takes; what is longer is refused instead of cut. */
export const CLIPBOARD_LIMIT = 1_000_000;

const SCREEN_PIECE = 76;

/** The sequence, in the wrapping that a multiplexer around us needs to let it through. tmux takes the plain form when `set-clipboard` is on, and the wrapped
 * one when `allow-passthrough` is. */
export function clipboardSequence(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const data = Buffer.from(text, 'utf8').toString('base64');
  const plain = `\x1b]52;c;${data}\x1b\\`;
  if (env['TMUX']) return `${plain}\x1bPtmux;${plain.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`;
  if (env['STY']) {
    // screen hands on the contents of each string, which may not hold its own end: hence BEL.
    const pieces = `\x1b]52;c;${data}\x07`.match(new RegExp(`[\\s\\S]{1,${SCREEN_PIECE}}`, 'g')) ?? [];
    return pieces.map((piece) => `\x1bP${piece}\x1b\\`).join('');
  }
  return plain;
}

/** What a program inside asks to be put into the clipboard (the body of its OSC 52). Questions, and what is no text, are undefined: a clipboard is
 * never read for a program. */
export function requestedClipboard(body: string): string | undefined {
  const [, data] = /^[cpqs0-7]*;([A-Za-z0-9+/]*={0,2})$/.exec(body) ?? [];
  if (data === undefined || data === '' || data.length > (CLIPBOARD_LIMIT * 4) / 3) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64'));
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
