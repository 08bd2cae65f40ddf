import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { hasInfluxd, type Influxd, startInfluxd } from '../bench/influxd.ts'
import { openInfluxHistory } from '../store/history/influx/history.ts'
import { historySuite } from '../store/history/port.suite.ts'

const isCi = process.env.CI === 'true'

describe.skipIf(!hasInfluxd() && !isCi)('with a real InfluxDB 1.6', () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd?.remove())

  historySuite('InfluxDB 1.6', () => {
    const bucket = `hydrant ${randomBytes(6).toString('hex')}`
    const open = () => openInfluxHistory({ url: influxd.url, token: undefined, org: '', bucket })
    return {
      openWriter: async () => open(),
      openReader: open,
      remove: async () => void (await influxd.query('', `DROP DATABASE "${bucket}"`)),
    }
  })
})
