import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => vi.unstubAllEnvs())

test.each(['OPENAI_BASE_URL', 'ANTHROPIC_BASE_URL'])(
  'a %s without a value does not keep the proxy from starting',
  async (name) => {
    vi.resetModules()
    vi.stubEnv(name, ' ')
    await expect(import('../open-provider.ts')).resolves.toHaveProperty('openProvider')
  },
)
