/** `nono why`: one question about a policy, answered by the function that decides in a session. */
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { NonoError } from '../platform/errors.ts';
import { installationRoot } from '../platform/installation.ts';
import { netAccess } from '../policy/decide-network.ts';
import { sourceName } from '../policy/describe.ts';
import {
  type Explanation,
  explainAddress,
  explainCommand,
  explainPath,
  explainScope,
  explainSocket,
  explainVariable,
  type PathOperation,
  type ProfileEdit,
} from '../policy/explain.ts';
import type { FileSystem } from '../policy/file-system.ts';
import { builtinData, policyContext } from '../policy/load.ts';
import type { PolicyNetRule, PolicyRule, ResolvedPolicy } from '../policy/model.ts';
import { EndpointProblem, endpointText, hostRange, parsePorts } from '../policy/net-endpoint.ts';
import { resolvePolicy } from '../policy/resolve.ts';
import { netRuleText } from '../policy/resolve-network.ts';
import { groupLocation } from '../policy/rule-location.ts';
import { previewEntry, previewRule, type SavedRule } from '../policy/save-rule.ts';
import { homeDirectory } from '../policy/variables.ts';
import { withMatches } from '../policy/with-matches.ts';
import { formatAddress, parseAddress } from '../sandbox/linux/net-address.ts';
import { visibleText } from '../terminal/visible-text.ts';
import { answer } from './output.ts';
import { policyRequest } from './prepare.ts';
import { quoted } from './quote.ts';
import { flagsOf, type Options } from './tables/flags.ts';
import { type Paint, paint, plainPaint } from './theme.ts';

const DENIED = 3;
const DEFAULT_PORT = 443;

interface Question {
  /** As shown: `read /etc/shadow`. */
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** The answers, one for each object that is meant: a name may have several addresses. */
  ask(policy: ResolvedPolicy, fs: FileSystem, inside: boolean): readonly Answered[] | Promise<readonly Answered[]>;
}

interface Answered extends Explanation {
  /** What was asked, where that is not what was written: where links lead, an address of a name. */
  readonly object?: string;
}

function oneOf<T extends string>(flag: string, value: string | undefined, words: readonly [T, ...T[]]): T {
  const found = words.find((word) => word === (value ?? words[0]));
  if (found !== undefined) return found;
  throw new NonoError('usage', `${flag}: '${value}' is none of ${words.join(', ')}`);
}

function absolute(path: string): string {
  const home = homeDirectory(process.env);
  if (path === '~' || path.startsWith('~/')) return home + path.slice(1);
  return resolve(path);
}

function pathQuestion(written: string, operation: PathOperation): Question {
  const path = absolute(written);
  return {
    text: `${operation} ${written}`,
    json: { kind: 'path', path, op: operation },
    ask: (policy, fs, inside) => {
      const found = explainPath(policy, path, operation, fs, inside);
      return [found.real.path === path ? found : { ...found, object: found.real.path }];
    },
  };
}

function socketQuestion(written: string, operation: 'connect' | 'bind'): Question {
  const path = written.startsWith('@') ? written : absolute(written);
  return {
    text: `${operation} ${written}`,
    json: { kind: 'unix_socket', path, op: operation },
    ask: (policy, fs) => {
      const found = explainSocket(policy, path, operation, fs);
      const real = found.real?.path;
      return [real === undefined || real === path ? found : { ...found, object: real }];
    },
  };
}

function findInPath(name: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).filter((place) => place.startsWith('/'));
  const files = name.includes('/') ? [resolve(name)] : places.map((place) => join(place, name));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

function port(text: string): number {
  try {
    const { firstPort, lastPort } = parsePorts(text, 0);
    if (firstPort === lastPort) return firstPort;
  } catch (error) {
    if (!(error instanceof EndpointProblem)) throw error;
  }
  throw new NonoError('usage', `--port: '${text}' is not a port`);
}

