import { defineConfig } from 'vitest/config'

// Workspace packages are taken from their sources, so a test never sees a stale build.
export default defineConfig({
  resolve: { conditions: ['spool-source'] },
  ssr: { resolve: { conditions: ['spool-source'] } },
  test: {
    include: [
      '{packages,services}/*/{src,test}/**/*.test.ts',
      'infra/dev/**/*.test.ts',
      'test/{docs,e2e}/**/*.test.ts',
    ],
    // Most of the time is spent waiting for processes that were killed or frozen, not computing.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
