/** What the article has its reader type: tests use it letter by letter. */

/** ~/.config/nono/profiles/developer.json of the article. */
export const developerProfile = `{
"meta": {
"name": "developer",
"version": "1.0.0",
"description": "System-wide developer sandbox profile"
},
"security": {
"groups": [
"deny_credentials",
"deny_shell_history",
"deny_shell_configs",
"system_read_linux",
"system_write_linux",
"dangerous_commands_linux"
]
},
"filesystem": {},
"network": { "block": false },
"workdir": { "access": "readwrite" }
}
`;
