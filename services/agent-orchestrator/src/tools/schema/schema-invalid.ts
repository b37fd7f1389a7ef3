/** A JSON Schema that nothing can be checked with: a tool that has it cannot be offered. */
export class SchemaInvalid extends Error {
  readonly code = 'schema_invalid'
}
