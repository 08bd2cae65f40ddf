import { describe, expect, test } from 'vitest'
import { hashSecret } from '../../store/identity.ts'
import { csvLine, parseCsv } from '../../store/import/csv.ts'
import { decodeText } from '../../store/import/decode-text.ts'
import { readHeader } from '../../store/import/header.ts'
import { readTable } from '../../store/import/table.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import { DEVICE_COLUMNS } from './columns.ts'
import { readDeviceRows } from './device-rows.ts'
import { planImport } from './plan.ts'

describe('a table as people send it', () => {
  test('quotes, line ends within a cell and empty lines are read as a spreadsheet reads them', () => {
    const text = 'id,name\r\n1,"well ""3"", north"\r\n\r\n2,"two\nlines"\r3, spaced \n4'
    expect(parseCsv(text)).toEqual([
      { line: 1, cells: ['id', 'name'] },
      { line: 2, cells: ['1', 'well "3", north'] },
      { line: 4, cells: ['2', 'two\nlines'] },
      { line: 5, cells: ['3', 'spaced'] },
      { line: 6, cells: ['4'] },
    ])
  })

  test('what is no table of a person holds nobody up', async () => {
    const read = (text: string) => readTable(Buffer.from(text), 'table.csv', { id: [] }, ['id'])
    await expect(read(`id${','.repeat(2000)}`)).rejects.toThrow('line 1 has more than 1000 columns')
    for (const one of ['a'.repeat(200_000), `"${'""'.repeat(200_000)}`, `"${'a,\n'.repeat(100_000)}`])
      await expect(read(`id\n${one}`)).rejects.toThrow('a quote may be missing')
    await expect(read('\n'.repeat(1_000_001))).rejects.toThrow('more than 1000000 rows')
    expect((await read('id\n\n1\n')).rows).toEqual([{ line: 3, cells: ['1'] }])
  })

  test('the separator is the one that the first line uses', () => {
    expect(parseCsv('id;kind\na;valve')[1]?.cells).toEqual(['a', 'valve'])
    expect(parseCsv('id\tkind\na\tvalve,x')[1]?.cells).toEqual(['a', 'valve,x'])
  })

  test('Chinese names are read from UTF-8 with and without mark, from GB18030 and from UTF-16', () => {
    const utf8 = Buffer.from('编号,名称')
    expect(decodeText(utf8)).toBe('编号,名称')
    expect(decodeText(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]))).toBe('编号,名称')
    expect(decodeText(Buffer.from('b1e0bac52cc3fbb3c6', 'hex'))).toBe('编号,名称')
    expect(decodeText(Buffer.from('\ufeff编号,名称', 'utf16le'))).toBe('编号,名称')
  })

  test('what a person opens in a spreadsheet computes nothing', () => {
    expect(csvLine([1, '=HYPERLINK("x")', '@a', 'plain'])).toBe('1,"\'=HYPERLINK(""x"")",\'@a,plain\r\n')
  })

  test('columns are known by their English and Chinese names; id and kind must be there', () => {
    const header = readHeader(['设备编号', 'Type', '经度', 'remark', ''], DEVICE_COLUMNS, ['id', 'kind'])
    expect([...header.at]).toEqual([
      ['id', 0],
      ['kind', 1],
      ['lon', 2],
    ])
    expect(header.ignored).toEqual(['remark'])
    expect(readHeader(['id', 'ID'], DEVICE_COLUMNS, ['id', 'kind']).faults).toEqual([
      'the column "id" is there twice',
      'the first line must name a column "kind"',
    ])
  })
})

