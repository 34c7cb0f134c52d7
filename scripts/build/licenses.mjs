// The license texts of what the bundles and native/build contain: a copy must carry them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const packageOf = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** Names of the packages among esbuild's input files. */
export function bundledPackages(inputs) {
  const names = inputs.map((input) => packageOf.exec(input)?.[1]).filter((name) => name !== undefined);
  return [...new Set(names)].sort();
}

export function licenseTexts(root, names) {
  const parts = names.map((name) => {
    const directory = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `License: ${license}` : readFileSync(join(directory, file), 'utf8').trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  const engine = readFileSync(join(root, 'third_party/quickjs-ng/LICENSE'), 'utf8').trim();
  parts.push(`quickjs-ng (in native/build/nono-planner)\n\n${engine}\n`);
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}