/** A name, an address, `host:port`, or a URL. */
function hostAndPort(written: string, portText: string | undefined): HostAndPort {
  const given = portText === undefined ? undefined : port(portText);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) {
    const url = URL.canParse(written) ? new URL(written) : undefined;
    if (url === undefined || url.hostname === '') throw new NonoError('usage', `--host: '${written}' is not a URL`);
    const known: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ssh:': 22, 'ftp:': 21 };
    const implied = url.port === '' ? known[url.protocol] : Number(url.port);
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: given ?? implied ?? DEFAULT_PORT };
  }
  if (parseAddress(written) !== undefined) return { host: written, port: given ?? DEFAULT_PORT };
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(written);
  if (parts === null) throw new NonoError('usage', `--host: '${written}' is neither a name nor an address`);
  const [, bracketed, plain, own] = parts;
  return { host: bracketed ?? plain ?? '', port: given ?? (own === undefined ? DEFAULT_PORT : port(own)) };
}

/** The addresses of a name, as a program would get them. None when it has none, or when nobody can be asked. */
async function addressesOf(name: string): Promise<readonly string[]> {
  if (name === 'localhost') return ['127.0.0.1', '::1'];
  const { lookup } = process.getBuiltinModule('node:dns').promises;
  try {
    return [...new Set((await lookup(name, { all: true })).map((one) => one.address))];
  } catch {
    return [];
  }
}

function hostQuestion(options: Options, written: string): Question {
  const { host, port: number } = hostAndPort(written, options.queryPort);
  const operation = options.queryListen ? 'bind' : 'connect';
  const protocol = options.queryUdp ? 'udp' : 'tcp';
  const ask = (policy: ResolvedPolicy, address: string | undefined): Answered => {
    const asked = address === undefined ? undefined : netAccess(operation, protocol, address, number);
    if (asked === undefined)
      return explainAddress(policy, { operation, protocol, port: number, address: undefined }, undefined);
    const endpoint = endpointText({ protocol, ...hostRange(asked.address), firstPort: number, lastPort: number });
    const found = explainAddress(policy, asked, endpoint);
    return address === host ? found : { ...found, object: formatAddress(asked.address) };
  };
  return {
    text: `${operation === 'bind' ? 'listen on' : 'connect to'} ${protocol} ${host}:${number}`,
    json: { kind: 'host', host, port: number, protocol, op: operation === 'bind' ? 'listen' : 'connect' },
    ask: async (policy) => {
      // While the network is open nothing depends on the address, so nobody is asked for it.
      if (!policy.blockNetwork || parseAddress(host) !== undefined)
        return [ask(policy, parseAddress(host) === undefined ? undefined : host)];
      const addresses = await addressesOf(host);
      return addresses.length === 0 ? [ask(policy, undefined)] : addresses.map((address) => ask(policy, address));
    },
  };
}

function question(options: Options): Question {
  const asked: Question[] = [];
  const { queryPath, queryHost, querySocket, queryScope, queryVariable, queryCommand } = options;
  if (queryPath !== undefined)
    asked.push(pathQuestion(queryPath, oneOf('--op', options.queryOp, ['read', 'write', 'readwrite'])));
  if (queryHost !== undefined) asked.push(hostQuestion(options, queryHost));
  if (querySocket !== undefined)
    asked.push(socketQuestion(querySocket, oneOf('--socket-op', options.querySocketOp, ['connect', 'bind'])));
  if (queryScope !== undefined) {
    const scope = oneOf('--scope', queryScope, ['signal', 'abstract-unix-socket']);
    asked.push({ text: scope, json: { kind: 'scope', scope }, ask: (policy) => [explainScope(policy, scope)] });
  }
  if (queryVariable !== undefined)
    asked.push({
      text: `variable ${queryVariable}`,
      json: { kind: 'variable', name: queryVariable },
      ask: (policy) => [explainVariable(policy, queryVariable, process.env)],
    });
  if (queryCommand !== undefined)
    asked.push({
      text: `command ${queryCommand}`,
      json: { kind: 'command', name: queryCommand },
      ask: (policy, fs) => [explainCommand(policy, basename(queryCommand), findInPath(queryCommand), fs)],
    });
  const [first, second] = asked;
  if (first === undefined)
    throw new NonoError('nothing-asked', '--path or --host is required', {
      hint: 'or --unix-socket, --scope, --env-var or --command',
    });
  if (second !== undefined) throw new NonoError('usage', `one question at a time: ${first.text}, or ${second.text}`);
  return first;
}

