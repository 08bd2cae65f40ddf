import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { ApiError } from './errors.ts'
import { sendPage } from './page.ts'

const NOT_BUILT = {
  title: 'Hydrant',
  zh: { heading: '控制台尚未构建', text: '服务已在运行,接口可用(见 /docs)。请在项目目录运行以下命令,然后重启并刷新:' },
  en: {
    heading: 'The console is not built yet',
    text: 'The server is running and its API answers (see /docs). Run this in the project folder, restart, and reload:',
  },
  command: 'npm run prepare',
} as const

/** What belongs to programs: an unknown address there is answered in JSON. */
const FOR_PROGRAMS = /^\/(api|tiles|socket\.io|docs|metrics|healthz|readyz)(\/|\?|$)/

/**
 * The web console as Vite built it. Files under /assets carry a hash in their name and never change; the page itself is
 * asked for every time. Any other address is the page too: the console reads it.
 */
export async function serveConsole(app: FastifyInstance, root: string): Promise<void> {
  const index = join(root, 'index.html')
  const built = existsSync(index)
  if (built)
    await app.register(async (files) => {
      files.addHook('onRoute', (route) => {
        route.config = { ...route.config, public: true }
        route.schema = { ...route.schema, hide: true }
      })
      await files.register(fastifyStatic, {
        root,
        cacheControl: false,
        setHeaders: (reply, path) => {
          reply.header(
            'cache-control',
            /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
          )
        },
      })
    })
  app.setNotFoundHandler(async (request, reply) => {
    if (request.method !== 'GET' || FOR_PROGRAMS.test(request.url)) throw new ApiError('route.unknown')
    // A file that is gone is no page: a script answered with HTML is a riddle in the browser's log.
    if (/\.[a-z0-9]{1,5}(\?|$)/i.test(request.url)) throw new ApiError('route.unknown')
    if (!built) return sendPage(reply, 503, NOT_BUILT)
    return reply
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(await readFile(index))
  })
}
