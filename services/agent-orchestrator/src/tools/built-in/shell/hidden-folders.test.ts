import { expect, test } from 'vitest'
import { hiddenFolders } from './hidden-folders.ts'

test('of our folders those are hidden that lie among the programs; the others are not there anyway', () => {
  expect(
    hiddenFolders([
      '/',
      '/usr',
      '/usr/share',
      '/opt/spool',
      '/usr/src/app',
      '/usr/local/share/spool',
      '/usr/libexec/a/b',
    ]),
  ).toEqual(['/usr/local/share/spool', '/usr/libexec/a/b'])
})
