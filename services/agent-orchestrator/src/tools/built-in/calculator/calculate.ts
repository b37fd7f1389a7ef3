import { ToolError } from '../../tool-error.ts'
import { constants, functionNamed } from './functions.ts'
import {
  add,
  divide,
  fromNumber,
  multiply,
  negate,
  parseRational,
  power,
  type Rational,
  remainder,
  toNumber,
} from './rational.ts'
import { type Decimal, toDecimal } from './to-decimal.ts'
import { type Token, tokensOf } from './tokens.ts'

export const MAX_CHARACTERS = 1000
const MAX_DEPTH = 100

/** The value of an arithmetic expression. Pure; time and memory are bounded by its length and the size of numbers. */
export function calculate(expression: string): Decimal {
  if (expression.length > MAX_CHARACTERS) {
    throw new ToolError('too_long', `The expression is longer than ${MAX_CHARACTERS} characters. Calculate in parts.`)
  }
  const calculation = new Calculation(tokensOf(expression))
  const decimal = toDecimal(calculation.result())
  return calculation.isApproximate ? { ...decimal, exact: false } : decimal
}

/** Recursive descent that computes as it reads. sum: product (+ product)*, product: power (* power)*, … */
class Calculation {
  isApproximate = false
  private at = 0
  private depth = 0

  constructor(private readonly tokens: readonly Token[]) {}

  result(): Rational {
    const value = this.sum()
    const left = this.tokens[this.at]
    if (left !== undefined) throw unexpected(left)
    return value
  }

  private sum(): Rational {
    let value = this.product()
    for (;;) {
      if (this.takes('+')) value = add(value, this.product())
      else if (this.takes('-')) value = add(value, negate(this.product()))
      else return value
    }
  }

  private product(): Rational {
    let value = this.signed()
    for (;;) {
      if (this.takes('*')) value = multiply(value, this.signed())
      else if (this.takes('/')) value = divide(value, this.signed())
      else if (this.takes('%')) value = remainder(value, this.signed())
      else return value
    }
  }

  /** -2^2 is -4: a sign binds less than a power. */
  private signed(): Rational {
    return this.deeper(() => {
      if (this.takes('-')) return negate(this.signed())
      return this.takes('+') ? this.signed() : this.power()
    })
  }

  private power(): Rational {
    const base = this.atom()
    if (!this.takes('^')) return base
    const exponent = this.signed()
    if (exponent.bottom === 1n) return power(base, exponent.top)
    this.isApproximate = true
    return fromNumber(toNumber(base) ** toNumber(exponent))
  }

  private atom(): Rational {
    const token = this.tokens[this.at]
    if (token === undefined) throw new ToolError('not_arithmetic', 'The expression ends too early.')
    this.at += 1
    if (token.kind === 'number') return parseRational(token.text)
    if (token.kind === 'name') return this.named(token.text.toLowerCase())
    if (token.text !== '(') throw unexpected(token)
    const value = this.sum()
    this.expect(')')
    return value
  }

  private named(name: string): Rational {
    const constant = constants.get(name)
    if (constant !== undefined) {
      this.isApproximate = true
      return constant
    }
    const args: Rational[] = []
    if (this.takes('(')) {
      do args.push(this.sum())
      while (this.takes(','))
      this.expect(')')
    }
    const found = functionNamed(name, args.length)
    if (found.approximate) this.isApproximate = true
    return found.apply(args)
  }

  private takes(symbol: string): boolean {
    const token = this.tokens[this.at]
    if (token?.kind !== 'symbol' || token.text !== symbol) return false
    this.at += 1
    return true
  }

  private expect(symbol: string): void {
    if (this.takes(symbol)) return
    const token = this.tokens[this.at]
    if (token !== undefined) throw unexpected(token)
    throw new ToolError('not_arithmetic', `A "${symbol}" is missing at the end.`)
  }

  private deeper(read: () => Rational): Rational {
    this.depth += 1
    if (this.depth > MAX_DEPTH) throw new ToolError('too_deep', 'The expression is nested too deeply.')
    const value = read()
    this.depth -= 1
    return value
  }
}

const unexpected = ({ text, position }: Token) =>
  new ToolError('not_arithmetic', `"${text}" is not expected at character ${position + 1}.`)
