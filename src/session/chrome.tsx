/** The door to Ink, loaded only after the first prompt: mounts the components on a stdout in memory and hands every frame on as lines. */
import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { Component, type ReactNode } from 'react';
import { Chrome } from '../../components/chrome.tsx';
import type { ChromeHandle, ChromeOptions } from './screen/chrome-model.ts';

/** What Ink needs of a terminal, without one: it must neither ask for a size nor read a key. */
class MemoryTerminal extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  columns: number;
  rows: number;
  readonly #take: (text: string) => void;

  constructor(cols: number, rows: number, take: (text: string) => void) {
    super();
    this.columns = cols;
    this.rows = rows;
    this.#take = take;
  }

  write(text: string): boolean {
    this.#take(text);
    return true;
  }
  setRawMode(): this {
    return this;
  }
  setEncoding(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  read(): null {
    return null;
  }
}

interface BoundaryProps {
  readonly onError: (error: Error) => void;
  readonly children: ReactNode;
}

/** A component that throws must not take the shell with it. */
class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  override componentDidCatch(error: Error): void {
    this.props.onError(error);
  }
  override render(): ReactNode {
    return this.state.failed ? null : this.props.children;
  }
}

/** Part of ChromeModule: what the session calls after loading this chunk. */
export function mountChrome(options: ChromeOptions): ChromeHandle {
  let last = '';
  const stdout = new MemoryTerminal(options.cols, options.rows, (text) => {
    // With `debug`, Ink writes whole frames; what begins with a private mode is its cursor handling.
    if (text === '' || text === '\n' || text.startsWith('\x1b[?') || text === last) return;
    last = text;
    options.onFrame(text.split('\n'));
  });
  const stdin = new MemoryTerminal(options.cols, options.rows, () => {});
  let { model } = options;
  const tree = () => (
    <Boundary onError={options.onError}>
      <Chrome model={model} />
    </Boundary>
  );
  const ink = render(tree(), {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    stderr: new MemoryTerminal(options.cols, options.rows, () => {}) as unknown as NodeJS.WriteStream,
    debug: true,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
    isScreenReaderEnabled: false,
  });
  return {
    render: (next) => {
      if (next === model) return;
      model = next;
      ink.rerender(tree());
    },
    resize: (cols, rows) => {
      stdout.columns = cols;
      stdout.rows = rows;
      stdout.emit('resize');
    },
    unmount: () => ink.unmount(),
  };
}
