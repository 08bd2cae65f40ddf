import { beforeEach, describe, expect, test } from 'vitest'
import type { Place } from './api.ts'
import { PlaceTree } from './place-tree.ts'

const place = (id: string, kind: Place['kind'], parentId: string | null): Place => ({
  id,
  kind,
  parentId,
  name: id.toUpperCase(),
  lon: null,
  lat: null,
  contact: null,
})

let tree: PlaceTree
beforeEach(() => {
  tree = new PlaceTree()
  tree.replace([
    place('c', 'county', null),
    place('h', 'home', 'c'),
    place('f', 'floor', 'h'),
    place('r', 'room', 'f'),
    place('d', 'dwelling', 'c'),
  ])
})

describe('the tree of places', () => {
  test('names where a bed is from the county down', () => {
    expect(tree.path('r')).toEqual(['C', 'H', 'F', 'R'])
    expect(tree.path(null)).toEqual([])
    expect(tree.path('gone')).toEqual([])
  })

  test('knows what lies in a home, each behind what it lies in', () => {
    expect(tree.below('h')).toEqual(['h', 'f', 'r'])
    expect(tree.below('gone')).toEqual([])
    expect(tree.within('r', 'h')).toBe(true)
    expect(tree.within('d', 'h')).toBe(false)
    expect(tree.within(null, 'h')).toBe(false)
  })

  test('knows in which home or dwelling and in which county something is', () => {
    expect(tree.premisesOf('r')?.id).toBe('h')
    expect(tree.premisesOf('d')?.id).toBe('d')
    expect(tree.premisesOf('c')).toBeUndefined()
    expect(tree.nearest('r', 'county')?.id).toBe('c')
  })

  test('a circle that somebody typed is walked once', () => {
    tree.replace([place('a', 'room', 'b'), place('b', 'room', 'a')])
    expect(tree.path('a')).toEqual(['B', 'A'])
    expect(tree.below('a')).toEqual(['a', 'b'])
    expect(tree.within('a', 'h')).toBe(false)
  })
})
