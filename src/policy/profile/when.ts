/**
 * Conditions on entries of profiles: `linux`, `macos:>=15`, `linux:fedora-like`, `linux:fedora:>=43:workstation`, `!linux:nixos`. Of a list, any.
 * After the system come, in any number, a version, a distribution, `<distribution>-like`, and a variant; all must hold.
 */
export interface Host {
  readonly platform: 'linux' | 'macos' | 'windows';
  /** Of the system on macOS, of the distribution on Linux; empty when it is not known. */
  readonly version: string;
  /** `ID` of os-release. */
  readonly distribution: string;
  /** `ID_LIKE`. */
  readonly like: readonly string[];
  /** `VARIANT_ID`. */
  readonly variant: string;
}

const systems = ['linux', 'macos', 'windows'] as const;
const versionTest = /^(>=|<=|>|<|=|==)?(\d+(?:\.\d+)*)$/;
const plainName = /^[a-z0-9._-]+$/;

/** What is wrong with a condition, or undefined. Asked of every condition, also where it would not be evaluated. */
export function whenProblem(when: string): string | undefined {
  const [system = '', ...rest] = when.replace(/^!/, '').split(':');
  if (!(systems as readonly string[]).includes(system)) return `'${when}' does not begin with linux, macos or windows`;
  const bad = rest.find((part) => !versionTest.test(part) && !plainName.test(part));
  return bad === undefined ? undefined : `'${bad}' in '${when}' is neither a version like >=15 nor a name`;
}

/** As many numbers as the test names: 12 holds for 12.4. */
function compareVersions(version: string, wanted: string): number {
  const have = version.split('.').map(Number);
  for (const [i, part] of wanted.split('.').map(Number).entries()) {
    const difference = (have[i] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}

function versionHolds(test: RegExpExecArray, host: Host): boolean {
  if (!/^\d+(\.\d+)*$/.test(host.version)) return false;
  const difference = compareVersions(host.version, test[2] as string);
  switch (test[1]) {
    case '>=':
      return difference >= 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '<':
      return difference < 0;
    default:
      return difference === 0;
  }
}

function partHolds(part: string, first: boolean, host: Host): boolean {
  const version = versionTest.exec(part);
  if (version) return versionHolds(version, host);
  if (part.endsWith('-like')) {
    const family = part.slice(0, -'-like'.length);
    return host.distribution === family || host.like.includes(family);
  }
  return first ? host.distribution === part : host.variant === part;
}

/** Whether one condition holds. The first name after the system is a distribution, a later one a variant. */
export function whenHolds(when: string, host: Host): boolean {
  const negated = when.startsWith('!');
  const [system, ...rest] = (negated ? when.slice(1) : when).split(':');
  const names = rest.filter((part) => !versionTest.test(part));
  const holds = system === host.platform && rest.every((part) => partHolds(part, part === names[0], host));
  return holds !== negated;
}
