/** `nono profile init`, `edit`, `promote` and `schema`: the commands that write files of the user's. */

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { updateFile } from '../../config/atomic-update.ts';
import { cannotWrite } from '../../config/cannot-write.ts';
import { nonoDirectories } from '../../config/directories.ts';
import { readTextFile } from '../../config/read-text.ts';
import { currentDirectory } from '../../platform/current-directory.ts';
import { NonoError } from '../../platform/errors.ts';
import { installationRoot } from '../../platform/installation.ts';
import { findGroup } from '../../policy/groups/groups.ts';
import { lineDiff } from '../../policy/profile/line-diff.ts';
import { localName } from '../../policy/profile/profile-store.ts';
import { validateProfile } from '../../policy/profile/validate-profile.ts';
import { builtinData, policyContext, profileStore } from '../../policy/resolve/load.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { answer, say } from '../output/output.ts';
import { askYesNo, canAsk } from '../output/prompt.ts';
import { quoted } from '../output/quote.ts';
import { readableLine } from '../output/report-error.ts';
import { type Paint, paint } from '../output/theme.ts';
import type { Options } from '../tables/flags.ts';

const STDERR = 2;
/** As every other program takes it. */
const STANDARD_OUTPUT = '-';
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new NonoError('profile-invalid', `'${name}' cannot be the name of a profile`, {
    hint: 'names consist of letters, digits and hyphens, with no hyphen at either end',
  });
}

/** Sections that a full skeleton shows, as empty as they can be. */
const fullSections = {
  commands: { allow: [], deny: [] },
  network: { block: false, open_port: [], listen_port: [], connect_port: [] },
  environment: { allow_vars: [], deny_vars: [], set_vars: {} },
  env_credentials: {},
  hooks: {},
  rollback: { exclude_patterns: [], exclude_globs: [] },
} as const;

function skeleton(name: string, options: Options): string {
  const groups = options.groups.flatMap((list) => list.split(',')).filter((group) => group !== '');
  for (const group of groups) findGroup(builtinData().groups, { text: group, at: '--groups' });
  for (const base of options.extends) profileStore().load(base, currentDirectory());
  const bases = options.extends;
  const lists = { allow: [], read: [] };
  const filesystem = options.full
    ? { ...lists, write: [], allow_file: [], read_file: [], write_file: [], deny: [], bypass_protection: [] }
    : lists;
  const profile = {
    ...(bases.length === 0 ? {} : { extends: bases.length === 1 ? bases[0] : bases }),
    meta: {
      name,
      version: '1.0.0',
      ...(options.description === undefined && !options.full ? {} : { description: options.description ?? '' }),
    },
    // In the newest spelling: a start would warn of an old one.
    groups: options.full ? { include: groups, exclude: [] } : { include: groups },
    workdir: { access: 'readwrite' },
    filesystem,
    ...(options.full ? fullSections : {}),
  };
  return `${JSON.stringify(profile, null, 2)}\n`;
}

export function init(name: string, options: Options): number {
  checkName(name);
  const store = profileStore();
  if (options.output === STANDARD_OUTPUT) {
    answer(skeleton(name, options));
    return 0;
  }
  const file = options.output ?? store.userFile(name) ?? join(store.directory, `${name}.json`);
  const text = skeleton(name, options);
  updateFile(file, (current) => {
    if (current === undefined || options.force) return text;
    throw new NonoError('io', `${file} exists already. Use --force to overwrite`);
  });
  if (options.silent) return 0;
  say(`nono profile: created ${visibleText(file)}\n`);
  const validated = options.output === undefined ? name : quoted(file);
  say(`nono profile: check it with: nono profile validate ${validated}\n`);
  return 0;
}

/** The errors of a text as a profile of this name, checked in a directory of its own. */
function problems(file: string): readonly string[] {
  const { findings } = validateProfile(file, policyContext(), dirname(file));
  return findings.filter((one) => one.level === 'err').map((one) => one.text);
}

/** The editor is the user's own words: a command with arguments, as every other program takes it. */
function runEditor(file: string): void {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi';
  // ^C is for the editor, which shares the terminal.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const done = spawnSync('/bin/sh', ['-c', `${editor} "$@"`, editor, file], { stdio: 'inherit' });
  process.off('SIGINT', ignore);
  if (done.status === 0) return;
  throw new NonoError('cancelled', `${editor} ended with ${done.status ?? done.signal}; nothing was changed`);
}

function userFileOf(name: string): string {
  const store = profileStore();
  const file = store.userFile(name);
  if (file !== undefined) return file;
  if (Object.hasOwn(builtinData().profiles, name)) {
    throw new NonoError('profile-not-found', `profile '${name}' is built in and cannot be edited`, {
      hint: `nono profile init ${localName(name)} --extends ${name}`,
    });
  }
  throw new NonoError('profile-not-found', `there is no user profile '${name}'`, {
    hint: `nono profile init ${name}`,
  });
}

