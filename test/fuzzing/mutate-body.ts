import type { Random } from '../chaos/random.ts'
import type { RawRequest } from './raw-request.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const oneOf = <Value>(random: Random, values: readonly Value[]): Value => values[random.whole(0, values.length - 1)]!

/** A marker in each text that a client may send: it must not be found in any log. */
export const BODY_MARKER = 'SECRET-IN-A-BODY'

/** Changes a body: in its bytes, in its text, or in what it says. */
export function mutateBody(request: RawRequest, random: Random): void {
  if (!request.headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    request.headers.push(['content-type', 'application/json'])
  }
  const text = request.body?.toString() ?? '{}'
  request.body = random.next() < 0.7 ? changedText(text, random) : oneOf(random, BROKEN)(text)
}

/** JSON that says something else. */
export function changedText(text: string, random: Random): Buffer {
  try {
    let value = JSON.parse(text) as Json
    const times = random.whole(1, 3)
    for (let time = 0; time < times; time++) value = changeSomewhere(value, random, 0)
    return Buffer.from(withRaw(JSON.stringify(value)))
  } catch {
    // No JSON any more, or nested too deep: it was changed before.
    return Buffer.from(text)
  }
}

function changeSomewhere(value: Json, random: Random, depth: number): Json {
  const isLeaf = typeof value !== 'object' || value === null
  if (isLeaf || depth > 4 || random.next() < 0.15) return oneOf(random, VALUES)
  if (Array.isArray(value)) {
    if (value.length === 0 || random.next() < 0.3) return [...value, ...value, oneOf(random, VALUES)]
    const at = random.whole(0, value.length - 1)
    return value.map((item, index) => (index === at ? changeSomewhere(item, random, depth + 1) : item))
  }
  const names = Object.keys(value)
  if (names.length === 0 || random.next() < 0.35) {
    return { ...value, [`${RAW_NAME}${random.whole(0, NAMES.length - 1)}`]: oneOf(random, VALUES) }
  }
  const name = oneOf(random, names)
  if (random.next() < 0.15) return Object.fromEntries(Object.entries(value).filter(([known]) => known !== name))
  return { ...value, [name]: changeSomewhere(value[name]!, random, depth + 1) }
}

/** Names that an object cannot have by assignment, and values that JSON.stringify would not write. */
const RAW_NAME = 'raw-name-'
const NAMES: readonly string[] = [
  '"__proto__"',
  '"constructor"',
  '"prototype"',
  '"toString"',
  '"metadata"',
  '"message"',
  '"agent"',
  '"model"',
  '"language"',
  '"session"',
  '"session_id"',
  '"when_busy"',
  '"on_disconnect"',
  '"confirmation"',
  '"stream"',
  '"text"',
  '"sequence"',
  '"at"',
  '"input"',
  '"user"',
  '"history"',
  '"context"',
  '""',
  String.raw`"\u0000"`,
  String.raw`"\ud800"`,
  '"\u{1f4a5}"',
  `"${'n'.repeat(3000)}"`,
]

const RAW_VALUES: readonly string[] = [
  '1e400',
  '-0',
  '9007199254740993',
  '1E-999',
  String.raw`"\ud83d"`,
  String.raw`"a\ud800\udc00\udc00b"`,
  String.raw`"\u0000\u0001\u001f"`,
  `${'['.repeat(2000)}${']'.repeat(2000)}`,
  `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"user":{"toString":1}}',
  '{"user":9007199254740993}',
  '[{"type":"text","text":""}]',
  '[{"type":"text"}]',
  '[{"type":"image","url":"javascript:alert(1)"}]',
  '[{"type":"image","blob":"nope"}]',
  '[{"type":"file","url":"data:text/plain;base64,!!!","media_type":"x"}]',
  '[{"type":"nonsense"}]',
  '{"timeout_seconds":1e308}',
  '{"timeout_seconds":-1}',
]
const RAW_VALUE = 'raw-value-'

const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  BODY_MARKER,
  `${BODY_MARKER}: \u{1f600} \u202e \ufeff \u{10ffff}`,
  'confirm',
  'CONFIRM_ACTION:confirm',
  'CONFIRM_ACTION:modify:',
  'CONFIRM_ACTION:nonsense',
  'custom.fuzz',
  'error: x',
  '1-1',
  '__proto__',
  'toString',
  'x'.repeat(300),
  'x'.repeat(140_000),
  'é'.repeat(70_000),
  [],
  {},
  [[]],
  [null],
  ['a', 1, {}],
  { a: { b: { c: {} } } },
  ...RAW_VALUES.map((_, index) => `${RAW_VALUE}${index}`),
]

function withRaw(text: string): string {
  return text
    .replaceAll(/"raw-name-(\d+)"/g, (_, index: string) => NAMES[Number(index)]!)
    .replaceAll(/"raw-value-(\d+)"/g, (_, index: string) => RAW_VALUES[Number(index)]!)
}

/** What makes no JSON of a text, or one that says everything twice. */
const BROKEN: readonly ((text: string) => Buffer)[] = [
  () => Buffer.alloc(0),
  () => Buffer.from('null'),
  () => Buffer.from('[]'),
  () => Buffer.from(`"${BODY_MARKER}"`),
  () => Buffer.from('NaN'),
  () => Buffer.from('{'),
  (text) => Buffer.from(text.slice(0, -1)),
  (text) => Buffer.from(`${text}${text}`),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(`/* ${BODY_MARKER} */ ${text}`),
  (text) => Buffer.from(text.replaceAll('"', "'")),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
  (text) => Buffer.from(text.replace('{', `{"message":"${BODY_MARKER}","message":1,`)),
  (text) => Buffer.from(text.replace('{', `{"x":${'['.repeat(100_000)}`)),
  () => Buffer.from('['.repeat(900_000)),
  () => Buffer.from(`{"message":"${'x'.repeat(1_100_000)}"}`),
  (text) => Buffer.from(`${' '.repeat(500_000)}${text}`),
  () => Buffer.from(`{${Array.from({ length: 50_000 }, (_, index) => `"f${index}":${index}`).join(',')}}`),
  () => Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3]),
]
