/** `--filter`: what of a list is shown. */

/** Whether one of these texts holds the wanted one, in any case. Nothing wanted: yes. */
export function holdsText(wanted: string | undefined, texts: Iterable<string>): boolean {
  if (wanted === undefined) return true;
  const folded = wanted.toLowerCase();
  for (const text of texts) if (text.toLowerCase().includes(folded)) return true;
  return false;
}
