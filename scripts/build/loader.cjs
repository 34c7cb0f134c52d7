'use strict';
// Start of nono: dist/cli.cjs is this file with the table of chunks filled in. Old syntax on purpose, so that any Node can read it far enough to say
// that it is too old. A chunk is one bundle and its V8 code cache, both made at build time and named by their content.
var SUPPORTED = '22.22.2 or later, 24.15.0 or later, or 26';
var version = process.versions.node.split('.').map(Number);
var major = version[0];
var minor = version[1];
var supported =
  major >= 26 || (major === 24 && minor >= 15) || (major === 22 && (minor > 22 || (minor === 22 && version[2] >= 2)));
if (!supported) {
  var eol = process.env.NONO_RELAY_FD === undefined ? '\n' : '\r\n';
  var text = 'nono: Node.js ' + process.versions.node + ' is too old (needs ' + SUPPORTED + ')' + eol;
  require('fs').writeSync(2, text);
  process.exit(1);
}

var fs = require('node:fs');
var path = require('node:path');
var vm = require('node:vm');

var ROOM = 1 << 20;
var chunks = {};
var loaded = {};

// Experimental features of Node are our business; the warnings would land in the user's terminal.
var emitWarning = process.emitWarning;
process.emitWarning = function (_warning, options) {
  var type = options !== null && typeof options === 'object' ? options.type : options;
  if (type !== 'ExperimentalWarning') emitWarning.apply(process, arguments);
};

// What was read is a string, or compiled code, when the next file is read: one buffer is enough for those that are loaded in one go, and its pages are touched once.
var room;

function forget() {
  room = undefined;
}

function read(file) {
  var fd = fs.openSync(file, 'r');
  try {
    if (room === undefined) {
      room = Buffer.allocUnsafeSlow(ROOM);
      setImmediate(forget);
    }
    for (var at = 0; at < room.length; ) {
      var count = fs.readSync(fd, room, at, room.length - at, null);
      if (count === 0) return room.subarray(0, at);
      at += count;
    }
  } finally {
    fs.closeSync(fd);
  }
  return fs.readFileSync(file); // larger than any of ours
}

function readCache(file) {
  try {
    return read(file);
  } catch (_missing) {
    return undefined; // slower, not wrong
  }
}

// The bundles are plain ASCII (esbuild escapes the rest), so latin1 reads them without decoding.
function load(name) {
  if (loaded[name] !== undefined) return loaded[name].exports;
  var file = path.join(__dirname, chunks[name] + '.js');
  var source = read(file).latin1Slice();
  var script = new vm.Script(source, {
    filename: file,
    cachedData: readCache(path.join(__dirname, chunks[name] + '.cache')),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  var module = { exports: {} };
  loaded[name] = module;
  script.runInThisContext()(module.exports, requireFromChunk, module, file, __dirname);
  return module.exports;
}

function requireFromChunk(id) {
  return id.indexOf('chunk:') === 0 ? load(id.slice(6)) : require(id);
}

if (require.main === module) {
  // The launcher that was there first may have the plan: then the command begins before anything else is read.
  var begun = /-asks:/.test(process.env.NONO_LAUNCHER || '') ? load('begin').begin() : undefined;
  var adopted = begun === undefined ? undefined : load('adopted').adopt(begun);
  load('cli').main(process.argv.slice(2), adopted);
}