function isPathRule(rule: PolicyRule | PolicyNetRule): rule is PolicyRule {
  return 'kind' in rule;
}

const commandGroups = (name: string): string[] =>
  Object.entries(builtinData().groups)
    .filter(([, group]) => group.rules.some((rule) => rule.commands?.includes(name)))
    .map(([group]) => group);

/** Where a rule is written: in a group's file, in a profile's, or on the command line. */
function place(rule: PolicyRule | PolicyNetRule): { at?: string; description?: string } {
  if (rule.at !== undefined) return { at: rule.at };
  if (!rule.source.startsWith('group:')) return {};
  const found = groupLocation(installationRoot(), rule.source.slice(6), isPathRule(rule) ? rule : undefined);
  return {
    ...(found === undefined ? {} : { at: found.at }),
    ...(found?.description === undefined ? {} : { description: found.description }),
  };
}

const accessWords = { read: 'read', write: 'write', readwrite: 'read+write' } as const;

function accessWord(access: PolicyRule['access']): string {
  if (access === 'all') return 'read+write+connect';
  if (access in accessWords) return accessWords[access as keyof typeof accessWords];
  return access.endsWith('connect') && access !== 'connect' ? `${access.replace('connect', '')}+connect` : access;
}

function ruleJson(rule: PolicyRule | PolicyNetRule): Record<string, unknown> {
  return {
    verdict: rule.verdict,
    ...(isPathRule(rule) ? { kind: rule.kind, path: rule.path, access: rule.access } : { endpoint: netRuleText(rule) }),
    raw: rule.raw,
    source: rule.source,
    ...(rule.why === undefined ? {} : { why: rule.why }),
    ...place(rule),
  };
}

function capability(rule: PolicyRule): Record<string, unknown> {
  return { path: rule.path, access: accessWord(rule.access), source: sourceName(rule) };
}

type EditPreview = SavedRule | { readonly key: string; readonly value: string };

/** What would be written into the profile, or undefined where that cannot be written. */
function preview(policy: ResolvedPolicy, edit: ProfileEdit | undefined): EditPreview | undefined {
  if (edit === undefined) return undefined;
  if ('key' in edit) return edit;
  try {
    if ('path' in edit) return previewRule(policy, edit);
    return previewEntry(policy, { op: 'add', list: edit.list, entry: edit.entry });
  } catch (error) {
    if (error instanceof NonoError) return undefined;
    throw error;
  }
}

function editJson(edit: EditPreview): Record<string, unknown> {
  if ('key' in edit) return { key: edit.key, value: edit.value };
  const changes = edit.edits.map(({ op, list, entry }) => ({ op, key: list.join('.'), entry }));
  return { file: edit.file, profile: edit.profile, creates: edit.creates, changes, diff: edit.diff };
}

const flagText = (flags: readonly string[]): string =>
  flags.map((word) => (word.startsWith('--') ? word : quoted(word))).join(' ');

