import { headline, whereabouts } from '../../contract/headline.ts'
import type { CapContext, CapMessage } from './alert.ts'
import { cityTime } from './city-time.ts'
import { document, element } from './xml.ts'

/** The index of current alerts as an Atom feed (RFC 4287), the newest change first. */
export interface FeedEntry extends CapMessage {
  readonly place: CapContext['place']
}

/** @param base the address of this Hydrant, without a slash at the end */
export function capFeed(entries: readonly FeedEntry[], base: string, now: number): string {
  const newestFirst = entries.toSorted((a, b) => b.event.at - a.event.at || b.event.seq - a.event.seq)
  return document(
    element(
      'feed',
      [
        element('id', `${base}/cap/feed.atom`),
        element('title', 'Hydrant: current incidents (CAP 1.2)'),
        element('updated', cityTime(newestFirst[0]?.event.at ?? now)),
        element('author', [element('name', 'Hydrant')]),
        element('link', '', { rel: 'self', type: 'application/atom+xml', href: `${base}/cap/feed.atom` }),
        ...newestFirst.map(({ event: { incident, at }, place }) => {
          const id = encodeURIComponent(incident.id)
          const alarmTypes = [...new Set(incident.sources.map(({ type }) => type))]
          const what = headline({ ...incident, alarmTypes }, 'zh')
          return element('entry', [
            element('id', `urn:hydrant:incident:${id}`),
            element('title', [what, whereabouts(place, 'zh')].filter((part) => part !== '').join(' ')),
            element('updated', cityTime(at)),
            element('published', cityTime(incident.noticedAt)),
            element('link', '', { rel: 'alternate', type: 'application/cap+xml', href: `${base}/cap/${id}.xml` }),
            element('summary', headline({ ...incident, alarmTypes }, 'en')),
          ])
        }),
      ],
      { xmlns: 'http://www.w3.org/2005/Atom' },
    ),
  )
}
