/** From a profile, flags and the working directory to the rules that a command runs under. Pure: the file system is an argument. */
import { type Complain, thrown } from '../../config/complain.ts';
import { NonoError } from '../../platform/errors.ts';
import type { PolicyGroup } from '../groups/groups.ts';
import { addManifest, loadManifest, type ManifestRules, manifestBulk } from '../manifest/manifest-rules.ts';
import type { ResolvedPolicy } from '../model.ts';
import { resolveLimits } from '../profile/limits.ts';
import { type Profile, profileNotes } from '../profile/profile.ts';
import { resolveEnvironment } from '../profile/profile-environment.ts';
import type { LoadedProfile } from '../profile/profile-store.ts';
import { preferredProfile } from '../profile/profile-store.ts';
import { deniedAmongQueues, queuesMounted } from './message-queues.ts';
import { denyOtherNames } from './mounted-twice.ts';
import { denyOwnOtherNames } from './own-other-names.ts';
import type { PolicyContext, PolicyRequest } from './policy-request.ts';
import { protectCommand, sayWhereCommandIsOpen } from './protect-command.ts';
import { protectKernel, protectLimits, protectNono } from './protection.ts';
import { createRealPathResolver } from './real-path.ts';
import {
  addFlagDeny,
  addOverrides,
  addProfileDeny,
  meanGrantsInSystemDirectories,
  warnOfIdleGrants,
} from './resolve-denies.ts';
import {
  addFlag,
  addFlagSocket,
  addGpu,
  addProfileGrant,
  addProfileSocket,
  addQueues,
  asksForIpc,
  grantWorkdir,
  realWorkdir,
} from './resolve-grants.ts';
import {
  addGroup,
  blockedCommands,
  bulkOf,
  chosenGroups,
  namedCommands,
  privateTmp,
  requiredGroups,
  sharedTmps,
} from './resolve-groups.ts';
import { networkBlocked, networkRules, neverOffered, noteKeys } from './resolve-keys.ts';
import type { Resolving } from './resolving.ts';
import { checkRuleLimits } from './rule-limits.ts';
import { RuleList } from './rule-list.ts';
import { pathVariables } from './variables.ts';

/**
 * Resolves everything a command runs under. Throws NonoError for whatever is wrong; what is merely odd becomes a warning. Nothing may run under what somebody who
 * collects what is wrong is given: the words that are wrong are not in it.
 */
export function resolvePolicy(
  request: PolicyRequest,
  context: PolicyContext,
  complain: Complain = thrown,
): ResolvedPolicy {
  const loaded = load(request, context);
  const { manifest } = loaded;
  refuseUnsupported(loaded.profile, complain);
  const groups = manifest ? requiredGroups(context) : chosenGroups(loaded.profile, context, complain);
  const bulk = manifest ? manifestBulk(loaded.profile.name, manifest) : bulkOf(loaded.profile, groups);
  const resolving: Resolving = {
    request,
    context,
    profile: loaded.profile,
    bulk: bulk.map((one) => one.name),
    closed: bulk.filter((one) => one.closed).map((one) => one.name),
    rules: new RuleList(createRealPathResolver(context.fs)),
    variables: pathVariables(context.env, request.workdir, context.uid),
    warnings: [],
    unsupervised: [],
    complain,
  };
  return { ...resolve(resolving, loaded, groups), bulk };
}

type Loaded = Pick<LoadedProfile, 'profile' | 'file' | 'files'> & { readonly manifest?: ManifestRules };

function load(request: PolicyRequest, context: PolicyContext): Loaded {
  if (request.manifest !== undefined) {
    const { profile, rules } = loadManifest(request.manifest);
    return { profile, file: undefined, files: [request.manifest], manifest: rules };
  }
  const named = request.profile ?? 'default';
  const name = request.preferLocal ? preferredProfile(context.store, named) : named;
  return context.store.load(name, request.cwd ?? request.workdir, request.extraBases);
}

function refuseUnsupported(profile: Profile, complain: Complain): void {
  for (const { key, at, effect, why } of profileNotes(profile))
    if (effect === 'refused')
      complain(
        new NonoError(
          'not-supported',
          `${at}: profile '${profile.name}' uses '${key}', which this version cannot enforce: ${why}`,
          { hint: `remove '${key}' from the profile` },
        ),
      );
}

