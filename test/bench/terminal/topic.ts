/** Topic 4: `nono shell` in a real terminal, against tmux with something beside the shell. */
import type { Topic } from '../topic.ts';
import { echo } from './echo.ts';
import { floods } from './floods.ts';
import { rest } from './rest.ts';
import { setStage } from './shells.ts';
import { startUp } from './start-up.ts';

export const terminal: Topic = {
  name: 'terminal',
  what: 'nono shell: start, key to echo, floods, Ctrl-C, idle, memory',
  async *run(bench) {
    const stage = setStage(bench);
    process.on('exit', () => stage.remove());
    yield await startUp(bench, stage);
    yield await echo(bench, stage);
    yield* floods(bench, stage);
    yield* rest(bench, stage);
    stage.remove();
  },
};
