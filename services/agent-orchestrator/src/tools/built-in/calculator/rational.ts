import { ToolError } from '../../tool-error.ts'

/**
 * An exact fraction: 0.1 + 0.2 is 0.3, and 2^100 has all its digits. The size of both parts is bounded, which bounds
 * the time and memory of whatever is calculated with them.
 */
export interface Rational {
  readonly top: bigint
  /** Above 0, and without a common factor with `top`. */
  readonly bottom: bigint
}

const MAX_BITS = 4096
const LIMIT = 1n << BigInt(MAX_BITS)

export function rational(top: bigint, bottom = 1n): Rational {
  if (bottom === 0n) throw new ToolError('division_by_zero', 'Division by zero.')
  const sign = bottom < 0n ? -1n : 1n
  const divisor = greatestCommonDivisor(top < 0n ? -top : top, bottom * sign)
  const reduced = { top: (top * sign) / divisor, bottom: (bottom * sign) / divisor }
  if (reduced.top >= LIMIT || reduced.top <= -LIMIT || reduced.bottom >= LIMIT) throw tooLarge()
  return reduced
}

export const add = (a: Rational, b: Rational) => rational(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom)
export const negate = (a: Rational): Rational => ({ top: -a.top, bottom: a.bottom })
export const multiply = (a: Rational, b: Rational) => rational(a.top * b.top, a.bottom * b.bottom)
export const divide = (a: Rational, b: Rational) => rational(a.top * b.bottom, a.bottom * b.top)
export const compare = (a: Rational, b: Rational) => Number(signOf(a.top * b.bottom - b.top * a.bottom))

export function floor({ top, bottom }: Rational): Rational {
  const quotient = top / bottom
  return rational(top < 0n && quotient * bottom !== top ? quotient - 1n : quotient)
}

/** With the sign of the divisor, as in Python: -7 % 3 is 2. */
export const remainder = (a: Rational, b: Rational) => add(a, negate(multiply(b, floor(divide(a, b)))))

/** The exponent is whole; how large the result becomes is estimated before anything is multiplied. */
export function power(base: Rational, exponent: bigint): Rational {
  const times = exponent < 0n ? -exponent : exponent
  const { top, bottom } = base
  const isOne = bottom === 1n && (top === 1n || top === -1n || top === 0n)
  if (isOne) {
    if (top === 0n && exponent < 0n) throw new ToolError('division_by_zero', 'Division by zero.')
    return rational(top ** (times === 0n ? 0n : 2n - (times % 2n)))
  }
  if (BigInt(Math.max(bitsOf(top), bitsOf(bottom)) - 1) * times > BigInt(MAX_BITS)) throw tooLarge()
  const [over, under] = exponent < 0n ? [bottom, top] : [top, bottom]
  return rational(over ** times, under ** times)
}

/** `12`, `1.5`, `.5`, `1e-3`: what a number literal says, exactly. */
export function parseRational(text: string): Rational {
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? []
  const shift = Number(exponent) - fraction.length
  if (Math.abs(shift) > MAX_BITS) throw tooLarge()
  const digits = BigInt(whole + fraction)
  return shift < 0 ? rational(digits, 10n ** BigInt(-shift)) : rational(digits * 10n ** BigInt(shift))
}

/** The nearest that a floating-point number can hold. */
export function toNumber({ top, bottom }: Rational): number {
  const surplus = Math.max(0, Math.min(bitsOf(top), bitsOf(bottom)) - 1024)
  if (surplus > 0) return toNumber({ top: top >> BigInt(surplus), bottom: bottom >> BigInt(surplus) })
  const [large, small] = [Number(top), Number(bottom)]
  if (Number.isFinite(large) && Number.isFinite(small)) return large / small
  return Number.isFinite(large) ? 0 : top < 0n ? -Infinity : Infinity
}

export function fromNumber(value: number): Rational {
  if (Number.isNaN(value)) throw new ToolError('undefined_result', 'The result is not a real number.')
  if (!Number.isFinite(value)) throw tooLarge()
  const size = parseRational(String(Math.abs(value)))
  return value < 0 ? negate(size) : size
}

const bitsOf = (value: bigint) => (value < 0n ? -value : value).toString(16).length * 4

const signOf = (value: bigint) => (value < 0n ? -1n : value > 0n ? 1n : 0n)

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

const tooLarge = () =>
  new ToolError('too_large', 'A number on the way becomes too large (more than some 1,200 digits). Use smaller ones.')
