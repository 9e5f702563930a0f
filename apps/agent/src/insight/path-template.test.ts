import { describe, expect, it } from 'vitest'
import { pathTemplate } from './path-template.ts'

describe('the template of a path', () => {
  it.each([
    ['/', '/'],
    ['/v2/books', '/v2/books'],
    ['/v2/books/', '/v2/books/'],
    ['/v2/books/7', '/v2/books/:id'],
    ['/books/1234/reviews/99', '/books/:id/reviews/:id'],
    ['/users/7f3a9c02', '/users/:id'],
    ['/cafe/facade', '/cafe/facade'],
    ['/orders/0190b8a4-6f0e-7cc3-98c8-5a9a1c6f2d11', '/orders/:id'],
    ['/orders/order-1234', '/orders/:id'],
    ['/t/eyJhbGciOiJIUzI1NiJ9.e30.abc', '/t/:id'],
    ['/users/jane@example.com', '/users/:id'],
    ['/users/Jane%20Doe', '/users/:id'],
    ['/assets/app.css', '/assets/app.css'],
    ['/oauth2/authorize', '/oauth2/authorize'],
    ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/*rest'],
  ])('%s is %s', (path, template) => {
    expect(pathTemplate(path)).toBe(template)
  })

  it('is never long', () => {
    const long = `/${Array.from({ length: 8 }, (_, i) => `${'x'.repeat(35)}${'abcdefgh'[i]}`).join('/')}`
    expect(pathTemplate(long).length).toBeLessThanOrEqual(166)
    expect(pathTemplate(long)).toMatch(/\/\*rest$/)
  })
})
