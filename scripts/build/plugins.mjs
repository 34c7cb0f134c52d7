// What esbuild must be told so that Ink becomes one synchronous CommonJS bundle that starts fast.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Chunks by the source file whose dynamic import, or `lazyModule`, loads them. Everything else that is loaded so is bundled in place. */
export const chunkEntries = {
  cli: 'src/cli/main.ts',
  start: 'src/cli/start/start.ts',
  begin: 'src/cli/start/begin.ts',
  adopted: 'src/cli/start/adopted.ts',
  'adopted-shell': 'src/cli/pane/adopted-shell.ts',
  offer: 'src/cli/start/offer-save.ts',
  profiles: 'src/policy/profile/parse-profile.ts',
  sources: 'src/policy/groups/policy-data.ts',
  policy: 'src/cli/policy/policy-commands.ts',
  inspect: 'src/cli/inspect.ts',
  shell: 'src/cli/pane/interactive-shell.ts',
  home: 'src/cli/pane/home.ts',
  lines: 'src/session/linear/run-linear.ts',
  doors: 'src/cli/sessions/session-doors.ts',
  chrome: 'src/session/chrome.tsx',
  config: 'src/config/user-config.ts',
};

function replaceOnce(text, pattern, replacement, file) {
  if (!text.includes(pattern))
    throw new Error(`${file} no longer holds \`${pattern}\`: adapt scripts/build/plugins.mjs`);
  return text.replace(pattern, replacement);
}

/** Turns `import('./interactive-shell.ts')` into a load of the chunk of that name. */
export function chunks(root) {
  const byFile = new Map(Object.entries(chunkEntries).map(([name, file]) => [join(root, file), name]));
  return {
    name: 'chunks',
    setup(build) {
      build.onResolve({ filter: /\.tsx?$/ }, (args) => {
        if (args.kind !== 'dynamic-import' && args.kind !== 'require-call') return undefined;
        const name = byFile.get(join(args.resolveDir, args.path));
        return name === undefined ? undefined : { path: `chunk:${name}`, external: true };
      });
    },
  };
}

/** `lazyModule(import.meta.url, './x.ts')` becomes `require('./x.ts')`: a chunk of its own, or in the bundle and evaluated when it is asked for. */
export const lazyModules = {
  name: 'lazy-modules',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async (args) => {
      const text = await readFile(args.path, 'utf8');
      if (!text.includes('lazyModule<')) return undefined;
      const contents = text.replace(/lazyModule<[^>]*>\(\s*import\.meta\.url,\s*('[^']+'),?\s*\)/g, 'require($1)');
      if (contents.includes('lazyModule<') && !args.path.endsWith('/lazy-module.ts'))
        throw new Error(`${args.path}: a call of lazyModule that scripts/build/plugins.mjs does not understand`);
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * yoga-layout instantiates its WebAssembly behind a top-level await, by fetch() of a data: URL, which pulls in undici (60 ms). The module is 86 kB, so
 * it is instantiated synchronously instead, through Emscripten's own hook.
 */
export function synchronousYoga(root) {
  const dist = join(root, 'node_modules/yoga-layout/dist');
  const binary = join(dist, 'binaries/yoga-wasm-base64-esm.js');
  const dataUrl = /data:application\/octet-stream;base64,([A-Za-z0-9+/=]+)/;
  return {
    name: 'synchronous-yoga',
    setup(build) {
      build.onResolve({ filter: /^yoga-layout$/ }, () => ({ path: 'yoga', namespace: 'yoga' }));
      build.onLoad({ filter: /.*/, namespace: 'yoga' }, async () => {
        const base64 = dataUrl.exec(await readFile(binary, 'utf8'))?.[1];
        if (base64 === undefined) throw new Error(`${binary} holds no WebAssembly: adapt scripts/build/plugins.mjs`);
        const contents = `
          import instantiate from './binaries/yoga-wasm-base64-esm.js';
          import wrapAssembly from './src/wrapAssembly.js';
          const bytes = Buffer.from('${base64}', 'base64');
          const library = {
            instantiateWasm(imports, receive) {
              receive(new WebAssembly.Instance(new WebAssembly.Module(bytes), imports));
              return {};
            },
          };
          instantiate(library);
          export default wrapAssembly(library);
          export * from './src/generated/YGEnums.js';`;
        return { contents, resolveDir: dist, loader: 'js' };
      });
      build.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async (args) => ({
        contents: (await readFile(args.path, 'utf8')).replace(dataUrl, ''),
        loader: 'js',
      }));
    },
  };
}

/** Ink's reconciler awaits its developer tools at top level, when DEV=true. They are not in the product. */
export const inkWithoutDevtools = {
  name: 'ink-without-devtools',
  setup(build) {
    build.onLoad({ filter: /ink\/build\/reconciler\.js$/ }, async (args) => {
      let text = await readFile(args.path, 'utf8');
      text = replaceOnce(text, "import.meta.resolve('react-devtools-core');", '', args.path);
      text = replaceOnce(text, "await import('./devtools.js');", '', args.path);
      text = replaceOnce(text, 'await loadPackageJson()', '{}', args.path);
      return { contents: text, loader: 'js' };
    });
    build.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'none', namespace: 'empty' }));
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {};', loader: 'js' }));
  },
};

/** The emulator looks at `performance` when it is loaded, and Node loads node:perf_hooks for it (1.5 ms): the same clock by other means, as src/platform/clock.ts has it. */
export const emulatorClock = {
  name: 'emulator-clock',
  setup(build) {
    build.onLoad({ filter: /\/xterm-headless\.js$/ }, async (args) => {
      const text = await readFile(args.path, 'utf8');
      if (!text.includes('performance.now()'))
        throw new Error(`${args.path} no longer asks performance.now(): adapt scripts/build/plugins.mjs`);
      const clock = 'const performance={now(){const [s,n]=process.hrtime();return s*1000+n/1e6}};';
      return { contents: clock + text.replaceAll('globalThis.performance', 'performance'), loader: 'js' };
    });
  },
};

/** string-width compiles an Intl.Segmenter and emoji tables at import (20 ms). Text without wide characters never needs them. */
export function lazyStringWidth(root) {
  const original = join(root, 'node_modules/string-width/index.js');
  return {
    name: 'lazy-string-width',
    setup(build) {
      build.onResolve({ filter: /^string-width$/ }, () => ({ path: 'string-width', namespace: 'lazy-width' }));
      build.onLoad({ filter: /.*/, namespace: 'lazy-width' }, () => ({
        // Printable ASCII, Latin letters, dashes and quotes, box drawing: one cell each by any table.
        contents: `
          const narrow = /^[ -~\\u00c0-\\u02af\\u2010-\\u2015\\u2018-\\u201f\\u2022\\u2026\\u2500-\\u257f]*$/;
          export default function stringWidth(text, options) {
            if (typeof text === 'string' && options === undefined && narrow.test(text)) return text.length;
            return require(${JSON.stringify(original)}).default(text, options);
          }`,
        resolveDir: root,
        loader: 'js',
      }));
    },
  };
}
