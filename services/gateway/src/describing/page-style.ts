import { createHash } from 'node:crypto'

export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a4048); --soft: light-dark(#f4f6f8, #1c2026);
  --text: light-dark(#1d232b, #dfe4ea); --dim: light-dark(#59636e, #9aa5b1); --link: light-dark(#0a58ca, #7ab3ff) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 6rem; color: var(--text);
  background: light-dark(#fff, #14171b); font: 16px/1.5 system-ui, sans-serif }
h1 { margin: 0 } h2 { margin: 2.5rem 0 .5rem } h3 { margin: 1.2rem 0 .3rem; font-size: 1rem }
a { color: var(--link) } nav a { margin-right: 1rem }
code, pre { font: .875em/1.5 ui-monospace, monospace }
pre { overflow-x: auto; padding: .75rem 1rem; background: var(--soft); border: 1px solid var(--line); border-radius: 6px }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0 }
details > :not(summary) { margin-left: 1rem; margin-right: 1rem }
summary { cursor: pointer; padding: .45rem .8rem } summary:hover { background: var(--soft) }
summary .what { color: var(--dim); margin-left: .6rem }
table { border-collapse: collapse; width: calc(100% - 2rem); margin-bottom: 1rem } td, th { text-align: left; vertical-align: top;
  padding: .3rem .8rem .3rem 0; border-top: 1px solid var(--line) } th { font-weight: 600; white-space: nowrap }
.dim { color: var(--dim) } .method { display: inline-block; min-width: 4.2em; font-weight: 700 }
.GET { color: light-dark(#06663c, #6fd3a1) } .POST { color: light-dark(#0a4fb3, #82b4ff) } .DELETE { color: light-dark(#a4231c, #ff938c) }
`

/** Nothing is loaded from anywhere, and nothing runs. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
