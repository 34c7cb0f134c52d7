/** The small schemas that the sections of a profile are made of. */
import * as v from 'valibot';

export const text = v.optional(v.string());
export const textOrNull = v.nullish(v.string());
export const flag = v.optional(v.boolean());
export const word = v.pipe(v.string(), v.nonEmpty('a name must not be empty'));
export const words = v.optional(v.array(word));
export const texts = v.optional(v.array(v.string()));
export const textMap = v.optional(v.record(v.string(), v.string()));
export const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));
export const countOrNone = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)));
export const choice = <const T extends readonly string[]>(options: T) => v.nullish(v.picklist(options));

/** A section that may be left out. */
export const section = <T extends v.ObjectEntries>(entries: T) => v.optional(v.object(entries));

/** One that may be `null` as well, which says the same. */
export const sectionOrNull = <T extends v.ObjectEntries>(entries: T) => v.nullish(v.object(entries));

/** Where an entry applies: one predicate, or any of several. when.ts reads them. */
export const when = v.optional(v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1))]));

const orObject = <const K extends 'path' | 'name' | 'origin'>(
  key: K,
  plain: typeof word | typeof bulkName | v.StringSchema<undefined>,
) =>
  v.optional(
    v.array(v.union([plain, v.object({ [key]: plain, when } as Record<K, typeof plain> & { when: typeof when })])),
  );

/** A directory by its name, or by that of the one above it and its own: neither a path nor a pattern. */
export const bulkName = v.pipe(
  v.string(),
  v.regex(
    /^(?!\.{1,2}(?:\/|$))[^/*?[\]{}\\\0]+(?:\/(?!\.{1,2}$)[^/*?[\]{}\\\0]+)?$/,
    'a bulk directory is a name, or two with a slash between (node_modules, .git/objects)',
  ),
);

/** Lists whose entries may carry a condition: `"~/x"` or `{ "path": "~/x", "when": "linux" }`. */
export const paths = orObject('path', v.string());
export const names = orObject('name', word);
export const bulkNames = orObject('name', bulkName);
export const origins = orObject('origin', word);
