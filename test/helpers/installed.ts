import { spawnSync } from 'node:child_process';

/** Is a program that a test needs on this machine? */
export const installed = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
