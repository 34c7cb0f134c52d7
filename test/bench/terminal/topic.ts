/** Topic 4: `nono shell` in a real terminal, against tmux with something beside the shell. Keys and floods at every size, the rest at the first one. */
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
    for (const size of bench.sizes) {
      const stage = setStage(bench, size);
      process.on('exit', () => stage.remove());
      const usual = size === bench.sizes[0];
      if (usual) yield* startUp(bench, stage);
      yield* echo(bench, stage, usual);
      yield* floods(bench, stage);
      if (usual) yield* rest(bench, stage);
      stage.remove();
    }
  },
};
