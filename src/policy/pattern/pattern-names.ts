/** The components of many patterns: whether a name could be one of them. Most names are none, so under a thousand patterns not each has to be asked. */
import {
  type Component,
  componentNeeds,
  couldBeComponent,
  isEveryName,
  isSystemDirectory,
  type Pattern,
} from './pattern.ts';

const ASCII = /^[\0-\x7f]*$/;

/** Which characters a text has, as two sets of bits: small and capital letters alike, digits and marks apart from them. Others are in neither. */
function charactersOf(text: string): { readonly marks: number; readonly letters: number } {
  let [marks, letters] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x40) marks |= 1 << (code & 0x1f);
    else if (code < 0x80) letters |= 1 << (code & 0x1f);
  }
  return { marks, letters };
}

export class PatternNames {
  readonly #components: readonly Component[];
  /** What each of them needs of an ASCII name. */
  readonly #marks: Int32Array;
  readonly #letters: Int32Array;
  readonly #least: Int32Array;
  readonly #bulk: readonly NonNullable<Pattern['bulk']>[];

  constructor(patterns: readonly Pattern[]) {
    const needs = patterns.flatMap(({ components }) =>
      components
        .filter((component) => !isEveryName(component))
        .map((component) => {
          const { characters, least } = componentNeeds(component);
          return { component, least, ...charactersOf(characters) };
        }),
    );
    this.#components = needs.map(({ component }) => component);
    this.#marks = Int32Array.from(needs, ({ marks }) => marks);
    this.#letters = Int32Array.from(needs, ({ letters }) => letters);
    this.#least = Int32Array.from(needs, ({ least }) => least);
    this.#bulk = [...new Set(patterns.flatMap(({ bulk }) => bulk ?? []))];
  }

  /** Whether a pattern could treat this name in another way than any name: false means that every step, in any case, is `patternStepOther`. */
  concern(dir: string, name: string): boolean {
    return isSystemDirectory(dir, name) || this.#bulk.some((bulk) => bulk.has(dir, name)) || this.#couldBe(name);
  }

  #couldBe(name: string): boolean {
    // Of other names spellings may have other characters, and more or fewer of them.
    const { marks, letters } = ASCII.test(name) ? charactersOf(name) : { marks: -1, letters: -1 };
    const most = marks === -1 ? Number.POSITIVE_INFINITY : name.length;
    for (let i = 0; i < this.#components.length; i++)
      if (
        ((this.#marks[i] as number) & ~marks) === 0 &&
        ((this.#letters[i] as number) & ~letters) === 0 &&
        (this.#least[i] as number) <= most &&
        couldBeComponent(this.#components[i] as Component, name)
      )
        return true;
    return false;
  }
}
