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

const SOMEBODY_IS_IN = {
  title: 'Hydrant',
  zh: {
    heading: '此浏览器已由他人登录',
    text: '链接未被使用。请先在控制台退出登录,再打开链接,或换一个浏览器:',
  },
  en: {
    heading: 'Somebody else is signed in here',
    text: 'The link has not been used up. Sign out of the console first, then open it again, or use another browser:',
  },
  command: 'Ctrl+Shift+N',
  home: { zh: '返回控制台', en: 'Back to the console' },
} as const

/** The one-time link of a person who has no password (yet, or any more). */
export const signInRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { accounts } = desk.stores
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
        // Without a token it is the console's own sign-in page.
        if (token === undefined) return reply.redirect('/', 303)
        const { caller } = await identify(request, desk.sessions, desk.config)
        const owner = await accounts.linkOwner(hashSecret(token), desk.now())
        // A link that somebody sends to a dispatcher must not put them out of their own session into another.
        if (caller !== null && owner !== undefined && caller.name !== owner) return sendPage(reply, 409, SOMEBODY_IS_IN)
        const name = await accounts.redeemLink(hashSecret(token), desk.now())
        if (name !== undefined) {
          await signIn(desk, request, reply, name, 'link')
          return reply.redirect('/', 303)
        }
        // Opened a second time in the browser that it signed in.
        return caller === null ? sendPage(reply, 410, STALE_LINK) : reply.redirect('/', 303)
      },
    )
  }
