/** `nono profile show --format manifest`. */
import { currentDirectory } from '../../platform/current-directory.ts';
import { NonoError } from '../../platform/errors.ts';
import { manifestOf } from '../../policy/manifest/manifest.ts';
import { policyContext, profileStore } from '../../policy/resolve/load.ts';
import { resolvePolicy } from '../../policy/resolve/resolve.ts';
import { answer } from '../output/output.ts';
import type { Options } from '../tables/flags.ts';

export function showManifest(profile: string, { format, raw }: Pick<Options, 'format' | 'raw'>): number {
  if (format !== 'manifest') throw new NonoError('usage', `--format: '${format}' is none of profile, manifest`);
  if (raw) throw new NonoError('usage', '--format manifest has only expanded paths: it goes without --raw');
  const context = policyContext();
  const policy = resolvePolicy({ profile, allowCwd: true, workdir: currentDirectory() }, context);
  const loaded = profileStore().load(profile, currentDirectory());
  const manifest = manifestOf(policy, loaded.profile, (path) => context.fs.kind(path) === 'directory');
  answer(`${JSON.stringify(manifest, null, 2)}\n`);
  return 0;
}