function resolve(r: Resolving, loaded: Loaded, groups: readonly [string, PolicyGroup][]): ResolvedPolicy {
  const { fs, directories, installation, interpreter } = r.context;
  const workdir = realWorkdir(r);
  noteKeys(r);
  protectNono(r.rules, fs, directories, { installation, interpreter }, loaded.files, r.request.logFile);
  protectCommand(r);
  for (const grant of r.request.grants ?? []) addFlag(r, grant);
  addGpu(r);
  addQueues(r);
  for (const socket of r.request.sockets ?? []) addFlagSocket(r, socket);
  for (const grant of r.profile.grants) addProfileGrant(r, grant);
  for (const socket of r.profile.sockets) addProfileSocket(r, socket);
  for (const raw of r.request.denies ?? []) addFlagDeny(r, raw);
  for (const word of r.profile.denies) addProfileDeny(r, word);
  if (loaded.manifest) addManifest(r, loaded.manifest);
  // By then it is known what opens one that is refused.
  const refusedLast = groups.toSorted(([, a], [, b]) => Number(a.refused === true) - Number(b.refused === true));
  for (const [name, group] of refusedLast) addGroup(r, name, group);
  const workdirGrant = grantWorkdir(r, workdir);
  if (r.request.allowCwd && workdirGrant.state === 'none')
    r.warnings.push(`--allow-cwd adds nothing: profile ${r.profile.name} shares no working directory (--read . does)`);
  meanGrantsInSystemDirectories(r);
  const settings = [directories.config, ...directories.otherConfigs, ...loaded.files];
  denyOwnOtherNames(r.rules, fs, { installation, settings }, r.complain);
  if (r.context.platform === 'linux') denyOtherNames(r.rules, fs, r.warnings, r.complain);
  addOverrides(r);
  protectKernel(r.rules, fs);
  const limits = resolveLimits(r.profile.limits, r.request.limits ?? {});
  protectLimits(r.rules, fs, limits);
  for (const { rule, link } of r.rules.dropLinksOfSessions())
    r.warnings.push(
      `${rule.raw} (${rule.source}) is not granted: ${link} is a link that a session can make; name ${rule.path} itself`,
    );
  const rules = r.rules.list();
  warnOfIdleGrants(r, rules);
  sayWhereCommandIsOpen(r);
  const netRules = networkRules(r);
  checkRuleLimits(rules, netRules, r.profile.name, r.complain);
  const allowed = new Set([...r.profile.allowedCommands, ...(r.request.allowCommands ?? [])]);
  return {
    profile: r.profile.name,
    ...(loaded.file === undefined ? {} : { profileFile: loaded.file }),
    ...(r.request.manifest === undefined ? {} : { manifest: r.request.manifest }),
    rules,
    blockNetwork: networkBlocked(r),
    netRules,
    unixRules: r.profile.unixMediation !== 'off',
    blockedCommands: [...new Set([...(loaded.manifest?.blockedCommands ?? []), ...blockedCommands(r, groups)])].filter(
      (command) => !allowed.has(command),
    ),
    refusedCommands: namedCommands(r).filter((command) => !allowed.has(command)),
    allowedCommands: [...allowed],
    workdir,
    state: r.rules.real(directories.state).path,
    warnings: r.warnings,
    workdirGrant,
    ipc: {
      sharedMemory: asksForIpc(r) !== undefined,
      messageQueues: asksForIpc(r) !== undefined && queuesMounted(fs) && deniedAmongQueues(rules) === undefined,
      keyring: r.request.allowKeyring ?? false,
    },
    limits,
    privateTmp: privateTmp(r),
    ownedDirectories: privateTmp(r) ? sharedTmps(r).filter((dir) => dir !== '/') : [],
    strict: (r.request.strict ?? false) || r.profile.strict,
    environment: resolveEnvironment(r.profile.environment, r.request.environment ?? [], r.variables),
    suppressSavePrompt: neverOffered(r),
    keysNotInForce: [...profileNotes(r.profile).map((note) => note.key), ...r.unsupervised],
    scopes: { signal: r.profile.signalMode !== 'allow_all', abstractUnix: r.profile.ipcMode !== 'full' },
  };
}
