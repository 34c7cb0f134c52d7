/** pip install of a wheel with many modules, which it unpacks and compiles. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, single, skipped } from './model.ts';

const MODULES = 600;
const PER_PACKAGE = 30;

export const pip = single(`pip install, ${MODULES} modules`, ({ machine, workspace }, material, title) => {
  const python = machine.find('python3');
  if (python.skip !== undefined) return skipped(title, python.skip);
  if (spawnSync(python.path, ['-m', 'pip', '--version'], { env: workspace.env }).status !== 0)
    return skipped(title, 'no pip for python3');
  const info = join(material, 'many-1.dist-info');
  mkdirSync(info);
  const names: string[] = [];
  for (let i = 0; i < MODULES; i++) {
    const folder = `many/part${Math.floor(i / PER_PACKAGE)}`;
    if (i % PER_PACKAGE === 0) {
      mkdirSync(join(material, folder), { recursive: true });
      names.push(`${folder}/__init__.py`);
      writeFileSync(join(material, folder, '__init__.py'), '');
    }
    names.push(`${folder}/m${i}.py`);
    const functions = Array.from(
      { length: 12 },
      (_, f) => `def f${f}(a, b=${i}):\n    return [a + b + ${f}, "${f}"]\n`,
    );
    writeFileSync(join(material, folder, `m${i}.py`), functions.join('\n'));
  }
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: many\nVersion: 1\n');
  writeFileSync(join(info, 'WHEEL'), 'Wheel-Version: 1.0\nGenerator: b\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
  const records = [...names, ...['METADATA', 'WHEEL', 'RECORD'].map((name) => `many-1.dist-info/${name}`)];
  writeFileSync(join(info, 'RECORD'), records.map((name) => `${name},,\n`).join(''));
  const wheel = join(material, 'many-1-py3-none-any.whl');
  must([python.path, '-m', 'zipfile', '-c', wheel, 'many', 'many-1.dist-info'], material, workspace.env);
  const flags = ['--no-index', '--no-deps', '--disable-pip-version-check', '--no-cache-dir', '-q'];
  return {
    title,
    argv: [python.path, '-m', 'pip', 'install', ...flags, '--target', 'site', wheel],
    rounds: 5,
  };
});
