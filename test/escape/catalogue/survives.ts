/** What a sandbox must survive, line by line, and what this kernel was found to do: each with the attempts that show it. docs/escape-catalogue.md is made from this. */

export interface Line {
  readonly id: string;
  readonly what: string;
  /** Ids of attempts or of whole topics. */
  readonly cases: readonly string[];
}

export const survives: readonly { readonly title: string; readonly lines: readonly Line[] }[] = [
  {
    title: 'Files',
    lines: [
      {
        id: '1',
        what: 'symbolic links in the workspace that lead outside: followed on write, on read, on copy',
        cases: ['symlink', 'metadata-link'],
      },
      { id: '2', what: 'hard links to an outside or denied inode', cases: ['hard-link'] },
      { id: '3', what: 'a denied path or any ancestor renamed, then recreated', cases: ['rename', 'mark-ancestor'] },
      {
        id: '4',
        what: '/proc/self/root, cwd, fd, /dev/fd, thread-self, and those of other processes',
        cases: ['proc', 'metadata-proc'],
      },
      { id: '5', what: 'a denied path that does not exist yet', cases: ['not-yet'] },
      {
        id: '6',
        what: 'paths created later: repositories, worktrees, submodules, gitfiles',
        cases: ['git', 'git-planted', 'settings-deep'],
      },
      {
        id: '7',
        what: 'opens relative to descriptors, openat2 flags, file handles',
        cases: ['descriptor', 'race-dirfd', 'race-cwd'],
      },
      {
        id: '8',
        what: 'metadata, truncate, mknod, exchange, link by descriptor, unnamed files',
        cases: ['metadata', 'rename-exchange', 'not-yet-tmpfile', 'hard-link-make', 'privilege-device'],
      },
      {
        id: '9',
        what: 'spellings: slashes, dots, length, odd memory; case and Unicode where a file system ignores them',
        cases: ['spelling', 'mount-spelled'],
      },
      { id: '10', what: 'a granted file replaced atomically', cases: ['replace'] },
      {
        id: '11',
        what: 'bind, overlay and other mounts, in a nested user namespace and from before the start',
        cases: ['mount'],
      },
    ],
  },
  {
    title: 'What runs later',
    lines: [
      { id: '12', what: 'hooks, config, attributes and modules of git', cases: ['git'] },
      { id: '13', what: 'start-up files of shells, .envrc, mise, .tool-versions', cases: ['home-shell', 'settings'] },
      { id: '14', what: 'settings of editors and tools', cases: ['settings'] },
      {
        id: '15',
        what: 'package scripts, .npmrc, .husky, Makefile, conftest.py, .cargo/config.toml',
        cases: ['settings'],
      },
      { id: '16', what: 'directories on PATH, autostart, units of systemd, cron', cases: ['home-later'] },
      {
        id: '17',
        what: 'the sandbox’s own profiles, state, installation',
        cases: ['home-own-state', 'own-files', 'own-beside', 'policy-turn-off', 'approval-save'],
      },
    ],
  },
  {
    title: 'Processes and IPC',
    lines: [
      {
        id: '18',
        what: 'the session bus, container engines, agents, display servers',
        cases: [
          'socket-docker',
          'socket-session-bus',
          'socket-ssh-agent',
          'socket-gpg-agent',
          'socket-wayland',
          'socket-terminal',
        ],
      },
      {
        id: '19',
        what: 'pathname, abstract and datagram sockets; descriptors passed',
        cases: ['socket', 'race-unix', 'race-unix-datagram'],
      },
      {
        id: '20',
        what: 'signals to, tracing of, memory and environment of other processes',
        cases: [
          'process',
          'proc-victim',
          'proc-all',
          'proc-victim-write',
          'further-pidfd',
          'further-observed',
          'further-cgroup',
          'further-lease',
        ],
      },
      { id: '21', what: 'descriptors inherited, descriptors of the supervisor', cases: ['inherit', 'input-commands'] },
      {
        id: '22',
        what: 'TIOCSTI, TIOCLINUX, TIOCSETD, TIOCEXCL, TCOOFF, TIOCSPGRP, consoles, escape sequences, OSC 52',
        cases: [
          'terminal-input',
          'terminal-discipline',
          'terminal-mode',
          'terminal-groups',
          'terminal-console',
          'terminal-sequences',
          'pty-read',
          'pty-write',
        ],
      },
      { id: '23', what: 'daemons; supervisor killed or stopped', cases: ['end'] },
      { id: '24', what: 'setuid programs, file capabilities, privileges', cases: ['privilege'] },
    ],
  },
  {
    title: 'Filter and supervisor',
    lines: [
      {
        id: '25',
        what: 'another thread changes path, flags or address between check and use',
        cases: ['race', 'mark-race'],
      },
      { id: '26', what: 'io_uring', cases: ['call-io-uring'] },
      { id: '27', what: 'x32, i386', cases: ['call-x32', 'call-i386'] },
      {
        id: '28',
        what: 'variants of calls',
        cases: ['call-numbers', 'call-copies', 'descriptor-every-open', 'descriptor-every-write'],
      },
      {
        id: '29',
        what: 'failures that answer “go on”',
        cases: ['spelling-memory', 'flood-descriptors', 'metadata-dumpable', 'further-stall'],
      },
      { id: '30', what: 'floods', cases: ['flood'] },
      { id: '31', what: 'signals during a trapped call', cases: ['signals-repeat'] },
      {
        id: '32',
        what: 'filters and sandboxes of one’s own',
        cases: ['call-own-filter', 'call-nest', 'call-nested-session'],
      },
      { id: '33', what: 'every kind of packet with the network blocked', cases: ['network', 'endpoint'] },
    ],
  },
  {
    title: 'Programs',
    lines: [
      { id: '39', what: 'copies, memfd, the loader, interpreters, #! lines, env -S, find -exec', cases: ['execute'] },
      { id: '40', what: 'the program changes between look and start', cases: ['race-exec'] },
      {
        id: '41',
        what: 'variables that carry code or credentials',
        cases: ['inherit-environment', 'inherit-loader', 'mark-without'],
      },
    ],
  },
  {
    title: 'Approval and policy',
    lines: [
      {
        id: '42',
        what: 'forged prompt text, type-ahead, a prompt without a terminal',
        cases: ['approval-forged', 'approval-type-ahead', 'approval-no-terminal'],
      },
      {
        id: '43',
        what: 'a path approved, another inode opened',
        cases: ['approval-swap', 'approval-twin', 'race-link', 'race-directories'],
      },
      { id: '44', what: 'an approval that serves another call', cases: ['approval-works', 'approval-next-session'] },
      { id: '45', what: 'approve meaning allow where nobody is asked', cases: ['approval-no-terminal'] },
      {
        id: '46',
        what: 'policy from the repository, misspelt keys, a deny lost against a grant, variables',
        cases: [
          'policy-from-repository',
          'policy-misspelt',
          'policy-deny-wins',
          'policy-link-for-grant',
          'policy-plan-replaced',
        ],
      },
      { id: '47', what: 'a protection that is missing', cases: ['policy-degraded', 'policy-no-descriptors'] },
      { id: '48', what: 'the program inside turns the sandbox off', cases: ['policy-turn-off', 'call-nested-session'] },
    ],
  },
];

