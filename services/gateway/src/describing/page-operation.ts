import { html, type Html, prose } from './html.ts'
import { fieldsOf, remarksOf, typeOf } from './page-schema.ts'
import type { JsonSchema } from './schemas.ts'

interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  example?: string
  schema: JsonSchema
}

type Content = Record<string, { schema?: JsonSchema; example?: unknown; 'x-spool-data'?: JsonSchema }>

interface Described {
  operationId: string
  summary: string
  description?: string
  security?: unknown[]
  'x-spool-scope'?: string
  parameters: Parameter[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, { description: string; content?: Content }>
}

/** A call, folded up under its name. */
export function operationOf(method: string, path: string, operation: unknown, baseUrl: string): Html {
  const { operationId, summary, description, parameters, requestBody, responses, ...rest } = operation as Described
  const scope = rest['x-spool-scope']
  return html`<details id="${operationId}">
    <summary>
      <code><span class="method ${method}">${method}</span> ${path}</code><span class="what">${summary}</span>
    </summary>
    ${description === undefined ? html`` : html`<p>${prose(description)}</p>`}
    <p class="dim">${scope === undefined ? 'No key is needed.' : prose(`Needs a key that may \`${scope}\`.`)}</p>
    <pre>${curl(method, path, operation as Described, baseUrl)}</pre>
    ${
      parameters.length === 0
        ? html``
        : html`<h3>Parameters</h3>
            <table>
              ${parameters.map(parameterRow)}
            </table>`
    }
    ${requestBody === undefined ? html`` : bodyOf(requestBody)}
    <h3>Answers</h3>
    <table>
      ${Object.entries(responses).map(answerRow)}
    </table>
  </details>`
}

function parameterRow({ name, in: where, required, description, schema }: Parameter): Html {
  const remarks = remarksOf({ ...schema, description }, required === true)
  return html`<tr>
    <th><code>${name}</code> <span class="dim">${where}</span></th>
    <td>${typeOf(schema)}${remarks}</td>
  </tr>`
}

function bodyOf({ required, content }: NonNullable<Described['requestBody']>): Html {
  const types = Object.entries(content).map(
    ([mediaType, { schema = {} }]) =>
      html`<p>${mediaType}: ${typeOf(schema)}</p>
        ${schema['$ref'] === undefined ? fieldsOf(schema) : html``}`,
  )
  return html`<h3>Body${required ? '' : ' (may be left out)'}</h3>
    ${types}`
}

function answerRow([status, { description, content = {} }]: [
  string,
  { description: string; content?: Content },
]): Html {
  const types = Object.entries(content)
    .filter(([mediaType]) => mediaType !== 'application/problem+json')
    .map(
      ([mediaType, { schema, 'x-spool-data': data }]) =>
        html`<br /><code>${mediaType}</code>: ${typeOf(data ?? schema ?? {})}`,
    )
  return html`<tr>
    <th>${status}</th>
    <td>${prose(description)}${types}</td>
  </tr>`
}

/** A call that can be copied into a shell. */
export function curl(
  method: string,
  path: string,
  { parameters, requestBody, responses, security }: Described,
  baseUrl: string,
): string {
  const query = parameters.filter((parameter) => parameter.in === 'query' && parameter.required === true)
  const at = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `my-${name.replaceAll('_', '-')}`)
  const asked = query.map(({ name }) => `${name}=…`).join('&')
  const [[mediaType, body] = []] = [Object.entries(requestBody?.content ?? {})[0]]
  const streams = Object.values(responses).some(({ content }) => content?.['text/event-stream'] !== undefined)
  const example = body?.example
  return [
    `curl ${streams ? '-N ' : ''}${method === 'GET' ? '' : `-X ${method} `}'${baseUrl}${at}${asked === '' ? '' : `?${asked}`}'`,
    ...(security === undefined ? [`-H "authorization: Bearer $SPOOL_KEY"`] : []),
    ...(streams ? [`-H 'accept: text/event-stream'`] : []),
    ...(mediaType === undefined ? [] : [`-H 'content-type: ${mediaType}'`]),
    ...(example === undefined ? [] : [`-d '${JSON.stringify(example).replaceAll("'", String.raw`'\''`)}'`]),
  ].join(' \\\n  ')
}
