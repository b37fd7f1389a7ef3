import { html, type Html, prose } from './html.ts'
import type { JsonSchema } from './schemas.ts'

/** What a value looks like, in a few words. */
export function typeOf(schema: JsonSchema): Html {
  const { $ref, type, items, anyOf, oneOf, allOf, const: only, enum: some } = schema
  if (typeof $ref === 'string') {
    const name = $ref.slice($ref.lastIndexOf('/') + 1)
    return html`<a href="#schema-${name}">${name}</a>`
  }
  if (only !== undefined) return html`<code>${JSON.stringify(only)}</code>`
  if (Array.isArray(some)) return joined(some.map((value) => html`<code>${JSON.stringify(value)}</code>`))
  const forms = anyOf ?? oneOf ?? allOf
  if (Array.isArray(forms)) return joined((forms as JsonSchema[]).map(typeOf))
  if (type === 'array') return html`list of ${typeOf((items ?? {}) as JsonSchema)}`
  if (type === 'object' && hasProperties(schema))
    return html`{${joined(
      Object.keys(schema.properties).map((name) => html`${name}`),
      ', ',
    )}}`
  return html`${typeof type === 'string' ? type : 'anything'}`
}

export function fieldsOf(schema: JsonSchema): Html {
  if (!hasProperties(schema)) return html`<p>${typeOf(schema)}</p>`
  const required = new Set((schema['required'] ?? []) as string[])
  const rows = Object.entries(schema.properties).map(
    ([name, field]) =>
      html`<tr>
        <th><code>${name}</code></th>
        <td>${typeOf(field)}${remarksOf(field, required.has(name))}</td>
      </tr>`,
  )
  return html`<table>
    ${rows}
  </table>`
}

export function remarksOf(schema: JsonSchema, required: boolean): Html {
  const { description, default: fallback, minimum, maximum, pattern } = schema
  const remarks = [
    ...(required ? ['required'] : []),
    ...(fallback === undefined ? [] : [`\`${JSON.stringify(fallback)}\` where it is left out`]),
    ...(isLimit(minimum) ? [`from ${minimum}`] : []),
    ...(isLimit(maximum) ? [`to ${maximum}`] : []),
    ...(typeof pattern === 'string' && pattern.length < 60 ? [`\`${pattern}\``] : []),
  ]
  const rest = remarks.length === 0 ? html`` : html` <span class="dim">${prose(remarks.join(', '))}</span>`
  return description === undefined ? rest : html`${rest}<br />${prose(String(description))}`
}

/** Not those that only say what a computer can count. */
function isLimit(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER
}

function hasProperties(schema: JsonSchema): schema is JsonSchema & { properties: Record<string, JsonSchema> } {
  return typeof schema['properties'] === 'object'
}

function joined(pieces: readonly Html[], between = ' or '): Html {
  return html`${pieces.map((piece, index) => (index === 0 ? piece : html`${between}${piece}`))}`
}
