import { ToolError } from '../../tool-error.ts'

export interface Token {
  readonly kind: 'number' | 'name' | 'symbol'
  readonly text: string
  /** From 0. */
  readonly position: number
}

const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|([a-z][a-z0-9]*)|(\*\*|[-+*/%^(),×÷−·]))/iy

/** How people and models write some of them. */
const spellings: Readonly<Record<string, string>> = { '**': '^', '×': '*', '·': '*', '÷': '/', '−': '-' }

export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = []
  const text = expression.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) {
      const rest = text.slice(from).trimStart()
      throw new ToolError(
        'not_arithmetic',
        `"${String.fromCodePoint(rest.codePointAt(0) ?? 0)}" at character ${text.length - rest.length + 1} is not arithmetic. Write numbers without separators, and + - * / % ^ ( ).`,
      )
    }
    const [whole, number, name, symbol = ''] = match
    const position = from + whole.length - whole.trimStart().length
    if (number !== undefined) tokens.push({ kind: 'number', text: number, position })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, position })
    else tokens.push({ kind: 'symbol', text: spellings[symbol] ?? symbol, position })
  }
  return tokens
}
