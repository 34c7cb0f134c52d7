import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { explainPath } from '../../../src/policy/explain/explain-path.ts';
import type { ResolvedPolicy } from '../../../src/policy/model.ts';
import { nodeFileSystem } from '../../../src/policy/plan/file-system.ts';
import type { CommandDoors } from '../../../src/session/commands/command.ts';
import { renderCommandsDoc } from '../../../src/session/commands/commands-doc.ts';
import { record } from '../../terminal/helpers.ts';
import { Bench, netRules, rules } from '../support.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'nono-console-')));
after(() => rmSync(home, { recursive: true }));
mkdirSync(join(home, '.ssh'));
mkdirSync(join(home, 'notes'));
writeFileSync(join(home, '.ssh/id'), 'key');
writeFileSync(join(home, 'notes.txt'), 'milk');
for (const name of ['my file.txt', 'a file', 'early', 'record', '漢字 é.txt']) writeFileSync(join(home, name), '');

const policy: ResolvedPolicy = {
  profile: 'test',
  rules: rules.map((rule) => (rule.id === 0 ? { ...rule, path: join(home, '.ssh') } : rule)),
  blockNetwork: false,
  blockedCommands: [],
  allowedCommands: [],
  workdir: home,
  warnings: [],
};

interface Opened {
  readonly bench: Bench;
  readonly remembered: string[];
  readonly asked: (readonly string[])[];
  text(): string;
  /** Types a line as a person does and waits for what it prints. */
  run(line: string): Promise<string>;
}

function opened(earlier: readonly string[] = [], base: ResolvedPolicy = policy): Opened {
  const remembered: string[] = [];
  const asked: (readonly string[])[] = [];
  const doors: CommandDoors = {
    session: '20261128-010203-42',
    policy: base,
    matches: [],
    fileSystem: () => nodeFileSystem(),
    home,
    cwd: () => home,
    why: async (words, now) => {
      asked.push(words);
      return explainPath(now, words[1] ?? '', 'read', nodeFileSystem()).status;
    },
    outside: async (words) => `ran ${words.join(' ')}\n\x1b[31mred\n`,
    completeOutside: () => [{ value: 'default', about: 'built in' }],
    saveDeny: async (path) => [`/p/test.jsonc`, `+ "${path}"`],
    history: { load: () => earlier, add: (line) => remembered.push(line) },
  };
  const bench = new Bench(undefined, doors);
  bench.session.startAsking();
  bench.sent.length = 0;
  bench.session.prefix();
  bench.session.key(':');
  const text = (): string =>
    bench
      .shown()
      .model.dialog?.lines.map((line) => line.map((s) => s.text).join(''))
      .join('\n') ?? '';
  return {
    bench,
    remembered,
    asked,
    text,
    run: async (line) => {
      for (const c of line) bench.session.key(c === ' ' ? 'space' : c);
      bench.session.key('enter');
      await bench.settle();
      return text();
    },
  };
}

const rule = (path: string, verdict = 'allow', access = 'read', kind = 'exact') => ({
  type: 'add-rule',
  verdict,
  kind,
  access,
  path,
});
const withoutIds = (sent: readonly object[]): object[] => sent.map(({ id: _id, ...rest }: { id?: number }) => rest);

