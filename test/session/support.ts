/** A session without a terminal: events in, keys in, commands out. */

import { endpointText } from '../../src/policy/decide/net-endpoint.ts';
import type { PolicyNetRule, PolicyRule } from '../../src/policy/model.ts';
import { nodeFileSystem } from '../../src/policy/plan/file-system.ts';
import { resolveNetwork } from '../../src/policy/resolve/resolve-network.ts';
import type { SupervisorCommand } from '../../src/sandbox/linux/wire.ts';
import { Arming } from '../../src/session/approval/arming.ts';
import type { GrantRule, ProfileSaver, SavedRule } from '../../src/session/approval/profile-saver.ts';
import type { CommandDoors } from '../../src/session/commands/command.ts';
import { SessionController } from '../../src/session/controller.ts';
import type { Keymap } from '../../src/session/keys/keymap.ts';
import type { ProcessInfo } from '../../src/session/rows/process-info.ts';
import { denyRule } from '../../src/session/rows/row-text.ts';
import { type View, ViewBuilder } from '../../src/session/screen/view.ts';
import { ClusterTable } from '../../src/terminal/cells.ts';
import { PaneScreen } from '../../src/terminal/pane-screen.ts';
import { ScrollView } from '../../src/terminal/scroll-view.ts';
import { FakeClock, quietPane } from '../terminal/fakes.ts';

export const rules: readonly PolicyRule[] = [
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
];

/** What the command line needs of the session, where nothing comes of it. */
export const quietDoors: CommandDoors = {
  policy: {
    profile: 'test',
    rules: [],
    blockNetwork: false,
    blockedCommands: [],
    allowedCommands: [],
    workdir: '/home/u/project',
    warnings: [],
  },
  matches: [],
  fileSystem: () => nodeFileSystem(),
  home: '/home/u',
  session: '20261128-010203-42',
  cwd: () => '/home/u',
  why: async () => '',
  outside: async () => '',
  completeOutside: () => [],
  saveDeny: async () => [],
  history: { load: () => [], add: () => {} },
};

export const netRules: readonly PolicyNetRule[] = resolveNetwork([]).rules;

class FakeSaver implements ProfileSaver {
  readonly saved: GrantRule[] = [];
  readonly undone: GrantRule[] = [];
  fails: string | undefined;

  preview(rules: readonly GrantRule[]): readonly string[] {
    const added = rules.map((rule) => `+ "${'path' in rule ? rule.path : endpointText(rule.endpoint)}"`);
    return ['~/.config/nono/profiles/test.jsonc', ...added];
  }
  async save(rules: readonly GrantRule[]): Promise<SavedRule> {
    if (this.fails !== undefined) throw new Error(this.fails);
    this.saved.push(...rules);
    return { file: '/p/test.jsonc', profile: 'test', rules };
  }
  async undo(saved: SavedRule): Promise<void> {
    this.undone.push(...saved.rules);
  }
}

/** What the shell has printed, and the user's settings. */
export interface BenchPane {
  readonly output?: string;
  readonly clipboard?: 'off' | 'ask' | 'on';
  readonly keymap?: Keymap;
  readonly again?: () => string | undefined;
  readonly bell?: () => void;
  readonly cursorRow?: () => number;
  readonly readProcess?: (pid: number) => ProcessInfo | undefined;
}

function lookBack(output: string): ScrollView {
  const pane = new PaneScreen({ cols: 70, rows: 30, scrollback: 500, clusters: new ClusterTable() }, quietPane);
  pane.feed(Buffer.from(output));
  return new ScrollView(pane.lookBack(), 70, 30);
}

/** A controller with its view, as the screen would drive them. */
export class Bench {
  readonly clock = new FakeClock();
  readonly saver = new FakeSaver();
  readonly sent: SupervisorCommand[] = [];
  readonly arming = new Arming(this.clock);
  readonly session: SessionController;
  readonly builder: ViewBuilder;
  readonly size: { cols: number; rows: number };
  readonly clipboard: string[] = [];
  literal = 0;
  quit = 0;
  #version = 0;

  constructor(size = { cols: 120, rows: 36 }, doors?: CommandDoors, pane: BenchPane = {}) {
    this.size = size;
    this.builder = new ViewBuilder({
      profile: 'test',
      shell: '/bin/bash',
      workdir: '/home/u/project',
      home: '/home/u',
      rules: { paths: rules, net: netRules },
      color: true,
      ascii: false,
    });
    this.session = new SessionController({
      saver: this.saver,
      firstRuleId: rules.length,
      clock: this.clock,
      arming: this.arming,
      now: () => this.clock.now(),
      send: (command) => this.sent.push(command),
      readProcess: pane.readProcess ?? (() => undefined),
      nameServers: () => ['192.0.2.53', '2001:db8::53'],
      doors,
      fromGroup: (row) => denyRule(row, { paths: rules, net: netRules })?.source.startsWith('group:') === true,
      ...(pane.again === undefined ? {} : { again: pane.again }),
      bell: pane.bell,
      ...(pane.cursorRow === undefined ? {} : { cursorRow: pane.cursorRow }),
      keymap: pane.keymap,
      clipboard: pane.clipboard,
      lookBack: () => lookBack(pane.output ?? ''),
      toClipboard: (text) => this.clipboard.push(text),
      changed: () => {},
      screenSize: () => this.size,
      literalPrefix: () => {
        this.literal += 1;
      },
      quit: () => {
        this.quit += 1;
      },
    });
  }

  /** Draws, and lets the terminal take it. */
  shown(): View {
    const view = this.builder.build(this.session, this.size, this.clock.now());
    this.#version += 1;
    this.arming.drawn(this.#version, this.session.armKey());
    this.arming.flushed(this.#version);
    return view;
  }

  /** Keys as a careful person presses them: each after having looked. */
  press(...names: readonly string[]): void {
    for (const name of names) {
      this.shown();
      this.clock.advance(400);
      this.session.key(name);
    }
    this.shown();
  }

  focusList(): void {
    this.session.prefix();
    this.session.key('d');
  }

  /** Lets promises settle. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
