/** The environment of the sandboxed command: the user's own, without what makes interpreters and the loader run code from elsewhere. */

const dangerous = new Set([
  'BASH_ENV',
  'ENV',
  'CDPATH',
  'GLOBIGNORE',
  'PROMPT_COMMAND',
  'IFS',
  'PYTHONSTARTUP',
  'PYTHONPATH',
  'NODE_OPTIONS',
  'NODE_PATH',
  'PERL5OPT',
  'PERL5LIB',
  'RUBYOPT',
  'RUBYLIB',
  'GEM_PATH',
  'GEM_HOME',
  'JAVA_TOOL_OPTIONS',
  '_JAVA_OPTIONS',
  'DOTNET_STARTUP_HOOKS',
  'GOFLAGS',
  'OP_SERVICE_ACCOUNT_TOKEN',
  'OP_CONNECT_TOKEN',
  'OP_CONNECT_HOST',
]);
const dangerousPrefixes = ['LD_', 'DYLD_', 'BASH_FUNC_', 'OP_SESSION_'];

/** Between nono's own processes. */
const internal = new Set(['NONO_RELAY_FD', 'NONO_RELAY_TERMIOS', 'NONO_NODE_COMPILE_CACHE']);

function isDangerous(name: string): boolean {
  return dangerous.has(name) || dangerousPrefixes.some((prefix) => name.startsWith(prefix));
}

/** What the plan carries: the sandboxed command gets this and nothing else. */
export function childEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !isDangerous(name) && !internal.has(name)) result[name] = value;
  }
  // The front kept it from the host's Node; the command may have it.
  const cache = env['NONO_NODE_COMPILE_CACHE'];
  if (cache !== undefined) result['NODE_COMPILE_CACHE'] = cache;
  return result;
}
