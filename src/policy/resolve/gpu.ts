/** `--allow-gpu` and the key `allow_gpu`: the devices of graphics processors that are there, and nothing that is not. */
import type { FileSystem } from '../plan/file-system.ts';

/** Render and display nodes, NVIDIA's, AMD's compute node, and those of WSL and of Arm's Mali. */
const names = /^(?:nvidia(?:\d+|ctl|-modeset|-uvm|-uvm-tools)|kfd|dxg|mali\d+)$/;
const directories = ['dri', 'nvidia-caps'];

export function gpuDevices(fs: FileSystem, devices = '/dev'): string[] {
  return (fs.list(devices) ?? []).flatMap(({ name, kind }) => {
    const wanted = kind === 'directory' ? directories.includes(name) : kind === 'char-device' && names.test(name);
    return wanted ? [`${devices}/${name}`] : [];
  });
}
