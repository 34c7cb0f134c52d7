/** The commands that run nothing, in a bundle of their own. */
import type { CommandName, Options } from './flags.ts';
import { why } from './why.ts';

type Inspecting = Exclude<CommandName, 'run' | 'shell' | 'wrap'>;

export async function inspect(command: Inspecting, _words: readonly string[], options: Options): Promise<number> {
  switch (command) {
    case 'why':
      return why(options);
    default:
      throw new Error(command);
  }
}
