// What native/planner runs: the part of src/ that makes a plan, bundled for an engine without Node and compiled to its bytecode, dist/planner.bytecode, and
// run by the program up to where it waits for a start, dist/planner.image.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { lazyModules } from './plugins.mjs';

/** Bundled in place; every other module that is loaded when it is asked for (the pane, the parser of nono's own sources) is left out, and asking for it gives up. */
const inPlace = ['src/config/user-config.ts', 'src/policy/profile/parse-profile.ts'];

function onlyPlans(root) {
  const node = join(root, 'src/planner/node');
  return {
    name: 'only-plans',
    setup(build) {
      build.onResolve({ filter: /^node:/ }, (args) => ({ path: join(node, `${args.path.slice('node:'.length)}.ts`) }));
      build.onResolve({ filter: /\.tsx?$/ }, (args) => {
        const later = args.kind === 'dynamic-import' || args.kind === 'require-call';
        const file = relative(root, join(args.resolveDir, args.path));
        return later && !inPlace.includes(file) ? { path: args.path, external: true } : undefined;
      });
    },
  };
}

async function bundlePlanner(root) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/planner/main.ts'],
    bundle: true,
    write: false,
    platform: 'neutral',
    format: 'iife',
    target: 'es2023',
    minify: true,
    mainFields: ['module', 'main'],
    conditions: ['module'],
    legalComments: 'none',
    logLevel: 'warning',
    supported: { 'dynamic-import': false },
    inject: [join(root, 'src/planner/node/globals.ts')],
    define: {
      'process.env.NODE_ENV': '"production"',
      'import.meta.dirname': 'host.dist',
      'import.meta.url': '""',
    },
    plugins: [onlyPlans(root), lazyModules],
  });
  return result.outputFiles[0].text;
}

/** Of a program that can be moved there is none: it reads the bytecode at each start. */
function makeImage(program, bytecode, target) {
  const made = `${target}.${process.pid}`;
  execFileSync(program, ['--image', bytecode, made], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { NONO_PLANNER_WHY: '1' },
  });
  if (existsSync(made)) renameSync(made, target);
  else rmSync(target, { force: true });
}

/** Where the engine was not built, every start is made by Node. */
export async function buildPlanner(root) {
  const program = join(root, 'native/build/nono-planner');
  const target = join(root, 'dist/planner.bytecode');
  if (!existsSync(program)) {
    rmSync(target, { force: true });
    rmSync(join(root, 'dist/planner.image'), { force: true });
    return;
  }
  const source = `${target}.${process.pid}.js`;
  try {
    writeFileSync(source, await bundlePlanner(root));
    execFileSync(program, ['--compile', source, `${target}.${process.pid}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    makeImage(program, `${target}.${process.pid}`, join(root, 'dist/planner.image'));
    renameSync(`${target}.${process.pid}`, target);
  } finally {
    rmSync(source, { force: true });
  }
}
