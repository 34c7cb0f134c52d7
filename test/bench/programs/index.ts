/** Every whole program that is measured, in the order of the tables. */
import { make, tsc } from './build.ts';
import type { ProgramFile } from './model.ts';
import { npm } from './npm.ts';
import { pip } from './pip.ts';
import { gdb, go, nodeTest, sqlite, vim } from './tools.ts';
import { trees } from './trees.ts';

export const programFiles: readonly ProgramFile[] = [trees, npm, pip, make, tsc, vim, sqlite, nodeTest, go, gdb];