/** How the kernel behaves, as found by experiment (shown) or by reading (reasoned); the attempt fails should this program rely on the contrary. */
export const findings: readonly Line[] = [
  { id: 'floor-inode', what: 'rules bind to inodes: renamed and replaced objects', cases: ['rename', 'replace'] },
  {
    id: 'floor-execute',
    what: 'an injected descriptor cannot be executed; off the floor nothing is started',
    cases: ['execute-copy', 'execute-not-granted'],
  },
  {
    id: 'floor-birth',
    what: 'directories granted before the start and born later: what is carried into one stays denied, and none is reached where it waits',
    cases: ['not-yet-carried', 'home-own-state'],
  },
  { id: 'floor-memfd', what: 'a memfd executes: what it may open stays what it was', cases: ['execute-copy'] },
  {
    id: 'floor-metadata',
    what: 'Landlock leaves metadata, xattrs and inode flags alone, path and descriptor forms',
    cases: ['metadata'],
  },
  {
    id: 'floor-cousins',
    what: 'the signal scope covers kill, not its cousins',
    cases: [
      'process-limits',
      'process-limits-tools',
      'process-priority-user',
      'process-signal-io',
      'terminal-groups',
      'ipc-list',
    ],
  },
  { id: 'floor-mount', what: 'mounts inside Landlock are refused', cases: ['mount'] },
  {
    id: 'floor-headers',
    what: 'rights that the headers of older systems lack: truncation, device ioctls, scopes',
    cases: ['metadata-tools', 'terminal-discipline', 'process-signal', 'socket-abstract'],
  },
  { id: 'floor-layers', what: 'sixteen layers at most', cases: ['call-nest'] },
  {
    id: 'broker-injected',
    what: 'opens relative to injected descriptors and through /proc/self/fd come back to the broker',
    cases: ['descriptor-at', 'proc-fd', 'proc-fd-write'],
  },
  {
    id: 'broker-signals',
    what: 'under a storm of signals no call is repeated, no kernel-internal errno is seen',
    cases: ['signals-repeat'],
  },
  {
    id: 'broker-thread',
    what: 'callers that are not the leader of their threads',
    cases: ['flood-threads', 'race-text'],
  },
  {
    id: 'broker-descriptors',
    what: 'where the supervisor is kept from its callers’ descriptors nothing starts',
    cases: ['policy-no-descriptors'],
  },
  {
    id: 'broker-dumpable',
    what: 'callers whose memory cannot be read',
    cases: ['spelling-memory', 'metadata-dumpable'],
  },
  { id: 'broker-detached', what: 'a detached mount prints an innocent path', cases: ['mount-calls'] },
  {
    id: 'broker-peer',
    what: 'a socket that the supervisor connected shows the caller’s user, not its own',
    cases: ['socket-peer'],
  },
  {
    id: 'broker-proc',
    what: 'entries of outside processes in /proc are never served',
    cases: ['proc-victim', 'proc-all', 'process-memory'],
  },
  { id: 'broker-listener', what: 'a second listener in the chain', cases: ['call-own-filter'] },
  { id: 'broker-killed', what: 'what is left when the supervisor is killed', cases: ['end'] },
  {
    id: 'root',
    what: 'root inside: BPF, modules, devices, namespaces, handles, the name of the machine',
    cases: ['privilege-device', 'privilege-kernel', 'mount-over', 'descriptor-handle', 'network-raw', 'network-packet'],
  },
  {
    id: 'pattern-prefix',
    what: 'a prefix moved or linked under a pattern',
    cases: ['git-moved', 'git-linked', 'settings-parents'],
  },
  { id: 'fast-path', what: 'the mark of the fast path forged, raced, taken away', cases: ['mark'] },
  { id: 'fast-path-sanitizer', what: 'programs with a sanitizer are not preloaded', cases: ['mark-sanitized'] },
];