function answerJson(asked: Question, found: Answered, policy: ResolvedPolicy): Record<string, unknown> {
  const { rule, closest } = found;
  const allowedBy = found.status === 'allowed' && rule !== undefined && isPathRule(rule) ? rule : undefined;
  const edit = preview(policy, found.edit);
  return {
    status: found.status,
    reason: found.reason,
    ...(found.details === undefined ? {} : { details: found.details }),
    ...(allowedBy && {
      granted_path: allowedBy.path,
      access: accessWord(allowedBy.access),
      source: sourceName(allowedBy),
    }),
    ...(found.status === 'denied' && rule !== undefined ? { policy_source: rule.source } : {}),
    ...(found.status === 'denied' && closest !== undefined ? { matching_capability: capability(closest) } : {}),
    ...(found.flags === undefined ? {} : { suggested_flag: flagText(found.flags) }),
    ...(rule === undefined ? {} : { rule: ruleJson(rule) }),
    ...(edit === undefined ? {} : { profile_edit: editJson(edit) }),
    ...(found.object === undefined ? {} : { object: found.object }),
    query: asked.json,
    profile: policy.profile,
  };
}

const reasonWords: Readonly<Record<string, string>> = {
  granted_path: 'granted',
  sensitive_path: 'denied by a rule of a policy group',
  filesystem_deny: 'denied by a rule',
  nono_protected: "nono's own files stay closed",
  path_not_granted: 'nothing grants it',
  session_makes: 'the session may make it',
  insufficient_access: 'granted, but not for this',
  socket_not_granted: 'nothing grants connecting to it',
  network_allowed: 'network allowed',
  network_blocked: 'the network is blocked',
  network_denied: 'a range that no wide grant opens',
  command_blocked: 'refused by name',
};

function reasonText(reason: string): string {
  const words = reasonWords[reason];
  return words === undefined ? reason : `${reason} (${words})`;
}

function editLines(edit: EditPreview): string[] {
  if ('key' in edit) return [`"${edit.key}": "${edit.value}"`];
  const changed = edit.edits.map(({ op, list, entry }) => {
    return `${op === 'add' ? '+' : '-'} ${list.join('.')}: ${visibleText(JSON.stringify(entry))}`;
  });
  const creates = edit.creates ? ` (new, extends ${visibleText(edit.profile.replace(/-local$/, ''))})` : '';
  return [`${visibleText(edit.file)}${creates}`, ...changed];
}

function text(asked: Question, found: Answered, policy: ResolvedPolicy, look: Paint): string {
  const allowed = found.status === 'allowed';
  const lines = [allowed ? look.good('ALLOWED') : look.bad('DENIED')];
  const row = (label: string, value: string | undefined): void => {
    if (value !== undefined) lines.push(`  ${look.label(`${label}:`)} ${value}`);
  };
  const { rule, closest } = found;
  row('Query', `${visibleText(asked.text)}${found.object === undefined ? '' : ` -> ${visibleText(found.object)}`}`);
  row('Reason', reasonText(found.reason));
  row('Details', found.details && visibleText(found.details));
  if (rule !== undefined) {
    const shown = isPathRule(rule) ? visibleText(rule.path) : netRuleText(rule);
    row(allowed ? 'Granted by' : 'Denied by', shown);
    if (isPathRule(rule) && allowed) row('Access', accessWord(rule.access));
    const { at, description } = place(rule);
    const name = isPathRule(rule) ? sourceName(rule) : rule.source;
    row('Source', `${visibleText(name)}${description === undefined ? '' : ` (${description})`}`);
    if (!allowed) row('Policy', `${visibleText(rule.source)} ${visibleText(rule.raw)}`);
    row('Why', rule.why);
    row('Written at', at && visibleText(at));
  }
  if (!allowed && closest !== undefined)
    row('Closest match', `${visibleText(closest.path)} (${accessWord(closest.access)}, ${sourceName(closest)})`);
  row('Suggested fix', found.flags && flagText(found.flags));
  const edit = preview(policy, found.edit);
  if (edit !== undefined) {
    const [first, ...rest] = editLines(edit);
    row('Profile edit', first);
    lines.push(...rest.map((line) => `    ${line}`));
  }
  return lines.join('\n');
}