describe('allow on the command line', () => {
  test('grants nothing by itself, and shows rule, lifetime and the change', async () => {
    const { bench, run } = opened();
    const text = await run('allow ~/notes.txt');
    assert.equal(bench.session.ui.dialog?.kind, 'grant');
    assert.match(text, new RegExp(`allow read ${home}/notes\\.txt`));
    assert.match(text, /until this session ends/);
    assert.match(text, /\+ ".*notes\.txt"/);
    assert.deepEqual(bench.sent, []);
  });

  test('what was typed ahead does not answer', async () => {
    const { bench, run } = opened();
    await run('allow ~/notes.txt');
    for (const name of ['s', 'p', 'y', 'enter', 's']) bench.session.key(name);
    await bench.settle();
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
  });

  test('nor does what was pasted, the line itself included', async () => {
    const { bench } = opened();
    bench.session.pasted('allow ~/notes.txt\rs');
    await bench.settle();
    assert.equal(bench.session.ui.dialog?.kind, 'command');
    bench.session.key('enter');
    bench.shown();
    bench.clock.advance(400);
    bench.session.pasted('s');
    await bench.settle();
    assert.deepEqual([bench.sent, bench.saver.saved], [[], []]);
  });

  test('a key pressed after looking grants for the session, and leads back to the command line', async () => {
    const { bench, run } = opened();
    await run('allow ~/notes.txt');
    bench.press('s');
    assert.deepEqual(withoutIds(bench.sent), [rule(`${home}/notes.txt`)]);
    assert.equal(bench.session.ui.dialog?.kind, 'command');
  });

  test('Esc and Enter grant nothing', async () => {
    const { bench, run } = opened();
    await run('allow ~/notes.txt');
    bench.press('enter', 'y', 'esc', 'esc');
    assert.deepEqual(bench.sent, []);
    assert.equal(bench.session.shellHasKeys, true);
  });

  test('p saves first', async () => {
    const { bench, run } = opened();
    await run('allow write ~/notes');
    bench.press('p');
    await bench.settle();
    assert.deepEqual(withoutIds(bench.sent), [rule(`${home}/notes`, 'allow', 'write', 'tree')]);
    assert.equal(bench.saver.saved.length, 1);
  });

  test('when saving fails nothing is granted', async () => {
    const { bench, run } = opened();
    bench.saver.fails = 'disk full';
    await run('allow ~/notes.txt');
    bench.press('p');
    await bench.settle();
    assert.deepEqual(bench.sent, []);
  });

  test('under a deny rule the whole path has to be typed', async () => {
    const { bench, run } = opened();
    await run('allow ~/.ssh/id');
    assert.equal(bench.session.ui.dialog?.kind, 'override');
    bench.press('s', 'p', 'y', 'enter');
    bench.session.pasted(`${home}/.ssh/id`);
    bench.press('enter', 'C-u');
    assert.deepEqual(bench.sent, []);
    bench.press(...`${home}/.ssh/id`, 'enter', 's');
    assert.deepEqual(withoutIds(bench.sent), [rule(`${home}/.ssh/id`, 'override'), rule(`${home}/.ssh/id`)]);
  });

  test('the whole file system is never granted', async () => {
    const { bench, run } = opened();
    assert.match(await run('allow /'), /never made here/);
    assert.deepEqual(bench.sent, []);
  });
});

describe('allow connect', () => {
  const blocked = { ...policy, blockNetwork: true, netRules };

  test('an address is granted like a row about it, a name is not', async () => {
    const { bench, run } = opened([], blocked);
    assert.match(await run('allow connect example.com:443'), /a grant is for an address/);
    await run('allow connect 192.0.2.7:443');
    assert.equal(bench.session.ui.dialog?.kind, 'grant');
    assert.equal(bench.sent.length, 0);
    bench.press('s');
    assert.deepEqual(
      bench.sent.map((c) => c.type === 'add-net-rule' && [c.rule.verdict, c.rule.firstPort, c.rule.lastPort]),
      [['allow', 443, 443]],
    );
    assert.match(await run('allow connect 192.0.2.7:443'), /allowed already, by session/);
    assert.match(await run('grants'), /allow to connect to tcp 192\.0\.2\.7:443/);
    await run('revoke 1');
    assert.equal(bench.sent.at(-1)?.type, 'remove-net-rule');
  });

  test('a denied range gives way only to the address typed once more', async () => {
    const { bench, run } = opened([], blocked);
    await run('allow connect 169.254.169.254:80');
    assert.equal(bench.session.ui.dialog?.kind, 'override');
    bench.press('s', 'p', 'y');
    assert.deepEqual(bench.sent, []);
  });

  test('says when the network is open', async () => {
    assert.match(await opened().run('allow connect 192.0.2.7:443'), /the network is open/);
  });
});

