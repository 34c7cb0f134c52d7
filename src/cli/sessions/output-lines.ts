/** The lines that the command of a detached `run` has printed; what is not kept of them is told on standard error, where no program can say the same. */
import { KEPT_OUTPUT, KeptOutput } from '../../registry/kept-output.ts';
import { LineSplitter } from '../log/line-splitter.ts';
import { say } from '../output/output.ts';

const MEGABYTE = 1 << 20;

export class OutputLines {
  readonly #kept: KeptOutput;
  #lines = new LineSplitter();
  #first = true;

  constructor(output: string) {
    this.#kept = new KeptOutput(output);
  }

  *lines(): Generator<readonly string[]> {
    for (const piece of this.#kept.pieces()) {
      if (piece.kind === 'gap') {
        // A line that goes on behind a gap is another one.
        yield this.rest();
        const where = this.#first
          ? `are not kept: the newest ${KEPT_OUTPUT / 2 / MEGABYTE} MB at least are`
          : 'are missing here';
        say(`nono: ${this.#first ? 'the first ' : ''}${piece.bytes} bytes ${where}\n`);
      } else yield this.#lines.push(piece.bytes);
      this.#first = false;
    }
  }

  rest(): readonly string[] {
    return this.#lines.rest();
  }
}
