import { defineConfig } from 'vitest/config'
import { modelSettings } from './packages/config/src/models/model-settings.ts'

/** Whoever runs the tests may have keys in the environment, and models in a file: no test is to ask those. */
const noModels = Object.fromEntries(Object.keys(modelSettings).map((name) => [name, '']))

// Workspace packages are taken from their sources, so a test never sees a stale build.
export default defineConfig({
  resolve: { conditions: ['spool-source'] },
  ssr: { resolve: { conditions: ['spool-source'] } },
  test: {
    env: { ...noModels, SPOOL_CONFIG: 'none' },
    // Most of the time is spent waiting for processes that were killed or frozen, not computing.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What a file leaves behind it stops itself; loading everything anew for each took a quarter of the processor.
    isolate: false,
    include: ['{packages,services,infra}/*/{src,test}/**/*.test.ts', 'test/{docs,e2e}/**/*.test.ts'],
  },
})
