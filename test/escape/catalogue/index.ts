/** Every attempt there is. A new one is a row in one of these files. */
import type { Special, Topic } from '../model.ts';
import { calls } from './calls.ts';
import { files } from './files.ts';
import { further } from './further.ts';
import { lifetime } from './lifetime.ts';
import { metadata } from './metadata.ts';
import { persistence } from './persistence.ts';
import { processes } from './processes.ts';
import { races } from './races.ts';
import { sockets } from './sockets.ts';
import { approvals } from './specials/approvals.ts';
import { policies } from './specials/policies.ts';
import { streams } from './specials/streams.ts';
import { terminals } from './specials/terminals.ts';

/** What a topic's sandbox and script cannot show. */
export const specials: readonly Special[] = [...approvals, ...terminals, ...streams, ...policies];

export const topics: readonly Topic[] = [
  ...files,
  ...metadata,
  ...persistence,
  ...processes,
  ...sockets,
  ...calls,
  ...lifetime,
  ...races,
  ...further,
];