/**
 * Beside the profile, where no session can write: in /tmp a sandboxed program could change it after the editor ends and before it is read. What it extends by a
 * relative path is found from there, too.
 */
function copyBeside(file: string, text: string): string {
  const end = /\.jsonc?$/.exec(file)?.[0] ?? '.json';
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const copy = join(dirname(file), `.${basename(file, end)}.edit-${randomBytes(4).toString('hex')}${end}`);
  try {
    writeFileSync(copy, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // Half of it would be taken for all of it by whoever finds it.
    rmSync(copy, { force: true });
    throw cannotWrite(copy, error, `${file} stays as it was`);
  }
  return copy;
}

export function edit(name: string, options: Options): number {
  const file = userFileOf(name);
  const before = readTextFile(file) ?? '';
  const copy = copyBeside(file, before);
  const look = paint(options, STDERR);
  for (;;) {
    runEditor(copy);
    const after = readTextFile(copy);
    if (after === undefined || after === before) {
      rmSync(copy, { force: true });
      say('nono profile: nothing was changed\n');
      return 0;
    }
    const errors = problems(copy);
    if (errors.length === 0) {
      save(file, before, after, copy);
      rmSync(copy, { force: true });
      if (!options.silent) say(`nono profile: saved ${visibleText(file)}\n`);
      return 0;
    }
    for (const error of errors) say(`  ${look.bad('[err]')} ${readableLine(error)}\n`);
    if (!canAsk() || askYesNo('Edit it again?', false) !== 'yes') {
      throw new NonoError('cancelled', `${file} stays as it was; what was edited is in ${copy}`);
    }
  }
}

/** In one step, and only over what the user saw. */
function save(file: string, before: string | undefined, after: string, kept: string): void {
  try {
    updateFile(file, (current) => {
      if (current === before) return after;
      throw new NonoError('io', `${file} was changed meanwhile, and stays as it is`);
    });
  } catch (error) {
    if (!(error instanceof NonoError)) throw error;
    throw new NonoError(error.code, `${error.message}; what was edited is in ${kept}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function draftOf(name: string): string {
  checkName(name);
  const directory = join(nonoDirectories(process.env).config, 'profile-drafts');
  const file = ['jsonc', 'json'].map((end) => join(directory, `${name}.${end}`)).find((one) => existsSync(one));
  if (file !== undefined) return file;
  throw new NonoError('profile-not-found', `there is no draft '${name}' in ${directory}`);
}

function showDiff(before: string | undefined, after: string, look: Paint): string {
  const paintLine = (line: string): string =>
    line.startsWith('+') ? look.good(line) : line.startsWith('-') ? look.bad(line) : line;
  return lineDiff(before ?? '', after)
    .map((line) => `  ${paintLine(visibleText(line))}\n`)
    .join('');
}

export function promote(name: string, options: Options): number {
  const draft = draftOf(name);
  const after = readTextFile(draft) ?? '';
  const store = profileStore();
  const file = store.userFile(name) ?? join(store.directory, basename(draft));
  const before = readTextFile(file);
  const diff = showDiff(before, after, paint(options));
  const heading = before === undefined ? 'a new profile' : visibleText(file);
  answer(`nono profile: draft '${name}' for ${heading}\n\n${diff === '' ? '  (no differences)\n' : diff}`);
  if (options.diff) return 0;
  const [error] = problems(draft);
  if (error !== undefined) throw new NonoError('profile-invalid', error);
  if (!options.yes) {
    if (!canAsk()) throw new NonoError('cancelled', 'nobody to ask; --yes takes the draft without a question');
    if (askYesNo('Put it in place?', false) !== 'yes') throw new NonoError('cancelled', 'nothing was changed');
  }
  save(file, before, after, draft);
  rmSync(draft);
  if (!options.silent) say(`nono profile: saved ${visibleText(file)}\n`);
  return 0;
}

export function schema(options: Options): number {
  const { format = 'profile' } = options;
  if (format !== 'profile' && format !== 'manifest')
    throw new NonoError('usage', `--format: '${format}' is none of profile, manifest`);
  const file = join('profiles', `${format}.schema.json`);
  const text = readTextFile(join(installationRoot(), file), 'installation');
  if (text === undefined) throw new NonoError('installation', `${file} is missing`, { hint: 'install nono again' });
  if (options.output === undefined || options.output === STANDARD_OUTPUT) {
    answer(text);
    return 0;
  }
  updateFile(options.output, () => text);
  if (!options.silent) say(`nono profile: wrote ${visibleText(options.output)}\n`);
  return 0;
}