/** Several addresses of one name: denied as soon as one of them is, since a program may take any. */
function worst(found: readonly Answered[]): Answered {
  const denied = found.find((one) => one.status === 'denied');
  if (denied === undefined) return found[0] as Answered;
  const open = found.flatMap((one) => (one.status === 'allowed' && one.object !== undefined ? [one.object] : []));
  if (open.length === 0) return denied;
  return {
    ...denied,
    details: [denied.details, `${open.join(', ')} of the same name can be reached`].filter(Boolean).join('; '),
  };
}

async function ask(
  asked: Question,
  options: Options,
  policy: ResolvedPolicy,
  fs: FileSystem,
  inside = false,
): Promise<Answered> {
  const found = worst(await asked.ask(policy, fs, inside));
  if (found.reason !== 'command_blocked' || options.queryCommand === undefined) return found;
  const groups = commandGroups(basename(options.queryCommand)).join(', ') || 'named by profile or flag';
  return { ...found, details: `${groups}: ${found.details}` };
}

/** The answer about a policy that is at hand: that of a running session. Without colour. */
export async function whyText(options: Options, policy: ResolvedPolicy, fs: FileSystem): Promise<string> {
  const asked = question(options);
  return text(asked, await ask(asked, options, policy, fs), policy, plainPaint);
}

function statusText(
  self: { readonly kind: 'not_sandboxed' | 'unknown'; readonly message: string },
  look: Paint,
): string {
  const title = self.kind === 'unknown' ? 'UNKNOWN' : 'NOT SANDBOXED';
  return `${look.warn(title)}\n  ${self.message}`;
}

/** Flags that make a policy say nothing about the session's own. */
function refuseContext(options: Options): void {
  const given = flagsOf('why').find((flag) => {
    if (flag.commands === 'global' || !flag.commands.includes('run')) return false;
    const value = options[flag.key as keyof Options];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false && value !== 0;
  });
  // What the environment says (NONO_ALLOW) is for the next start; only a flag is a mistake, and both look the same here.
  if (given !== undefined && (given.env === undefined || !process.env[given.env]))
    throw new NonoError('usage', `--self asks about the session as it is: it goes without --${given.long}`);
}

async function whySelf(asked: Question, options: Options): Promise<number> {
  refuseContext(options);
  const { askSelf } = await import('./self.ts');
  const self = askSelf();
  if (self.kind !== 'session') {
    const status = { status: self.kind, message: self.message, query: asked.json };
    answer(options.json ? `${JSON.stringify(status, null, 2)}\n` : `${statusText(self, paint(options))}\n`);
    return options.exitCode && self.kind === 'unknown' ? DENIED : 0;
  }
  const { policy, narrowed } = self;
  const shown = await ask(asked, options, policy, policyContext().fs, true);
  const note = 'this process restricted itself further inside the session, so less may hold for it';
  if (options.json) {
    const json = answerJson(asked, shown, policy);
    answer(`${JSON.stringify({ ...json, ...(narrowed ? { narrowed: note } : {}) }, null, 2)}\n`);
  } else answer(`${text(asked, shown, policy, paint(options))}\n${narrowed ? `  Note: ${note}\n` : ''}`);
  return options.exitCode && shown.status === 'denied' ? DENIED : 0;
}

export async function why(options: Options): Promise<number> {
  const asked = question(options);
  if (options.self) return whySelf(asked, options);
  const context = policyContext();
  const policy = withMatches(resolvePolicy(policyRequest(options), context), context.fs);
  const shown = await ask(asked, options, policy, context.fs);
  answer(
    options.json
      ? `${JSON.stringify(answerJson(asked, shown, policy), null, 2)}\n`
      : `${text(asked, shown, policy, paint(options))}\n`,
  );
  return options.exitCode && shown.status === 'denied' ? DENIED : 0;
}
