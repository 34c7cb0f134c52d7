/** Modules that few starts need, and that take milliseconds to evaluate. */

/**
 * `path`, from the file at `url`, evaluated now and not when that file was. The build writes `require(path)` in place of the whole call (scripts/build/plugins.mjs),
 * which bundles the module; this function serves what runs from the sources. Both arguments have to be written out, on any number of lines.
 */
export function lazyModule<Module>(url: string, path: string): Module {
  return process.getBuiltinModule('node:module').createRequire(url)(path) as Module;
}