describe('rows of devices', () => {
  const rowsOf = (text: string, gateways: readonly string[] = []) => {
    const [head, ...rows] = parseCsv(text)
    return readDeviceRows(rows, readHeader(head?.cells ?? [], DEVICE_COLUMNS, []).at, {
      isGateway: async (id) => gateways.includes(id),
      ownerOf: async (address) => (address <= 2 ? `panel-${address}` : undefined),
    })
  }

  test('a fire panel has its GB/T 26875.3 address and the networks it speaks from; nobody else has either', async () => {
    const { devices, faults } = await rowsOf(
      [
        'id,kind,国标地址,gb_from',
        'panel-1,fire-panel,1,10.1.2.3; 10.9.0.0/16',
        'panel-2,fire-panel,0x379,',
        'panel-3,fire-panel,889,',
        'panel-4,fire-panel,2,',
        'm1,valve,5,',
        'panel-5,fire-panel,-1,',
        'panel-6,fire-panel,6,10.1.2.3/33',
      ].join('\n'),
    )
    expect(devices.map((d) => [d.id, d.gbAddress, d.gbFrom])).toEqual([
      ['panel-1', 1, ['10.1.2.3', '10.9.0.0/16']],
      ['panel-2', 889, undefined],
    ])
    expect(faults.map((f) => [f.line, f.column])).toEqual([
      [4, 'gb_address'],
      [5, 'gb_address'],
      [6, 'gb_address'],
      [7, 'gb_address'],
      [8, 'gb_from'],
    ])
    expect(faults[0]?.reason).toContain('line 3')
    expect(faults[1]?.reason).toContain('panel-2')
    expect(faults[2]?.reason).toContain('fire-panel')
  })

  test('a bad row costs that row only, and every reason names its line and column', async () => {
    const { devices, faults } = await rowsOf(
      [
        'id,kind,lon,lat,rhythm_s,datum,secret',
        'good-1,water-meter,115.1,37.2,86400,WGS-84,',
        ',valve,,,,,',
        'a/b,valve,,,,,',
        '8.61E+14,valve,,,,,',
        'x1,水表,,,,,',
        'x2,kettle,,,,,',
        'x3,valve,200,37,,,',
        'x4,valve,115,,,,',
        'x5,valve,,,soon,,',
        'x6,valve,115,37,,mars,',
        'x7,valve,,,,,short',
        'good-1,valve,,,,,',
      ].join('\n'),
    )
    expect(devices.map((d) => [d.id, d.kind])).toEqual([
      ['good-1', 'water-meter'],
      ['x1', 'water-meter'],
    ])
    expect(faults.map((f) => [f.line, f.column])).toEqual([
      [3, 'id'],
      [4, 'id'],
      [5, 'id'],
      [7, 'kind'],
      [8, 'lon'],
      [9, 'lon'],
      [10, 'rhythm_s'],
      [11, 'datum'],
      [12, 'secret'],
      [13, 'id'],
    ])
    expect(faults.find((f) => f.line === 5)?.reason).toContain('format the column as text')
    expect(faults.find((f) => f.line === 13)?.reason).toContain('line 2')
  })

  test('a gateway may stand behind its children in the table, or be registered already', async () => {
    const { devices, faults } = await rowsOf(
      'id,kind,gateway\nm1,valve,gw1\nm2,valve,gw2\nm3,valve,m1\nm4,valve,nowhere\ngw1,gateway,',
      ['gw2', 'm1'],
    )
    expect(devices.map((d) => d.id)).toEqual(['m1', 'm2', 'gw1'])
    expect(faults.map((f) => f.reason)).toEqual(['there is no gateway "m1"', 'there is no gateway "nowhere"'])
  })

  const known = (more: Partial<RegisteredDevice>): RegisteredDevice => ({
    id: 'm1',
    kind: 'valve',
    name: 'north valve',
    model: 'DN50',
    placeId: null,
    gatewayId: null,
    lon: 115,
    lat: 37,
    disabled: false,
    identity: 'secret',
    generation: 1,
    gbAddress: null,
    gbFrom: [],
    denied: false,
    rhythmS: null,
    secretHash: hashSecret('its own secret'),
    revision: 1,
    ...more,
  })

  test('the same table a second time does nothing, and an empty cell leaves what is known', async () => {
    const { devices } = await rowsOf('id,kind,name,lon,lat\nm1,valve,,115,37\nm2,valve,,,')
    const plan = await planImport(
      devices,
      async (id) => (id === 'm1' ? known({}) : undefined),
      () => 'fresh',
    )
    expect(plan.unchanged).toBe(1)
    expect(plan.changed).toEqual([])
    expect(plan.added.map((d) => [d.id, d.name])).toEqual([['m2', 'm2']])
    expect([...plan.made]).toEqual([['m2', 'fresh']])
  })

  test('a table may say that keys are derived: no secret is made; back to a secret, a new one is', async () => {
    const { devices, faults } = await rowsOf(
      'id,kind,identity,secret\nm1,valve,derived,\nm2,valve,证书,\nm3,valve,derived,12345678',
    )
    expect(faults.map((f) => [f.line, f.column])).toEqual([[4, 'secret']])
    const plan = await planImport(
      devices,
      async () => undefined,
      () => 'fresh',
    )
    expect(plan.added.map((d) => [d.identity, d.secretHash.length])).toEqual([
      ['derived', 0],
      ['certificate', 0],
    ])
    expect(plan.made.size).toBe(0)
    const back = await rowsOf('id,kind,identity\nm1,valve,secret')
    const derived = known({ kind: 'valve', name: 'm1', identity: 'derived', secretHash: new Uint8Array() })
    const again = await planImport(
      back.devices,
      async () => derived,
      () => 'fresh',
    )
    expect([...again.made]).toEqual([['m1', 'fresh']])
    const silent = await rowsOf('id,kind,name\nm1,valve,m1')
    expect(
      (
        await planImport(
          silent.devices,
          async () => derived,
          () => 'fresh',
        )
      ).unchanged,
    ).toBe(1)
  })

  test('a changed name is taken over without touching the secret; a given secret replaces it', async () => {
    const { devices } = await rowsOf('id,kind,name,secret\nm1,valve,south valve,\nm2,valve,,another secret')
    expect(devices).toHaveLength(1)
    const again = await rowsOf('id,kind,name,secret\nm1,valve,south valve,\nm2,valve,,another-secret')
    const plan = await planImport(
      again.devices,
      async (id) => known({ id, name: id }),
      () => 'fresh',
    )
    expect(plan.changed.map((d) => [d.name, Buffer.from(d.secretHash).equals(hashSecret('its own secret'))])).toEqual([
      ['south valve', true],
      ['m2', false],
    ])
    expect(plan.made.size).toBe(0)
  })
})
