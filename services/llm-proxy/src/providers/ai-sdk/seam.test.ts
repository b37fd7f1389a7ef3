import { expect, test } from 'vitest'
import { prepareSeam } from './seam.ts'

const joined = (keptText: string, ...answer: string[]) => {
  const seam = prepareSeam(keptText)
  return keptText + answer.map(seam.join).join('')
}

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
