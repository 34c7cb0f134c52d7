/** `limits`: what the session may use, and what sets it. */
import { limitsText } from '../../policy/profile/limits.ts';
import { plain, quiet, type SessionCommand } from './command.ts';

export const limits: SessionCommand = {
  name: 'limits',
  usage: 'limits',
  help: 'resource limits of this session',
  run: (_words, { doors }) => {
    const text = limitsText(doors.policy.limits ?? {});
    return [
      text === undefined ? plain('no limits are set') : plain(`limits: ${text}`),
      quiet('set at the start: --memory, --max-processes, --cpu-time, --max-file-size, or resources of the profile'),
    ];
  },
};
