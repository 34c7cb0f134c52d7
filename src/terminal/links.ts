/** Addresses of the links that the program has printed (OSC 8), by number. They never reach the user's terminal as links: they are shown as text when looked
 * back on, so that a link cannot say one thing and lead to another. */

/** Only what a browser opens, and only characters that an address may have. */
const ADDRESS = /^https?:\/\/[\x21-\x7e]+$/i;
const MAX_LENGTH = 2083;
/** A program that opens links in a loop must not fill the memory; what comes later is plain text. */
const MAX_LINKS = 5000;

export class LinkTable {
  readonly #numbers = new Map<string, number>();
  readonly #addresses: string[] = [];

  /** The number for what an OSC 8 says (`parameters;address`); 0 when it ends a link, or is none that may be followed. */
  number(body: string): number {
    const address = body.slice(body.indexOf(';') + 1);
    if (!body.includes(';') || address.length > MAX_LENGTH || !ADDRESS.test(address)) return 0;
    const known = this.#numbers.get(address);
    if (known !== undefined) return known;
    if (this.#addresses.length >= MAX_LINKS) return 0;
    this.#addresses.push(address);
    this.#numbers.set(address, this.#addresses.length);
    return this.#addresses.length;
  }

  get empty(): boolean {
    return this.#addresses.length === 0;
  }

  address(number: number): string | undefined {
    return this.#addresses[number - 1];
  }
}
