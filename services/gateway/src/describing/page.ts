import type { OpenApiDocument } from './document.ts'
import { html, Html } from './html.ts'
import { operationOf } from './page-operation.ts'
import { fieldsOf } from './page-schema.ts'
import { STYLE } from './page-style.ts'

/** The document for people: one page that needs nothing else, and runs nothing. */
export function pageOf(document: OpenApiDocument, baseUrl: string): string {
  const groups = (document['tags'] as { name: string }[]).map(({ name }) => name)
  const page = html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>Spool</title>
      <style>
        ${new Html(STYLE)}
      </style>
      <h1>Spool</h1>
      <p>
        Every call of this server; <a href="openapi.json">openapi.json</a> says the same to programs. What goes wrong is
        a <a href="#schema-Problem">problem document</a> with a stable <code>code</code>. The examples want an API key:
        <code>export SPOOL_KEY=…</code>
      </p>
      <nav>${groups.map((group) => html`<a href="#${slug(group)}">${group}</a>`)}<a href="#schemas">Schemas</a></nav>
      ${groups.map((group) => groupOf(document, group, baseUrl))}
      <h2 id="schemas">Schemas</h2>
      ${Object.entries(document.components.schemas).map(
        ([name, schema]) =>
          html`<details id="schema-${name}">
            <summary><code>${name}</code></summary>
            ${fieldsOf(schema)}
          </details> `,
      )}
    </html> `
  return page.text
}

function groupOf({ paths }: OpenApiDocument, group: string, baseUrl: string): Html {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => (operation['tags'] as string[])[0] === group)
      .map(([method, operation]) => operationOf(method.toUpperCase(), path, operation, baseUrl)),
  )
  return html`<h2 id="${slug(group)}">${group}</h2>
    ${operations}`
}

function slug(group: string): string {
  return group.toLowerCase().replaceAll(' ', '-')
}
