'use strict';
// Makes the V8 code cache of every chunk: loads it as dist/cli.cjs does, lets it do typical work (`warmUp`), so that the functions a start needs are
// compiled, and saves what V8 then holds. Run by the product's own Node: V8 rejects the cache of another version, and the start is slower by it.
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { createRequire } = require('node:module');

const DEADLINE_MS = 30_000;
const COMPLAINTS = 3;

const [root, json] = process.argv.slice(2);
const table = JSON.parse(json);
const dist = path.join(root, 'dist');
const requireHere = createRequire(path.join(dist, 'cli.cjs'));
const loaded = new Map();

function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.module.exports;
  const file = path.join(dist, `${table[name]}.js`);
  const script = new vm.Script(fs.readFileSync(file, 'latin1'), {
    filename: file,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  loaded.set(name, { script, module });
  const requireChunk = (id) => (id.startsWith('chunk:') ? load(id.slice(6)) : requireHere(id));
  script.runInThisContext()(module.exports, requireChunk, module, file, dist);
  return module.exports;
}

function fail(error) {
  fs.writeSync(COMPLAINTS, `code cache: ${error.stack}\n`);
  process.exit(1);
}

async function main() {
  for (const name of Object.keys(table)) {
    try {
      await load(name).warmUp?.(load('cli'), load('start'));
    } catch (error) {
      fs.writeSync(COMPLAINTS, `code cache: the warm-up of ${name} failed, starts will be slower: ${error.stack}\n`);
    }
  }
  for (const [name, { script }] of loaded) {
    const file = path.join(dist, `${table[name]}.cache`);
    fs.writeFileSync(`${file}.${process.pid}`, script.createCachedData());
    fs.renameSync(`${file}.${process.pid}`, file);
  }
}

setTimeout(() => fail(new Error('the warm-up does not end')), DEADLINE_MS).unref();
main().then(() => process.exit(0), fail);
