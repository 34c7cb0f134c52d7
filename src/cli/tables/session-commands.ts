/** Commands on sessions: what runs, what happened in it, and its end. Rows of the table in commands.ts. */

const session = { name: 'session', completes: 'session' } as const;
const group = 'SESSION MANAGEMENT';

export const sessionCommands = [
  {
    name: 'ps',
    group,
    summary: 'List running sessions',
    usage: 'nono ps [flags]',
    details: ['Sessions of run and shell are listed; what wrap started is no longer known to nono.'],
    examples: [
      { line: 'nono ps', what: 'what runs now' },
      {
        line: 'nono ps --all --filter npm',
        what: 'also what has ended, if npm is in its command, name, profile or directory',
      },
    ],
    words: [],
  },
  {
    name: 'inspect',
    group,
    summary: 'Show what is known of a session',
    usage: 'nono inspect [flags] <session>',
    details: ['A session is named by its id, the beginning of it, its process number, or the name given with --name.'],
    examples: [{ line: 'nono inspect build --json', what: 'for a program' }],
    words: [session],
  },
  {
    name: 'logs',
    group,
    summary: 'Show what was denied, held and approved in a session',
    usage: 'nono logs [flags] <session>',
    details: [
      'The newest megabyte of each session is kept. It holds paths and addresses, not what was read or written. Of what the command of nono run --detached prints (--output) the newest 32 to 64 MB are kept; how much is missing is said on standard error.',
    ],
    examples: [{ line: 'nono logs -f --tail 20 build', what: 'the last events, and those to come' }],
    words: [session],
  },
  {
    name: 'attach',
    group,
    summary: 'Continue a detached session on this terminal',
    usage: 'nono attach <session>',
    details: [
      'A shell in the pane is detached with D after the prefix key, or by nono detach. It goes on without a terminal: nothing waits and nothing is granted, what is not allowed is denied and listed.',
      'Only the same user can attach, and one terminal at a time. When that terminal is closed, the session is detached again.',
    ],
    examples: [{ line: 'nono attach build', what: 'the screen as it is now' }],
    words: [{ name: 'session', completes: 'detached-session' }],
  },
  {
    name: 'detach',
    group,
    summary: 'Take the terminal away from a session, which goes on',
    usage: 'nono detach <session>',
    details: [],
    examples: [{ line: 'nono detach build', what: 'so that it can be attached elsewhere' }],
    words: [{ name: 'session', completes: 'attached-session' }],
  },
  {
    name: 'stop',
    group,
    summary: 'End a session and everything in it',
    usage: 'nono stop [flags] <session>',
    details: [
      'The command gets SIGTERM (a shell SIGHUP, as from a closed terminal), and what is left after the time-out is killed when --force is given; without it the session goes on, and the exit code is 1.',
    ],
    examples: [{ line: 'nono stop build --force --timeout 5', what: 'after five seconds at the latest' }],
    words: [{ name: 'session', completes: 'running-session' }],
  },
  {
    name: 'prune',
    group,
    summary: 'Forget sessions that have ended',
    usage: 'nono prune [flags]',
    details: ['What is kept of them is their entry and their log. Running sessions are never touched.'],
    examples: [{ line: 'nono prune --older-than 7d --keep 20', what: 'those of last week, but not the newest twenty' }],
    words: [],
  },
] as const;
