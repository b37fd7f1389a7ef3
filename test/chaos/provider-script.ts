import { Random } from './random.ts'

/** To be asked for by this name. */
export const PROVIDER_MODEL = 'outside'

const WORDS = 'an und où señor tea rain maps chess green seven quiet bridge letter window almost zwölf'.split(' ')

/** What the provider answers to a message such as `Tell me 40 words of 7.`: each word takes it about 0.2 s. */
export function providerSays(message: string): string {
  const [, count = '40', seed = '0'] = /(\d+) words of (\d+)/.exec(message) ?? []
  const random = new Random(Number(seed))
  return Array.from({ length: Number(count) }, () => WORDS[random.whole(0, WORDS.length - 1)]).join(' ')
}
