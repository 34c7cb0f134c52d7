/** A failed build that is one line for the user, not a stack. */
export class BuildError extends Error {}

export async function orOneLine(work) {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`nono: ${error instanceof BuildError ? error.message : error.stack}\n`);
    process.exit(1);
  }
}
