/**
 * In the place of `process.env` while a plan is made, so that no value is read unseen, by whichever module. Which variables there are may be asked freely. Node itself reads some before, or past it:
 * those are in the key of every plan (native/cache/cache_environment.c).
 */
export function watchedEnvironment(env: NodeJS.ProcessEnv, read: (name: string) => void): NodeJS.ProcessEnv {
  const note = (name: string | symbol): void => {
    if (typeof name === 'string') read(name);
  };
  return new Proxy(env, {
    get(target, name) {
      note(name);
      return Reflect.get(target, name);
    },
    // A value is in it: whoever copies all variables has asked for all.
    getOwnPropertyDescriptor(target, name) {
      note(name);
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    // By default a new property would be defined, in a way that Node's object refuses.
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}
