import { expect, test } from 'vitest'
import { prepareSeam } from './seam.ts'

const join = (keptText: string, repeats: boolean, answer: readonly string[]) => {
  const seam = prepareSeam(keptText, repeats)
  return keptText + answer.map((text) => seam.join(text)).join('') + seam.flush()
}
const joined = (keptText: string, ...answer: string[]) => join(keptText, false, answer)
const joinedToRepeating = (keptText: string, ...answer: string[]) => join(keptText, true, answer)

test('white space at the end of the kept text is not sent', () => {
  expect(prepareSeam('Once upon \n').sent).toBe('Once upon')
  expect(prepareSeam(' Once').sent).toBe(' Once')
})

test('white space that the model says again is not doubled', () => {
  expect(joined('Once upon ', ' a', ' time')).toBe('Once upon a time')
  expect(joined('Title\n\n', '\n', '\n', 'Text')).toBe('Title\n\nText')
})

test('the kept white space stays where the model does not say it again', () => {
  expect(joined('Once upon ', 'a time')).toBe('Once upon a time')
})

test('nothing is dropped where no white space was cut, and no word is', () => {
  expect(joined('ha', ' ha', ' ha')).toBe('ha ha ha')
  expect(joined('ha ', 'ha', ' ha')).toBe('ha ha ha')
  expect(joined('a\n', '  indented')).toBe('a\n  indented')
})

test('what a repeating provider says again is dropped, whether it says the white space that was cut or not', () => {
  for (const again of ['Once upon', 'upon', '']) {
    expect(joinedToRepeating('Once upon ', `${again} a`, ' time')).toBe('Once upon a time')
    expect(joinedToRepeating('Once upon', `${again} a`, ' time')).toBe('Once upon a time')
  }
  expect(joinedToRepeating('Title\n\n', 'Ti', 'tle', '\n\nText')).toBe('Title\n\nText')
  expect(joinedToRepeating('ha', 'ha', ' ha')).toBe('ha ha')
})

test('where nobody was said to repeat, nothing is dropped', () => {
  expect(joined('ha', 'ha', ' ha')).toBe('haha ha')
  expect(joined('Once upon', 'Once upon a time')).toBe('Once uponOnce upon a time')
})

test('nothing is held back of the first answer', () => {
  const seam = prepareSeam('', true)
  expect([seam.join(' '), seam.join('Once'), seam.flush()]).toEqual([' ', 'Once', ''])
})
