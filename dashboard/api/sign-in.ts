import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { hashSecret } from '../../store/identity.ts'
import { identify } from '../access/guard.ts'
import { signIn } from '../access/sign-in.ts'
import type { Desk } from '../desk.ts'
import { sendPage } from './page.ts'

const STALE_LINK = {
  title: 'Hydrant',
  zh: {
    heading: '登录链接已失效',
    text: '每个链接只能使用一次,且有有效期。请在服务器上运行以下命令获取新的链接:',
  },
  en: {
    heading: 'This sign-in link is used up',
    text: 'A link works once and for a limited time. Get a new one on the server with:',
  },
  command: 'npm run hydrant -- user link admin',
  home: { zh: '用密码登录', en: 'Sign in with a password' },
} as const

/** The one-time link of a person who has no password (yet). */
export const signInRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/sign-in',
      {
        config: { public: true },
        // A HEAD of a link preview must not use the link up.
        exposeHeadRoute: false,
        schema: {
          summary: 'Redeem a one-time link: sets the session cookie and goes to the console',
          tags: ['session'],
          querystring: z.object({ token: z.string().max(200).optional() }),
        },
      },
      async (request, reply) => {
        reply.header('cache-control', 'no-store')
        const { token } = request.query
        const name =
          token === undefined ? undefined : await desk.stores.accounts.redeemLink(hashSecret(token), desk.now())
        if (name !== undefined) {
          await signIn(desk, request, reply, name, 'link')
          return reply.redirect('/', 303)
        }
        // Opened a second time in the browser that it signed in.
        if ((await identify(request, desk.sessions, desk.config)).caller !== null) return reply.redirect('/', 303)
        // Without a token it is the console's own sign-in page.
        if (token === undefined) return reply.redirect('/', 303)
        return sendPage(reply, 410, STALE_LINK)
      },
    )
  }
