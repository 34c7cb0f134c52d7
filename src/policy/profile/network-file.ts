/** Reads profiles/network.jsonc. Done by the build, and where nono runs from its sources. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseJsonc } from '../../config/jsonc-document.ts';
import { NonoError } from '../../platform/errors.ts';

const host = v.pipe(v.string(), v.regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/));
const group = v.variant('from', [
  v.strictObject({
    from: v.optional(v.literal('hosts'), 'hosts'),
    description: v.string(),
    hosts: v.pipe(v.array(host), v.minLength(1)),
    why: v.pipe(v.string(), v.minLength(5)),
  }),
  v.strictObject({
    from: v.literal('package-managers'),
    description: v.string(),
    why: v.pipe(v.string(), v.minLength(5)),
  }),
]);
const file = v.strictObject({
  groups: v.record(v.string(), group),
  profiles: v.record(v.string(), v.array(v.string())),
});

export type NetworkProfiles = v.InferOutput<typeof file>;

/** The installation's; ours, so an error is a broken installation. */
export function loadNetworkProfiles(root: string): NetworkProfiles {
  const path = join(root, 'profiles', 'network.jsonc');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new NonoError('installation', `${path} cannot be read`, { cause, hint: 'install nono again' });
  }
  const document = parseJsonc(text, path);
  const result = v.safeParse(file, document.value);
  if (!result.success) {
    const issue = result.issues[0];
    const at = document.locate((issue.path ?? []).map((item) => item.key as string | number));
    throw new NonoError('installation', `${at}: ${issue.message}`);
  }
  const { groups, profiles } = result.output;
  for (const [name, members] of Object.entries(profiles))
    for (const member of members)
      if (!Object.hasOwn(groups, member))
        throw new NonoError('installation', `${path}: profile '${name}' names no group '${member}'`);
  return result.output;
}
