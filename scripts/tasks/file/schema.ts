// The JSON schema of a task file, made from the table of its keys.

import { type ObjectName, type Shape, keys } from './keys.ts';

type Schema = Record<string, unknown>;

/** What a task file writes as a text may look like a number or a boolean. */
const TEXT: Schema = { type: ['string', 'number', 'boolean'] };
const TEXTS: Schema = { type: 'array', items: TEXT };

function shapeSchema(shape: Shape): Schema {
  if (typeof shape === 'object') {
    if ('one' in shape) return ref(shape.one);
    if ('list' in shape) return { type: 'array', items: ref(shape.list) };
    return { type: 'object', additionalProperties: ref(shape.named) };
  }
  switch (shape) {
    case 'string':
      return TEXT;
    case 'boolean':
      return { type: 'boolean' };
    case 'count':
      return { type: 'integer', minimum: 0 };
    case 'duration':
      return { type: ['string', 'number'], description: 'like 90s, 10m or 1m30s; a number is seconds' };
    case 'strings':
      return { anyOf: [TEXTS, { type: 'string' }] };
    case 'map':
      return { type: 'object', additionalProperties: TEXT };
    case 'for':
      return {
        anyOf: [
          TEXTS,
          { type: 'string' },
          { type: 'object', additionalProperties: { anyOf: [TEXTS, { type: 'string' }] } },
        ],
      };
    case 'parallel':
      return { anyOf: [{ type: 'array', items: ref('action') }, ref('parallelBlock')] };
  }
}

function ref(name: ObjectName): Schema {
  return { $ref: `#/$defs/${name}` };
}

function objectSchema(name: ObjectName): Schema {
  const entries = Object.entries(keys[name]);
  const properties = entries.map(([key, { shape, help }]) => {
    const includes = name === 'file' && key === 'includes';
    const schema = includes ? { type: 'array', items: shapeSchema('map') } : shapeSchema(shape);
    const about = 'description' in schema ? `${help} (${String(schema['description'])})` : help;
    return [key, { ...schema, description: about }];
  });
  const required = entries.filter(([, key]) => key.required).map(([key]) => key);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as Schema,
    patternProperties: { '^x-': {} },
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  };
}

export function taskFileSchema(): Schema {
  const names = (Object.keys(keys) as ObjectName[]).filter((name) => name !== 'file');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Task file of hoist run',
    ...objectSchema('file'),
    $defs: Object.fromEntries(names.map((name) => [name, objectSchema(name)])),
  };
}
