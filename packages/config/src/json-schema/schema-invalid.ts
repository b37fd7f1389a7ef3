/** A JSON Schema that nothing can be checked with: a tool that has it cannot be offered. */
export class SchemaInvalid extends Error {
  readonly code = 'schema_invalid'

  constructor(
    readonly problem: string,
    /** The part of the schema that is wrong, as far as that is known. */
    readonly path: readonly string[] = [],
    options: ErrorOptions = {},
  ) {
    super([path.join('.'), problem].filter(Boolean).join(' '), options)
  }
}