describe('grants and revoke', () => {
  test('are listed with a number and taken back by it, rule by rule', async () => {
    const { bench, run } = opened();
    await run('allow ~/notes.txt');
    bench.press('s');
    assert.match(await run('grants'), /1 {2}allow read .*notes\.txt · until it ends/);
    bench.sent.length = 0;
    assert.match(await run('revoke 1'), /taken back: allow read .*notes\.txt/);
    assert.deepEqual(bench.sent, [{ type: 'remove-rule', id: rules.length }]);
    assert.match(await run('revoke 1'), /no grant has the number '1'/);
  });

  test('what groups and nono itself deny is said in words', async () => {
    const fixed = { ...policy.rules[0], access: 'writeconnect', path: '/nono/itself' } as (typeof policy.rules)[number];
    const { run } = opened([], { ...policy, rules: [...policy.rules, fixed] });
    const said = await run('grants --all');
    assert.match(said, /deny read and write .*\.ssh/);
    assert.match(said, /deny write and connect to \/nono\/itself/);
  });

  test('both rules of a lifted deny go', async () => {
    const { bench, run } = opened();
    await run('allow ~/.ssh/id');
    bench.press(...`${home}/.ssh/id`, 'enter', 's');
    bench.sent.length = 0;
    await run('revoke all');
    assert.deepEqual(
      bench.sent.map((c) => c.type),
      ['remove-rule', 'remove-rule'],
    );
  });
});

describe('why', () => {
  test('answers over what was granted meanwhile', async () => {
    const { bench, run, asked } = opened();
    assert.match(await run('why ~/notes.txt'), /denied/);
    await run('allow ~/notes.txt');
    bench.press('s');
    assert.match(await run('why ~/notes.txt'), /allowed/);
    assert.deepEqual(asked[0], ['--path', `${home}/notes.txt`]);
    await run('why example.com:80');
    assert.deepEqual(asked[2], ['--host', 'example.com:80']);
  });
});

describe('deny', () => {
  test('answers what waits and what comes with no, and takes grants there back', async () => {
    const { bench, run } = opened();
    await run('allow ~/notes.txt');
    bench.press('s');
    bench.session.event({ type: 'held', holdId: 1n, record: record({ path: `${home}/notes/a` }) });
    bench.sent.length = 0;
    await run('deny ~');
    assert.deepEqual(bench.sent, [
      { type: 'remove-rule', id: rules.length },
      { type: 'verdict', holdId: 1n, allow: false },
    ]);
    bench.session.event({ type: 'held', holdId: 2n, record: record({ path: `${home}/notes/b` }) });
    assert.deepEqual(bench.sent.at(-1), { type: 'verdict', holdId: 2n, allow: false });
    await run('deny --off ~');
    bench.session.event({ type: 'held', holdId: 3n, record: record({ path: `${home}/notes/c` }) });
    assert.deepEqual(bench.sent.length, 3);
    // Also about what was refused before.
    bench.session.event({ type: 'held', holdId: 4n, record: record({ path: `${home}/notes/a` }) });
    assert.deepEqual(bench.sent.length, 3);
  });

  test('what was answered with no by itself stays so', async () => {
    const { bench, run } = opened();
    bench.session.event({ type: 'held', holdId: 1n, record: record({ path: `${home}/notes/a` }) });
    const [row] = bench.session.list.rows;
    assert.ok(row !== undefined);
    bench.session.granter.deny(row);
    await run('deny ~/notes');
    await run('deny --off ~/notes');
    bench.sent.length = 0;
    bench.session.event({ type: 'held', holdId: 2n, record: record({ path: `${home}/notes/a` }) });
    assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 2n, allow: false }]);
  });

  test('answers a call on two paths with no, whichever of them it is', async () => {
    const { bench, run } = opened();
    await run('deny ~/notes');
    bench.sent.length = 0;
    const other = { path: `${home}/notes/b`, first: false, allowed: true };
    const moving = record({ verb: 'rename', access: 'write', path: '/srv/a', other });
    bench.session.event({ type: 'held', holdId: 1n, record: moving });
    assert.deepEqual(bench.sent, [{ type: 'verdict', holdId: 1n, allow: false }]);
  });

  test('--save writes it into the profile, too, and shows what was written', async () => {
    const { run } = opened();
    const text = await run('deny --save ~/notes');
    assert.match(text, /refused for this session/);
    assert.match(text, new RegExp(`\\+ "${home}/notes"`));
  });

  test('does not claim to take away what the session was started with', async () => {
    const { run } = opened();
    assert.match(await run('deny /usr/lib'), /still allowed to read, by base/);
  });
});

