import { expect, test } from 'vitest'
import { calculate } from './calculate.ts'

test.each([
  ['1 + 2 * 3', '7'],
  ['(1 + 2) * 3', '9'],
  ['0.1 + 0.2', '0.3'],
  ['1/3*3', '1'],
  ['-2^2', '-4'],
  ['2^-2', '0.25'],
  ['2^3^2', '512'],
  ['2**10', '1024'],
  ['-7 % 3', '2'],
  ['7.5 % 2', '1.5'],
  ['12 × 3 ÷ 4 − 1', '8'],
  ['2^100', '1267650600228229401496703205376'],
  ['123456789012345678901234567890 + 1', '123456789012345678901234567891'],
  ['19.99 * 3', '59.97'],
  ['round(2.5) + round(-2.5) + floor(-0.5) + ceil(0.1)', '0'],
  ['max(1, 2.5, -3) - min(4, 2)', '0.5'],
  ['1e3 + 1.5E-1', '1000.15'],
  ['(-1)^999999999999999999999', '-1'],
  ['1e-40 * 3', '3e-40'],
])('%s is exactly %s', (expression, text) => expect(calculate(expression)).toEqual({ text, exact: true }))

test.each([
  ['1/3', '0.333333333333333333333333333333'],
  ['2/3', '0.666666666666666666666666666667'],
  ['-1/7000', '-0.000142857142857142857142857142857'],
  ['sqrt(2)', '1.4142135623730951'],
  ['sqrt(16)', '4'],
  ['2^0.5', '1.4142135623730951'],
  ['ln(exp(1))', '1'],
  ['PI', '3.14159265358979323846264338328'],
  ['1e-200/3', '3.33333333333333333333333333333e-201'],
])('%s is about %s', (expression, text) => expect(calculate(expression)).toEqual({ text, exact: false }))

test.each([
  ['1 / 0', 'division_by_zero'],
  ['0 ^ -1', 'division_by_zero'],
  ['5 % 0', 'division_by_zero'],
  ['sqrt(-1)', 'undefined_result'],
  ['exp(1e6)', 'too_large'],
  ['9^9^9^9', 'too_large'],
  ['(10^1000)^1000000000000', 'too_large'],
  ['1e999999999', 'too_large'],
  ['1 +', 'not_arithmetic'],
  ['(1 + 2', 'not_arithmetic'],
  ['1,000 + 1', 'not_arithmetic'],
  ['2 3', 'not_arithmetic'],
  ['process.exit(1)', 'not_arithmetic'],
  ['constructor(1)', 'unknown_name'],
  ['sqrt', 'wrong_arguments'],
  ['sqrt(1, 2)', 'wrong_arguments'],
])('%s is refused: %s', (expression, code) =>
  expect(() => calculate(expression)).toThrow(expect.objectContaining({ name: 'ToolError', code })),
)

test('what is not arithmetic is named with its place', () => {
  expect(() => calculate('12 + $5')).toThrow('"$" at character 6 is not arithmetic')
  expect(() => calculate('1 + * 2')).toThrow('"*" is not expected at character 5')
})

test.each([
  ['deep nesting', `${'('.repeat(400)}1${')'.repeat(400)}`],
  ['a pile of signs', `${'-'.repeat(999)}1`],
  ['a tower of powers', Array(400).fill('2').join('^')],
  ['a chain of large products', Array(240).fill('9^9').join('*')],
  [
    'many long fractions',
    Array.from({ length: 160 }, (_, at) => `1/${9973 + at}`)
      .join('+')
      .slice(0, 990),
  ],
  ['a long input', '1+'.repeat(1_000_000)],
])('%s costs little time', (_, expression) => {
  const before = performance.now()
  try {
    calculate(expression)
  } catch (error) {
    expect(error).toMatchObject({ name: 'ToolError' })
  }
  expect(performance.now() - before).toBeLessThan(500)
})
