/** JSON Schema of the profile format, from the one valibot schema, for editors. */

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

function describe(dotted: string): JsonSchema {
  const now = (oldKeys as Readonly<Record<string, string>>)[dotted];
  if (now !== undefined) return { deprecated: true, description: `Now ${now}` };
  const row = (keyRows as Readonly<Record<string, { why: string; effect: string } | undefined>>)[dotted];
  if (row === undefined || row.effect === 'idle') return {};
  return row.effect === 'in-force'
    ? { description: row.why }
    : { description: `${row.effect.replaceAll('-', ' ')} in this version: ${row.why}` };
}

function objectSchema(node: SchemaNode, prefix: string): JsonSchema {
  const entries = Object.entries(node.entries ?? {});
  const required = entries.filter(([, entry]) => !isOptional(entry)).map(([key]) => key);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      entries.map(([key, entry]) => {
        const dotted = prefix === '' ? key : `${prefix}.${key}`;
        return [key, { ...toJson(entry, dotted), ...describe(dotted) }];
      }),
    ),
  };
}

function toJson(node: SchemaNode, dotted: string): JsonSchema {
  switch (node.type) {
    case 'optional':
      return toJson(node.wrapped as SchemaNode, dotted);
    case 'nullish': {
      const inner = toJson(node.wrapped as SchemaNode, dotted);
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
      return { anyOf: (node.options as readonly SchemaNode[]).map((option) => toJson(option, dotted)) };
    case 'array':
      return checked(node, { type: 'array', items: toJson(node.item as SchemaNode, dotted) });
    case 'record':
      return { type: 'object', additionalProperties: toJson(node.value as SchemaNode, dotted) };
    case 'object':
      return objectSchema(node, dotted);
    default:
      throw new Error(`no JSON Schema for ${node.type} at ${dotted}`);
  }
}

/** The schema that editors complete profiles with, and that `nono profile schema` prints. */
export function profileJsonSchema(): JsonSchema {
  const whole = toJson(profileRoot, '');
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
