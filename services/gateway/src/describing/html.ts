/** HTML that is safe to be written as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Piece = Html | string | number | readonly Html[]

/** Whatever is not HTML already is text. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(
    strings.map((string, index) => string + (index < pieces.length ? written(pieces[index]!) : '')).join(''),
  )
}

/** A text with `code` in it. */
export function prose(text: string): Html {
  const pieces = text.split('`').map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`))
  return html`${pieces}`
}

function written(piece: Piece): string {
  if (piece instanceof Html) return piece.text
  if (Array.isArray(piece)) return piece.map(written).join('')
  return String(piece).replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
