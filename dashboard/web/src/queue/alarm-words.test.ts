import { expect, test } from 'vitest'
import { shortName } from './alarm-words.ts'

test('a device is not called by the names of its place twice', () => {
  expect(shortName('阳光养老院 1楼 大厅 手动报警', ['东昌府区', '阳光养老院', '1楼', '大厅'])).toBe('手动报警')
  expect(shortName('阎楼 2号表井 4号表', ['阳谷县', '阎楼', '2号表井'])).toBe('4号表')
  expect(shortName('kitchen-1', ['Home'])).toBe('kitchen-1')
  expect(shortName('Home', ['Home'])).toBe('Home')
})
