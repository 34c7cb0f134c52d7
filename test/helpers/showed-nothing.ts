/**
 * Whether a failure says only that something was not there in time: a screen, an end, what a control outside any sandbox should do. On a busy machine that shows nothing about the product,
 * so it may be tried once more. Everything else, above all what got out or what was granted, is a failure at once.
 */
export function showedNothing(message: string): boolean {
  return /^(CONTROL:|the screen never showed|it did not end|it never happened)/.test(message);
}
