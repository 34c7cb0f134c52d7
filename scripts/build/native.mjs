// The C programs: native/build.sh with the system's compiler; one clear line where there is none.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BuildError } from './error.mjs';

const packages = [
  ['apt-get', 'apt install gcc libc6-dev'],
  ['dnf', 'dnf install gcc glibc-devel glibc-static kernel-headers'],
  ['pacman', 'pacman -S gcc linux-api-headers'],
  ['apk', 'apk add gcc musl-dev linux-headers'],
  ['zypper', 'zypper install gcc glibc-devel-static linux-glibc-devel'],
];

function onPath(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

function howToInstall() {
  const known = packages.find(([manager]) => onPath(manager));
  return known === undefined ? 'install gcc and the C library headers' : known[1];
}

export function buildNative(root) {
  const compilers = process.env.CC ? [process.env.CC] : ['cc', 'gcc', 'clang'];
  if (!compilers.some(onPath)) throw new BuildError(`no C compiler for native/ (${howToInstall()})`);
  const { status, error } = spawnSync('sh', [join(root, 'native/build.sh')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error || status !== 0) throw new BuildError(`native/build.sh failed (if a header is missing: ${howToInstall()})`);
}
