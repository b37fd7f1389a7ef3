import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown, type Plugin } from 'rolldown'

/** What Nest looks for and does without. */
const notInstalled =
  /^(@nestjs\/(websockets|platform-express)|@fastify\/(static|view)|@grpc|amqplib|amqp-connection-manager|ioredis|kafkajs|mqtt|nats|class-|cache-manager|pg-native)/

/** Each script, under its name, and what it imports; modules that several import, or one only when it needs them, apart. */
export async function writeBundles(scripts: ReadonlyMap<string, string>, folder: string): Promise<void> {
  const bundle = await rolldown({
    input: Object.fromEntries(scripts),
    platform: 'node',
    external: notInstalled,
    plugins: [modulesKnowWhereTheyLie],
    logLevel: 'silent',
  })
  try {
    // In the order of the imports: what Nest decorates with has to be there before it decorates.
    await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', strictExecutionOrder: true })
  } finally {
    await bundle.close()
  }
}

/** They find files beside themselves, and a package.json, by their own address. */
const modulesKnowWhereTheyLie: Plugin = {
  name: 'modules-know-where-they-lie',
  transform(code, id) {
    if (!/import\.meta\.(url|dirname)|\b__(dirname|filename)\b/.test(code)) return null
    return code
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll(/\b__filename\b/g, JSON.stringify(id))
      .replaceAll(/\b__dirname\b/g, JSON.stringify(dirname(id)))
  },
}
