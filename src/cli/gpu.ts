/** `--allow-gpu`: the devices of graphics processors that are there, and nothing that is not. */
import { readdirSync } from 'node:fs';
import type { FlagGrant } from '../policy/policy-request.ts';

/** Render and display nodes, NVIDIA's, AMD's compute node, and those of WSL and of Arm's Mali. */
const names = /^(?:nvidia(?:\d+|ctl|-modeset|-uvm|-uvm-tools)|kfd|dxg|mali\d+)$/;
const directories = ['dri', 'nvidia-caps'];

export function gpuGrants(devices = '/dev'): FlagGrant[] {
  const entries = readdirSync(devices, { withFileTypes: true });
  return entries.flatMap((entry): FlagGrant[] => {
    const expect = entry.isDirectory() ? 'directory' : 'file';
    const wanted =
      expect === 'directory' ? directories.includes(entry.name) : entry.isCharacterDevice() && names.test(entry.name);
    return wanted ? [{ flag: '--allow-gpu', path: `${devices}/${entry.name}`, access: 'readwrite', expect }] : [];
  });
}
