/** A host process for tests: the real session on the terminal it is started on, with the fake sandbox. */
import { writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import type { ResolvedPolicy } from '../../src/policy/model.ts';
import type { GrantRule } from '../../src/session/approval/profile-saver.ts';
import { runInteractive } from '../../src/session/interactive.ts';
import { userKeymap } from '../../src/session/keys/user-keys.ts';
import { shellStart } from '../../src/session/life/shell-rc.ts';
import type { ChromeModule } from '../../src/session/screen/chrome-model.ts';
import { fakeLaunch } from './fake-sandbox.ts';

const env = process.env;
const policy: ResolvedPolicy = {
  profile: 'test',
  rules: [
    {
      id: 0,
      verdict: 'deny',
      kind: 'tree',
      access: 'readwrite',
      path: '/home/u/.ssh',
      raw: '~/.ssh',
      source: 'group:deny_credentials',
      why: 'private keys',
    },
    { id: 1, verdict: 'allow', kind: 'tree', access: 'read', path: '/usr', raw: '/usr', source: 'base' },
  ],
  blockNetwork: false,
  blockedCommands: [],
  allowedCommands: [],
  workdir: process.cwd(),
  warnings: [],
};

const shell = env['NONO_TEST_SHELL'] ?? '/bin/bash';
const start = shellStart(shell, `${import.meta.dirname}/../../src/session/rc`, env);
Object.assign(env, start.env);
const command = env['NONO_TEST_COMMAND'];

async function loadChrome(): Promise<ChromeModule> {
  const other = env['NONO_TEST_CHROME'];
  const { mountChrome }: ChromeModule = await (other === undefined
    ? import('../../src/session/chrome.tsx')
    : import(other));
  return {
    mountChrome: (options) => {
      const handle = mountChrome(options);
      if (env['NONO_TEST_MOUNTED'] !== undefined) writeFileSync(env['NONO_TEST_MOUNTED'], '');
      // Most hosts are killed, and what was compiled is otherwise kept at a good end only.
      flushCompileCache();
      return handle;
    },
  };
}

const ended = runInteractive({
  policy,
  plan: Buffer.alloc(0),
  launcher: '/nonexistent',
  argv: command === undefined ? start.argv : ['/bin/sh', '-c', command],
  profileSaver: {
    preview: (rules: readonly GrantRule[]) => [
      '~/.config/nono/profiles/test.jsonc',
      ...rules.map((rule) => `+ "${'path' in rule ? rule.path : ''}"`),
    ],
    save: async (rules: readonly GrantRule[]) => {
      if (env['NONO_TEST_SAVE_FAILS'] !== undefined) throw new Error('disk full');
      return { file: '/profiles/test.jsonc', profile: 'test', rules };
    },
    undo: async () => {},
  },
  loadChrome,
  stdin: 0,
  stdout: 1,
  ascii: env['NONO_TEST_ASCII'] !== undefined,
  ...(env['NONO_TEST_COPY'] === undefined ? {} : { copyCommand: JSON.parse(env['NONO_TEST_COPY']) }),
  color: env['NO_COLOR'] === undefined,
  ...(env['NONO_TEST_PREFIX'] === undefined ? {} : { keymap: userKeymap({ prefix: env['NONO_TEST_PREFIX'] }) }),
  bell: env['NONO_TEST_BELL'] !== undefined,
  env: { ...env, HOME: '/home/u' },
  launch: fakeLaunch(env['NONO_TEST_CONTROL']),
});
// Not awaited at top level, which a bundle in CommonJS cannot have.
void ended.then((code) => {
  process.exitCode = code;
});
