import type { FastifyReply } from 'fastify'
import { policyForStyle } from '../access/security-headers.ts'

/** A page that must show even where the console cannot: without its build, before signing in. */
export interface PlainPage {
  readonly title: string
  readonly zh: { readonly heading: string; readonly text: string }
  readonly en: { readonly heading: string; readonly text: string }
  readonly command: string
  readonly home?: { readonly zh: string; readonly en: string }
}

const STYLE = `
:root { color-scheme: light dark }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 17px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; background: Canvas; color: CanvasText }
main { max-width: 34rem; padding: 2rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; opacity: .85 }
p { margin: .25rem 0 }
code { display: block; margin: 1rem 0; padding: .75rem 1rem; border-radius: .5rem; background: #10243b; color: #e8f1fb; font-size: 1rem; overflow-x: auto }
a { color: LinkText }
`

const POLICY = policyForStyle(STYLE)

/** Sends a page in both languages. Its texts are ours; nothing from outside is put into it. */
export function sendPage(reply: FastifyReply, status: number, page: PlainPage): FastifyReply {
  const home =
    page.home === undefined ? '' : `<p><a href="/">${page.home.zh} · <span lang="en">${page.home.en}</span></a></p>`
  return reply
    .code(status)
    .header('content-security-policy', POLICY)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${page.title}</title><style>${STYLE}</style></head>
<body><main>
<h1>${page.zh.heading}</h1><p>${page.zh.text}</p>
<h2 lang="en">${page.en.heading}</h2><p lang="en">${page.en.text}</p>
<code>${page.command}</code>
${home}
</main></body>
</html>
`)
}
