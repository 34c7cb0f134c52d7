/** Compilers: a C project by make, a TypeScript project by tsc. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { single, skipped } from './model.ts';

const C_FILES = 60;
const TS_FILES = 150;

export const make = single(`make -j2, ${C_FILES} C files`, ({ machine }, material, title) => {
  const unavailable = machine.find('make').skip ?? machine.find('cc').skip;
  if (unavailable !== undefined) return skipped(title, unavailable);
  const write = (name: string, text: string): void => writeFileSync(join(material, name), text);
  const all = Array.from({ length: C_FILES }, (_, i) => i);
  write('all.h', all.map((i) => `int f${i}(int n);\n`).join(''));
  for (const i of all)
    write(
      `f${i}.c`,
      `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include "all.h"\nint f${i}(int n) { char b[64]; snprintf(b, sizeof b, "%d", n + ${i}); return atoi(b) + (int)strlen(b); }\n`,
    );
  write('main.c', `#include "all.h"\nint main(void) { return ${all.map((i) => `f${i}(${i})`).join(' + ')} == 0; }\n`);
  write(
    'Makefile',
    `OBJ = ${all.map((i) => `f${i}.o`).join(' ')}\nprog: main.o libf.a\n\tcc -o $@ main.o libf.a\n\t./prog\nlibf.a: $(OBJ)\n\tar rcs $@ $(OBJ)\n%.o: %.c all.h\n\tcc -O1 -MMD -c -o $@ $<\n`,
  );
  return { title, before: ['sh', '-c', `cp '${material}'/* .`], argv: ['make', '-s', '-j2'], rounds: 5 };
});

export const tsc = single(`tsc, ${TS_FILES} files`, ({ machine }, material, title) => {
  const compiler = join(machine.root, 'node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) return skipped(title, 'no TypeScript in node_modules');
  mkdirSync(join(material, 'src'));
  for (let i = 0; i < TS_FILES; i++)
    writeFileSync(
      join(material, 'src', `m${i}.ts`),
      `${i > 0 ? `import { type T${i - 1}, f${i - 1} } from './m${i - 1}.js';\n` : ''}export interface T${i} { readonly n: number${i > 0 ? `; readonly before?: T${i - 1}` : ''} }\nexport function f${i}(n: number): T${i} { return { n${i > 0 ? `, before: f${i - 1}(n)` : ''} }; }\n`,
    );
  const options = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    rootDir: 'src',
    outDir: 'out',
    declaration: true,
    types: [],
  };
  writeFileSync(join(material, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['src'] }));
  return {
    title,
    before: ['cp', '-r', join(material, 'src'), join(material, 'tsconfig.json'), '.'],
    argv: [machine.node, compiler],
    read: [join(machine.root, 'node_modules')],
    rounds: 5,
  };
});
