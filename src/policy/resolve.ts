/** From a profile, flags and the working directory to the rules that a command runs under. Pure: the file system is an argument. */
import { resolve as joinPath } from 'node:path';
import type { NonoDirectories } from '../config/directories.ts';
import { NonoError } from '../platform/errors.ts';
import { type AccessName, access as accessBits } from '../sandbox/linux/constants.ts';
import type { BuiltinData } from './builtin.ts';
import { decide } from './decide.ts';
import type { FileSystem } from './file-system.ts';
import { appliesTo, findGroup, type Platform, type PolicyGroup } from './groups.ts';
import { resolveLimits, type WrittenLimits } from './limits.ts';
import type { PolicyNetRule, PolicyRule, ResolvedPolicy, WorkdirGrant } from './model.ts';
import { networkProfile } from './network-profiles.ts';
import { oldSpellingWarning } from './old-keys.ts';
import { childOf, parentOf } from './paths.ts';
import { escapePattern, isInSystemDirectory, isPattern } from './pattern.ts';
import { type Profile, type ProfileGrant, profileNotes, type Written } from './profile.ts';
import { resolveEnvironment } from './profile-environment.ts';
import type { NetForm, SocketExtent, SocketGrant } from './profile-network.ts';
import type { LoadedProfile, ProfileStore } from './profile-store.ts';
import { preferredProfile } from './profile-store.ts';
import { isOwnProtection, protectKernel, protectNono } from './protection.ts';
import { createRealPathResolver } from './real-path.ts';
import { resolveNetwork } from './resolve-network.ts';
import { RuleList, type RuleOrigin } from './rule-list.ts';
import {
  type Environment,
  expandPath,
  expandPattern,
  PathProblem,
  type PathVariables,
  pathVariables,
} from './variables.ts';

/** One grant of the command line, as typed. */
export interface FlagGrant {
  /** As the user typed the flag, for messages: `--read`. */
  readonly flag: string;
  readonly path: string;
  readonly access: AccessName;
  readonly expect: 'directory' | 'file';
}

/** One port or endpoint of the command line. */
export interface FlagNet {
  readonly flag: string;
  readonly form: NetForm;
  readonly text: string;
}

/** One unix socket, or directory of sockets, of the command line. */
export interface FlagSocket {
  readonly flag: string;
  readonly path: string;
  readonly extent: SocketExtent;
  readonly bind: boolean;
}

export interface PolicyRequest {
  /** `--profile`: a name or a file. Undefined: the default profile. */
  readonly profile?: string | undefined;
  /** False for `wrap`, which leaves nobody to refuse new names. */
  readonly supervised?: boolean;
  /** `--extends`: profiles beneath the one in use, left to right. */
  readonly extraBases?: readonly string[];
  /** Use `<name>-local`, which saved approvals create, in place of a built-in profile. */
  readonly preferLocal?: boolean;
  readonly grants?: readonly FlagGrant[];
  readonly overrideDeny?: readonly string[];
  /** `--deny`: paths and patterns. */
  readonly denies?: readonly string[];
  readonly allowCwd?: boolean;
  readonly allowCommands?: readonly string[];
  readonly blockCommands?: readonly string[];
  readonly blockNetwork?: boolean;
  readonly limits?: WrittenLimits;
  /** Groups grant nothing of /tmp. */
  readonly privateTmp?: boolean;
  readonly strict?: boolean;
  /** `--allow-net`: open, whatever the profile says. */
  readonly allowNetwork?: boolean;
  readonly network?: readonly FlagNet[];
  readonly sockets?: readonly FlagSocket[];
  /** System V IPC and message queues. */
  readonly allowIpc?: boolean;
  readonly allowKeyring?: boolean;
  /** `--env`: a name, or NAME=VALUE. */
  readonly environment?: readonly string[];
  /** Absolute: where the command works. */
  readonly workdir: string;
  /** Absolute: where relative paths of flags start. The workdir if not given. */
  readonly cwd?: string;
}

export interface PolicyContext {
  readonly fs: FileSystem;
  readonly builtin: BuiltinData;
  readonly store: ProfileStore;
  readonly directories: NonoDirectories;
  readonly env: Environment;
  readonly uid: number;
  readonly platform: Platform;
  /** Root of nono's own installation, kept from being written. */
  readonly installation?: string | undefined;
  /** The Node.js that runs it. */
  readonly interpreter?: string | undefined;
}

