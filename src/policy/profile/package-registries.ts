/**
 * Where the installed package managers fetch from. Nothing is written down here: each is asked, in order, by its variables, its configuration files and,
 * where these say nothing, the program itself, so that mirrors and private registries are what is let through. Settings of the project are not asked:
 * whoever wrote the project would choose where data may go.
 */
import { join } from 'node:path';

/** What this rests on; an argument, so that it can be tested without any manager. */
export interface RegistrySources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Text of a file, or undefined. */
  readonly read: (file: string) => string | undefined;
  /** Names in a directory. */
  readonly list: (directory: string) => readonly string[];
  /** Standard output of a program that is on PATH, or undefined: not installed, failed, or too slow. */
  readonly ask: (argv: readonly string[]) => string | undefined;
}

interface Manager {
  readonly name: string;
  readonly variables: readonly RegExp[];
  /** `~/` is the home directory. `registry`: which lines name a registry; every address in them counts. */
  readonly files: readonly string[];
  readonly registry: RegExp;
  /** Asked where neither variables nor files say anything: a manager that is not installed does not answer. */
  readonly commands: readonly (readonly string[])[];
  /** Directory whose entries are called `host-hash`. */
  readonly named?: string;
  /** A file inside an archive of the program, where it keeps its default. */
  readonly archive?: { readonly directories: readonly string[]; readonly name: RegExp; readonly member: string };
}

const pipDefault =
  'from pip._internal.models.index import PyPI, TestPyPI; print(PyPI.simple_url); print(PyPI.file_storage_domain)';

const managers: readonly Manager[] = [
  {
    name: 'npm',
    variables: [/^npm_config_(?:.*:)?registry$/i],
    files: ['~/.npmrc', '/etc/npmrc', '/usr/etc/npmrc'],
    registry: /^\s*(?:@[^:=\s]+:)?registry\s*=/,
    commands: [['npm', 'config', 'get', 'registry']],
  },
  {
    name: 'yarn',
    variables: [/^YARN_NPM_REGISTRY_SERVER$/, /^YARN_REGISTRY$/i],
    files: ['~/.yarnrc.yml', '~/.yarnrc'],
    registry: /^\s*(?:npmRegistryServer:|npmPublishRegistry:|"?(?:@[^\s:]+:)?registry"?\s)/,
    commands: [['yarn', 'config', 'get', 'registry']],
  },
  { name: 'pnpm', variables: [], files: [], registry: /$^/, commands: [['pnpm', 'config', 'get', 'registry']] },
  {
    name: 'pip',
    variables: [/^PIP_(?:EXTRA_)?INDEX_URL$/, /^PIP_FIND_LINKS$/],
    files: ['~/.config/pip/pip.conf', '~/.pip/pip.conf', '/etc/pip.conf'],
    registry: /^\s*(?:extra-)?index-url\s*=|^\s*find-links\s*=|^\s+https?:/,
    commands: [['python3', '-I', '-c', pipDefault]],
  },
  {
    name: 'uv',
    variables: [/^UV_(?:DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL)$/],
    files: ['~/.config/uv/uv.toml'],
    registry: /^\s*(?:index-url|extra-index-url|url)\s*=/,
    commands: [],
  },
  {
    name: 'cargo',
    variables: [/^CARGO_REGISTRIES_.+_INDEX$/],
    files: ['~/.cargo/config.toml', '~/.cargo/config'],
    registry: /^\s*(?:registry|index)\s*=/,
    commands: [],
    named: '~/.cargo/registry/index',
  },
  {
    name: 'go',
    variables: [/^GOPROXY$/, /^GOSUMDB$/],
    files: ['~/.config/go/env'],
    registry: /^(?:GOPROXY|GOSUMDB)=/,
    commands: [['go', 'env', 'GOPROXY', 'GOSUMDB']],
  },
  {
    name: 'gem',
    variables: [/^BUNDLE_MIRROR__/],
    files: ['~/.gemrc', '/etc/gemrc', '~/.bundle/config'],
    registry: /^\s*-\s*https?:|^\s*:?sources:|^BUNDLE_MIRROR/,
    commands: [['gem', 'sources', '--list']],
  },
  {
    name: 'composer',
    variables: [],
    files: ['~/.config/composer/config.json', '~/.composer/config.json'],
    registry: /"url"\s*:/,
    commands: [['composer', 'config', '--global', 'repositories']],
  },
  {
    name: 'maven',
    variables: [],
    files: ['~/.m2/settings.xml', '/etc/maven/settings.xml'],
    registry: /<url>/,
    commands: [],
    archive: {
      directories: ['/usr/share/maven/lib', '/opt/maven/lib', '~/.sdkman/candidates/maven/current/lib'],
      name: /^maven-model-builder(?:-[\w.]+)?\.jar$/,
      member: 'org/apache/maven/model/pom-4.0.0.xml',
    },
  },
  {
    name: 'gradle',
    variables: [],
    files: ['~/.gradle/init.gradle', '~/.gradle/init.gradle.kts', '~/.gradle/gradle.properties'],
    registry: /\burl\b|maven/,
    commands: [],
  },
];

