/** Commands that run something in a sandbox. Rows of the table in commands.ts. */

export const runningCommands = [
  {
    name: 'run',
    group: 'CORE USAGE',
    summary: 'Run a command inside the sandbox',
    usage: 'nono run [flags] [--] <command> [arguments…]',
    details: [
      'The command keeps its standard streams, its exit code and its signals. A supervisor stays beside it; what was denied is listed when it fails.',
    ],
    examples: [
      { line: 'nono run --allow . -- make', what: 'read and write below the current directory' },
      { line: 'nono run -r ~/notes -- grep -r todo ~/notes', what: 'read one more directory' },
      { line: 'nono run -p claude-code --allow-cwd -- claude', what: 'use a profile' },
    ],
  },
  {
    name: 'shell',
    group: 'CORE USAGE',
    summary: 'Start an interactive shell inside the sandbox',
    usage: 'nono shell [flags]',
    details: [
      'On a terminal: the shell in one pane, and beside it every denied access as it happens, to be approved on the spot.',
      'Without a terminal the shell reads its commands from standard input, and nothing is ever asked.',
    ],
    examples: [
      { line: 'nono shell --allow .', what: 'work in the current directory' },
      { line: 'nono shell --shell /bin/zsh', what: 'another shell than $SHELL' },
    ],
  },
  {
    name: 'wrap',
    group: 'CORE USAGE',
    summary: 'Apply sandbox and exec into command (nono disappears)',
    usage: 'nono wrap [flags] [--] <command> [arguments…]',
    details: [
      'Only what the kernel holds by itself: nothing of nono decides any more, so nothing can be approved or listed. A policy that needs the supervisor is refused. Where standard input is a pipe, the process that was started copies it in, and the command is its child.',
    ],
    examples: [
      { line: 'nono wrap --read . -- ./server', what: 'a service that must be the process its parent started' },
    ],
  },
] as const;