/** Resolves everything a command runs under. Throws NonoError for whatever is wrong; what is merely odd becomes a warning. */
export function resolvePolicy(request: PolicyRequest, context: PolicyContext): ResolvedPolicy {
  const named = request.profile ?? 'default';
  const name = request.preferLocal ? preferredProfile(context.store, named) : named;
  const loaded = context.store.load(name, request.cwd ?? request.workdir, request.extraBases);
  refuseUnsupported(loaded.profile);
  return new Resolution(request, context, loaded).policy();
}

function refuseUnsupported(profile: Profile): void {
  const refused = profileNotes(profile).find((note) => note.effect === 'refused');
  if (refused === undefined) return;
  throw new NonoError(
    'not-supported',
    `${refused.at}: profile '${profile.name}' uses '${refused.key}', which this version cannot enforce: ${refused.why}`,
    { hint: `remove '${refused.key}' from the profile` },
  );
}

function locate<T>(word: Written, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PathProblem)) throw error;
    throw new NonoError(error.unsupported ? 'not-supported' : 'profile-invalid', `${word.at}: ${error.message}`);
  }
}

class Resolution {
  readonly #request: PolicyRequest;
  readonly #context: PolicyContext;
  readonly #loaded: LoadedProfile;
  readonly #profile: Profile;
  readonly #rules: RuleList;
  readonly #variables: PathVariables;
  readonly #warnings: string[] = [];
  readonly #unsupervised: string[] = [];

  constructor(request: PolicyRequest, context: PolicyContext, loaded: LoadedProfile) {
    this.#request = request;
    this.#context = context;
    this.#loaded = loaded;
    this.#profile = loaded.profile;
    this.#rules = new RuleList(createRealPathResolver(context.fs));
    this.#variables = pathVariables(context.env, request.workdir, context.uid);
  }

