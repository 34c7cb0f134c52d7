/** JSON Schemas of profiles and manifests, from their valibot schemas, for editors. */

import { manifestSchema } from '../manifest/manifest-schema.ts';
import { keyRows } from './key-effects.ts';
import { oldKeys } from './old-keys.ts';
import { profileRoot, type SchemaNode } from './schema.ts';

export interface JsonSchema {
  readonly [key: string]: unknown;
}

type Step = NonNullable<SchemaNode['pipe']>[number];

/** What the checks after the type mean in JSON Schema. Those without a row (several keys at once) are left to nono. */
const checks: Readonly<Record<string, (type: string, requirement: unknown) => JsonSchema>> = {
  integer: () => ({ type: 'integer' }),
  min_value: (_type, requirement) => ({ minimum: requirement }),
  max_value: (_type, requirement) => ({ maximum: requirement }),
  non_empty: (type) => (type === 'array' ? { minItems: 1 } : { minLength: 1 }),
  min_length: (type, requirement) => (type === 'array' ? { minItems: requirement } : { minLength: requirement }),
  length: (_type, requirement) => ({ minItems: requirement, maxItems: requirement }),
  regex: (_type, requirement) => ({ pattern: (requirement as RegExp).source }),
};

function checked(node: SchemaNode, schema: JsonSchema): JsonSchema {
  const steps = (node.pipe ?? []).filter((step: Step) => step.kind === 'validation');
  return Object.assign({}, schema, ...steps.map((step) => checks[step.type]?.(node.type, step.requirement) ?? {}));
}

const isOptional = (node: SchemaNode): boolean => node.type === 'optional' || node.type === 'nullish';

type Describe = (dotted: string) => JsonSchema;

function describeProfileKey(dotted: string): JsonSchema {
  const now = (oldKeys as Readonly<Record<string, string>>)[dotted];
  if (now !== undefined) return { deprecated: true, description: `Now ${now}` };
  const row = (keyRows as Readonly<Record<string, { why: string; effect: string } | undefined>>)[dotted];
  if (row === undefined || row.effect === 'idle') return {};
  return row.effect === 'in-force'
    ? { description: row.why }
    : { description: `${row.effect.replaceAll('-', ' ')} in this version: ${row.why}` };
}

function objectSchema(node: SchemaNode, prefix: string, describe: Describe): JsonSchema {
  const entries = Object.entries(node.entries ?? {});
  const required = entries.filter(([, entry]) => !isOptional(entry)).map(([key]) => key);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      entries.map(([key, entry]) => {
        const dotted = prefix === '' ? key : `${prefix}.${key}`;
        return [key, { ...toJson(entry, dotted, describe), ...describe(dotted) }];
      }),
    ),
  };
}

function toJson(node: SchemaNode, dotted: string, describe: Describe): JsonSchema {
  switch (node.type) {
    case 'optional':
      return toJson(node.wrapped as SchemaNode, dotted, describe);
    case 'nullish': {
      const inner = toJson(node.wrapped as SchemaNode, dotted, describe);
      return { anyOf: [inner, { type: 'null' }] };
    }
    case 'string':
    case 'number':
    case 'boolean':
      return checked(node, { type: node.type });
    case 'unknown':
      return {};
    case 'picklist':
      return { enum: node.options };
    case 'union':
      return { anyOf: (node.options as readonly SchemaNode[]).map((option) => toJson(option, dotted, describe)) };
    case 'array':
      return checked(node, { type: 'array', items: toJson(node.item as SchemaNode, dotted, describe) });
    case 'record':
      return { type: 'object', additionalProperties: toJson(node.value as SchemaNode, dotted, describe) };
    case 'object':
      return objectSchema(node, dotted, describe);
    default:
      throw new Error(`no JSON Schema for ${node.type} at ${dotted}`);
  }
}

/** The schema that editors complete profiles with, and that `nono profile schema` prints. */
function profileJsonSchema(): JsonSchema {
  const whole = toJson(profileRoot, '', describeProfileKey);
  const { platform_overrides: overrides, ...properties } = whole['properties'] as Record<string, JsonSchema>;
  const { $schema: _schema, extends: _extends, ...sections } = properties;
  const platform = {
    anyOf: [{ type: 'object', additionalProperties: false, properties: ref(sections) }, { type: 'null' }],
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'nono profile',
    ...whole,
    properties: {
      ...properties,
      platform_overrides: {
        ...overrides,
        anyOf: [
          {
            type: 'object',
            additionalProperties: false,
            properties: { linux: platform, macos: platform, windows: platform },
          },
          { type: 'null' },
        ],
      },
    },
  };
}

/** The same sections again, by reference. */
function ref(sections: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.keys(sections).map((key) => [key, { $ref: `#/properties/${key}` }]));
}

export function profileSchemaText(): string {
  return `${JSON.stringify(profileJsonSchema(), null, 2)}\n`;
}

/** Of a manifest: the original's keys are described where ours mean more or less; those added here say so. */
const manifestKeys: Readonly<Record<string, string>> = {
  'filesystem.grants.source': 'Added here: the policy group it came from. Left out: the manifest itself',
  'filesystem.deny.access': 'Added here: what is denied. Left out: everything',
  'filesystem.deny.type':
    'Added here: the path alone, or with all below it (the default); with it, the path is no pattern',
  'filesystem.deny.guard': 'Added here: the pattern does not look into bulk directories, or into the closed ones only',
  'filesystem.deny.source': 'Added here: the policy group it came from',
  'filesystem.more_grants': "Added here: a directory's own entries, and unix sockets",
  'filesystem.bypass_protection': 'Added here: paths for which the denies at and above them are lifted',
  'filesystem.bulk': 'Added here: bulk directories, which guards do not look into',
  'network.mode': 'Without a proxy in this version, proxy blocks the network as a whole',
  'network.allow_domains': 'Blocks the network as a whole in this version: there is no proxy',
  'network.endpoints': 'Blocks the network as a whole in this version: there is no proxy',
  'network.allow_connect': 'Added here: ADDRESS:PORT that may be connected to',
  'network.allow_listen': 'Added here: ADDRESS:PORT that may be listened on',
  credentials: 'Blocks the network as a whole in this version: nothing is injected',
  'process.blocked_commands': 'Refused as the first command',
  'process.refused_commands': 'Added here: refused at every start of a program',
  'process.exec_strategy': 'Accepted: the command that is called (run, shell, wrap) decides',
  'rollback.enabled': 'Refused when true: no snapshots are taken in this version',
  'resources.cpu_seconds': 'Added here',
  'resources.max_file_bytes': 'Added here',
  environment: 'Added here: as in a profile',
  linux: 'Added here: as in a profile',
  private_tmp: 'Added here: as in a profile',
  strict_deny: 'Added here: as in a profile',
};

function manifestJsonSchema(): JsonSchema {
  const whole = toJson(manifestSchema as unknown as SchemaNode, '', (dotted) =>
    Object.hasOwn(manifestKeys, dotted) ? { description: manifestKeys[dotted] } : {},
  );
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'nono capability manifest', ...whole };
}

export function manifestSchemaText(): string {
  return `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`;
}
