/** The commands of the article that explore policy and use a profile, typed as they stand there into bash, and what it shows as their answers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { missingCommands } from '../../../src/cli/tables/not-built.ts';
import { sessionCommands } from '../../../src/cli/tables/session-commands.ts';
import { developerProfile } from '../../helpers/article.ts';
import { exampleProfiles } from '../../helpers/example-profiles.ts';
import type { Outcome } from '../../helpers/run.ts';
import { environment, installationFor, makeHome, users } from '../../helpers/users.ts';

/** Of `nono -h`. */
const help = `
GETTING STARTED
setup Set up nono on this system
CORE USAGE
run Run a command inside the sandbox
shell Start an interactive shell inside the sandbox
wrap Apply sandbox and exec into command (nono disappears)
EXPLORATION & DEBUGGING
learn Trace a command to discover required filesystem paths
why Check why a path or network operation would be allowed or denied
SESSION MANAGEMENT
rollback Manage rollback sessions (browse, restore, cleanup)
audit View audit trail of sandboxed commands
trust Manage file trust and attestation
POLICY & PROFILES
policy Inspect policy groups, profiles, and security rules
profile Create and manage nono profiles`;

const options = `
-s, --silent Silent mode - suppress all nono output (banner, summary, status)
--theme <THEME> Color theme for output (mocha, latte, frappe, macchiato, tokyo-night, minimal) [env: NONO_THEME=]
-h, --help Print help
-V, --version Print version`;

const profiles = `
nono policy: 13 profiles
Built-in:
claude-code Anthropic Claude Code CLI agent extends default
codex OpenAI Codex CLI agent extends default
default Default conservative base profile
go-dev Go SDK development profile with GOPATH and module support extends default
node-dev Node.js SDK development profile with nvm, fnm, pnpm, and npm support extends default
openclaw OpenClaw messaging gateway extends default
opencode OpenCode AI coding assistant extends default
python-dev Python SDK development profile with pyenv, conda, and pip support extends default
rust-dev Rust SDK development profile with cargo and rustup support extends default
swival Swival CLI coding agent extends default
User (~/.config/nono/profiles/):
data-processing Read from input, write to output
example-agent Template for creating custom agent profiles
offline-build Build environment with no network access`;

const showDefault = `
nono policy: profile 'default'
Description: Default conservative base profile
Security groups:
deny_credentials
deny_keychains_macos
deny_keychains_linux
deny_browser_data_macos
deny_browser_data_linux
deny_macos_private
deny_shell_history
deny_shell_configs
system_read_macos
system_read_linux
system_write_macos
system_write_linux
user_tools
homebrew
dangerous_commands
dangerous_commands_macos
dangerous_commands_linux`;

const oneGroup = `
nono policy: group 'system_read_linux'
Description: Linux system paths required for executables to function
Platform: linux
Required: no`;

const developer = `cat > ~/.config/nono/profiles/developer.json << 'EOF'
${developerProfile}EOF`;

/** /etc/profile.d/nono-preexec.sh of the article. */
const preexec = `if [ -n "$BASH_VERSION" ]; then
_nono_run() {
local prog="$1"
shift
# Skip if already inside nono to avoid recursion
if [[ -n "$NONO_ACTIVE" ]]; then
command "$prog" "$@"
return
fi
# Skip if nono not available
if ! command -v nono &>/dev/null; then
command "$prog" "$@"
return
fi
export NONO_ACTIVE=1
nono run --profile developer --silent --allow-cwd -- "$prog" "$@"
unset NONO_ACTIVE
}
# Wrap specific programs
alias python3='_nono_run python3'
alias python='_nono_run python'
alias node='_nono_run node'
alias npm='_nono_run npm'
alias pip3='_nono_run pip3'
alias pip='_nono_run pip'
fi
`;

/** Lines without their indentation and the width of their columns. */
function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '');
}

