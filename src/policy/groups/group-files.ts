/** Reads the files of profiles/groups. Done by the build, and where nono runs from its sources. */
import * as v from 'valibot';
import { parseJsonc } from '../../config/jsonc-document.ts';
import { NonoError } from '../../platform/errors.ts';
import { bulkName } from '../profile/schema-words.ts';

const paths = v.optional(v.array(v.pipe(v.string(), v.nonEmpty())));

const groupRule = v.strictObject({
  read: paths,
  write: paths,
  readwrite: paths,
  /** Directories that may be listed, without anything below them. */
  list: paths,
  /** Unix sockets that may be connected to; of a directory, all below it. */
  connect: paths,
  deny: paths,
  /** Denied to be written, and readable as before. A pattern means below the working directory and what flags let be written. */
  protect: paths,
  commands: paths,
  /** Directories that guards (`protect`) do not look into, by name. */
  bulk: v.optional(v.array(bulkName)),
  /** Of `protect`: looks into bulk directories too, but for the closed ones. */
  inBulk: v.optional(v.literal(true)),
  /** Of `bulk`: no guard looks into these. */
  closed: v.optional(v.literal(true)),
  unlink: v.optional(v.boolean()),
  unlinkOverrideForUserWritable: v.optional(v.boolean()),
  why: v.pipe(v.string(), v.minLength(5)),
});

const group = v.strictObject({
  description: v.pipe(v.string(), v.nonEmpty()),
  required: v.optional(v.boolean(), false),
  platform: v.optional(v.picklist(['linux', 'macos'])),
  /** Left out while the network is blocked: these services speak to the network for their callers. */
  onlyWithNetwork: v.optional(v.boolean()),
  /** Its sockets are refused at once, and never asked about, where nothing else opens them. */
  refused: v.optional(v.literal(true)),
  /** Its patterns are left out of `wrap`, and named there: new names that match have to be refused by somebody. */
  needsSupervisor: v.optional(v.boolean()),
  rules: v.pipe(v.array(groupRule), v.minLength(1)),
  /** What one might look for in it, and why it is not: for readers, nothing is decided by it. */
  leaves: v.optional(
    v.array(
      v.strictObject({ names: v.pipe(v.array(v.string()), v.minLength(1)), why: v.pipe(v.string(), v.minLength(5)) }),
    ),
  ),
  symlinkPairs: v.optional(v.record(v.string(), v.string())),
});

const groupFile = v.record(v.pipe(v.string(), v.regex(/^[a-z0-9_]+$/)), group);

export type GroupRule = v.InferOutput<typeof groupRule>;
export type PolicyGroup = v.InferOutput<typeof group>;
export type PolicyGroups = Readonly<Record<string, PolicyGroup>>;

/** Reads one file of profiles/groups. Ours, so an error here is a broken installation. */
export function parseGroupFile(text: string, file: string): PolicyGroups {
  const document = parseJsonc(text, file);
  const result = v.safeParse(groupFile, document.value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  throw new NonoError('installation', `${document.locate(path)}: ${path.join('.')}: ${issue.message}`);
}