describe('names that are escape sequences', () => {
  const hostile = join(home, 'x\x1b]52;c;QQ==\x07\x1b[2Jy');
  writeFileSync(hostile, '');
  symlinkSync(hostile, join(home, 'link'));

  for (const line of ['deny ~/link', 'deny --off ~/link', 'deny', 'allow ~/link', 'why ~/link', 'nothing ~/link'])
    test(`are written out: ${line}`, async () => {
      const { bench, run } = opened();
      if (line === 'deny') await run('deny ~/link');
      const text = await run(line);
      assert.doesNotMatch(text, /[^\n\P{C}]/u);
      for (const { text: one } of bench.session.console?.output ?? []) assert.doesNotMatch(one, /\p{C}/u);
    });

  test('also in a message', async () => {
    const { bench } = opened();
    bench.session.closeConsole();
    bench.session.event({ type: 'held', holdId: 1n, record: record({ path: hostile }) });
    bench.focusList();
    bench.press('s', 'z');
    await bench.settle();
    assert.match(bench.session.ui.message, /taken back/);
    const { message, messageBox } = bench.shown().model;
    for (const text of [message, ...(messageBox?.lines ?? []).flat().map((span) => span.text)])
      assert.doesNotMatch(text, /\p{C}/u);
  });
});

describe('the line', () => {
  test('completes commands and files, fuzzily, and words of other commands', () => {
    const { bench, text } = opened();
    const type = (line: string): void => {
      bench.session.key('C-e');
      bench.session.key('C-u');
      for (const c of line) bench.session.key(c === ' ' ? 'space' : c);
      bench.session.key('tab');
    };
    type('rvk');
    assert.match(text(), /: revoke $/m);
    type('allow ~/notes.');
    assert.match(text(), /: allow ~\/notes\.txt $/m);
    for (const typed of ['"my f', "'my f", 'my\\ f', '~/"my f']) {
      type(`allow ${typed}`);
      assert.match(text(), /: allow (?:~\/)?my\\ file\.txt $/m, typed);
    }
    type('allow ~/漢');
    assert.ok(text().includes(': allow ~/漢字\\ é.txt '), text());
    type('profile show ');
    assert.match(text(), /: profile show default/);
    // Each of these letters is in `read`, too.
    for (const [typed, file] of [
      ['a', 'a\\ file'],
      ['ea', 'early'],
      ['re', 'read'],
    ] as const) {
      type(`allow ${typed}`);
      assert.ok(text().endsWith(`: allow ${file}`) || text().includes(`: allow ${file} `), text());
    }
  });

  test('Tab shows the commands where nothing is typed, and puts none in before it is pressed again', () => {
    const { bench, text } = opened();
    const typed = () => text().split('\n').at(-1);
    bench.session.key('tab');
    assert.match(text(), /^ {2}why +why a path[\s\S]*^ {2}allow /m);
    assert.equal(typed(), ': ');
    bench.session.key('tab');
    assert.match(text(), /^> why /m);
    assert.equal(typed(), ': why');
    bench.session.key('esc');
    bench.session.key('tab');
    bench.session.key('S-tab');
    assert.equal(typed(), ': help');
    bench.session.key('esc');
    bench.session.key('tab');
    bench.session.key('/');
    assert.doesNotMatch(text(), /^ {2}allow /m, 'a filter closes them');
  });

  test('brings earlier lines back, also of earlier sessions, and remembers', async () => {
    const { bench, text, run, remembered } = opened(['grants --all']);
    bench.session.key('up');
    assert.match(text(), /: grants --all/);
    bench.session.key('down');
    await run('limits');
    assert.deepEqual(remembered, ['limits']);
    bench.session.key('up');
    assert.match(text(), /: limits/);
  });

  test('a flag of deny without a path changes nothing', async () => {
    const { bench, run } = opened();
    await run(`deny ${home}`);
    for (const flag of ['--off', '--save']) assert.match(await run(`deny ${flag}`), /needs a path$/m);
    assert.match(await run('deny --off ~ ~/notes'), /deny takes one path/);
    assert.deepEqual(bench.session.refusals.paths, [home]);
  });

  test('why alone says what it needs here', async () => {
    assert.match(await opened().run('why'), /why needs a path or an address\n +why PATH /);
  });

  test('names the command that was meant, and shows no control characters of what runs outside', async () => {
    const { run } = opened();
    assert.match(await run('grnats'), /did you mean grants\?/);
    const text = await run('profile show');
    assert.match(text, /ran profile show test/);
    assert.match(await run('inspect'), /ran inspect 20261128-010203-42/);
    assert.match(await run('logs --tail 5'), /ran logs 20261128-010203-42 --tail 5/);
    assert.match(await run('logs other'), /ran logs other\n/);
    assert.match(text, /\\x1b\[31mred/);
    assert.doesNotMatch(text, /\x1b/);
  });

  test('the output is filtered and scrolled', async () => {
    const { bench, text, run } = opened();
    for (let i = 0; i < 30; i += 1) await run(`help ${i}`);
    bench.session.key('/');
    for (const c of 'help 7') bench.session.key(c === ' ' ? 'space' : c);
    bench.session.key('enter');
    assert.match(text(), /: help 7/);
    assert.doesNotMatch(text(), /: help 8/);
    assert.match(text(), /\/help 7 {2}\d+ lines?, Esc shows all/);
    bench.session.key('esc');
    bench.session.key('pageup');
    assert.doesNotMatch(text(), /: help 29/);
    // While it is typed, too: an empty page would not say why it is empty.
    bench.session.key('/');
    for (const c of 'nowhere') bench.session.key(c);
    assert.match(text(), /\/nowhere {2}0 lines/);
  });
});

describe('a page of what was printed', () => {
  // The list has a size of its own, which has nothing to do with it.
  for (const rows of [0, 3])
    test(`is as high as what is in sight, with ${rows} rows in the list`, async () => {
      const { bench, run } = opened();
      const numbers = (): number[] =>
        (bench.shown().model.dialog?.lines ?? []).flatMap((line) => {
          const found = /^: help (\d+)$/.exec(
            line
              .map((span) => span.text)
              .join('')
              .trim(),
          );
          return found === null ? [] : [Number(found[1])];
        });
      for (let i = 0; i < rows; i += 1) bench.session.event({ type: 'denied', record: record({ path: `/x/${i}` }) });
      for (let i = 0; i < 60; i += 1) await run(`help ${i}`);
      const [first = 0] = numbers();
      bench.session.key('pageup');
      const before = numbers();
      // Nothing is passed over, and no more than a few lines are shown again.
      assert.ok(before.at(-1) === first - 1 || before.at(-1) === first, `${first}: ${before}`);
      bench.session.key('pagedown');
      assert.equal(numbers()[0], first);
    });
});

describe('the page', () => {
  test('docs/session-commands.md is what the table says', () => {
    const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'session-commands.md');
    assert.equal(readFileSync(file, 'utf8'), renderCommandsDoc(), 'stale: run `npm run generate`');
  });
});