  policy(): ResolvedPolicy {
    const { fs, directories, installation, interpreter } = this.#context;
    const workdir = this.#workdir();
    this.#noteKeys();
    protectNono(this.#rules, fs, directories, { installation, interpreter }, this.#loaded.files);
    for (const grant of this.#request.grants ?? []) this.#flag(grant);
    for (const socket of this.#request.sockets ?? []) this.#flagSocket(socket);
    for (const grant of this.#profile.grants) this.#profileGrant(grant);
    for (const socket of this.#profile.sockets) this.#profileSocket(socket);
    for (const raw of this.#request.denies ?? []) this.#flagDeny(raw);
    for (const word of this.#profile.denies) this.#profileDeny(word);
    const groups = this.#groups();
    for (const [name, group] of groups) this.#group(name, group);
    const workdirGrant = this.#grantWorkdir(workdir);
    this.#meanGrantsInSystemDirectories();
    this.#overrides();
    protectKernel(this.#rules);
    for (const { rule, link } of this.#rules.dropLinksOfSessions())
      this.#warnings.push(
        `${rule.raw} (${rule.source}) is not granted: ${link} is a link that a session can make; name ${rule.path} itself`,
      );
    const rules = this.#rules.list();
    this.#warnOfIdleGrants(rules);
    const netRules = this.#network();
    const allowed = new Set([...this.#profile.allowedCommands, ...(this.#request.allowCommands ?? [])]);
    return {
      profile: this.#profile.name,
      ...(this.#loaded.file === undefined ? {} : { profileFile: this.#loaded.file }),
      rules,
      blockNetwork: this.#blocked,
      netRules,
      unixRules: this.#profile.unixMediation !== 'off',
      blockedCommands: this.#blockedCommands(groups).filter((command) => !allowed.has(command)),
      refusedCommands: this.#namedCommands().filter((command) => !allowed.has(command)),
      allowedCommands: [...allowed],
      workdir,
      state: this.#rules.real(directories.state).path,
      warnings: this.#warnings,
      workdirGrant,
      ipc: {
        sharedMemory: this.#profile.ipcMode === 'full' || (this.#request.allowIpc ?? false),
        keyring: this.#request.allowKeyring ?? false,
      },
      limits: resolveLimits(this.#profile.limits, this.#request.limits ?? {}),
      privateTmp: this.#privateTmp,
      ownedDirectories: this.#privateTmp ? this.#sharedTmps().filter((dir) => dir !== '/') : [],
      strict: (this.#request.strict ?? false) || this.#profile.strict,
      environment: resolveEnvironment(this.#profile.environment, this.#request.environment ?? [], this.#variables),
      suppressSavePrompt: this.#neverOffered(),
      keysNotInForce: [...profileNotes(this.#profile).map((note) => note.key), ...this.#unsupervised],
      scopes: { signal: this.#profile.signalMode !== 'allow_all', abstractUnix: this.#profile.ipcMode !== 'full' },
    };
  }

  /** Keys that restrict the network in a way that only a proxy could: without one, all of it is blocked. */
  get #byName(): readonly string[] {
    return profileNotes(this.#profile).flatMap(({ key, effect }) => (effect === 'blocks-network' ? [key] : []));
  }

  #neverOffered(): string[] {
    const setting = this.#profile.settings['filesystem.suppress_save_prompt'];
    return (setting?.value ?? []).flatMap((entry) => {
      const text = typeof entry === 'string' ? entry : entry.path;
      const path = locate({ text, at: setting?.at ?? '' }, () => expandPath(text, this.#variables));
      return path === undefined ? [] : [this.#rules.real(path).path];
    });
  }

  #noteKeys(): void {
    const wanted = this.#profile.settings['network.network_profile'];
    if (wanted?.value) networkProfile(this.#context.builtin.network, { text: wanted.value, at: wanted.at });
    const old = oldSpellingWarning(this.#profile.name, this.#profile.oldSpellings);
    if (old !== undefined) this.#warnings.push(old);
    for (const { key, effect, why, at } of profileNotes(this.#profile))
      if (effect === 'not-in-force') this.#warnings.push(`${key} is not in force in this version: ${why} (${at})`);
    const byName = this.#byName;
    if (byName.length === 0) return;
    const keys = byName.join(', ');
    this.#warnings.push(
      this.#request.allowNetwork
        ? `${keys}: not in force in this version, and --allow-net opens the whole network`
        : `${keys}: not in force in this version, so the network is blocked as a whole; --allow-connect HOST:PORT opens single hosts`,
    );
  }

  get #blocked(): boolean {
    if (this.#request.blockNetwork && this.#request.allowNetwork)
      throw new NonoError('policy-invalid', '--block-net and --allow-net contradict each other', { hint: 'give one' });
    if (this.#request.allowNetwork) return false;
    return this.#profile.blockNetwork || this.#byName.length > 0 || (this.#request.blockNetwork ?? false);
  }

  /** While the network is free, grants add nothing; of the command line that is worth a word. */
  #network(): readonly PolicyNetRule[] {
    const flags = this.#request.network ?? [];
    const source = `profile:${this.#profile.name}`;
    const blocked = this.#blocked;
    if (!blocked && flags.length + this.#profile.network.length === 0) return [];
    const { rules, warnings } = resolveNetwork([
      ...flags.map(({ flag, form, text }) => ({ form, text, at: flag, source: `cli:${flag}` })),
      ...this.#profile.network.map(({ form, text, at }) => ({ form, text, at, source })),
    ]);
    if (blocked) {
      this.#warnings.push(...warnings);
      return rules;
    }
    for (const flag of new Set(flags.map((one) => one.flag)))
      this.#warnings.push(`${flag} adds nothing: the network is open (--block-net blocks it)`);
    return [];
  }

  #flagSocket({ flag, path, extent, bind }: FlagSocket): void {
    const absolute = this.#flagPath(path, flag);
    const real = this.#rules.real(absolute);
    if (extent !== 'socket' && real.kind !== undefined && real.kind !== 'directory')
      throw new NonoError('path-invalid', `${flag} ${path}: Expected a directory but got a file`);
    if (extent === 'socket' && real.kind === 'directory')
      throw new NonoError('path-invalid', `${flag} ${path}: Expected a socket but got a directory`, {
        hint: `use ${flag.replace(/(-bind)?$/, '-dir$1')} ${path}`,
      });
    this.#sockets(absolute, extent, bind, { source: `cli:${flag}`, raw: path });
  }

  #profileSocket(grant: SocketGrant): void {
    const path = locate(grant, () => expandPath(grant.text, this.#variables));
    if (path === undefined) return;
    this.#sockets(path, grant.extent, grant.bind, {
      source: `profile:${this.#profile.name}`,
      raw: grant.text,
      at: grant.at,
    });
  }

  /** Sockets that a directory holds now are granted one by one: a rule on the directory would hold for everything below it. */
  #sockets(path: string, extent: SocketExtent, bind: boolean, origin: RuleOrigin): void {
    if (extent !== 'directory') {
      this.#rules.connect(path, extent === 'socket' ? 'one' : 'tree', bind, origin);
      return;
    }
    const directory = this.#rules.real(path).path;
    for (const { name, kind } of this.#context.fs.list(directory) ?? [])
      if (kind === 'socket') this.#rules.connect(childOf(directory, name), 'one', false, origin);
    // What is bound by the session can be connected to by the session; only making it needs a grant.
    if (bind) this.#rules.allow(path, 'write', origin);
  }

  #workdir(): string {
    const real = this.#rules.real(this.#request.workdir);
    if (real.kind === 'directory') return real.path;
    const what = real.kind === undefined ? 'does not exist' : 'is not a directory';
    throw new NonoError('path-invalid', `the working directory ${this.#request.workdir} ${what}`, {
      hint: 'change to a directory that exists or give --workdir DIR',
    });
  }

  #flagPath(path: string, flag: string): string {
    if (path === '' || path.includes('\0')) throw new NonoError('path-invalid', `${flag} needs a path, not '${path}'`);
    const home = this.#variables.get('HOME') as string;
    if (path === '~' || path.startsWith('~/')) return home + path.slice(1);
    return joinPath(this.#request.cwd ?? this.#request.workdir, path);
  }

  #flag(grant: FlagGrant): void {
    const path = this.#flagPath(grant.path, grant.flag);
    const real = this.#rules.real(path);
    if (real.ofCaller) {
      this.#warnings.push(
        `${grant.flag} ${grant.path} adds nothing: /proc shows a command its own processes, never others`,
      );
      return;
    }
    if (real.kind === undefined) {
      this.#warnings.push(`Skipping non-existent ${grant.expect === 'file' ? 'file' : 'path'}: ${grant.path}`);
      return;
    }
    if (real.kind === 'symlink')
      throw new NonoError('path-invalid', `${grant.flag} ${grant.path}: the link leads to itself`);
    if (grant.expect === 'directory' && real.kind !== 'directory') {
      throw new NonoError('path-invalid', `${grant.flag} ${grant.path}: Expected a directory but got a file`, {
        hint: `use ${grant.flag.startsWith('--') ? grant.flag : '--allow'}-file ${grant.path}`,
      });
    }
    if (grant.expect === 'file' && real.kind === 'directory') {
      throw new NonoError('path-invalid', `${grant.flag} ${grant.path}: Expected a file but got a directory`, {
        hint: `use ${grant.flag.replace(/-file$/, '')} ${grant.path}`,
      });
    }
    this.#rules.allow(path, grant.access, { source: `cli:${grant.flag}`, raw: grant.path });
  }

  /** A directory under a key for files means the directory itself: it may be listed, what is in it stays closed. */
  #profileGrant(grant: ProfileGrant): void {
    const path = locate(grant, () => expandPath(grant.text, this.#variables));
    if (path === undefined) return;
    const origin = { source: `profile:${this.#profile.name}`, raw: grant.text, at: grant.at };
    this.#rules.allow(path, grant.access, origin, grant.expect === 'file' ? 'itself' : 'all');
  }

  #profileDeny(word: Written): void {
    locate(word, () => this.#deny(word.text, { source: `profile:${this.#profile.name}`, raw: word.text, at: word.at }));
  }

  #deny(written: string, origin: RuleOrigin): void {
    if (isPattern(written)) {
      const pattern = expandPattern(written, this.#variables);
      if (pattern !== undefined) this.#rules.denyPattern(pattern, origin);
      return;
    }
    const path = expandPath(written, this.#variables);
    if (path !== undefined) this.#rules.deny(path, 'readwrite', origin);
  }

  /** A pattern holds where something is made for later: below the working directory, and what a flag lets be written. Not in caches or /tmp. */
  #protect(raw: string, origin: RuleOrigin): void {
    if (!isPattern(raw)) {
      const path = expandPath(raw, this.#variables);
      if (path !== undefined) this.#rules.deny(path, 'write', origin);
      return;
    }
    if (this.#request.supervised === false) return;
    const flags = (this.#request.grants ?? []).filter((one) => one.access !== 'read' && one.expect === 'directory');
    const roots = [this.#request.workdir, ...flags.map((one) => this.#flagPath(one.path, one.flag))];
    for (const root of new Set(roots.map((path) => this.#rules.real(path).path)))
      this.#rules.denyPattern(`${root === '/' ? '' : escapePattern(root)}/${raw}`, origin, 'write');
  }

  #flagDeny(raw: string): void {
    const origin = { source: 'cli:--deny', raw };
    try {
      if (isPattern(raw)) this.#deny(raw, origin);
      else this.#rules.deny(this.#flagPath(raw, '--deny'), 'readwrite', origin);
    } catch (error) {
      if (!(error instanceof PathProblem)) throw error;
      throw new NonoError('path-invalid', `--deny ${raw}: ${error.message}`);
    }
  }

  /** The profile's own groups, then those of `default`, without the excluded ones and those of the other platform. */
  #groups(): [string, PolicyGroup][] {
    const { groups, profiles } = this.#context.builtin;
    const excluded = new Set<string>();
    for (const word of this.#profile.excludedGroups) {
      if (findGroup(groups, word).required) {
        throw new NonoError('policy-invalid', `${word.at}: group '${word.text}' is required and cannot be excluded`, {
          hint: 'use override_deny for single paths',
        });
      }
      excluded.add(word.text);
    }
    const chosen = new Map<string, PolicyGroup>();
    for (const word of [...this.#profile.groups, ...(profiles['default']?.groups ?? [])]) {
      const group = findGroup(groups, word);
      if (!excluded.has(word.text) && appliesTo(group, this.#context.platform)) chosen.set(word.text, group);
    }
    return [...chosen];
  }

  get #privateTmp(): boolean {
    return (this.#request.privateTmp ?? false) || this.#profile.privateTmp;
  }

  /** What groups grant because the user's other programs use it too. */
  #isSharedTmp(path: string): boolean {
    return this.#sharedTmps().includes(this.#rules.real(path).path);
  }

  #sharedTmps(): string[] {
    const shared = ['/tmp', '/var/tmp', this.#variables.get('TMPDIR') ?? '/tmp'];
    return [...new Set(shared.map((tmp) => this.#rules.real(tmp).path))];
  }

  #group(name: string, group: PolicyGroup): void {
    const source = `group:${name}`;
    if (group.onlyWithNetwork && this.#blocked) {
      this.#closeSockets(group, source);
      return;
    }
    if (group.needsSupervisor && this.#request.supervised === false) {
      this.#unsupervised.push(`patterns of ${name}`);
      this.#warnings.push(`patterns of ${name} are not in force under wrap: nobody is left to refuse new names`);
    }
    for (const rule of group.rules) {
      const each = (paths: readonly string[] | undefined, add: (path: string, raw: string) => void): void => {
        for (const raw of paths ?? []) {
          const path = expandPath(raw, this.#variables);
          if (path !== undefined) add(path, raw);
        }
      };
      for (const access of ['read', 'write', 'readwrite'] as const) {
        each(rule[access], (path, raw) => {
          if (this.#privateTmp && this.#isSharedTmp(path)) return;
          this.#rules.allow(path, access, { source, raw, why: rule.why });
        });
      }
      each(rule.list, (path, raw) => this.#rules.allow(path, 'read', { source, raw, why: rule.why }, 'itself'));
      each(rule.connect, (path, raw) => {
        const extent = this.#rules.real(path).kind === 'directory' ? 'tree' : 'one';
        this.#rules.connect(path, extent, false, { source, raw, why: rule.why });
      });
      for (const raw of rule.deny ?? []) this.#deny(raw, { source, raw, why: rule.why });
      for (const raw of rule.protect ?? []) this.#protect(raw, { source, raw, why: rule.why });
    }
  }

  /**
   * Sockets that are open with the network and not without it. Denied rather than left out: the C library asks them in every program, and falls back at once when
   * refused, where a held call would wait in each. Naming one opens it.
   */
  #closeSockets(group: PolicyGroup, source: string): void {
    for (const rule of group.rules)
      for (const raw of rule.connect ?? []) {
        const written = expandPath(raw, this.#variables);
        if (written === undefined) continue;
        const { path } = this.#rules.real(written);
        const named = this.#rules
          .covering('allow', path)
          .some((grant) => (accessBits[grant.access] & accessBits.connect) !== 0);
        if (named) continue;
        const why = `left out while the network is blocked: it speaks to the network for its callers`;
        this.#rules.add('deny', 'exact', 'connect', path, { source, raw, why });
      }
  }

  #blockedCommands(groups: readonly [string, PolicyGroup][]): string[] {
    // A named profile decides by its own list which commands are refused by name; the merged groups of `default` do not add any.
    const own = new Set(this.#profile.groups.map((word) => word.text));
    const commands = groups
      .filter(([name]) => own.has(name))
      .flatMap(([, group]) => group.rules.flatMap((rule) => rule.commands ?? []));
    return [...new Set([...commands, ...this.#namedCommands()])];
  }

  #namedCommands(): string[] {
    return [...new Set([...this.#profile.deniedCommands, ...(this.#request.blockCommands ?? [])])];
  }

  #grantWorkdir(workdir: string): WorkdirGrant {
    const wanted = this.#profile.workdirAccess ?? 'none';
    // Without a profile the original shares the working directory for reading.
    const access = wanted === 'none' && this.#request.profile === undefined ? 'read' : wanted;
    if (access === 'none') return { access, state: 'none' };
    if (decide({ rules: this.#rules.list() }, { path: workdir, access }).verdict === 'allow')
      return { access, state: 'covered' };
    if (!this.#request.allowCwd) return { access, state: 'needs-consent' };
    this.#rules.allow(workdir, access, { source: 'workdir', raw: '$WORKDIR' });
    return { access, state: 'granted' };
  }

  /** A pattern for anywhere leaves the system's directories out, but not what the user granted in one of them. */
  #meanGrantsInSystemDirectories(): void {
    const rules = this.#rules.list();
    const grants = rules.filter((rule) => rule.verdict === 'allow' && isUsers(rule) && isInSystemDirectory(rule.path));
    for (const deny of rules) {
      if (deny.verdict !== 'deny' || deny.kind !== 'pattern' || !deny.path.startsWith('/**/')) continue;
      const { source, raw, at, why } = deny;
      const origin = { source, raw, ...(at === undefined ? {} : { at }), ...(why === undefined ? {} : { why }) };
      for (const grant of grants) {
        const under = grant.kind === 'tree' ? grant.path : parentOf(grant.path);
        this.#rules.denyPattern(`${under === '/' ? '' : escapePattern(under)}${deny.path}`, origin);
      }
    }
  }

  #overrides(): void {
    for (const word of this.#profile.overrides) {
      const path = locate(word, () => expandPath(word.text, this.#variables));
      if (path !== undefined) this.#override(path, word.text, `profile:${this.#profile.name}`, `${word.at}: `);
    }
    for (const raw of this.#request.overrideDeny ?? []) {
      this.#override(this.#flagPath(raw, '--override-deny'), raw, 'cli:--override-deny', '');
    }
  }

  #override(path: string, raw: string, source: string, at: string): void {
    const real = this.#rules.real(path).path;
    const denies = this.#rules.covering('deny', real);
    const own = denies.find(isOwnProtection);
    if (own) {
      throw new NonoError(
        'policy-invalid',
        `${at}override_deny '${raw}' would open ${own.raw}, which belongs to nono itself`,
        {
          hint: 'no flag or profile lifts this',
        },
      );
    }
    if (!this.#rules.covering('allow', real).some(isUsers)) {
      throw new NonoError('policy-invalid', `${at}override_deny '${raw}' has no matching grant`, {
        hint: `it lifts a deny but grants nothing: add --read, --write or --allow for ${raw}, or a filesystem entry in the profile`,
      });
    }
    this.#warnings.push(
      denies.length > 0
        ? `override_deny relaxing deny rule for '${raw}'`
        : `override_deny '${raw}' lifts nothing: no rule denies it`,
    );
    this.#rules.override(path, { source, raw });
  }

  #warnOfIdleGrants(rules: readonly PolicyRule[]): void {
    for (const rule of rules) {
      if (rule.verdict !== 'allow' || !isUsers(rule)) continue;
      const decision = decide({ rules }, { path: rule.path, access: rule.access });
      if (decision.verdict === 'allow' || decision.reason !== 'denied-by-rule') continue;
      const what = decision.rule.access === 'writeconnect' ? 'writing' : 'access';
      const remedy = isOwnProtection(decision.rule) ? '' : `; --override-deny ${rule.raw} lifts it`;
      this.#warnings.push(`${rule.raw} is granted, but ${what} stays denied by ${decision.rule.source}${remedy}`);
    }
  }
}

/** Whether somebody asked for this grant by name, rather than a policy group. */
function isUsers(rule: PolicyRule): boolean {
  return rule.source.startsWith('cli:') || rule.source.startsWith('profile:') || rule.source === 'workdir';
}
