/** What of the user's environment a sandboxed command gets. Pure: names and values in, the command's environment and the names left out. */
import { carrierNames, commandValued, defaultNames, loaderNames } from './environment-names.ts';

/** What profiles and flags say. */
export interface EnvironmentRules {
  /** `environment.allow_vars`: names or patterns beyond the defaults. */
  readonly allow: readonly string[];
  /** `environment.deny_vars`: left out, whatever allows them. */
  readonly deny: readonly string[];
  readonly caseInsensitive: boolean;
  /** `environment.set_vars` and `--env NAME=VALUE`, expanded. */
  readonly set: Readonly<Record<string, string>>;
  /** `--env NAME`: typed by the user, so it beats everything that protects against a slip. */
  readonly typed: readonly string[];
}

export const noEnvironmentRules: EnvironmentRules = { allow: [], deny: [], caseInsensitive: false, set: {}, typed: [] };

export type Withholding = 'not listed' | 'denied' | 'carries code' | 'holds a password' | 'holds a command';

export interface Withheld {
  readonly name: string;
  readonly because: Withholding;
}

export interface ChosenEnvironment {
  readonly values: Readonly<Record<string, string>>;
  /** Names only, never values; those that look like credentials first. */
  readonly withheld: readonly Withheld[];
  /** Whose value is that of the user's environment, not one that was put in its place. */
  readonly inherited: ReadonlySet<string>;
}

/** Hears what was asked of values, and so which of them decide something. */
export interface ValuesHeard {
  value(name: string): void;
  hasAt(name: string): boolean;
}

/** With other values in the place of some. */
export function withValues(
  environment: ChosenEnvironment,
  values: Readonly<Record<string, string>>,
): ChosenEnvironment {
  const inherited = new Set(environment.inherited);
  for (const name of Object.keys(values)) inherited.delete(name);
  return { ...environment, values: { ...environment.values, ...values }, inherited };
}

/** Between nono's own processes, or about them. `NONO_ACTIVE` is none of nono's: the user's shell says with it that nono is there already. */
const own = /^NONO_(?!ACTIVE$)/;
/** Of the shell that started nono: nobody misses it. */
const unmissed = new Set(['_']);
const credentialLike = /TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH|COOKIE|PRIVATE|SESSION|^AWS_|_DSN$|_PAT$/i;
/** `https://user:password@host`: in a proxy's or a registry's address. */
const userInfo = /:\/\/[^/@\s]*:[^/@\s]*@/;
/** A program and plain words; nothing that a shell would interpret. */
const plainCommand = /^[\w@%+=:,./ -]*$/;

/** A pattern of a profile, `*` anywhere, as a test on whole names. Each part is taken where it first comes, so no pattern takes long on any name. */
function pattern(text: string, caseInsensitive: boolean): (name: string) => boolean {
  const fold = (word: string): string => (caseInsensitive ? word.toLowerCase() : word);
  const [first = '', ...rest] = fold(text).split('*');
  const last = rest.pop();
  if (last === undefined) return (name) => fold(name) === first;
  return (name) => {
    const folded = fold(name);
    if (!folded.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = folded.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at + last.length <= folded.length && folded.endsWith(last);
  };
}

interface Matcher {
  matches(name: string): boolean;
  /** By the whole name, without a star. */
  names(name: string): boolean;
}

function matcher(words: readonly string[], caseInsensitive: boolean): Matcher {
  if (words.length === 0) return { matches: () => false, names: () => false };
  const tests = words.map((word) => ({ exact: !word.includes('*'), test: pattern(word, caseInsensitive) }));
  return {
    matches: (name) => tests.some(({ test }) => test(name)),
    names: (name) => tests.some(({ exact, test }) => exact && test(name)),
  };
}

function withholding(
  name: string,
  value: string,
  allow: Matcher,
  deny: Matcher,
  heard: ValuesHeard | undefined,
): Withholding | undefined {
  if (loaderNames.has(name)) return 'carries code';
  if (deny.matches(name)) return 'denied';
  if (allow.names(name)) return undefined;
  if (carrierNames.has(name)) return 'carries code';
  if (allow.matches(name)) return undefined;
  if (!defaultNames.has(name)) return 'not listed';
  if (commandValued.has(name)) {
    heard?.value(name);
    if (!plainCommand.test(value)) return 'holds a command';
  }
  return heard?.hasAt(name) !== false && userInfo.test(value) ? 'holds a password' : undefined;
}

/** What the front (bin/nono) keeps from the Node of the host, and hands on under a name of nono's own. */
const keptFromHost = ['NODE_COMPILE_CACHE', 'OPENSSL_CONF', 'OPENSSL_MODULES', 'OPENSSL_ENGINES'];

export function chooseEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  rules: EnvironmentRules = noEnvironmentRules,
  heard?: ValuesHeard,
): ChosenEnvironment {
  const allow = matcher(rules.allow, rules.caseInsensitive);
  const deny = matcher(rules.deny, rules.caseInsensitive);
  const typed = matcher(rules.typed, false);
  const values: Record<string, string> = {};
  const withheld: Withheld[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || own.test(name) || Object.hasOwn(rules.set, name)) continue;
    const because = typed.names(name) ? undefined : withholding(name, value, allow, deny, heard);
    if (because === undefined || (typed.matches(name) && because === 'not listed')) values[name] = value;
    else if (!unmissed.has(name)) withheld.push({ name, because });
  }
  const set: Record<string, string> = {};
  for (const name of keptFromHost) {
    const value = env[`NONO_${name}`];
    if (value === undefined) continue;
    const because = typed.names(name) ? undefined : withholding(name, value, allow, deny, undefined);
    if (because === undefined) set[name] = value;
    else if (!Object.hasOwn(rules.set, name)) withheld.push({ name, because });
  }
  Object.assign(set, rules.set);
  const weight = ({ name }: Withheld): number => (credentialLike.test(name) ? 0 : 1);
  withheld.sort((a, b) => weight(a) - weight(b) || (a.name < b.name ? -1 : 1));
  return withValues({ values, withheld, inherited: new Set(Object.keys(values)) }, set);
}

const NAMES_SHOWN = 6;

/** One line about what was left out, or undefined when nothing was. Names only. `all`: every name, and why. */
export function withheldText(withheld: readonly Withheld[], all = false): string | undefined {
  if (withheld.length === 0) return undefined;
  if (all) return withheld.map(({ name, because }) => `${name} (${because})`).join(', ');
  const names = withheld.slice(0, NAMES_SHOWN).map(({ name }) => name);
  const more = withheld.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
