/** The variables that tell programs which terminal they are in: the pane, not the user's own. */

/** What is set over the user's environment for a program in the pane. */
export function paneEnvironment(outer: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const depth = outer['COLORTERM'];
  return { TERM: 'xterm-256color', TERM_PROGRAM: 'nono', ...(depth ? { COLORTERM: depth } : {}) };
}

/** What must not be handed on: it speaks of another terminal, or of another window's size. */
export const foreignTerminalVariables: readonly string[] = [
  'TMUX',
  'TMUX_PANE',
  'STY',
  'WINDOW',
  'WINDOWID',
  'TERMCAP',
  'COLUMNS',
  'LINES',
  'TERM_PROGRAM_VERSION',
  'TERM_SESSION_ID',
  'VTE_VERSION',
  'KITTY_WINDOW_ID',
  'KITTY_LISTEN_ON',
  'ITERM_SESSION_ID',
  'ALACRITTY_SOCKET',
  'WEZTERM_PANE',
  'ZELLIJ',
  'VSCODE_INJECTION',
  'NONO_RELAY_FD',
  'NONO_RELAY_TERMIOS',
  'NONO_RELAY_SIZE',
];
