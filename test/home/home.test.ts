import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { homeItems } from '../../src/home/home-items.ts';
import { keysText } from '../../src/home/home-keys-text.ts';
import { runHomeLines } from '../../src/home/home-lines.ts';
import { chosenItem, type HomeState, homeKey, homeState, shownItems, withPage } from '../../src/home/home-state.ts';
import { homeHints, homeLines } from '../../src/home/home-view.ts';
import { typedCharacter } from '../../src/session/input/list-keys.ts';
import { defaultKeymap } from '../../src/session/keys/keymap.ts';
import { textWidth } from '../../src/terminal/visible-text.ts';

/** A home where nothing runs and nothing ran. */
const idle = (shown: Pick<Parameters<typeof homeItems>[0], 'profiles' | 'groups' | 'now'>) =>
  homeItems({ directory: '/x', home: '/home/u', running: [], recent: [], exists: () => true, ...shown });

const items = homeItems({
  directory: '/home/u/project',
  home: '/home/u',
  running: [{ id: '20261128-010203-42', name: 'work', command: 'bash', directory: '/home/u/project', detached: false }],
  recent: [
    { directory: '/home/u/other', profile: 'node-dev', at: 0 },
    { directory: '/gone', profile: 'default', at: 0 },
  ],
  exists: (directory) => directory !== '/gone',
  profiles: [
    { name: 'default', about: 'base' },
    { name: 'node-dev', about: 'for Node' },
  ],
  groups: [{ name: 'deny_credentials', about: 'keys and tokens' }],
  now: 3_600_000,
});

function press(state: HomeState, ...names: readonly string[]) {
  let at = state;
  let wish: unknown;
  for (const name of names) {
    const context = at.filtering ? 'filter' : at.page === undefined ? 'home' : 'home-page';
    const step = homeKey(at, defaultKeymap.bindingFor(context, name)?.action, typedCharacter(name), {
      cols: 80,
      rows: 14,
    });
    at = step.state;
    wish = step.wish ?? wish;
  }
  return { state: at, wish };
}

/** What the last row says of Esc. */
const saysOfEsc = (at: HomeState): string | undefined =>
  homeHints(at, defaultKeymap).find((hint) => hint.key === 'Esc')?.text;

