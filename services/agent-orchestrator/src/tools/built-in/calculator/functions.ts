import { ToolError } from '../../tool-error.ts'
import {
  add,
  compare,
  floor,
  fromNumber,
  negate,
  parseRational,
  type Rational,
  rational,
  toNumber,
} from './rational.ts'

interface MathFunction {
  readonly least: number
  readonly most: number
  readonly apply: (args: readonly Rational[]) => Rational
  /** The result has only the digits of a floating-point number. */
  readonly approximate: boolean
}

const half = rational(1n, 2n)
const first = ([value]: readonly Rational[]) => value as Rational

const exact = (apply: MathFunction['apply'], least = 1, most = least): MathFunction => ({
  least,
  most,
  apply,
  approximate: false,
})

const floating = (apply: (value: number) => number): MathFunction => ({
  least: 1,
  most: 1,
  apply: (args) => fromNumber(apply(toNumber(first(args)))),
  approximate: true,
})

const ceil = (value: Rational) => negate(floor(negate(value)))
const abs = (value: Rational) => (value.top < 0n ? negate(value) : value)

/** Halves away from zero, as people round. */
function round(value: Rational): Rational {
  const size = floor(add(abs(value), half))
  return value.top < 0n ? negate(size) : size
}

const MANY = 100

export const functions: ReadonlyMap<string, MathFunction> = new Map([
  ['abs', exact((args) => abs(first(args)))],
  ['floor', exact((args) => floor(first(args)))],
  ['ceil', exact((args) => ceil(first(args)))],
  ['round', exact((args) => round(first(args)))],
  ['min', exact((args) => args.reduce((least, value) => (compare(value, least) < 0 ? value : least)), 1, MANY)],
  ['max', exact((args) => args.reduce((most, value) => (compare(value, most) > 0 ? value : most)), 1, MANY)],
  ['sqrt', floating(Math.sqrt)],
  ['cbrt', floating(Math.cbrt)],
  ['exp', floating(Math.exp)],
  ['ln', floating(Math.log)],
  ['log10', floating(Math.log10)],
  ['log2', floating(Math.log2)],
  ['sin', floating(Math.sin)],
  ['cos', floating(Math.cos)],
  ['tan', floating(Math.tan)],
  ['asin', floating(Math.asin)],
  ['acos', floating(Math.acos)],
  ['atan', floating(Math.atan)],
])

export const constants: ReadonlyMap<string, Rational> = new Map([
  ['pi', parseRational('3.14159265358979323846264338327950288419716939937510')],
  ['e', parseRational('2.71828182845904523536028747135266249775724709369995')],
])

export function functionNamed(name: string, args: number): MathFunction {
  const found = functions.get(name)
  if (found === undefined) {
    const known = [...functions.keys(), ...constants.keys()].join(', ')
    throw new ToolError('unknown_name', `There is no "${name}". Known are ${known}.`)
  }
  if (args < found.least || args > found.most) {
    throw new ToolError('wrong_arguments', `${name} takes ${found.least === found.most ? 'one value' : 'values'}.`)
  }
  return found
}
