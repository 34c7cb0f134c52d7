/** The tour: what is done at the keyboard, and what the reader should see of it. One list; pictures, texts and the page are made from it. */
import { afterPrefix, closeWith, enter, inList, leaveList, pressUntil } from '../../test/e2e/shell/shell-helpers.ts';
import { key, pause, type TestTerminal } from '../../test/helpers/terminal.ts';

export interface Step {
  readonly name: string;
  readonly says: string;
  /** In a terminal of its own, in which `nono` alone was started. */
  readonly home?: true;
  /** Ends when the screen is what the picture should show. */
  readonly run: (t: TestTerminal) => Promise<void>;
}

const STILL_MS = 300;

/** Until nothing has changed for a moment: a picture is of what stays. */
export async function still(t: TestTerminal): Promise<void> {
  for (let before = ''; ; ) {
    const now = await t.text();
    if (now === before) return;
    before = now;
    await pause(STILL_MS);
  }
}

async function settled(t: TestTerminal, what: string | RegExp): Promise<void> {
  await t.until(what);
  await still(t);
}

/** The command that follows is seen. */
async function cleared(t: TestTerminal): Promise<void> {
  enter(t, 'clear');
  await t.until((screen) => /\] ~\/project \$ *(?:│|$)/m.test(screen) && !screen.includes('clear'));
}

export const steps: readonly Step[] = [
  {
    name: 'shell',
    says: 'A shell in the sandbox. Beside it, what it is denied; below, the keys that work now.',
    run: (t) => settled(t, /denials/),
  },
  {
    name: 'held',
    says: 'A file outside the grants: the call waits, the program with it. Nothing has taken the keyboard.',
    run: async (t) => {
      enter(t, 'cat ~/notes/plan.txt');
      await settled(t, 'HELD');
    },
  },
  {
    name: 'list',
    says: 'The prefix and `d`: the list has the keyboard, the waiting call is selected.',
    run: async (t) => {
      await inList(t);
      await settled(t, /once.*session.*profile/);
    },
  },
  {
    name: 'save',
    says: '`p`: the rule, how long it lasts, and the change to the profile, before anything is saved.',
    run: (t) => pressUntil(t, 'p', (screen) => screen.includes('Save to the profile?')),
  },
  {
    name: 'granted',
    says: '`y`: saved, and the call that was waiting succeeds.',
    run: async (t) => {
      await pressUntil(t, 'y', (screen) => screen.includes('buy bread'));
      await settled(t, 'allowed');
    },
  },
  {
    name: 'denied',
    says: 'A key file: under a deny rule nothing is asked. It fails at once, and the row names the rule.',
    run: async (t) => {
      await leaveList(t);
      enter(t, 'cat ~/.ssh/id_ed25519');
      await settled(t, 'Permission denied');
    },
  },
  {
    name: 'prefix',
    says: 'The prefix alone, for a moment: every key that may follow.',
    run: async (t) => {
      t.write(key.prefix);
      await settled(t, /D +detach/);
    },
  },
  {
    name: 'command-line',
    says: '`:`: a command line about this session. `why` answers by the function that decides.',
    run: async (t) => {
      t.write(':');
      await settled(t, /commands of this session/);
      enter(t, 'why ~/.ssh/id_ed25519');
      await settled(t, /DENIED/);
      await leaveList(t);
      await afterPrefix(t, ':');
      await settled(t, /DENIED/);
    },
  },
  {
    name: 'details',
    says: 'Enter on a row: the rule, where it is written, the process, and what would change the decision.',
    run: async (t) => {
      await leaveList(t);
      await inList(t, 'G', key.enter);
      await settled(t, /Denied access/);
    },
  },
  {
    name: 'help',
    says: '`?`: every key that works here; typing filters.',
    run: async (t) => {
      await closeWith(t, 'Denied access');
      t.write('?');
      await settled(t, /filter:/);
    },
  },
  {
    name: 'network',
    says: 'A connection waits like an open: by address and port.',
    run: async (t) => {
      await leaveList(t);
      await cleared(t);
      enter(t, '(exec 3<>/dev/tcp/127.0.0.1/9) 2>&1 | tail -c 60');
      await settled(t, /HELD[^\n]*connect/);
    },
  },
  {
    name: 'groups',
    says: '`t`: the rows under headings by directory, then by program, then sorted by count. What comes later stands below.',
    run: async (t) => {
      await inList(t, 't');
      await settled(t, /by directory/);
    },
  },
  {
    name: 'edit',
    says: '`e`: what an approval covers can be edited; the count is of what is there now.',
    run: async (t) => {
      for (const order of [/by program/, /by count/, /order of arrival/]) {
        t.write('t');
        await t.until(order);
      }
      t.write('G');
      await t.until(/^(?:.*│)?>HELD/m);
      await pressUntil(t, 'x', (screen) => !/\d held/.test(screen));
      await leaveList(t);
      await cleared(t);
      enter(t, 'cat ~/notes/a.txt');
      await settled(t, /HELD[^\n]*a.txt/);
      await inList(t, 'e');
      await settled(t, /covers/);
      t.write(key.tab);
      await still(t);
    },
  },
  {
    name: 'whole-path',
    says: 'A path that its row has to cut is whole in a box while the row is selected; after `f`, so is the rule for the directory. Nothing is allowed that is not there to be read.',
    run: async (t) => {
      await closeWith(t, 'What should it cover');
      await pressUntil(t, 'x', (screen) => !/\d held/.test(screen));
      await leaveList(t);
      await cleared(t);
      enter(t, 'cat ~/notes/customers/northern-lights/contracts/2026/first-draft.txt');
      await settled(t, /HELD[^\n]*first-draft.txt/);
      await inList(t, 'f');
      await settled(t, /everything below/);
    },
  },
  {
    name: 'scroll',
    says: 'The prefix and `[`: what has scrolled away, with a search.',
    run: async (t) => {
      await pressUntil(t, 'x', (screen) => !/\d held/.test(screen));
      await leaveList(t);
      enter(t, 'clear; seq 1 200');
      await settled(t, /\n200/);
      await afterPrefix(t, '[');
      await t.until('scrolled');
      t.write('/');
      await t.until(/\n[^\n]*\/_[^\n]*$/);
      enter(t, '142');
      await settled(t, /^142/m);
    },
  },
  {
    name: 'quit',
    says: 'The prefix and `q`: ending the session asks first.',
    run: async (t) => {
      t.write('q');
      await t.until((screen) => !screen.includes('scrolled'));
      await afterPrefix(t, 'q');
      await settled(t, /End this session/);
    },
  },
  {
    name: 'home',
    home: true,
    says: '`nono` without arguments: a shell here, running and recent sessions, profiles, policy groups.',
    run: async (t) => {
      await settled(t, /leave/);
    },
  },
  {
    name: 'home-group',
    home: true,
    says: 'Enter on a group: its rules, and why each is there.',
    run: async (t) => {
      t.write('/');
      await t.until('Enter keep');
      t.write('deny_credentials');
      await t.until(/\/deny_credentials_/);
      t.write(key.enter);
      await t.until('Enter show');
      t.write(key.enter);
      await settled(t, /Esc back/);
    },
  },
];