describe('the home', () => {
  test('of a running session its name and, as of every other, the directory below the home', () => {
    assert.equal(items.find((item) => item.section === 'running')?.about, 'work: bash in ~/project');
  });

  test('of a session that can be continued, how: by its name where that is one session’s', () => {
    const one = { id: '1', name: 'work', command: 'bash', directory: '/x', detached: true };
    const abouts = (...running: readonly (typeof one)[]) =>
      homeItems({
        directory: '/x',
        home: '/home/u',
        running,
        recent: [],
        exists: () => true,
        profiles: [],
        groups: [],
        now: 0,
      })
        .filter((item) => item.section === 'running')
        .map((item) => item.about);
    assert.deepEqual(abouts(one), ['work: bash in /x, detached: nono attach work']);
    assert.deepEqual(abouts(one, { ...one, id: '2', detached: false }), [
      'work: bash in /x, detached: nono attach 1',
      'work: bash in /x',
    ]);
  });

  test('a filter does not look in ages: `go` is not found in `1h ago`', () => {
    const found = (filter: string) => shownItems({ ...homeState(items), filter }).map((item) => item.title);
    assert.match(items.find((item) => item.section === 'recent')?.about ?? '', / ago$/);
    assert.deepEqual(found('go'), []);
    assert.ok(found('node-dev').includes('~/other'));
  });

  test('offers a shell here, directories that are still there, profiles and groups', () => {
    assert.deepEqual(
      items.map((item) => `${item.section} ${item.title}`),
      [
        'start a sandboxed shell here',
        'running 20261128-010203-42',
        'recent ~/other',
        'profiles default',
        'profiles node-dev',
        'groups deny_credentials',
      ],
    );
    assert.match(items[2]?.about ?? '', /profile node-dev, 1h ago/);
  });

  test('Enter starts what is chosen, with directory and profile, or shows the group', () => {
    assert.deepEqual(press(homeState(items), 'enter').wish, {
      kind: 'shell',
      directory: undefined,
      profile: undefined,
    });
    assert.deepEqual(press(homeState(items), 'j', 'j', 'enter').wish, {
      kind: 'shell',
      directory: '/home/u/other',
      profile: 'node-dev',
    });
    assert.deepEqual(press(homeState(items), 'G', 'enter').wish, {
      kind: 'page',
      words: ['policy', 'groups', 'deny_credentials'],
    });
    assert.deepEqual(press(homeState(items), 'j', 'j', 'i').wish, {
      kind: 'page',
      words: ['profile', 'show', 'node-dev'],
    });
  });

  test('the filter finds by name and description; Esc ends it before it leaves', () => {
    const { state } = press(homeState(items), '/', ...'tokens', 'enter');
    assert.deepEqual(
      shownItems(state).map((item) => item.title),
      ['deny_credentials'],
    );
    assert.equal(press(state, 'esc').wish, undefined);
    assert.deepEqual([saysOfEsc(state), saysOfEsc(press(state, 'esc').state)], ['clear', 'leave']);
    assert.deepEqual(press(state, 'esc', 'esc').wish, { kind: 'quit' });
    assert.equal(press(homeState(items), '/', 'q', 'enter').wish, undefined);
    assert.equal(press(homeState(items), '/', ...'nothing at all', 'enter', 'enter').wish, undefined);
  });

  test('the help says which key filters it, first: there letters are keys', () => {
    assert.match(keysText(defaultKeymap), /^\/ and a word: only the lines that hold it\n\nEnter /);
  });

  test('a page is filtered and scrolled, and leads back to where the list was', () => {
    const before = press(homeState(items), '/', ...'deny', 'enter').state;
    const page = withPage(before, 'a page', 'one\ntwo\nthree\n');
    const filtered = press(page, '/', ...'wo', 'enter').state;
    assert.deepEqual([saysOfEsc(page), saysOfEsc(filtered)], ['back', 'clear']);
    const text = homeLines(filtered, { cols: 80, rows: 24 }, [], '', '').join('\n');
    assert.match(text, /two/);
    assert.doesNotMatch(text, /three/);
    const back = press(filtered, 'esc', 'esc').state;
    assert.deepEqual([back.page, back.filter], [undefined, 'deny']);
  });

  test('a long line of a page goes on below itself, whole; the way back up begins at once', () => {
    const text = `  Description:  ${'word '.repeat(40)}end\n${Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n')}`;
    const page = withPage(homeState(items), 'a page', text);
    const size = { cols: 80, rows: 14 };
    const shown = homeLines(page, size, [], '', '');
    assert.match(shown[2] ?? '', /^ {3}Description: {2}word/);
    assert.match(shown[3] ?? '', /^ {17}word/);
    assert.equal(shown.join(' ').match(/word/g)?.length, 40);
    const last = press(page, 'G').state;
    assert.match(homeLines(last, size, [], '', '').join('\n'), /34\/34[\s\S]*line 29/);
    assert.doesNotMatch(homeLines(press(last, 'k').state, size, [], '', '').join('\n'), /line 29/);
  });

  test('Enter is said to start only where it starts something, and what is out of sight is counted', () => {
    const hint = (state: HomeState): string | undefined => homeHints(state, defaultKeymap)[0]?.text;
    assert.deepEqual(
      [hint(homeState(items)), hint(press(homeState(items), 'j').state), hint(press(homeState(items), 'G').state)],
      ['start', 'show', 'show'],
    );
    assert.match(homeLines(homeState(items), { cols: 40, rows: 10 }, [], '', '')[0] ?? '', /1\/6/);
    assert.doesNotMatch(homeLines(homeState(items), { cols: 80, rows: 40 }, [], '', '')[0] ?? '', /\d\/\d/);
  });

  test('every line fits every screen, the chosen item is in sight, and names are written out', () => {
    const many = idle({
      profiles: Array.from({ length: 60 }, (_, i) => ({
        name: `profile-with-a-long-name-${i}`,
        about: `\x1b[2J about ${i}`.repeat(9),
      })),
      groups: [],
      now: 0,
    });
    for (const size of [
      { cols: 40, rows: 10 },
      { cols: 80, rows: 24 },
      { cols: 200, rows: 50 },
    ]) {
      let state = homeState(many);
      for (let i = 0; i < 61; i += 1) {
        const lines = homeLines(state, size, defaultKeymap.hintsFor('home', 'none'), 'about', '', '..');
        assert.match(lines.at(-1) ?? '', /Esc\x1b\[m \x1b\[2mleave/);
        assert.doesNotMatch(lines.join(''), /[^\x1b\x20-\x7e]/);
        assert.equal(lines.length, size.rows);
        for (const line of lines) {
          const bare = line.replace(/\x1b\[[0-9]*m/g, '');
          assert.ok(textWidth(bare) <= size.cols, `${size.cols}: ${bare}`);
          assert.doesNotMatch(bare, /\x1b/);
        }
        assert.equal(lines.filter((line) => line.includes('\x1b[7m>')).length, 1);
        state = press(state, 'j').state;
      }
    }
  });

  test('what a profile or group is stands there whole, below itself where it is long, and as one choice', () => {
    const about = 'Development with the tools, variables and tasks of a manager that has a long description here';
    const [name, long] = ['mise-dev', 'a-name-that-is-longer-than-half-of-forty-columns'];
    const offered = idle({
      profiles: [
        { name, about },
        { name: long, about },
        { name: 'short', about: 'base' },
      ],
      groups: [{ name: 'group-names-are-longer-by-far', about: 'keys' }],
      now: 0,
    });
    for (const cols of [60, 80, 120]) {
      const state = press(homeState(offered), 'j').state;
      const lines = homeLines(state, { cols, rows: 40 }, [], '', '').map((line) => stripVTControlCharacters(line));
      const text = lines.join(' ').replace(/[ >]+/g, ' ');
      assert.ok(text.includes(`${name} ${about} `), text);
      assert.ok(text.includes(`${long} ${about} `), text);
      assert.equal(lines.filter((line) => line.startsWith(' >')).length, 1);
      // One section's names do not widen another's.
      assert.match(lines.find((line) => line.includes('short')) ?? '', cols === 60 ? /short {5}base/ : /short +base/);
    }
  });

  test('all of what is chosen is there on the smallest screen, with no word broken', () => {
    const about = 'Refuses deleting files outside what the user made writable (an effect on macOS only)';
    const offered = idle({
      profiles: Array.from({ length: 9 }, (_, i) => ({
        name: `profile-${i}`,
        about: `${about}, ${i}`.slice(i * 9).trim(),
      })),
      groups: [{ name: 'unlink_protection', about }],
      now: 0,
    });
    const size = { cols: 40, rows: 10 };
    for (const keys of [[], ['G', 'k', 'k', 'k', 'k']]) {
      let { state } = press(homeState(offered), ...keys);
      for (let i = 0; i < 11; i += 1) {
        const item = chosenItem(state);
        const text = homeLines(state, size, [], '', '').map(stripVTControlCharacters).join(' ').replace(/[ >]+/g, ' ');
        assert.ok(text.includes(`${item?.title} ${item?.about}`), `${item?.title}:\n${text}`);
        state = press(state, 'j').state;
      }
    }
  });

  test('a page passes over nothing that was not on the screen, and goes on at items of many rows', () => {
    const many = idle({
      profiles: Array.from({ length: 30 }, (_, i) => ({
        name: `profile-${i}`,
        about: 'words '.repeat(i % 7 === 6 ? 90 : 25),
      })),
      groups: [],
      now: 0,
    });
    const size = { cols: 80, rows: 14 };
    const shown = (state: HomeState): readonly string[] =>
      homeLines(state, size, [], '', '').flatMap((line) => /profile-\d+/.exec(stripVTControlCharacters(line)) ?? []);
    let state = homeState(many);
    const seen = new Set(shown(state));
    for (let i = 0; i < 60; i += 1) {
      const next = press(state, 'pagedown').state;
      assert.ok(next.at > state.at || next.at === many.length - 1);
      state = next;
      for (const name of shown(state)) seen.add(name);
    }
    assert.deepEqual([state.at, seen.size], [many.length - 1, 30]);
    for (let i = 0; i < 60; i += 1) state = press(state, 'pageup').state;
    assert.equal(state.at, 0);
  });

  test('a message is folded, and the screen keeps its height', () => {
    const said = 'the group cannot be read: '.repeat(8);
    const lines = homeLines(homeState(items), { cols: 60, rows: 20 }, [], '', said);
    assert.equal(lines.length, 20);
    assert.equal(lines.join(' ').match(/cannot/g)?.length, 8);
  });
});

describe('the home in lines', () => {
  test('no word is broken by the width of the terminal', async () => {
    for (const columns of [40, 60, 80]) {
      const out: string[] = [];
      const answers = ['g', undefined];
      await runHomeLines(items, {
        columns,
        say: (text) => out.push(text),
        ask: (prompt) => {
          out.push(`${prompt}\n`);
          return answers.shift();
        },
        read: async () => '',
      });
      const text = out.join('');
      assert.ok(
        text.split('\n').every((line) => line.length <= columns),
        text,
      );
      assert.match(text.replace(/\s+/g, ' '), /1\. a sandboxed shell here: ~\/project/);
      assert.match(text.replace(/\s+/g, ' '), /g lists policy groups, Enter leaves: $/);
    }
  });
});
