/**
 * Other names of nono's own files. Package managers link what they install from a store of their own (pnpm), and dotfiles are linked from a repository: written by that
 * name, the file changes here too. The names that the session may write are found and denied, or nothing is started.
 */
import type { Complain } from '../../config/complain.ts';
import { NonoError } from '../../platform/errors.ts';
import { access as accessBits } from '../../sandbox/linux/constants.ts';
import { childOf, isWithin } from '../paths.ts';
import { filesBelow, MAX_COMPARED } from '../pattern/hard-links.ts';
import type { FileSystem } from '../plan/file-system.ts';
import type { RuleList } from './rule-list.ts';

/** What of an installation runs outside. Whoever links one of its files links them all, so two of them tell. */
const parts = ['bin', 'dist', 'native/build'];
const telling = ['bin/nono', 'dist/cli.cjs'];

export function denyOwnOtherNames(
  rules: RuleList,
  fs: FileSystem,
  { installation, settings }: { readonly installation: string | undefined; readonly settings: readonly string[] },
  complain: Complain,
): void {
  const { identity } = fs;
  if (identity === undefined) return;
  const linked = (path: string): boolean => (identity(path)?.links ?? 1) > 1;
  const places = [...settings];
  if (installation !== undefined && telling.some((name) => linked(childOf(installation, name))))
    places.push(...parts.map((part) => childOf(installation, part)));
  const own = new Map<string, { path: string; names: number }>();
  for (const place of places)
    filesBelow(fs, rules.real(place).path, (path) => {
      const found = identity(path);
      const known = found === undefined ? undefined : own.get(found.id);
      if (known !== undefined) known.names--;
      else if (found !== undefined && found.links > 1) own.set(found.id, { path, names: found.links - 1 });
      return true;
    });
  for (const [id, { names }] of own) if (names <= 0) own.delete(id);
  if (own.size === 0) return;
  const kept = places.map((place) => rules.real(place).path);
  const trees = rules
    .list()
    .filter(
      (rule) =>
        rule.verdict === 'allow' && rule.kind !== 'pattern' && (accessBits[rule.access] & accessBits.write) !== 0,
    )
    .map((rule) => rule.path);
  let compared = 0;
  for (const tree of new Set(trees)) {
    const kernels = ['/sys', '/proc', '/dev'].some((place) => isWithin(tree, place));
    if (kernels || trees.some((other) => other !== tree && isWithin(tree, other))) continue;
    filesBelow(fs, tree, (path) => {
      const found = identity(path);
      const file = found !== undefined && found.links > 1 ? own.get(found.id) : undefined;
      if (file !== undefined && !kept.some((place) => isWithin(path, place))) {
        rules.deny(path, 'write', {
          source: 'nono',
          raw: path,
          why: `it is the same file as ${file.path}`,
          fixed: true,
        });
        if (--file.names === 0) own.delete(found?.id ?? '');
      }
      return ++compared < MAX_COMPARED && own.size > 0;
    });
  }
  const [left] = own.values();
  if (compared < MAX_COMPARED || left === undefined) return;
  complain(
    new NonoError(
      'policy-invalid',
      `${left.path} is nono's own and has another name, which was not found among what may be written`,
      {
        hint: 'grant less, or install nono by copies (pnpm: package-import-method=copy)',
      },
    ),
  );
}
