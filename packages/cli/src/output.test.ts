import { describe, expect, it } from 'vitest'
import { render } from './output.ts'

const items = [
  { name: 'checkout', percent: 25 },
  { name: 'cart', percent: 0 },
]
const columns = {
  name: (item: (typeof items)[number]) => item.name,
  new: (item: (typeof items)[number]) => `${item.percent} %`,
}

describe('printing a list', () => {
  it('lines columns up for people', () => {
    expect(render('table', items, columns)).toBe('name      new\ncheckout  25 %\ncart      0 %')
  })

  it('keeps whole values for programs', () => {
    expect(JSON.parse(render('json', items, columns))).toEqual(items)
    expect(render('yaml', items, columns)).toContain('- name: checkout')
  })
})
