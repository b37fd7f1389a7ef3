import type { Rational } from './rational.ts'

export interface Decimal {
  readonly text: string
  /** false: digits were left out at the end. */
  readonly exact: boolean
}

const DIGITS = 30

/** With all digits where the number is whole or ends by itself soon, else rounded to some 30 significant ones. */
export function toDecimal({ top, bottom }: Rational): Decimal {
  const sign = top < 0n ? '-' : ''
  const size = top < 0n ? -top : top
  if (bottom === 1n) return { text: `${sign}${size}`, exact: true }
  const wholeDigits = size >= bottom ? String(size / bottom).length : -zerosAfterThePoint(size, bottom)
  const places = Math.max(1, DIGITS - wholeDigits)
  const scaled = size * 10n ** BigInt(places)
  const rounded = (scaled * 2n + bottom) / (bottom * 2n)
  const digits = String(rounded).padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  const whole = digits.slice(0, -places)
  const exact = scaled % bottom === 0n
  if (wholeDigits < -20) return { text: `${sign}${withExponent(fraction)}`, exact }
  return { text: `${sign}${whole}${fraction && `.${fraction}`}`, exact }
}

/** In 0.00123: 2. */
function zerosAfterThePoint(top: bigint, bottom: bigint): number {
  let zeros = Math.max(0, String(bottom).length - String(top).length - 1)
  while (top * 10n ** BigInt(zeros + 1) < bottom) zeros += 1
  return zeros
}

/** `000…000123` -> `1.23e-31`. */
function withExponent(fraction: string): string {
  const digits = fraction.replace(/^0+/, '')
  const rest = digits.slice(1)
  return `${digits[0]}${rest && `.${rest}`}e-${fraction.length - digits.length + 1}`
}
