import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers'
import { doesNotEnd, type TestServer } from './test-server.ts'

/** A server in a container, under the same handle as one that runs beside the test. */
export async function containerServer(
  container: StartedTestContainer,
  waitUntilReady: () => Promise<void>,
): Promise<TestServer> {
  const client = await getContainerRuntimeClient()
  const handle = client.container.getById(container.getId())
  let { State: state } = await handle.inspect()
  const server: TestServer = {
    get pid() {
      return state.Pid
    },
    async kill(signal = 'SIGKILL') {
      await handle.kill({ signal })
      if (!doesNotEnd(signal)) await handle.wait()
    },
    async restart() {
      state = (await handle.inspect()).State
      if (state.Running) await server.kill()
      // Not `container.restart()`: that asks the server to end in good order, and this is what happens after a crash.
      await handle.start()
      state = (await handle.inspect()).State
      await waitUntilReady()
    },
    async stop() {
      await container.stop({ remove: true, removeVolumes: true })
    },
  }
  return server
}
