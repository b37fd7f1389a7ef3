import { defineConfig } from 'vitest/config'
import { modelSettings } from './packages/config/src/models/model-settings.ts'

/** Whoever runs the tests may have keys in the environment, and models in a file: no test is to ask those. */
const noModels = Object.fromEntries(Object.keys(modelSettings).map((name) => [name, '']))

/** What they look at, a process has once: its metrics and traces, its memory. */
const aboutTheProcess = [
  'packages/telemetry/**/*.test.ts',
  'packages/log/test/tracing.test.ts',
  'services/*/src/measuring/*.test.ts',
  'services/agent-orchestrator/test/tools-observed.test.ts',
  'services/gateway/test/{keep-alive,metrics,slow-clients}.test.ts',
  'services/llm-proxy/test/observing.test.ts',
  'services/persistence/test/tracing.test.ts',
]

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
    // Shown as "(retry x1)": a busy machine must not stop a change, but what needs it is broken and has to be looked at.
    retry: 1,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: [
            '{packages,services,infra}/*/{src,test}/**/*.test.ts',
            'test/{bench,chaos,conformance,docs,e2e}/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', ...aboutTheProcess],
          // Each ends what it has started; loading everything anew for each file took a quarter of the processor.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: aboutTheProcess } },
    ],
  },
})
