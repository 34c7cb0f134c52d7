/** Every attempt there is. A new one is a row in one of these files. */
import type { Special, Topic } from '../model.ts';
import { files } from './files.ts';
import { metadata } from './metadata.ts';
import { processes } from './processes.ts';
import { races } from './races.ts';

export const topics: readonly Topic[] = [...files, ...metadata, ...processes, ...races];
export const specials: readonly Special[] = [];