for (const user of users) {
  describe(`the article's commands, as ${user.name}`, () => {
    const home = makeHome(user);
    const directory = join(home, '.config/nono/profiles');
    mkdirSync(directory, { recursive: true });
    const own = (): void => void spawnSync('chown', ['-Rh', `${user.uid}:${user.uid}`, home]);
    own();
    /** Typed into bash, where `nono` is on the PATH. */
    const bash = (script: string, more: Record<string, string> = {}): Outcome => {
      const env = environment(home, more);
      const [program = '', ...args] = [...user.prefix, 'bash', '-c', script];
      const path = `${join(installationFor(user), 'bin')}:${env['PATH']}`;
      const done = spawnSync(program, args, {
        cwd: home,
        env: { ...env, PATH: path },
        input: '',
        encoding: 'utf8',
        timeout: 60_000,
      });
      return { code: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
    };
    const answer = (script: string): string[] => {
      const done = bash(script);
      assert.equal(done.code, 0, done.stderr);
      assert.equal(done.stderr, '');
      return lines(done.stdout);
    };

    test('nono -h: its sections in its order, with its words, for every command that is there', () => {
      const shown = answer('nono -h');
      const expected = lines(help).filter((line) => !missingCommands.includes(line.split(' ')[0] ?? ''));
      const withCommands = (all: readonly string[]): string[] =>
        all.filter((line, i) => !/^[A-Z]/.test(line) || /^[a-z]/.test(all[i + 1] ?? 'A'));
      const sections = withCommands(expected);
      // Commands of later versions of the original, in its sections.
      const later: readonly string[] = ['completion', ...sessionCommands.map(({ name }) => name)];
      const list = shown.slice(shown.indexOf('CORE USAGE'), shown.indexOf('OPTIONS'));
      for (const name of later)
        assert.ok(
          list.some((line) => line.startsWith(`${name} `)),
          name,
        );
      const start = sections.indexOf('CORE USAGE');
      assert.deepEqual(
        withCommands(list.filter((line) => !later.includes(line.split(' ')[0] ?? ''))),
        sections.slice(start),
      );
      const described = shown.slice(shown.indexOf('OPTIONS') + 1, shown.indexOf('LEARN MORE')).join(' ');
      for (const line of lines(options)) assert.ok(described.includes(line), `${line} is not in ${described}`);
      assert.ok(shown.includes('Use `nono <command> --help` for more information about a command.'));
    });

    test('nono policy profiles: the 13, with the examples that setup writes', () => {
      for (const { file, text } of exampleProfiles()) writeFileSync(join(directory, file), text);
      own();
      // Those of later versions of the original come after them.
      const all = answer('nono policy profiles');
      const later = all.indexOf('4 more, of later versions:');
      assert.deepEqual(all.slice(0, later), lines(profiles));
      assert.deepEqual(
        all.slice(later + 1).map((line) => line.split(' ')[0]),
        ['bun-dev', 'java-dev', 'linux-host-compat', 'mise-dev'],
      );
      assert.deepEqual(answer('nono profile list').slice(1), all.slice(1));
    });

    test('nono policy show default: its groups in its order, then what this version adds', () => {
      const shown = answer('nono policy show default');
      const expected = lines(showDefault);
      assert.deepEqual(shown.slice(0, expected.length), expected);
      assert.equal(shown.at(-1), 'Signal mode: Isolated');
      const known = new Set(answer('nono policy groups --all-platforms').map((line) => line.split(' ')[0]));
      for (const group of shown.slice(expected.length, -1)) assert.ok(known.has(group), `${group} is a group`);
    });

    test('nono policy groups system_read_linux names /etc/hosts', () => {
      const shown = answer('nono policy groups system_read_linux');
      const expected = lines(oneGroup);
      assert.deepEqual(shown.slice(0, expected.length), expected);
      assert.ok(shown.includes('/etc/hosts'));
    });

    test('the developer profile, written by its here-document, is listed, shown, valid and untouched', () => {
      answer(developer);
      const file = join(directory, 'developer.json');
      const before = readFileSync(file, 'utf8');
      assert.ok(lines(bash('nono policy profiles').stdout).includes('developer System-wide developer sandbox profile'));
      const shown = answer('nono policy show developer');
      assert.equal(shown[1], 'Description: System-wide developer sandbox profile');
      for (const line of [
        'deny_credentials',
        'system_read_linux',
        'dangerous_commands_linux',
        'Workdir access: ReadWrite',
      ])
        assert.ok(shown.includes(line), line);
      assert.equal(answer('nono policy validate ~/.config/nono/profiles/developer.json').at(-1), 'Result: valid');
      const found = answer('nono why --profile developer --path ~/.ssh/id_ed25519');
      assert.equal(found[0], 'DENIED');
      assert.ok(
        found.some((line) => line.startsWith('Policy: group:deny_credentials')),
        found.join('\n'),
      );
      assert.equal(readFileSync(file, 'utf8'), before);
    });

    describe('its /etc/profile.d script', () => {
      const script = join(home, 'nono-preexec.sh');
      writeFileSync(script, preexec);
      own();
      /** Aliases hold only for lines that are read after them, as in a login shell. */
      const login = (line: string): Outcome => bash(`shopt -s expand_aliases\nsource ${script}\n${line}\n`);

      for (const flag of ['', '-S '])
        test(`python3 ${flag}-c with a key of ~/.ssh`, () => {
          const done = login(`python3 ${flag}-c "print(open('${home}/.ssh/id_ed25519').read())"`);
          assert.match(
            done.stderr,
            new RegExp(`PermissionError: \\[Errno 13\\] Permission denied: '${home}/\\.ssh/id_ed25519'`),
          );
          assert.doesNotMatch(done.stdout, /SECRET/);
        });
      test('without the profile’s wrapper the key is readable: the refusal is nono’s', () => {
        const done = login(`command python3 -c "print(open('${home}/.ssh/id_ed25519').read())"`);
        assert.match(done.stdout, /SECRET/);
      });
      test('inside, the guard against recursion holds: nono is started once', () => {
        const inner = `shopt -s expand_aliases; source ${script}; eval 'python3 -c "print(1 + 1)"'; echo "active:$NONO_ACTIVE"`;
        writeFileSync(join(home, 'inner.sh'), inner);
        own();
        const done = login(
          `python3 -c "import os; os.execvp('bash', ['bash', '${home}/inner.sh'])"; echo "after:$NONO_ACTIVE"`,
        );
        assert.equal(done.stdout, '2\nactive:1\nafter:\n', done.stderr);
      });
      test('work in the project goes on', () => {
        const done = login(`cd ~/project && python3 -c "open('made', 'w').write('x')" && cat made`);
        assert.equal(done.stdout, 'x', done.stderr);
      });
    });
  });
}

test('the examples are files that setup can copy as they are', () => {
  assert.deepEqual(
    exampleProfiles().map((one) => one.name),
    ['data-processing', 'example-agent', 'offline-build'],
  );
});