/** Host names of the http(s) addresses in a text. `sparse+https://…` and `https://user:secret@host:8443/…` name hosts too. */
export function hostsIn(text: string): readonly string[] {
  const addresses = text.matchAll(/https?:\/\/(?:[^/\s@"'<>]*@)?([A-Za-z0-9.-]+)/g);
  return [...addresses].map((found) => (found[1] as string).toLowerCase()).filter((host) => host.includes('.'));
}

/** `GOSUMDB` names a host without a scheme; so does the file storage of pip. Comment lines name nothing. */
function hostsInLines(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !/^\s*[#;]/.test(line));
  const bare = lines.flatMap((line) => /^([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:\+\S+)?$/i.exec(line.trim())?.[1] ?? []);
  return [...hostsIn(lines.join('\n')), ...bare.map((host) => host.toLowerCase())];
}

/** `<!-- … -->` is where settings.xml keeps its examples, and a mirror that is blocked is a place that nothing is fetched from. */
function withoutComments(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<mirror>[\s\S]*?<\/mirror>/g, (mirror) => (/<blocked>\s*true\s*</.test(mirror) ? '' : mirror));
}

function place(file: string, home: string): string {
  return file.startsWith('~/') ? join(home, file.slice(2)) : file;
}

function configured(manager: Manager, from: RegistrySources): readonly string[] {
  const variables = Object.entries(from.env).flatMap(([name, value]) =>
    value !== undefined && manager.variables.some((pattern) => pattern.test(name)) ? hostsInLines(value) : [],
  );
  const lines = manager.files.flatMap((file) =>
    withoutComments(from.read(place(file, from.home)) ?? '')
      .split('\n')
      .filter((line) => manager.registry.test(line)),
  );
  const named =
    manager.named === undefined
      ? []
      : from
          .list(place(manager.named, from.home))
          .flatMap((entry) => /^([a-z0-9.-]+\.[a-z]+)-[0-9a-f]{16}$/.exec(entry)?.[1] ?? []);
  return [...variables, ...lines.flatMap(hostsInLines), ...named];
}

/** What the program itself says where nothing is configured. */
function* builtIn(manager: Manager, from: RegistrySources): Generator<string> {
  for (const argv of manager.commands) yield from.ask(argv) ?? '';
  const { archive } = manager;
  for (const at of archive?.directories ?? []) {
    const directory = place(at, from.home);
    const file = from.list(directory).find((name) => archive?.name.test(name));
    if (file === undefined || archive === undefined) continue;
    const text = from.ask(['unzip', '-p', join(directory, file), archive.member]) ?? '';
    // Only repositories: the other addresses of the file are those of its licence and schema.
    yield [...text.matchAll(/<url>([^<]*)<\/url>/g)].map(([, url]) => url).join('\n');
  }
}

/** Hosts by manager, only of those that are installed or configured. */
export function packageRegistries(from: RegistrySources): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const manager of managers) {
    let hosts = configured(manager, from);
    if (hosts.length === 0)
      for (const text of builtIn(manager, from)) {
        hosts = hostsInLines(text);
        if (hosts.length > 0) break;
      }
    if (hosts.length > 0) found.set(manager.name, [...new Set(hosts)]);
  }
  return found;
}
